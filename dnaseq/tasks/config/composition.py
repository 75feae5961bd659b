"""Composition of the configuration by Hydra, checked before Hydra builds or runs anything in it."""

import re
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository, IConfigRepository
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_search_path import ConfigSearchPath, SearchPathQuery
from hydra.core.default_element import ResultDefault
from hydra.core.global_hydra import GlobalHydra
from hydra.core.object_type import ObjectType
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override, OverrideType
from hydra.errors import HydraException
from hydra.types import RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.composed import CONF_FOLDER, Composed
from dnaseq.tasks.config.error_messages import MISSING_CHOICE, explain, join_messages, unknown_key
from dnaseq.tasks.config.hydra_rules import check_composed, check_folder, check_override
from dnaseq.tasks.config.own_folders import take_folders
from dnaseq.tasks.config.saved_config import folders_of_run
from dnaseq.tasks.config.typed_text import quote_texts, read_mapping_text
from dnaseq.tasks.config.validation import dotted_keys, find_faults, without_hydra

CONF = "pkg://dnaseq.conf"
# Errors of Hydra and its parser for unforeseen values, beside their own.
_NOT_COMPOSED = (
    *(ValueError, RecursionError, LookupError, TypeError, AttributeError, AssertionError, OSError),
)
_OF_HYDRA = re.compile(r"[+~]*\s*hydra[./]")
OWN_FOLDER = "command-line"  # Hydra's name of the folder of --config-dir
_NO_FILES = ("", "hydra", "_dummy_empty_config_")  # of Hydra
# Options that lead to other programs, or that `dnaseq --help` and `dnaseq --install-completion` replace.
REFUSED = ("config_path", "config_name", "experimental_rerun", "hydra_help", "shell_completion")


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, which takes names as they are typed, tells of all unknown keys at once, and refuses overrides and
    configurations that make Hydra do more than run a task."""

    def __init__(self, config_search_path: ConfigSearchPath) -> None:
        super().__init__(config_search_path)
        self.usual: dict[
            tuple[str, ...], Composed
        ] = {}  # choices of groups -> the configuration with no key set

    def _process_config_searchpath(
        self, config_name: str | None, parsed_overrides: list[Override], repo: CachingConfigRepository
    ) -> None:
        """Check the typed overrides before a file is read for them."""
        for override in parsed_overrides:
            check_override(override)
            if override.key_or_group == "hydra.searchpath":
                folders: Any = override.value()  # a list, by check_override
                for folder in folders:
                    check_folder(Path(getattr(folder, "text", folder).removeprefix("file://")))
        super()._process_config_searchpath(config_name, parsed_overrides, repo)

    def _parse_overrides_and_create_caching_repo(
        self, config_name: str | None, overrides: list[str]
    ) -> tuple[list[Override], CachingConfigRepository]:
        parsed, repo = super()._parse_overrides_and_create_caching_repo(config_name, overrides)
        for override in parsed:
            read_mapping_text(override)
            if override.is_delete() and repo.group_exists(override.key_or_group):
                key = override.key_or_group
                raise ConfigError(f"{key} must be given, and ~ takes it out. Write {key}=NAME")
        self._keys_typed = [one for one in parsed if not repo.group_exists(one.key_or_group)]
        return parsed, repo

    def _compose_config_from_defaults_list(
        self, defaults: list[ResultDefault], repo: IConfigRepository
    ) -> DictConfig:
        """Compose the configuration to which Hydra applies the typed keys. Raises ConfigError for unknown keys, and
        with them for values of a wrong kind."""
        cfg = super()._compose_config_from_defaults_list(defaults, repo)
        named = ((one.config_path or "", one.package or "") for one in defaults)
        own = (one for one in named if one[0].split("/")[0] not in _NO_FILES)
        files = tuple((_file_of(name, repo), place) for name, place in own)
        self._usual = Composed(without_hydra(cfg), {}, files)
        typed = [one for one in self._keys_typed if not one.is_hydra_override()]
        unknown = [
            one
            for one in typed
            if one.type is OverrideType.CHANGE and not _holds(self._usual.cfg, one.key_or_group)
        ]
        if unknown:
            known = [*dotted_keys(self._usual.cfg), *repo.get_group_options("", ObjectType.GROUP)]
            messages = [unknown_key(one.key_or_group, known) for one in unknown]
            rest = [one for one in typed if one not in unknown and not one.is_sweep_override()]
            self._apply_overrides_to_config(rest, cfg)
            faults = find_faults(without_hydra(cfg), self._usual.cfg, self._usual.meanings)
            raise ConfigError(join_messages(dict.fromkeys([*messages, *faults.values()])))
        return cfg

    def load_configuration(
        self,
        config_name: str | None,
        overrides: list[str],
        run_mode: RunMode,
        *more: Any,
        **options: Any,
    ) -> DictConfig:
        """Compose. Raises HydraException and ConfigError for errors that the user can fix.

        The overrides of a job are kept as they were typed; those of several jobs must be readable to Hydra.
        """
        quoted = quote_texts(overrides, several=run_mode is RunMode.MULTIRUN)
        try:
            cfg = super().load_configuration(config_name, quoted, run_mode, *more, **options)
        except HydraException as error:
            if match := MISSING_CHOICE.search(str(error)):
                rest = [one for one in overrides if not re.match(rf"{re.escape(match[1])}[=.]", one)]
                others = self._faults_of(config_name, rest, run_mode) if len(rest) < len(overrides) else []
                raise ConfigError(join_messages([explain(error), *others])) from error
            raise
        except _NOT_COMPOSED as error:
            raise ConfigError(f"{_culprit(quoted)}: cannot be read ({_reason(error)})") from error
        check_composed(cfg)
        choices = cfg.hydra.runtime.choices
        own = {group: name for group, name in choices.items() if not group.startswith("hydra/")}
        self.usual[_named(own)] = replace(self._usual, choices=own)
        if run_mode is RunMode.RUN:
            cfg.hydra.overrides.task = [one for one in overrides if not _OF_HYDRA.match(one)]
        return cfg

    def _faults_of(self, config_name: str | None, overrides: list[str], run_mode: RunMode) -> list[str]:
        try:
            cfg = self.load_configuration(config_name, overrides, run_mode)
        except HydraException as error:
            return [explain(error)]
        except ConfigError as error:
            return [str(error)]
        return list(find_faults(without_hydra(cfg), self._usual.cfg, self._usual.meanings).values())


@contextmanager
def hydra_of(task: str, folders: Iterable[Path] = ()) -> Iterator[Hydra]:
    """Set Hydra up for a task, for hydra.compose as well, with the user's own folders of configurations."""
    version.setbase("1.3")
    path = create_config_search_path(CONF)
    for folder in folders:
        check_folder(folder)
        path.prepend(OWN_FOLDER, f"file://{folder}", SearchPathQuery(provider="schema"))
    GlobalHydra.instance().clear()
    own = Hydra(task, CheckedLoader(path))
    GlobalHydra.instance().initialize(own)
    try:
        yield own
    finally:
        GlobalHydra.instance().clear()


def compose_task(task: str, overrides: list[str]) -> Composed:
    """Compose the configuration of a task, without Hydra's own part."""
    cfg = hydra.compose(task, overrides=overrides, return_hydra_config=True)
    return replace(defaults_of(task, dict(cfg.hydra.runtime.choices)), cfg=without_hydra(cfg))


def choices_of(group: str) -> dict[str, Path]:
    """Return the file of each choice of a group, sorted by name."""
    places = [one.path for one in GlobalHydra.instance().config_loader().get_search_path().get_path()]
    own = [Path(place.removeprefix("file://")) for place in places if place.startswith("file://")]
    paths = (path for folder in (CONF_FOLDER, *reversed(own)) for path in (folder / group).glob("*.yaml"))
    return dict(sorted({path.stem: path for path in paths}.items()))


def defaults_of(task: str, chosen: Mapping[str, str | None]) -> Composed:
    """Return the configuration with these choices of groups and no key set."""
    loader: Any = GlobalHydra.instance().config_loader()
    if (named := _named(chosen)) not in loader.usual:
        hydra.compose(task, overrides=list(named))
    found: Composed = loader.usual[named]
    return found


def _named(chosen: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(
        sorted(f"{group}={name}" for group, name in chosen.items() if name and not group.startswith("hydra/"))
    )


def _file_of(name: str, repo: IConfigRepository) -> Path:
    found = repo.load_config(name)
    folder = found.path.removeprefix("file://") if found and found.path.startswith("file://") else CONF_FOLDER
    return Path(folder, f"{name}.yaml")


def _holds(node: object, key: str) -> bool:
    """Tell if a tree of dicts has a dotted key."""
    for part in key.split("."):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return True


def known_keys(task: str, chosen: Mapping[str, str | None]) -> dict | None:
    """Return every key in conf/, to check a user's own choices; None if all choices are in conf/."""
    groups = [
        group
        for group, name in chosen.items()
        if name and not (CONF_FOLDER / group / f"{name}.yaml").is_file()
    ]
    if not groups:
        return None
    named = [f"{group}={name}" for group, name in chosen.items() if name and group not in groups]
    loader = CheckedLoader(create_config_search_path(CONF))
    known = without_hydra(loader.load_configuration(task, named, RunMode.RUN))
    for path in (path for group in groups for path in (CONF_FOLDER / group).glob("*.yaml")):
        is_global = "@package _global_" in path.read_text()
        known = _merge(known, _keys_of(path) if is_global else {path.parent.name: _keys_of(path)})
    return known


@cache
def _keys_of(path: Path) -> dict:
    """Return the keys of a file and of the parts that its list of defaults names."""
    keys: Any = OmegaConf.to_container(OmegaConf.load(path))
    for default in keys.pop("defaults", ()):
        name, _, place = default.partition("@") if isinstance(default, str) else ("_self_", "", "")
        if name != "_self_":
            part = _keys_of(
                (CONF_FOLDER if name.startswith("/") else path.parent) / f"{name.lstrip('/')}.yaml"
            )
            for key in reversed(place.replace("_here_", "").split(".")):
                part = {key: part} if key else part
            keys = _merge(keys, part)
    return keys


def _merge(some: dict, more: dict) -> dict:
    """Merge the keys of two trees of dicts."""
    both = {key: (some[key], more[key]) for key in some.keys() & more.keys()}
    inner = {key: _merge(a, b) for key, (a, b) in both.items() if isinstance(a, dict) and isinstance(b, dict)}
    return more | some | inner


def run_with_hydra(task: str, arguments: list[str], job: TaskFunction) -> None:
    """Run the job, once or for every combination (-m), or show the configuration, as the arguments ask.

    Raises HydraException and ConfigError for arguments that are no configuration.
    """
    args = parse_options(arguments)
    folders, args.overrides = take_folders(args.config_dir, args.overrides)
    with hydra_of(task, folders or folders_of_run(args.overrides)) as own:
        if show := _choose_display(own, task, args):
            try:
                show()
            except SystemExit as end:  # 1 would mean a bug
                raise SystemExit(ConfigError.exit_code if end.code == 1 else end.code) from None
        else:
            several = args.multirun or "hydra.mode=MULTIRUN" in args.overrides
            mode = RunMode.MULTIRUN if several else RunMode.RUN
            start = own.multirun if several else own.run
            start(task, job, [*args.overrides, f"hydra.mode={mode.name}"])


def _choose_display(own: Hydra, task: str, args: Namespace) -> Callable[[], None] | None:
    """Choose the function that shows something instead of a job; None where a job is to be run."""
    given = (task, args.overrides)
    choices: list[tuple[object, Callable[[], None]]] = [
        (args.cfg, lambda: own.show_cfg(*given, args.cfg, args.package, args.resolve)),
        (args.info, lambda: own.show_info(args.info, *given)),
    ]
    asked = [show for is_asked, show in choices if is_asked]
    if len(asked) + args.multirun > 1:
        raise ConfigError("give only one of -m, --cfg and --info")
    return asked[0] if asked else None


def parse_options(arguments: list[str]) -> Namespace:
    """Parse the arguments as Hydra does. Raises ConfigError for options that there are not."""
    parser = get_args_parser()

    def error(message: str) -> NoReturn:
        raise ConfigError(f"{message}. --help shows what there is")

    parser.error = error  # type: ignore[method-assign]  # Hydra makes the parser, so no class can override it
    args = parser.parse_args(arguments)
    for name in REFUSED:
        if getattr(args, name):
            raise ConfigError(f"--{name.replace('_', '-')} is not an option of dnaseq. Leave it out")
    return args


def _culprit(overrides: list[str]) -> str:
    """Return the key of the first override that cannot be parsed."""
    parser = OverridesParser.create()
    for override in overrides:
        try:
            parser.parse_override(override)
        except (HydraException, *_NOT_COMPOSED):
            return override.partition("=")[0]
    return "configuration"


def _reason(error: Exception) -> str:
    return "too many brackets" if isinstance(error, RecursionError) else str(error).partition("\n")[0]
