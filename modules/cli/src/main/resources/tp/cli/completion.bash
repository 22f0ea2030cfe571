# Completion of tp in bash. To load it: source <(tp completion bash)
_tp() {
    local line=${COMP_LINE:0:COMP_POINT} program=${COMP_WORDS[0]/#\~/$HOME}
    local i piece word cut= breaks= value mode
    local -a words=() first=() answer=()
    # bash ends a word at = : and @ too; tp wants words as they were typed, up to the cursor.
    for ((i = 0; i <= COMP_CWORD; i++)); do
        piece=${COMP_WORDS[i]}
        if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
            line=${line#"${line%%[![:space:]]*}"}
            first+=("$i")
            words+=('')
        fi
        ((i == COMP_CWORD)) && piece=$line
        words[${#words[@]}-1]+=$piece
        line=${line#"$piece"}
    done
    word=${words[${#words[@]}-1]}
    # Without quotes and backslashes; the last quote is not closed yet.
    words=("${words[@]//[\"\'\\]/}")
    type -P -- "$program" >/dev/null || program=tp
    mapfile -t answer < <("$program" __complete -- "${words[@]:1}" 2>/dev/null)
    ((${#answer[@]})) || return 0
    mode=${answer[${#answer[@]}-1]}
    unset "answer[${#answer[@]}-1]"
    COMPREPLY=()
    case $mode in
    :files)
        compopt -o default 2>/dev/null
        return 0
        ;;
    :command*)
        _tp_command "${first[${mode#:command }]}"
        return 0
        ;;
    :open)
        compopt -o nospace 2>/dev/null
        ;;
    esac

    # bash replaces only what comes after the last of its breaks, or after an opening quote.
    if [[ $word != [\"\']* ]]; then
        for piece in = : @; do
            [[ $COMP_WORDBREAKS == *"$piece"* ]] && breaks+=$piece
        done
        if [[ $breaks && $word == *[$breaks]* ]]; then
            cut=${word%"${word##*[$breaks]}"}
            # An @ stays with what comes after it: readline may take that for a host.
            cut=${cut%@}
        fi
    fi
    for line in "${answer[@]}"; do
        value=${line%%$'\t'*}
        value=${value#"$cut"}
        if [[ $word != [\"\']* && $value == *[!][:alnum:]_./:@=,+%[-]* ]]; then
            printf -v value %q "$value"
        fi
        # Where the candidates are only listed, and more than one is, they are explained.
        if [[ $COMP_TYPE == 63 && ${#answer[@]} -gt 1 && $line == *$'\t'?* ]]; then
            printf -v value '%-22s (%s)' "$value" "${line#*$'\t'}"
        fi
        COMPREPLY+=("$value")
    done
}

# A command after -- completes as it does by itself.
_tp_command() {
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$1"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "${COMP_WORDS[COMP_CWORD]}" | sort -u)
    else
        compopt -o default 2>/dev/null
    fi
}

complete -F _tp tp
