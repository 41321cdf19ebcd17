#!/bin/sh
# SPDX-License-Identifier: MIT
# man_test.sh PAGE: fails if man warns about anything in it.
warnings=$(LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l -Tutf8 -Z "$1" 2>&1 >/dev/null)
[ -z "$warnings" ] || {
    echo "$warnings"
    exit 1
}
LC_ALL=C.UTF-8 man -l "$1" | grep -q NAME
