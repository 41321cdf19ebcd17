# SPDX-License-Identifier: MIT
# For doxygen: functions that stand together, without an empty line between them, share the comment
# before the first of them.
BEGIN { RS = ""; ORS = "\n\n" }
gsub(/SEAM_PUBLIC/, "&") > 1 { $0 = "/** @{ */" $0 "/** @} */" }
{ print }
