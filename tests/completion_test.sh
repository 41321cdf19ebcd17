#!/bin/bash
# SPDX-License-Identifier: MIT
# completion_test.sh SEAM COMPLETION: what bash would offer for words of seam's command line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/names" "$work/bin"
ln -s "$(realpath "$1")" "$work/bin/seam"
export SEAM_DIR=$work/names PATH=$work/bin:$PATH
# shellcheck source=/dev/null
source "$2"
cd "$work"
seam create news
seam create --kind=list --mode=locked --length=3 names

# offers WORDS... : EXPECTED...; the last word is being typed.
offers() {
    local words=()
    while [ "$1" != : ]; do
        words+=("$1")
        shift
    done
    shift
    COMP_WORDS=("${words[@]}")
    COMP_CWORD=$((${#words[@]} - 1))
    COMPREPLY=()
    _seam
    [ "$(printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' ')" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ] || {
        echo "for '${words[*]}': '${COMPREPLY[*]}', not '$*'"
        exit 1
    }
}

offers seam st : stat
offers seam --v : --version
offers seam who '' : news names
offers seam sub ne : news
offers seam sub --fr : --frame --from-start
offers seam create --policy o : overwrite
offers seam create --kind l : lock list
offers seam list ap : append
offers seam list append na : names
offers seam sub --dir "$work/na" : "$work/names"
offers seam create --kind = l : lock list
offers seam create --type = u : uint8 uint16 uint32 uint64
offers seam create --policy = : lossless overwrite work-queue
offers seam create ne :
offers seam rm --owner roo : root
SEAM_DIR=/nowhere
offers seam who '' :
offers seam who --dir "$work/names" ne : news
offers seam who --dir = "$work/names" na : names
SEAM_DIR=$work/names
seam create --kind=lock 'odd $(touch executed) name'
offers seam rm o : 'odd\ \$\(touch\ executed\)\ name'
[ ! -e executed ]
echo ok
