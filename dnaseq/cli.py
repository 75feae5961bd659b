"""The program `dnaseq`: `dnaseq COMMAND key=value ...`. Scripts call main with their task's name."""

import argparse
import gc
import os
import signal
import sys
from importlib.resources import files
from types import FrameType
from typing import Any

from dnaseq import __version__
from dnaseq.errors import INTERRUPTED, TERMINATED, ConfigError, DnaseqError, one_line

TASKS = (
    *("train", "evaluate", "predict", "explain", "audit", "compare", "runs", "sweep", "embed"),
    *("insert", "ablate", "design", "variants", "peaks", "check-plugin", "doctor"),
)
FIRST_HOUR = """
The first hour:
  dnaseq train                                    trains a network on the enhancers that come with dnaseq
  dnaseq train data=fasta data.train=my_train.fa  does the same with your own labelled sequences
  dnaseq predict bundle=runs/latest/bundle input=my.fa output=answers.tsv
                                                  answers for sequences without labels
"""

CLEAR_LINE = b"\r\x1b[K\x1b[?25h"  # of a terminal, and show the cursor, which a bar hides

# How often an idle thread of GNU OpenMP looks for work before it sleeps. With its default, 300,000, a step of a
# recurrent network takes a hundred times as long where other programs use the processors; less than 20,000 is slower
# where none does (benchmarks/RESULTS.md).
SPINS = "20000"


def main(task: str | None = None) -> None:
    """Run a task with the arguments of the command line and exit with its code."""
    _leave_at_signals()
    arguments = sys.argv[1:]
    if task is None:
        if arguments[:1] == ["--complete"]:
            sys.exit(_complete(arguments[1:]))
        task, arguments = _task_and_rest(arguments)
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", SPINS)  # read when PyTorch is loaded
    # here, as Hydra takes longer to load than `dnaseq --help` may take
    from dnaseq.tasks.main import run_task

    code = run_task(task, arguments)
    gc.freeze()  # or Python would look through all that is loaded once more, which takes up to a second
    sys.exit(code)


def _leave_at_signals() -> None:
    """End at once at Ctrl-C or SIGTERM, until a task has begun: there is nothing to clean up before."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:  # a job in the background ignores it
        signal.signal(signal.SIGINT, _leave)
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, frame: FrameType | None) -> None:
    if os.isatty(2):
        os.write(2, CLEAR_LINE)  # a bar may be there
    if number == signal.SIGINT:
        os.write(2, b"dnaseq: interrupted\n")
    os._exit(INTERRUPTED if number == signal.SIGINT else TERMINATED)  # an exception may get lost in an import


def _task_and_rest(arguments: list[str]) -> tuple[str, list[str]]:
    parser = argparse.ArgumentParser(
        prog="dnaseq",
        usage="dnaseq COMMAND KEY=VALUE ...",
        description=_overview(),
        epilog="dnaseq COMMAND --help explains a command and its keys.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"dnaseq {__version__}")
    parser.add_argument(
        "--install-completion",
        action=_InstallCompletion,
        choices=("bash", "zsh", "fish"),
        help="let the shell complete commands, keys, choices and files",
    )
    parser.add_argument("task", choices=TASKS, metavar="COMMAND", help=argparse.SUPPRESS)
    if arguments and arguments[0] not in TASKS and not arguments[0].startswith("-"):
        print(f"dnaseq: {_unknown_task(arguments[0])}", file=sys.stderr)
        sys.exit(ConfigError.exit_code)
    first = 2 if arguments[:1] == ["--install-completion"] else 1
    return parser.parse_args(arguments[:first] or ["--help"]).task, arguments[1:]


def _unknown_task(word: str) -> str:
    import difflib  # here, as a command that is known needs no likeness

    near = difflib.get_close_matches(word.lower(), TASKS, n=1)
    if near:
        hint = f"Did you mean {near[0]}?"
    elif "=" in word:
        hint = f"The command comes first: dnaseq train {word}"
    else:
        hint = f"The commands are {', '.join(TASKS)}"
    return one_line(f"{word!r} is no command. {hint}")


class _InstallCompletion(argparse.Action):
    """Sets completion up and ends the program."""

    def __call__(
        self, parser: argparse.ArgumentParser, space: object, shell: Any, option: object = None
    ) -> None:
        from dnaseq.tasks.help.shells import install_completion  # here, as it is seldom needed

        try:
            script = install_completion(shell)
        except DnaseqError as error:
            parser.exit(error.exit_code, f"dnaseq: {error}\n")
        parser.exit(
            0, f"{shell} reads {script} from now on. Open a new shell to complete with the Tab key.\n"
        )


def _complete(words: list[str]) -> int:
    """Print how the last word may go on, with its meaning behind a tab: for the scripts of the shells."""
    if len(words) < 2:
        found = [*_titles(), ("--help", ""), ("--version", ""), ("--install-completion", "")]
        found = [one for one in found if one[0].startswith("".join(words))]
    elif words[0] == "--install-completion":
        found = [(shell, "") for shell in ("bash", "zsh", "fish") if shell.startswith(words[1])]
    elif words[0] in TASKS:
        from dnaseq.tasks.help.completion import complete_task  # here, as Hydra takes long to load

        found = complete_task(words[0], words[1:])
    else:
        return ConfigError.exit_code
    for word, text in found:
        print(f"{word}\t{text}")
    return 0


def _overview() -> str:
    tasks = "\n".join(f"  {task:<14}{title}" for task, title in _titles())
    what = "From labelled FASTA to a DNA sequence classifier that can be trusted."
    return f"{what}\n{FIRST_HOUR}\nCommands:\n{tasks}"


def _titles() -> list[tuple[str, str]]:
    """Return each command with the first line of its configuration, which says what it does."""
    conf = files("dnaseq.conf")
    lines = [(task, conf.joinpath(f"{task}.yaml").read_text().partition("\n")[0]) for task in TASKS]
    return [(task, line.removeprefix("# ")) for task, line in lines]
