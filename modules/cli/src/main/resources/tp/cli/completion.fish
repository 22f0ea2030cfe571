# Completion of tp in fish. To load it: tp completion fish | source
function __tp_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' -- $HOME $words[1])
    type -q -- $program; or set program tp
    # Without the quotes and backslashes, of which the last quote may not be closed yet.
    set -l plain (string unescape -- $current 2>/dev/null)
    test -n "$plain"; or set plain (string replace -r -- '^[\'"]' '' $current)
    set -l typed
    test (count $words) -gt 1; and set typed $words[2..-1]
    set -l answer ($program __complete -- $typed "$plain" 2>/dev/null)
    test (count $answer) -gt 0; or return
    set -l mode (string split ' ' -- $answer[-1])
    set -e answer[-1]
    switch $mode[1]
        case :files
            set -l option (string match -r -- '^--[^=]*=' $current)
            for file in (__fish_complete_path (string replace -r -- '^--[^=]*=' '' $current))
                echo "$option"$file
            end
        case ':command'
            # A command after -- completes as it does by itself.
            set -l from (math $mode[2] + 1)
            set -l rest
            test (count $words) -ge $from; and set rest (string escape -- $words[$from..-1])
            complete -C (string join ' ' -- $rest $current)
        case '*'
            for line in $answer
                echo $line
            end
            # A list may go on; fish puts a space after what is the only candidate.
            if test "$mode[1]" = :open -a (count $answer) -eq 1
                echo (string split \t -- $answer[1])[1],
            end
    end
end

complete -c tp -e
complete -c tp -f -a '(__tp_complete)'
