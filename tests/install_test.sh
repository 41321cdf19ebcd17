#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs into a directory of its own and builds a small program against what lies there, in C and
# in C++, shared and static, as a user would with pkg-config.
#
# Usage: install_test.sh BUILD_DIR SOURCE_DIR shared|static|both; CC and CXX name the compilers, the latter may be empty
set -eu
build=$1
source=$2
kinds=$3
command -v pkg-config >/dev/null || { echo "skipped: needs pkg-config"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

DESTDIR="$work/root" meson install -C "$build" --no-rebuild --quiet
pc=$(find "$work/root" -name seam.pc)
[ -n "$pc" ] || { echo "seam.pc was not installed"; exit 1; }
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root"
libdir="$work/root$(PKG_CONFIG_SYSROOT_DIR='' pkg-config --variable=libdir seam)"

# What was asked for, and nothing else.
installed=$(cd "$libdir" && echo libseam.*)
case "$kinds $installed" in
    "shared libseam.so"* | "static libseam.a" | "both libseam.a libseam.so"*) echo "ok $kinds" ;;
    *) echo "-Ddefault_library=$kinds installed $installed"; exit 1 ;;
esac

check() { # compiler, program
    output=$(LD_LIBRARY_PATH="$libdir" "$2")
    [ "$output" = "Hello from shared memory!" ] || { echo "$1: $2 printed: $output"; exit 1; }
    echo "ok $1"
}

# shellcheck disable=SC2046 # pkg-config prints words
$CC -Wall -Wextra -Werror -o "$work/c" "$source/tests/installed.c" $(pkg-config --cflags --libs seam)
check C "$work/c"
if [ -n "$CXX" ]; then
    # shellcheck disable=SC2046
    $CXX -Wall -Wextra -Werror -x c++ -o "$work/cxx" "$source/tests/installed.c" \
        $(pkg-config --cflags --libs seam)
    check C++ "$work/cxx"
fi
# However the library was built, with link-time optimisation too, either compiler can link it.
if [ "$kinds" != shared ]; then
    for compiler in "$CC" gcc clang; do
        command -v "${compiler%% *}" >/dev/null || continue
        # shellcheck disable=SC2046
        $compiler -o "$work/static" "$source/tests/installed.c" $(pkg-config --cflags seam) \
            "$libdir/libseam.a" -pthread
        check "static, with $compiler" "$work/static"
    done
fi
demo=$(find "$work/root" -name channel-demo -type f)
[ "$("$demo")" = "Hello from shared memory!" ] || { echo "channel-demo does not work"; exit 1; }
echo "ok channel-demo"

# The examples; README shows the first two as they are.
examples="$source/src/programs/examples"
for example in writer reader wait lock value array list; do
    # shellcheck disable=SC2046
    $CC -Wall -Wextra -Werror -o "$work/$example" "$examples/$example.c" $(pkg-config --cflags --libs seam)
done
awk '/^```c$/ {inside = 1; next} /^```/ {inside = 0} inside' "$source/README.md" >"$work/shown.c"
for example in writer reader; do
    tail -n +3 "$examples/$example.c" # without the licence and what it is
done | diff - "$work/shown.c" || { echo "README shows other examples"; exit 1; }
cp "$examples/writer.c" "$work"
(cd "$work" && sh -ec "$(grep '^cc writer.c' "$source/README.md")")
mkdir "$work/dir"
SEAM_DIR=$work/dir LD_LIBRARY_PATH=$libdir "$work/writer" &
writer=$!
tries=0
until output=$(SEAM_DIR=$work/dir LD_LIBRARY_PATH=$libdir "$work/reader"); do
    tries=$((tries + 1))
    [ $tries -lt 600 ] || { echo "the examples do not meet"; exit 1; }
    sleep 0.1 # not there yet
done
wait $writer
[ "$output" = "Hello from shared memory!" ] || { echo "the examples printed: $output"; exit 1; }
output=$(for example in wait lock value array list; do
    SEAM_DIR=$work/dir LD_LIBRARY_PATH=$libdir "$work/$example"
done)
[ "$output" = "news
the printer is mine
0 came before
-50 and 50
2 names, the last is Grace" ] || { echo "the examples printed: $output"; exit 1; }
[ -z "$(ls -A "$work/dir")" ] || { echo "the examples left something behind"; exit 1; }
echo "ok examples"

# And the commands of both pages, in order; what goes on for ever does so for a second.
try_commands() { # page, how many there are at least
    sed -n 's/^\(\(channel-demo\|seam\|ping\) .*[^ ]\)  *# .*/\1/p' "$1" >"$work/commands"
    rm -rf "$work/dir"
    mkdir "$work/dir"
    while read -r command; do
        code=0 patience=60
        case $command in # these go on for ever
            ping* | "seam sub"* | "seam top"* | "seam bench"* | "seam record"*) patience=1 ;;
        esac
        (cd "$work" && PATH="${demo%/*}:$PATH" SEAM_DIR=$work/dir LD_LIBRARY_PATH=$libdir \
            timeout "$patience" sh -c "$command") </dev/null >"$work/printed" 2>&1 || code=$?
        case "$code $command" in
            "0 "* | "124 seam sub "* | "124 seam top" | "124 seam bench" | "124 seam record "* | "124 ping "*) ;;
            "1 seam doctor") ;; # it may find something to do on this machine
            *) echo "$1: $command: $code"; cat "$work/printed"; exit 1 ;;
        esac
    done <"$work/commands"
    [ "$(wc -l <"$work/commands")" -ge "$2" ] || { echo "$1: where are its commands?"; exit 1; }
}
if [ -x "${demo%/*}/seam" ]; then
    try_commands "$source/README.md" 6
    try_commands "$examples/README.md" 15
    echo "ok commands"
fi

# Nothing but seam_ names may be exported.
[ "$kinds" != static ] || exit 0
names=$(nm -D --defined-only "$libdir/libseam.so" | awk '$2 ~ /[TDBR]/ {print $3}')
strange=$(echo "$names" | grep -v '^seam_' || true)
[ -n "$names" ] && [ -z "$strange" ] || { echo "exported: $strange"; exit 1; }
echo "ok exports"

# Each of these has a manual page, where there are any.
man=$(find "$work/root" -name man3)
if [ -n "$man" ]; then
    for name in $names; do
        page=$man/$name.3
        if grep -qs '^\.so ' "$page"; then # leads to another one
            page=${man%/man3}/$(sed -n 's/^\.so //p' "$page")
        fi
        grep -qs "$name(" "$page" || { echo "no manual page: $name"; exit 1; }
    done
    echo "ok manual pages"
fi
