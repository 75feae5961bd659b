"""Composition of the configuration by Hydra, checked before Hydra builds or runs anything in it."""

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NoReturn

import hydra
from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.config_repository import CachingConfigRepository
from hydra._internal.hydra import Hydra
from hydra._internal.utils import create_config_search_path, get_args_parser
from hydra.core.config_search_path import SearchPathQuery
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.errors import HydraException
from hydra.types import RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf, open_dict

from dnaseq.errors import ConfigError
from dnaseq.tasks.config.hydra_rules import check_composed, check_folder, check_override
from dnaseq.tasks.config.typed_text import quote_texts, read_mapping_text
from dnaseq.tasks.config.validation import plain

CONF = "pkg://dnaseq.conf"
_CONF = Path(str(files("dnaseq.conf")))
# Errors of Hydra and its parser for unforeseen values, beside their own.
_NOT_COMPOSED = (
    *(ValueError, RecursionError, LookupError, TypeError, AttributeError, AssertionError, OSError),
)
_OF_HYDRA = re.compile(r"[+~]*\s*hydra[./]")
REFUSED = ("config_path", "config_name", "experimental_rerun")  # options that lead to other programs


class CheckedLoader(ConfigLoaderImpl):
    """Hydra's loader, which refuses overrides and configurations that make Hydra do more than run a task."""

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
        return parsed, repo

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
        except HydraException:
            raise
        except _NOT_COMPOSED as error:
            raise ConfigError(f"{_culprit(quoted)}: cannot be read ({_reason(error)})") from error
        check_composed(cfg)
        if run_mode is RunMode.RUN:
            cfg.hydra.overrides.task = [one for one in overrides if not _OF_HYDRA.match(one)]
        return cfg


@contextmanager
def hydra_of(task: str, config_dir: str | None = None) -> Iterator[Hydra]:
    """Set Hydra up for a task, for hydra.compose as well, with the user's own folder of configurations."""
    version.setbase("1.3")
    path = create_config_search_path(CONF)
    if config_dir is not None:
        folder = Path(config_dir).absolute()
        if not folder.is_dir():
            raise ConfigError(f"--config-dir {config_dir}: no such folder")
        check_folder(folder)
        path.prepend("command-line", f"file://{folder}", SearchPathQuery(provider="schema"))
    GlobalHydra.instance().clear()
    own = Hydra(task, CheckedLoader(path))
    GlobalHydra.instance().initialize(own)
    try:
        yield own
    finally:
        GlobalHydra.instance().clear()


def defaults_of(task: str, chosen: dict[str, str | None]) -> DictConfig:
    """Compose the configuration with these choices of groups and no key set.

    Raises ConfigError for a group that needs a choice and has none.
    """
    named = tuple(f"{group}={name}" for group, name in chosen.items() if name)
    usual, choices = _defaults(task, named, str(GlobalHydra.instance().config_loader().get_search_path()))
    for group, name in choices.items():
        if name and not group.startswith("hydra/") and not chosen.get(group):
            raise ConfigError(f"{group} must be given: {group}=...")
    return usual


@cache
def _defaults(
    task: str, named: tuple[str, ...], search_path: str
) -> tuple[DictConfig, dict[str, str | None]]:
    """Compose the configuration and all choices; cached for a multirun, as it takes a third of a second."""
    usual = hydra.compose(task, overrides=list(named), return_hydra_config=True)
    choices = dict(usual.hydra.runtime.choices)
    with open_dict(usual):
        usual.pop("hydra")
    OmegaConf.set_readonly(usual, True)
    return usual, choices


def known_keys(task: str, chosen: dict[str, str | None]) -> dict | None:
    """Return every key in conf/, to check a user's own choices; None if all choices are in conf/."""
    groups = [
        group for group, name in chosen.items() if name and not (_CONF / group / f"{name}.yaml").is_file()
    ]
    if not groups:
        return None
    named = [f"{group}={name}" for group, name in chosen.items() if name and group not in groups]
    loader = CheckedLoader(create_config_search_path(CONF))
    known = plain(loader.load_configuration(task, named, RunMode.RUN), resolve=False)
    for path in (path for group in groups for path in (_CONF / group).glob("*.yaml")):
        own: Any = OmegaConf.to_container(OmegaConf.load(path))
        own.pop("defaults", None)
        is_global = "@package _global_" in path.read_text()
        known = _merge(known, own if is_global else {path.parent.name: own})
    return known


def _merge(some: dict, more: dict) -> dict:
    """Merge the keys of two trees of dicts."""
    both = {key: (some[key], more[key]) for key in some.keys() & more.keys()}
    inner = {key: _merge(a, b) for key, (a, b) in both.items() if isinstance(a, dict) and isinstance(b, dict)}
    return more | some | inner


def run_with_hydra(task: str, arguments: list[str], job: TaskFunction) -> None:
    """Run the job, once or for every combination (-m), or show the help or the configuration, as the arguments ask.

    Raises HydraException and ConfigError for arguments that are no configuration.
    """
    parser = _parser()
    args = parser.parse_args(arguments)
    for name in REFUSED:
        if getattr(args, name) is not None:
            raise ConfigError(f"--{name.replace('_', '-')} is not an option of dnaseq. Leave it out")
    with hydra_of(task, args.config_dir) as own:
        if show := _choose_display(own, task, parser, args):
            try:
                show()
            except SystemExit as end:  # 1 would mean a bug
                raise SystemExit(ConfigError.exit_code if end.code == 1 else end.code) from None
        else:
            several = args.multirun or "hydra.mode=MULTIRUN" in args.overrides
            mode = RunMode.MULTIRUN if several else RunMode.RUN
            start = own.multirun if several else own.run
            start(task, job, [*args.overrides, f"hydra.mode={mode.name}"])


def _choose_display(
    own: Hydra, task: str, parser: ArgumentParser, args: Namespace
) -> Callable[[], None] | None:
    """Choose the function that shows something instead of a job; None where a job is to be run."""
    given = (task, args.overrides)
    choices: list[tuple[object, Callable[[], None]]] = [
        (args.help, lambda: own.app_help(task, parser, args)),
        (args.hydra_help, lambda: own.hydra_help(task, parser, args)),
        (args.cfg, lambda: own.show_cfg(*given, args.cfg, args.package, args.resolve)),
        (args.shell_completion, lambda: own.shell_completion(*given)),
        (args.info, lambda: own.show_info(args.info, *given)),
    ]
    asked = [show for is_asked, show in choices if is_asked]
    if len(asked) + args.multirun > 1 and not (args.help or args.hydra_help):
        raise ConfigError("give only one of -m, --cfg, --info and --shell-completion")
    return asked[0] if asked else None


def _parser() -> ArgumentParser:
    """Return Hydra's parser, with errors of one line."""
    parser = get_args_parser()

    def error(message: str) -> NoReturn:
        raise ConfigError(f"{message}. --help shows what there is")

    parser.error = error  # type: ignore[method-assign]  # Hydra makes the parser, so no class can override it
    return parser


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
