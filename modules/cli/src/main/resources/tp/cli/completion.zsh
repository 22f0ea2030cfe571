#compdef tp
# Completion of tp in zsh. To load it: source <(tp completion zsh)
_tp() {
    local program=${(Q)words[1]/#\~/$HOME} mode line
    local -a typed answer described suffix
    (( CURRENT > 2 )) && typed=("${(@Q)words[2,CURRENT-1]}")
    whence -p -- $program >/dev/null || program=tp
    answer=("${(@f)$($program __complete -- "${typed[@]}" "${(Q)PREFIX}" 2>/dev/null)}")
    mode=$answer[-1]
    answer[-1]=()
    case $mode in
    :files)
        compset -P '--*='
        _files
        return
        ;;
    :command*)
        # A command after -- completes as it does by itself.
        shift ${mode#:command } words
        (( CURRENT -= ${mode#:command } ))
        _normal
        return
        ;;
    :open)
        suffix=(-S '')
        ;;
    esac
    for line in "${answer[@]}"; do
        described+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
    done
    _describe -V tp described "${suffix[@]}"
}

if [[ $funcstack[1] == _tp ]]; then
    _tp "$@"
else
    (( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
    compdef _tp tp
fi
