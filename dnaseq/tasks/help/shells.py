"""Set-up of completion in bash, zsh and fish. The scripts ask `dnaseq --complete WORD ...` for the words."""

import os
from pathlib import Path

from dnaseq.io.os_errors import access

BASH = r"""# Completion of dnaseq in bash.
_dnaseq() {
    local line="${COMP_LINE:0:COMP_POINT}" words typed kept
    read -ra words <<< "$line"
    [[ $line == *[[:space:]] ]] && words+=("")
    typed="${words[-1]}"
    kept="${typed%"${typed##*[=:]}"}" # bash replaces what follows the last = or :
    mapfile -t COMPREPLY < <("${words[0]/#\~/$HOME}" --complete "${words[@]:1}" 2> /dev/null | cut -f1)
    COMPREPLY=("${COMPREPLY[@]#"$kept"}")
    [[ ${COMPREPLY[*]} == *[=/.] ]] && compopt -o nospace 2> /dev/null
    return 0
}
complete -F _dnaseq dnaseq
"""

ZSH = r"""# Completion of dnaseq in zsh.
_dnaseq() {
    local -a found shown
    local word text
    while IFS=$'\t' read -r word text; do
        found+=("$word")
        shown+=("$word${text:+  -- $text}")
    done < <("${(Q)words[1]}" --complete "${(@)words[2,CURRENT]}" 2> /dev/null)
    compadd -l -S '' -d shown -a found
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
compdef _dnaseq dnaseq
"""

FISH = r"""# Completion of dnaseq in fish.
function __dnaseq_complete
    set -l words (commandline -opc) (commandline -ct)
    $words[1] --complete $words[2..-1] 2> /dev/null
end
complete -c dnaseq -f -a '(__dnaseq_complete)'
"""
SHELLS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


def install_completion(shell: str) -> Path:
    """Write the script of a shell and have the shell read it when it starts; return the path of the script.

    Raises FileAccessError where that cannot be written.
    """
    home = Path.home()
    if shell == "fish":
        script = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config", "fish/completions/dnaseq.fish")
    else:
        script = Path(os.environ.get("XDG_DATA_HOME") or home / ".local/share", f"dnaseq/completion.{shell}")
    with access(script):
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(SHELLS[shell])
    if shell != "fish":
        start = home / ".bashrc" if shell == "bash" else Path(os.environ.get("ZDOTDIR") or home, ".zshrc")
        line = f'[ -f "{script}" ] && . "{script}"'
        with access(start):
            text = start.read_text() if start.exists() else ""
            if line not in text.splitlines():
                start.write_text(f"{text}{'' if text.endswith(chr(10)) or not text else chr(10)}{line}\n")
    return script
