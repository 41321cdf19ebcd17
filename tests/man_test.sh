#!/bin/sh
# SPDX-License-Identifier: MIT
# man_test.sh DIRECTORY: fails where man warns about a page in its manN, where a line is too long
# for a terminal, and where NAME is not what man -k needs.
export LC_ALL=C.UTF-8 MANWIDTH=80
failed=0
for page in "$1"/man?/*; do
    grep -q '^\.so ' "$page" && continue # leads to another one
    name=${page##*/}
    wrong=$(
        man --warnings -E UTF-8 -l -Tutf8 -Z "$page" 2>&1 >/dev/null
        man -l "$page" | grep -E '.{81}'
        lexgrog "$page" | grep -v ": \"${name%.*} - "
    )
    [ -z "$wrong" ] || { echo "$name: $wrong"; failed=1; }
done
exit $failed
