"""A training that begins with the network of a bundle (init=): its configuration, and the weights that are taken."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from omegaconf import DictConfig, OmegaConf, open_dict
from torch import Tensor, nn

from dnaseq.build import TRAINING, build
from dnaseq.bundle.bundle import SPEC, Bundle, load_bundle
from dnaseq.bundle.learned_records import read_learned_records
from dnaseq.bundle.spec import BundleSpec, read_spec
from dnaseq.data.strandedness import ONE, SHARED
from dnaseq.errors import ConfigError
from dnaseq.old_names import with_new_names
from dnaseq.plugins.agreement import REFUSE
from dnaseq.plugins.named import job_plugins
from dnaseq.prediction_task import PredictionTask
from dnaseq.schemas import InitialNetwork
from dnaseq.tasks.config.paths import bundle_of
from dnaseq.tasks.config.validation import plain
from dnaseq.training.fine_tuning import NONE, Tuning, count_weights, freeze_parts, take_weights

CLASSIFIER, LABELLER = (
    f"dnaseq.models.classifier.{name}" for name in ("SequenceClassifier", "SequenceLabeller")
)
MEAN = {"_target_": "dnaseq.models.pool.Mean", "_partial_": True}
OF_BUNDLE = ("model", "encoding", "pool", "experiment")  # what the bundle decides, but for the head
LINEAR = "LinearProfile"  # a linear model beside networks
OWN = "model.head"  # which is new
SHOWN = 12  # hexadecimal digits of a hash
_NAME = re.compile(r"[A-Za-z_][\w-]*")


class Source(NamedTuple):
    """A bundle, its folder, and the places of its networks among the members of an ensemble."""

    folder: Path
    bundle: Bundle
    networks: list[int]

    @property
    def architecture(self) -> dict[str, Any]:
        """The configuration of one network."""
        nodes = _nodes(self.bundle.spec)
        return {key: value for key, value in nodes[self.networks[0]].items() if key != "_partial_"}

    def weights(self, member: int) -> dict[str, Tensor]:
        """Return the weights for a member of the new ensemble; with fewer networks these are taken in turn."""
        state, place = self.bundle.net.state_dict(), self.networks[member % len(self.networks)]
        if "members" not in self.bundle.spec.architecture:
            return state
        prefix = f"members.{place}."
        return {name[len(prefix) :]: weights for name, weights in state.items() if name.startswith(prefix)}


def open_source(cfg: DictConfig) -> Source:
    """Read and verify the bundle that init= names.

    Raises ModelFileError for a damaged bundle or one that is not trusted, ConfigError for one without a network, or
    with networks of several kinds.
    """
    folder = Path(bundle_of(cfg, "init")).resolve()
    bundle = load_bundle(folder, job_plugins(), cfg.get("plugins_changed", REFUSE))
    nodes = _nodes(bundle.spec)
    networks = [place for place, node in enumerate(nodes) if LINEAR not in str(node["_target_"])]
    if not networks:
        what = "a linear model alone, so it has no network to begin with"
        raise ConfigError(f"init={cfg.init}: the bundle is {what}. Give another one")
    if any(nodes[place] != nodes[networks[0]] for place in networks):
        what = "has networks of several kinds. Give the bundle of one network"
        raise ConfigError(f"init={cfg.init}: the bundle {what}")
    return Source(folder, bundle, networks)


def begin_with_bundle(
    cfg: DictConfig, choices: dict[str, str], typed: list[str]
) -> tuple[DictConfig, dict[str, str]]:
    """Put network, encoding, strands and number of networks of the bundle that init= names into a configuration.

    `typed` are the user's own overrides. Those of the head, of the strands and of the number of networks stay; raises
    one ConfigError for all others that the bundle contradicts. Without init= nothing changes.
    """
    if cfg.init is None:
        if cfg.freeze != NONE or cfg.rate_decay != 1 or not cfg.init_weights:
            raise ConfigError(
                "freeze, rate_decay and init_weights are for a trained network: give init=BUNDLE"
            )
        return cfg, choices
    source = open_source(cfg)
    spec, own = source.bundle.spec, cfg.copy()
    keys = [one.lstrip("+~").partition("=")[0].partition("@")[0] for one in typed]
    names = {group: _name(getattr(spec.training, group)) for group in ("model", "encoding")}
    with open_dict(own):
        own.init, own.encoding = str(source.folder), with_new_names(spec.encoding)
        own.model = _of_task(source.architecture, spec, cfg)
        for key in keys:
            if key.startswith(f"{OWN}.") and OmegaConf.select(cfg, key) is not None:
                OmegaConf.update(own, key, OmegaConf.select(cfg, key))
    if contradictions := list(_contradictions(cfg, own, keys, choices, names)):
        what = f"init={cfg.init} has a network and an encoding of its own"
        raise ConfigError(f"{what}. Leave out {', '.join(dict.fromkeys(contradictions))}")
    if "strands" not in keys:
        own.strands = ONE if spec.strands == ONE or cfg.data.stranded else SHARED
    if "ensemble" not in keys:
        own.ensemble = len(source.networks)
    return own, choices | names


def is_of_bundle(key: str) -> bool:
    """Tell if a key is one that the bundle decides, and not the user or a search."""
    return key.partition(".")[0] in OF_BUNDLE and not key.startswith(f"{OWN}.")


def init_sha(cfg: DictConfig) -> str | None:
    """Return the SHA-256 of the weights that init= names; None without init=."""
    return None if cfg.get("init") is None else _spec_of(cfg).sha256.weights


def list_init(cfg: DictConfig) -> list[str]:
    """List the folder of the bundle that init= names, which no run may replace."""
    return [] if cfg.get("init") is None else [bundle_of(cfg, "init")]


def learned_by_init(cfg: DictConfig) -> np.ndarray | None:
    """Return the (n,) digests of the records that the weights of init= have learnt; None where none are known."""
    if cfg.get("init") is None or not cfg.init_weights:
        return None
    return read_learned_records(Path(bundle_of(cfg, "init")), _spec_of(cfg))


def start_network(cfg: DictConfig, net: nn.Module) -> tuple[Tuning | None, InitialNetwork | None]:
    """Give a new network the weights of the bundle that init= names, and freeze parts; None twice without init=.

    `cfg.init_member` is the number of the network in an ensemble, from 0.
    """
    if cfg.get("init") is None:
        return None, None
    source, tuning = open_source(cfg), None
    taken: frozenset[str] = frozenset()
    if cfg.init_weights:
        taken = take_weights(net, source.weights(cfg.get("init_member", 0)))
        tuning = Tuning(taken, cfg.freeze, cfg.rate_decay)
        freeze_parts(net, tuning)
    return tuning, _describe(cfg, source, net, taken)


def announce(initial: InitialNetwork, strands: str) -> str:
    """Return the line of the console on what was taken."""
    what = f"model {initial.model}, encoding {initial.encoding}, strands={strands}"
    taken = "random weights in its network"
    if initial.weights:
        share = initial.parameters / max(initial.of_parameters, 1)
        taken = f"{initial.tensors} of {initial.of_tensors} tensors are taken, {share:.0%} of the weights"
        taken += f"; new: {', '.join(initial.new) or 'nothing'}"
    return f"init: {initial.bundle} (SHA-256 {initial.sha256[:SHOWN]}): {what}; {taken}"


def _describe(cfg: DictConfig, source: Source, net: nn.Module, taken: frozenset[str]) -> InitialNetwork:
    training, state = source.bundle.spec.training, net.state_dict()
    of_weights = {name for name, _ in net.named_parameters()}
    return InitialNetwork(
        bundle="/".join(source.folder.parts[-2:]),
        sha256=source.bundle.spec.sha256.weights,
        model=_name(training.model),
        encoding=_name(training.encoding),
        data=training.data,
        n=training.n,
        weights=cfg.init_weights,
        freeze=cfg.freeze if cfg.init_weights else NONE,
        rate_decay=cfg.rate_decay if cfg.init_weights else 1.0,
        tensors=len(taken),
        of_tensors=len(state),
        parameters=count_weights(state[name] for name in taken & of_weights),
        of_parameters=count_weights(state[name] for name in of_weights),
        new=sorted({name.partition(".")[0] for name in set(state) - taken}),
        files=sorted(training.learned_files) if cfg.init_weights else [],
    )


def _spec_of(cfg: DictConfig) -> BundleSpec:
    return read_spec(Path(bundle_of(cfg, "init")) / SPEC)


def _nodes(spec: BundleSpec) -> list[dict[str, Any]]:
    """Return the configurations of the members of an ensemble, or of the one network."""
    architecture: Any = with_new_names(spec.architecture)
    nodes: list[dict[str, Any]] = architecture.get("members", [architecture])
    return nodes


def _name(name: str) -> str:
    """Return a name from a bundle, which becomes part of the name of a folder; another word for a strange one."""
    return name if _NAME.fullmatch(name) else "own"


def _of_task(architecture: dict[str, Any], spec: BundleSpec, cfg: DictConfig) -> dict[str, Any]:
    """Return the configuration of the network for the task at hand: with a pool for records, without one for bases.

    Weights for positions are those of the records at hand.
    """
    own = dict(architecture)
    if "encoder" not in own:  # a network of the user's own
        return own
    if _task_of(cfg).is_per_base:
        kept = {key: value for key, value in own.items() if key in ("embed", "encoder", "head")}
        return {"_target_": LABELLER, **kept}
    if spec.prediction.is_per_base:
        own = {**own, "_target_": CLASSIFIER, "pool": MEAN if cfg.pool is None else plain(cfg)["pool"]}
    if "length" in own:
        own["length"] = cfg.data.length
    return own


def _task_of(cfg: DictConfig) -> PredictionTask:
    prediction: PredictionTask = build(cfg.task, TRAINING).func.prediction
    return prediction


def _contradictions(
    cfg: DictConfig, own: DictConfig, keys: list[str], choices: dict[str, str], names: dict[str, str]
) -> Iterator[str]:
    """Yield each typed key that says something else than the bundle, with both values."""
    for key in keys:
        root = key.partition(".")[0]
        if not is_of_bundle(key):
            continue
        if root == "experiment":
            if choices.get("experiment"):
                yield f"experiment={choices['experiment']}, which names a network"
        elif root == "pool":
            if cfg.pool is not None and cfg.pool != own.model.get("pool"):
                yield f"{key}, as the network has its pool"
        elif key in names:
            if choices[key] != names[key]:
                yield f"{key}={choices[key]} (it is {names[key]})"
        else:
            mine, theirs = OmegaConf.select(cfg, key), OmegaConf.select(own, key)
            if mine != theirs:
                yield f"{key}={mine} (it is {theirs})"
