"""dnaseq evaluate: scores of a bundle on labelled sequences."""

import time

from omegaconf import DictConfig, OmegaConf

from dnaseq.bundle.folder import load_bundle
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.census import census
from dnaseq.io.atomic import write_json, write_text
from dnaseq.tasks.judging import judge, show
from dnaseq.tasks.materials import datamodule_of
from dnaseq.tasks.run_folder import chosen_folder, run_folder


def run(cfg: DictConfig, choices: dict[str, str]) -> float | None:
    """Judge the test part of the data: the test file, or what the split sets aside. Returns the AUROC."""
    bundle = load_bundle(cfg.bundle)
    predictor = Predictor(bundle, device=cfg.device, batch_size=cfg.batch_size)
    training = bundle.spec["training"]
    kind = f"{training['model']}-{training['encoding']}"
    folder = chosen_folder(cfg.run_dir, "evaluate", choices["data"], overwrite=cfg.overwrite)
    began = time.monotonic()
    module = datamodule_of(cfg, bundle.encoding, classes=predictor.classes)
    module.setup()
    seconds = {"read": time.monotonic() - began}
    with run_folder(folder):
        write_text(folder / "config.yaml", OmegaConf.to_yaml(cfg, resolve=True))
        write_json(folder / "audit.json", census(module.data))
        about = {"data": choices["data"], "split_by": choices["split"], "seed": cfg.seed, "model": kind}
        result = judge(folder, predictor, module.data, about, seconds)
    show(folder, result)
    return result["metrics"]["auroc"]["value"]
