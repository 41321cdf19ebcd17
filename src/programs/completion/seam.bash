# SPDX-License-Identifier: MIT
# Completion of seam's command line for bash: commands, their options, and the names that there are.

# Offers what begins with the word that is being typed: `compgen -W` would run what stands in it.
_seam_offer() {
    local offer
    for offer in "$@"; do
        [[ $offer != "$word"* ]] || COMPREPLY+=("$(printf %q "$offer")")
    done
}

_seam_offer_names() {
    local directory=${SEAM_DIR:-/dev/shm} i names
    for ((i = 1; i + 1 < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -d | --dir)
            directory=${COMP_WORDS[i + 1]}
            [ "$directory" != = ] || directory=${COMP_WORDS[i + 2]}
            ;;
        esac
    done
    mapfile -t names < <(seam ls --names --dir="${directory/#\~/$HOME}" 2>/dev/null)
    _seam_offer "${names[@]}"
}

_seam_offer_files() {
    local files
    mapfile -t files < <(compgen "$1" -- "$word")
    COMPREPLY+=("${files[@]}")
}

# What may stand behind an option; false: it takes nothing that is known.
_seam_value() {
    case $1 in
    --kind) _seam_offer channel lock value array list ;;
    --mode) _seam_offer lock-free locked raw ;;
    --policy) _seam_offer lossless overwrite work-queue ;;
    --type) _seam_offer int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double bytes ;;
    --wait) _seam_offer adaptive spin sleep ;;
    -d | --dir) _seam_offer_files -d ;;
    -o | --owner) _seam_offer_files -u ;;
    *) return 1 ;;
    esac
}

_seam() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]} words
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t words < <(seam --help | sed -n 's/^  \([a-z]*\) .*/\1/p')
        _seam_offer "${words[@]}" --help --version
        return
    fi
    # For bash `--kind=lo` is three words.
    if [ "$word" = = ]; then
        word=
    elif [ "$previous" = = ]; then
        previous=${COMP_WORDS[COMP_CWORD - 2]}
    fi
    if _seam_value "$previous"; then
        return
    fi
    case $command:$word in
    *:-*)
        mapfile -t words < <(seam "$command" --help 2>/dev/null | grep -o -- '--[a-z-]*' | sort -u)
        _seam_offer "${words[@]}"
        ;;
    record:* | replay:*)
        _seam_offer_files -f
        _seam_offer_names
        ;;
    list:*)
        _seam_offer print length get append set insert pop remove clear
        _seam_offer_names
        ;;
    array:*)
        _seam_offer print get set add
        _seam_offer_names
        ;;
    ls:* | top:* | gc:* | bench:* | create:*) ;;
    *) _seam_offer_names ;;
    esac
}
complete -F _seam seam
