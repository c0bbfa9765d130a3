/** Scripts that make a shell ask `ane` what may come next. Where it has no answer, files are completed. */
import { PROPOSE } from "./propose.js";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

const bash = `# ane: completion for bash. Load it with: source <(ane completion bash)
_ane() {
  local candidate IFS=$'\\n'
  COMPREPLY=()
  while read -r candidate; do
    COMPREPLY+=("\${candidate%%$'\\t'*}")
  done < <("\${COMP_WORDS[0]}" ${PROPOSE} "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -o bashdefault -F _ane ane
`;

const zsh = `#compdef ane
# ane: completion for zsh. Load it with: source <(ane completion zsh), after compinit
_ane() {
  local line
  local -a candidates
  while IFS= read -r line; do
    candidates+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done < <("\${words[1]}" ${PROPOSE} "\${(@)words[2,CURRENT]}" 2>/dev/null)
  if (( \${#candidates} )); then
    _describe -V ane candidates
  else
    _files
  fi
}
compdef _ane ane
`;

const fish = `# ane: completion for fish. Load it with: ane completion fish | source
function __ane_complete
  set -l words (commandline -opc)
  set -l typed (commandline -ct)
  set -l found ($words[1] ${PROPOSE} $words[2..-1] "$typed" 2>/dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path "$typed"
  end
end
complete -c ane -f -a '(__ane_complete)'
`;

export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = { bash, zsh, fish };
