"""Construction of objects from configuration, in this module alone.

A bundle carries its own model configuration, which may come from a stranger. So only targets that are *defined* in
an allowed module are built, and nothing in the configuration may still be a reference. A target of a plug-in,
`plugin:NAME/PART`, is built only from the plug-ins that the user has named.
"""

import inspect
import logging
from collections.abc import Iterator
from typing import Any

from hydra.errors import InstantiationException
from hydra.utils import get_object, instantiate
from omegaconf import DictConfig, OmegaConf
from omegaconf.errors import MissingMandatoryValue, OmegaConfBaseException

from dnaseq.errors import ConfigError, DnaseqError, ModelFileError
from dnaseq.old_names import new_name, with_new_names
from dnaseq.plugins.named import PREFIX, TARGET, Plugins, job_plugins

NETWORK = ("dnaseq.models.", "dnaseq.encode.")
TRAINING = (*NETWORK, "dnaseq.data.", "dnaseq.training.", "torch.optim.", PREFIX)
ANY = ("dnaseq.", "torch.optim.", PREFIX)  # each call of build allows a part of it
logging.getLogger("hydra.utils").setLevel(logging.CRITICAL)  # it logs what it raises as well
_OF_HYDRA = (InstantiationException, OmegaConfBaseException)


def build(
    cfg: DictConfig | dict, allowed: tuple[str, ...] = NETWORK, plugins: Plugins | None = None, **more: object
) -> Any:
    """Build the object that a node describes; `more` are arguments that only the code knows.

    Parts of `plugins` are allowed as well; without it, and with plug-ins in `allowed`, those that the user has named
    for the command. Raises ModelFileError for a target that is not allowed, and ConfigError for a plug-in that is not
    named and for a value that a constructor refuses.
    """
    plain = OmegaConf.to_container(cfg, resolve=True) if isinstance(cfg, DictConfig) else cfg
    node: Any = with_new_names(plain)
    allowed = allowed if plugins is None else (*allowed, PREFIX)
    for path, value in _leaves(node):
        if isinstance(value, str) and "${" in value:
            raise ModelFileError(
                f"{path}: {value!r} is a reference, which is not read here. Write the value itself"
            )
        if path.endswith("._target_") and not _defined_under(str(value), allowed):
            known = ", ".join(f"{prefix}*" for prefix in allowed)
            raise ModelFileError(f"{path}: {value!r} is not allowed here (allowed: {known})")
    try:
        return instantiate(_with_parts(node, job_plugins() if plugins is None else plugins), **more)
    except _OF_HYDRA as error:
        cause = _first_cause(error)
        if isinstance(cause, DnaseqError | MissingMandatoryValue):  # the latter names the key to be given
            raise cause from None
        if isinstance(cause, (ValueError, TypeError, *_OF_HYDRA)):
            raise ConfigError(f"{_place(node)}: {cause}") from error
        raise cause from None  # a bug: its own traceback says more than Hydra's


def check_targets(cfg: dict, source: object = "") -> None:
    """Raise ModelFileError for a target that no call of build allows; nothing is imported."""
    for path, value in _leaves(cfg):
        name = str(value)
        is_known = TARGET.fullmatch(name) if name.startswith(PREFIX) else name.startswith(ANY)
        if path.endswith("._target_") and not is_known:
            place = f"{source}: {path}" if source else path
            raise ModelFileError(f"{place}: {value!r} is not allowed here")


def arguments_of(target: object) -> list[str] | None:
    """List the arguments of a constructor; None where it takes any, or its target is not allowed.

    build raises for such a target.
    """
    name = str(new_name(target))
    if not _defined_under(name, ANY):
        return None
    maker: Any = job_plugins().part(name) if name.startswith(PREFIX) else get_object(name)
    parameters = inspect.signature(maker).parameters
    if any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values()):
        return None
    return list(parameters)


def _first_cause(error: BaseException) -> BaseException:
    """Return the error of a constructor, below those that Hydra raises at every level."""
    while isinstance(error, _OF_HYDRA) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _place(cfg: dict) -> str:
    return str(cfg.get("_target_", "configuration")).rsplit(".", 1)[-1]


def _defined_under(target: str, allowed: tuple[str, ...]) -> bool:
    """Check where a target is defined: `dnaseq.models.encoded.torch.load` has an allowed name, but is elsewhere."""
    if not target.startswith(allowed):
        return False
    if target.startswith(PREFIX):
        return TARGET.fullmatch(target) is not None
    try:
        home = getattr(get_object(target), "__module__", None) or ""
    except (ImportError, ValueError, InstantiationException) as error:
        raise ConfigError(f"target {target!r} cannot be found: {' '.join(str(error).split())}") from error
    return f"{home}.".startswith(allowed)


def _with_parts(node: Any, plugins: Plugins) -> Any:
    """Put the classes and functions of plug-ins in place of their targets. Raises ConfigError for one not named."""
    if isinstance(node, dict):
        own = {key: _with_parts(value, plugins) for key, value in node.items()}
        target = str(own.get("_target_"))
        return own | {"_target_": plugins.part(target)} if target.startswith(PREFIX) else own
    return [_with_parts(value, plugins) for value in node] if isinstance(node, list) else node


def _leaves(node: object, path: str = "config") -> Iterator[tuple[str, object]]:
    """Yield every value in a tree of dicts and lists, with its dotted path."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "_target_":
                yield f"{path}.{key}", value  # a list or a dict here is the name of nothing
            else:
                yield from _leaves(value, f"{path}.{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaves(value, f"{path}[{i}]")
    else:
        yield path, node
