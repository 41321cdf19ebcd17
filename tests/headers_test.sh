#!/bin/sh
# SPDX-License-Identifier: MIT
# headers_test.sh DIRECTORY HEADER...: each header alone, and twice, compiles without a warning in
# whatever version of C and C++ a program is written. CC and CXX name the compilers; the latter may be empty.
set -eu
directory=$1
shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
checked=0

compiles() { # compiler and its options
    if ! "$@" -I "$directory" -fsyntax-only -Werror -Wall -Wextra -pedantic-errors -Wconversion \
        -Wsign-conversion -Wcast-qual -Wundef "$work/header.c" >"$work/said" 2>&1; then
        echo "$*: ${header##*/}"
        cat "$work/said"
        exit 1
    fi
    checked=$((checked + 1))
}

for header in "$@"; do
    name=${header##*/}
    printf '#include <seam/%s>\n#include <seam/%s>\nextern int nothing;\nint nothing;\n' "$name" "$name" >"$work/header.c"
    # shellcheck disable=SC2086 # a compiler may be called with options
    {
        for standard in c11 c17 c2x gnu11; do
            compiles $CC -std=$standard -Wshadow -Wstrict-prototypes -Wmissing-prototypes
        done
        [ -n "$CXX" ] || continue
        for standard in c++11 c++14 c++17 c++20 c++2b; do
            compiles $CXX -x c++ -std=$standard -Wold-style-cast -Wzero-as-null-pointer-constant
        done
    }
done
echo "$# headers, $checked compilations, no warning"
