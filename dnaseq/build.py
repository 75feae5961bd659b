"""The one place where configuration becomes objects.

A bundle carries its own model configuration, so whatever is built here may come from a stranger: only targets
that are *defined* in an allowed module are built, and nothing in the configuration may still be a reference.
"""

from collections.abc import Iterator

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf

from dnaseq.errors import ConfigError, DnaseqError, ModelFileError

NETWORK = ("dnaseq.models.", "dnaseq.encode.")
TRAINING = (*NETWORK, "dnaseq.data.", "dnaseq.training.", "torch.optim.")


def build(cfg: DictConfig | dict, allowed: tuple[str, ...] = NETWORK, **more):
    """The object that a node describes; `more` are arguments that only the code knows.

    Raises ModelFileError for a target that is not allowed and ConfigError for a value that its constructor
    refuses.
    """
    if isinstance(cfg, DictConfig):
        cfg = OmegaConf.to_container(cfg, resolve=True)
    for path, value in _leaves(cfg):
        if isinstance(value, str) and "${" in value:
            raise ModelFileError(f"{path}: {value!r} still holds a reference")
        if path.endswith("._target_") and not _defined_under(str(value), allowed):
            known = ", ".join(f"{prefix}*" for prefix in allowed)
            raise ModelFileError(f"{path}: {value!r} is not allowed here (allowed: {known})")
    try:
        return instantiate(cfg, **more)
    except InstantiationException as error:
        cause = error.__cause__
        if isinstance(cause, DnaseqError):
            raise cause from error
        if isinstance(cause, ValueError | TypeError):
            raise ConfigError(f"{_place(cfg)}: {cause}") from error
        raise (cause or error) from None  # a bug: its own traceback says more than Hydra's


def _place(cfg: dict) -> str:
    return str(cfg.get("_target_", "configuration")).rsplit(".", 1)[-1]


def _defined_under(target: str, allowed: tuple[str, ...]) -> bool:
    """The name alone is not enough: `dnaseq.models.mask.torch.load` starts well and ends elsewhere."""
    if not target.startswith(allowed):
        return False
    try:
        home = getattr(get_object(target), "__module__", None) or ""
    except (ImportError, ValueError, InstantiationException) as error:
        raise ConfigError(f"target {target!r} cannot be found: {error}") from error
    return f"{home}.".startswith(allowed)


def _leaves(node, path: str = "config") -> Iterator[tuple[str, object]]:
    """Every value in a tree of dicts and lists, with its dotted path."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaves(value, f"{path}[{i}]")
    else:
        yield path, node
