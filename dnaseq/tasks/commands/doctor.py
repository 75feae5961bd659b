"""dnaseq doctor: the versions, devices and folders that the report of a fault needs."""

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, metadata, requires, version
from pathlib import Path

import torch
from omegaconf import DictConfig
from packaging.requirements import Requirement

from dnaseq.data.records.store import default_cache
from dnaseq.io.os_errors import access
from dnaseq.tasks.config.paths import one_path
from dnaseq.tasks.runs.jobs import Outcome


def run(cfg: DictConfig, choices: dict[str, str]) -> Outcome:
    """Print a line for each fact, its name first."""
    cache = default_cache() if cfg.cache_dir is None else Path(one_path("cache_dir", cfg.cache_dir))
    facts = _program() | _packages() | _extras() | _devices() | _folders(cache)
    for name, fact in facts.items():
        print(f"{name:<20}{fact}")
    return Outcome()


def _program() -> dict[str, str]:
    return {
        "dnaseq": f"{version('dnaseq')}, in {Path(__file__).parents[2]}",
        "python": f"{platform.python_version()}, {sys.executable}",
        "system": platform.platform(),
    }


def _packages() -> dict[str, str]:
    """Map each package that dnaseq always needs to its version."""
    needed = map(Requirement, requires("dnaseq") or [])
    return {one.name: _version(one.name) for one in needed if one.marker is None}


def _extras() -> dict[str, str]:
    """Map each extra of dnaseq to the versions of its packages."""
    needed = [Requirement(one) for one in requires("dnaseq") or []]
    return {
        f"dnaseq[{extra}]": ", ".join(
            f"{one.name} {_version(one.name)}"
            for one in needed
            if one.marker is not None and one.marker.evaluate({"extra": extra}) and one.name != "dnaseq"
        )
        for extra in metadata("dnaseq").get_all("Provides-Extra") or []
        if extra != "dev"
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _devices() -> dict[str, str]:
    gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
    variables = (
        f"{name}={os.environ[name]}" for name in sorted(os.environ) if name.startswith(("OMP_", "MKL_"))
    )
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "processors": f"{usable} of {os.cpu_count()} may be used",
        "threads of torch": str(torch.get_num_threads()),
        "variables": " ".join(variables) or "none",
        "GPUs": ", ".join(gpus) or "none",
        "CUDA of torch": torch.version.cuda or "none: torch is for the CPU",
    }


def _folders(cache: Path) -> dict[str, str]:
    with access(cache):
        files = [path.stat().st_size for path in cache.rglob("*") if path.is_file()] if cache.is_dir() else []
    free = shutil.disk_usage(next(path for path in (cache, *cache.absolute().parents) if path.is_dir())).free
    size = f"{len(files)} files, {sum(files) / 1e6:.1f} MB"
    return {"cache": f"{cache}: {size}, {free / 1e9:.1f} GB free", "working folder": str(Path.cwd())}
