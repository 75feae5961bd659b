"""The manifest of a run, written into its folder before the training and read again when the run resumes."""

import hashlib
import json
import platform
import shlex
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from hydra.core.hydra_config import HydraConfig
from msgspec import UNSET, to_builtins
from msgspec.structs import replace
from omegaconf import DictConfig, OmegaConf

from dnaseq.audit_record import Audit
from dnaseq.data.dataset import LabelledSet
from dnaseq.data.records.chunked_arrays import stretches
from dnaseq.data.splits.splits import ALL
from dnaseq.data.statistics import compute_statistics
from dnaseq.errors import ConfigError, ModelFileError
from dnaseq.io.atomic import atomic_file, write_json, write_text
from dnaseq.io.progress import show_progress
from dnaseq.io.results.row_text import tsv_header, tsv_lines
from dnaseq.io.results.run_files import read_object, read_sealed, write_sealed
from dnaseq.plugins.agreement import REFUSE, check_plugins
from dnaseq.plugins.named import job_plugins
from dnaseq.plugins.source import PluginSource
from dnaseq.schemas import convert
from dnaseq.tasks.config.composition import OWN_FOLDER, compose_task
from dnaseq.tasks.config.own_folders import options_of
from dnaseq.tasks.config.saved_config import literal, read_config
from dnaseq.tasks.config.validation import check_settings, plain
from dnaseq.tasks.runs.run_folder import check_run

MOST, LONGEST = 3, 40  # differences in a message; letters of a value
ABSENT = "absent"
PREDICTIONS, STRATA = "predictions.test.tsv", "strata.tsv"


def changes(then: object, now: object) -> str:
    """Describe changes: `a.b: 1 when the run began, 2 now; ...`, empty where nothing has changed."""
    before, after = dict(leaves(then)), dict(leaves(now))
    differences = [
        f"{key}: {_shown(before, key)} when the run began, {_shown(after, key)} now"
        for key in dict.fromkeys([*before, *after])
        if key not in before or key not in after or not _same(before[key], after[key])
    ]
    more = f"; and {len(differences) - MOST} more" if len(differences) > MOST else ""
    return "; ".join(differences[:MOST]) + more


def leaves(node: object, path: str = "", whole: Collection[str] = ()) -> Iterator[tuple[str, object]]:
    """Yield every value in a tree of dicts, with its dotted path. A list and a dict at a path of `whole` are values."""
    if isinstance(node, dict) and node and path not in whole:
        for key, value in node.items():
            yield from leaves(value, f"{path}.{key}" if path else str(key), whole)
    else:
        yield path, node


def _same(x: object, y: object) -> bool:
    """Compare two values as they are written, so that NaN is NaN, and 1 is neither True nor 1.0."""
    return repr(x) == repr(y)


def _shown(values: dict[str, object], key: str) -> str:
    if key not in values:
        return ABSENT
    text = str(values[key])
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."


OF_BUNDLE = ("model=", "encoding=")  # choices that a training with init= does not make
SPLIT, SPLIT_COLUMNS = "split.tsv", ("id", "split", "group")
KEPT = "checkpoints/plan.json"
TRAINED = ("members", "search", "folds", "bundle")  # a folder with a training has one of them
# keys that configurations of earlier versions lack
OF_OLDER: dict[str, object] = {
    "recipe": "none",
    "pool": None,
    "plugins": [],
    "plugins_changed": REFUSE,
    "metrics": {},
    "init": None,
    "init_weights": True,
    "freeze": "none",
    "rate_decay": 1.0,
}
PLUGINS = "plugin_sources"  # key of config.yaml: the plug-ins of a run, as they were
EARLIER = "of_earlier_version"  # key of a plan in memory
LATER = ("files_sha256",)  # keys that audit.json of earlier versions lacks


def write_plan(
    folder: Path,
    cfg: DictConfig,
    choices: dict[str, str],
    data: LabelledSet,
    command: str | None = None,
    vectors: str | None = None,
    init: str | None = None,
) -> None:
    """Write config.yaml, audit.json and split.tsv; `vectors` is the SHA-256 of a file of k-mer vectors, `init` that of
    the weights that the training begins with."""
    write_config(folder, cfg, choices, command)
    write_json(folder / "audit.json", _describe_data(data, vectors, init))
    write_splits(folder, data)


def _describe_data(data: LabelledSet, vectors: str | None, init: str | None) -> Audit:
    """Compute the statistics of the data, and hashes of what they do not show: the files of each part, all labels, and
    the vectors or the weights at the start."""
    files = {part: list(files.values()) for part, files in data.files.items()}
    labels = _labels_sha256(data)
    with show_progress("counting letters"):
        found = compute_statistics(data)
    starts = {"vectors_sha256": vectors or UNSET, "init_sha256": init or UNSET}
    return replace(found, files_sha256=files, labels_sha256=labels, **starts)


def _labels_sha256(data: LabelledSet) -> str:
    """Hash the labels of all records, a line each (SHA-256, hex)."""
    digest = hashlib.sha256()
    for some in stretches(len(data.store)):
        texts = data.targets.texts(np.arange(some.start, some.stop))
        digest.update(("\n" * (some.start > 0) + "\n".join(texts)).encode())
    return digest.hexdigest()


def write_splits(folder: Path, data: LabelledSet) -> None:
    """Write split.tsv of a data set."""
    with atomic_file(folder / SPLIT, "w", overwrite=True) as handle:
        handle.write(tsv_header(SPLIT_COLUMNS))
        for some in stretches(len(data.store)):
            ids = data.store.ids(np.arange(some.start, some.stop))
            parts = [ALL[part] for part in data.part[some].tolist()]
            cells = ids, parts, data.group[some].tolist()
            handle.write(tsv_lines(dict(zip(SPLIT_COLUMNS, cells, strict=True))))


def command_of(folder: Path) -> str:
    """Return the command of a run: that of its start if it resumes."""
    return configuration(folder)["command"] if (folder / "config.yaml").exists() else command_line()


def write_config(folder: Path, cfg: DictConfig, choices: dict[str, str], command: str | None = None) -> None:
    """Write config.yaml: resolved, with the choice of each group, the command, and the folder where it was typed."""
    path = folder / "config.yaml"
    begun = configuration(folder) if path.exists() else {}
    about = {"choices": choices, "command": command or command_of(folder)}
    if sources := to_builtins([one.source for one in job_plugins().known]):
        about[PLUGINS] = sources
    plan = plain(cfg) | about
    if not plan.pop(EARLIER, False):
        plan["started_in"] = begun.get("started_in") or str(Path.cwd())
    write_text(path, OmegaConf.to_yaml(OmegaConf.create(literal(plan))))


def command_line() -> str:
    """Return the command that runs this job again; of several jobs (-m) this one."""
    hydra = HydraConfig.get()
    assert hydra.job.config_name is not None  # the task
    own = [one.path for one in hydra.runtime.config_sources if one.provider == OWN_FOLDER]
    return shlex.join(["dnaseq", hydra.job.config_name, *options_of(own), *hydra.overrides.task])


def configuration(folder: Path) -> DictConfig:
    """Read config.yaml of a run folder. Raises FileAccessError where there is none, ConfigError for a damaged one."""
    check_run(folder)
    return read_config(folder / "config.yaml")


def write_split(folder: Path, ids: list[str], split: list[str], group: list, more: dict[str, list]) -> None:
    """Write split.tsv: columns id, split and group, and more columns."""
    columns = dict(zip(SPLIT_COLUMNS, (ids, split, group), strict=True)) | more
    write_text(folder / SPLIT, tsv_header(list(columns)) + tsv_lines(columns))


def read_plan(folder: Path) -> tuple[DictConfig, dict[str, str]]:
    """Read the configuration and the choices of a training that was begun."""
    plan = configuration(folder)
    if not {"model", "monitor"} <= set(plan):
        raise ConfigError(f"{folder}: not of a training, so there is nothing to resume")
    for key, value in OF_OLDER.items():
        plan.setdefault(key, value)
    if plan.get("auto"):
        plan.auto = {"trial": 0.25, **plan.auto}
    choices = plain(plan.pop("choices"), resolve=False)
    plan.pop("command")
    plan.pop(PLUGINS, None)
    is_earlier = plan.pop("started_in", None) is None
    named = [f"{group}={name}" for group, name in choices.items() if name]
    usual = compose_task(
        "train", [one for one in named if plan.init is None or not one.startswith(OF_BUNDLE)]
    )
    _add_later_keys(plan, usual.cfg)
    if plan.init is None:
        check_settings(plan, usual.cfg, usual.meanings)
    else:  # the network of a bundle has keys of its own, which are checked when it is built
        check_settings(_without_network(plan), _without_network(usual.cfg), usual.meanings)
    if is_earlier:  # the key of its checkpoints was another one
        OmegaConf.update(plan, EARLIER, True, force_add=True)
    return plan, choices


def _without_network(cfg: Any) -> Any:
    return type(cfg)({key: value for key, value in cfg.items() if key not in ("model", "encoding")})


def _add_later_keys(plan: DictConfig, usual: dict) -> None:
    """Give the keys of groups that an earlier version did not know their defaults; objects have defaults themselves."""
    for group, keys in usual.items():
        own = plan.get(group)
        if isinstance(keys, dict) and "_target_" not in keys and OmegaConf.is_dict(own):
            for key, value in keys.items():
                if key not in own and not isinstance(value, dict):
                    OmegaConf.update(own, key, value, force_add=True)


def check_same_plugins(folder: Path, changed: str) -> None:
    """Raise ModelFileError unless the plug-ins of a run are named in the command that resumes it, and are the same;
    with `changed` "accept" they may have changed. ConfigError where config.yaml is not as a run wrote it."""
    written = configuration(folder).get(PLUGINS)
    try:
        needed = convert(
            plain(written) if OmegaConf.is_config(written) else written or [], list[PluginSource]
        )
    except ValueError as error:
        raise ConfigError(f"{folder / 'config.yaml'}: {PLUGINS}: {error}") from error
    check_plugins(needed, job_plugins(), changed, str(folder))


def keep_plan(folder: Path) -> None:
    """Keep a copy of config.yaml of a training, for check_same_plan."""
    (folder / KEPT).parent.mkdir(exist_ok=True)
    write_sealed(folder / KEPT, plain(configuration(folder), resolve=False))


def check_same_plan(folder: Path) -> None:
    """Raise ConfigError where config.yaml has changed since the run began, ModelFileError where its copy is damaged."""
    path = folder / "config.yaml"
    if not (folder / KEPT).exists():
        if any((folder / name).exists() for name in TRAINED) or any((folder / KEPT).parent.glob("*.ckpt")):
            what = (
                "begun by a version of dnaseq that kept no copy of it, so nobody knows whether it was changed"
            )
            raise ConfigError(f"{path}: {what}. Start a new run")
        return
    try:
        then = read_sealed(folder / KEPT)
    except ValueError as error:
        raise ModelFileError(f"{folder / KEPT}: damaged. Start a new run") from error
    if changed := changes(then, plain(configuration(folder), resolve=False)):
        raise ConfigError(f"{path} was changed: {changed}. Put it back, or start a new run")


def check_same_data(
    folder: Path, data: LabelledSet, vectors: str | None = None, init: str | None = None
) -> None:
    """Raise ConfigError if the data have changed since the run began; a run without audit.json has no data yet."""
    path = folder / "audit.json"
    if not path.exists():
        return
    then, now = read_object(path), json.loads(json.dumps(to_builtins(_describe_data(data, vectors, init))))
    if changed := changes(
        then, {key: value for key, value in now.items() if key in then or key not in LATER}
    ):
        raise ConfigError(f"{folder}: the data have changed since the run began: {changed}. Start a new run")


VERSIONS = ("dnaseq", "torch", "pytorch-lightning", "numpy", "scipy", "scikit-learn", "edlib")


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that the numbers of a run depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in VERSIONS}
