"""The models of conf/model as Hydra composes them, by name."""

from pathlib import Path

import hydra
from omegaconf import DictConfig, OmegaConf

CONF = Path(__file__).parents[1] / "conf" / "model"


def compose_models() -> dict[str, DictConfig]:
    """Return the configuration of every model; keys may be added to it."""
    with hydra.initialize_config_module("dnaseq.conf", version_base="1.3"):
        found = {path.stem: hydra.compose(f"model/{path.stem}").model for path in sorted(CONF.glob("*.yaml"))}
    for cfg in found.values():
        OmegaConf.set_struct(cfg, False)
    return found
