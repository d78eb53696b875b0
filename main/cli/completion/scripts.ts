/** The scripts by which shells complete the command line. They ask `hearth __complete` for everything, so they stay as they are. */

export const shells = ['bash', 'zsh', 'fish', 'powershell'] as const;
export type Shell = (typeof shells)[number];

/**
 * bash takes a word apart at `:` and `=`. The line is therefore split at blanks alone, and what stands before the last of these signs is
 * cut from each candidate.
 */
const bash = `# Completion of hearth for bash.
_hearth() {
  local line=\${COMP_LINE:0:COMP_POINT} candidate
  local -a words
  IFS=$' \\t' read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  local current=\${words[-1]}
  local prefix=\${current%"\${current##*[:=]}"}
  COMPREPLY=()
  while IFS= read -r candidate; do
    case $candidate in
      :files) compopt -o filenames 2>/dev/null; while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -f -- "\${current##*=}") ;;
      :folders) compopt -o filenames 2>/dev/null; while IFS= read -r candidate; do COMPREPLY+=("$candidate"); done < <(compgen -d -- "\${current##*=}") ;;
      *) candidate=\${candidate%%$'\\t'*}; COMPREPLY+=("\${candidate#"$prefix"}") ;;
    esac
  done < <("\${words[0]}" __complete "$((\${#words[@]} - 1))" "\${words[@]:1}" 2>/dev/null)
}
complete -F _hearth hearth
`;

const zsh = `#compdef hearth
# Completion of hearth for zsh.
_hearth() {
  local candidate
  local -a typed plain
  typed=("\${(@)words[2,CURRENT]}")
  for candidate in "\${(@f)$("\${words[1]}" __complete "\${#typed}" "\${(@)typed}" 2>/dev/null)}"; do
    case $candidate in
      '') ;;
      :files) _files ;;
      :folders) _files -/ ;;
      *) plain+=("\${candidate%%$'\\t'*}") ;;
    esac
  done
  (( \${#plain} )) && compadd -- "\${(@)plain}"
}
if [[ \${funcstack[1]} == _hearth ]]; then _hearth "$@"; else compdef _hearth hearth; fi
`;

const fish = `# Completion of hearth for fish.
function __hearth_complete
    set -l before (commandline -opc)
    set -l current (commandline -ct)
    set -l words $before[2..-1] "$current"
    for candidate in ($before[1] __complete (count $words) $words 2>/dev/null)
        switch $candidate
            case :files
                __fish_complete_path (commandline -ct)
            case :folders
                __fish_complete_directories (commandline -ct)
            case '*'
                printf '%s\\n' $candidate
        end
    end
end
complete -c hearth -f -a '(__hearth_complete)'
`;

const powershell = `# Completion of hearth for PowerShell.
Register-ArgumentCompleter -Native -CommandName hearth -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  $count = $words.Count
  if ($wordToComplete -eq '') { $count++ }
  & hearth __complete $count @words 2>$null | ForEach-Object {
    $text, $help = $_ -split "\`t", 2
    if ($text -eq ':files') { Get-ChildItem -Path "$wordToComplete*" -Name | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) } }
    elseif ($text -eq ':folders') { Get-ChildItem -Path "$wordToComplete*" -Directory -Name | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) } }
    else { [System.Management.Automation.CompletionResult]::new($text, $text, 'ParameterValue', $(if ($help) { $help } else { $text })) }
  }
}
`;

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish, powershell };

export const scriptOf = (shell: Shell): string => scripts[shell];
