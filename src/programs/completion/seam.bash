# SPDX-License-Identifier: MIT
# Completion of seam's command line for bash: commands, their options, and the names that there are.

_seam_names() {
    local directory=${SEAM_DIR:-/dev/shm} i
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        -d | --dir) directory=${COMP_WORDS[i + 1]} ;;
        esac
    done
    seam ls --dir="$directory" 2>/dev/null | sed -n '2,$s/ .*//p'
}

_seam() {
    local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]}
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$(seam --help | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version" -- "$word")
        return
    fi
    case $previous in
    --kind | --kind=) mapfile -t COMPREPLY < <(compgen -W "channel lock value array list" -- "$word") && return ;;
    --mode) mapfile -t COMPREPLY < <(compgen -W "lock-free locked raw" -- "$word") && return ;;
    --policy) mapfile -t COMPREPLY < <(compgen -W "lossless overwrite work-queue" -- "$word") && return ;;
    --wait) mapfile -t COMPREPLY < <(compgen -W "adaptive spin sleep" -- "$word") && return ;;
    -d | --dir) mapfile -t COMPREPLY < <(compgen -d -- "$word") && return ;;
    esac
    case $word in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(seam "$command" --help | grep -o -- '--[a-z-]*' | sort -u)" -- "$word") ;;
    *)
        case $command in
        record | replay) mapfile -t COMPREPLY < <(compgen -f -W "$(_seam_names)" -- "$word") ;;
        list) mapfile -t COMPREPLY < <(compgen -W "print length get append set insert pop remove clear $(_seam_names)" -- "$word") ;;
        array) mapfile -t COMPREPLY < <(compgen -W "print get set add $(_seam_names)" -- "$word") ;;
        ls | top | gc | bench) ;;
        *) mapfile -t COMPREPLY < <(compgen -W "$(_seam_names)" -- "$word") ;;
        esac
        ;;
    esac
}
complete -F _seam seam
