"""The help of a task: what it does, examples, and its groups and keys in the order of use, each with its meaning."""

import io
import re
import shutil
import sys
from collections.abc import Iterator

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.composed import Composed
from dnaseq.tasks.config.composition import choices_of, compose_task, hydra_of, parse_options
from dnaseq.tasks.config.error_messages import unknown_key
from dnaseq.tasks.config.meanings import allowed_values, brief, read_comments
from dnaseq.tasks.config.own_folders import take_folders

WIDTH, WIDTH_OF_NAMES = 110, 42  # the first where stdout is no terminal
FOOT = """
dnaseq {task} --help NAME explains one key, group or choice. --cfg job prints the whole configuration,
-m (--multirun) runs every combination of values with commas between them, @FILE reads settings from a file.
"""


def show_help(task: str, arguments: list[str]) -> None:
    """Print the help of a task with the given settings, or that of the given names of keys, groups and choices.

    Raises ConfigError for a name that there is not.
    """
    options = parse_options([one for one in arguments if one not in ("-m", "--multirun")])
    folders, options.overrides = take_folders(options.config_dir, options.overrides)
    names = [one for one in options.overrides if "=" not in one]
    with hydra_of(task, folders):
        composed = compose_task(task, [one for one in options.overrides if "=" in one])
        parts = [part for name in names for part in _about(name, composed)] or _page(task, composed)
        print(_render(parts), end="")  # not by rich, which ends the program where nobody reads stdout


def _page(task: str, composed: Composed) -> Iterator[RenderableType]:
    about = read_comments(composed.sections[task]).head
    yield Text(" ".join(line for line in about if not line.startswith("    ")))
    yield Text("\n".join(["\nExamples", *(line[2:] for line in about if line.startswith("    "))]))
    left = dict.fromkeys(key.partition(".")[0] for key in composed.keys)
    for name, path in sorted(composed.sections.items(), key=lambda section: section[0] != task):
        file = read_comments(path)
        names = [key for key in file.keys if key in left and key not in composed.groups]
        if names or file.groups:
            yield Text(f"\n{'This command' if name == task else file.title}", "bold")
        for group, text in file.groups.items():
            yield _group(group, text, composed)
            yield _keys([group], composed)
        yield _keys(names, composed)
        left = {key: None for key in left if key not in file.keys and key not in file.groups}
    shown = {group for path in composed.sections.values() for group in read_comments(path).groups}
    more = [group for group in composed.groups if group not in shown]
    if left or more:
        yield Text("\nKeys of these choices", "bold")
        for group in more:
            yield _group(group, composed.groups[group], composed)
        yield _keys(list(left), composed)
    yield Text(FOOT.format(task=task))


def _about(name: str, composed: Composed) -> Iterator[RenderableType]:
    """Explain a name: a group, a key or a part of one, or a choice of a group."""
    keys, groups = composed.keys, composed.groups
    found = [key for key in keys if f".{name}." in f".{key}."]
    chosen = [(group, path) for group in groups if (path := choices_of(group).get(name))]
    if name in groups:
        yield _group(name, groups[name], composed)
    for group, path in chosen:
        yield Text("\n  ".join([f"{group}={name}", *read_comments(path).head]))
    if found:
        yield _keys(found, composed)
    if not (found or chosen or name in groups):
        raise ConfigError(unknown_key(name, [*keys, *groups, *(key.rpartition(".")[2] for key in keys)]))


def _group(group: str, text: str, composed: Composed) -> RenderableType:
    """List the choices of a group, with the first line of the file of each."""
    head = Text.assemble((f"  {group}={_shown(composed.choices.get(group))}", "cyan"), f"  {text}")
    rows = [(f"    {name}", Text(read_comments(path).title)) for name, path in choices_of(group).items()]
    return Group(head, _table(rows))


def _keys(names: list[str], composed: Composed) -> RenderableType:
    """List the keys with these names or below them: the value of each, what else it may be, and what it means."""
    rows = []
    for key, value in composed.keys.items():
        if any(f"{key}.".startswith(f"{name}.") for name in names):
            meaning = composed.meanings.get(key)
            allowed = " | ".join(brief(one) for one in allowed_values(meaning, value))
            kind = f"[{allowed}] " if allowed else ""
            text = Text.assemble((kind, "dim"), meaning.text if meaning else "")
            rows.append((f"  {key}={_shown(value)}", text))
    return _table(rows)


def _table(rows: list[tuple[str, Text]]) -> Table:
    """Lay out names and texts. The widths are given, as to measure all texts takes longer than to print them."""
    left = min(max((len(name) for name, _ in rows), default=0), WIDTH_OF_NAMES)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=left, overflow="fold", style="cyan")
    table.add_column(width=max(_width() - left - 2, WIDTH_OF_NAMES))
    for name, text in rows:
        table.add_row(name, text)
    return table


def _shown(value: object) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list):
        return f"[{','.join(map(_shown, value))}]"
    if isinstance(value, dict):
        return "{...}" if value else "{}"
    return "..." if value == "???" else str(value)


def _width() -> int:
    return shutil.get_terminal_size((WIDTH, 24)).columns


def _render(parts: list[RenderableType] | Iterator[RenderableType]) -> str:
    out = io.StringIO()
    console = Console(
        file=out, width=_width(), force_terminal=sys.stdout.isatty(), highlight=False, markup=False
    )
    for part in parts:
        console.print(part)
    return re.sub(r" +\n", "\n", out.getvalue())
