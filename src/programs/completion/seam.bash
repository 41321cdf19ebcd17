# SPDX-License-Identifier: MIT
# Completion of seam's command line for bash: commands, their options, and the names that there are.

# Offers what begins with the word that is being typed.
_seam_offer() {
    mapfile -t COMPREPLY < <(compgen "$@" -- "$word")
}

_seam_names() {
    local directory=${SEAM_DIR:-/dev/shm} i
    for ((i = 1; i + 1 < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -d | --dir)
            directory=${COMP_WORDS[i + 1]}
            [ "$directory" != = ] || directory=${COMP_WORDS[i + 2]}
            ;;
        esac
    done
    seam ls --dir="${directory/#\~/$HOME}" 2>/dev/null | sed -n '2,$s/ .*//p'
}

# What may stand behind an option; false: it takes nothing that is known.
_seam_value() {
    case $1 in
    --kind) _seam_offer -W "channel lock value array list" ;;
    --mode) _seam_offer -W "lock-free locked raw" ;;
    --policy) _seam_offer -W "lossless overwrite work-queue" ;;
    --type) _seam_offer -W "int8 int16 int32 int64 uint8 uint16 uint32 uint64 float double bytes" ;;
    --wait) _seam_offer -W "adaptive spin sleep" ;;
    -d | --dir) _seam_offer -d ;;
    *) return 1 ;;
    esac
}

_seam() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        _seam_offer -W "$(seam --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version"
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
    *:-*) _seam_offer -W "$(seam "$command" --help 2>/dev/null | grep -o -- '--[a-z-]*' | sort -u)" ;;
    record:* | replay:*) _seam_offer -f -W "$(_seam_names)" ;;
    list:*) _seam_offer -W "print length get append set insert pop remove clear $(_seam_names)" ;;
    array:*) _seam_offer -W "print get set add $(_seam_names)" ;;
    ls:* | top:* | gc:* | bench:* | create:*) ;;
    *) _seam_offer -W "$(_seam_names)" ;;
    esac
}
complete -F _seam seam
