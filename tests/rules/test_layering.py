"""The import direction is a rule, so it is a test."""

import ast
from importlib import import_module
from pathlib import Path

import dnaseq

ROOT = Path(dnaseq.__file__).parent
MAY_IMPORT = {
    "errors": set(),
    "old_names": set(),
    "prediction_task": set(),
    "schemas": set(),
    "audit_record": set(),
    "encode": set(),
    "plugins": set(),
    "build": {"old_names", "plugins"},
    "io": {"encode"},
    "evaluation": {"encode"},
    "data": {"io", "encode", "plugins"},
    "models": {"encode"},
    "training": {"data", "io", "models", "build", "plugins"},
    "bundle": {"build", "plugins", "io", "encode", "data", "models", "evaluation"},
    "distributed": {"bundle", "io", "training"},
    "interpret": {"bundle", "io", "encode", "data", "models", "evaluation"},
    "genome": {"bundle", "io", "encode", "data", "models", "evaluation", "interpret"},
    "report": {"io", "evaluation", "encode"},
    "tasks": {
        "build",
        "io",
        "encode",
        "data",
        "models",
        "training",
        "bundle",
        "distributed",
        "interpret",
        "genome",
        "evaluation",
        "report",
        "old_names",
        "plugins",
    },
    "api": {"tasks", "interpret", "bundle", "evaluation", "data", "io"},
    "cli": {"tasks"},
    "__main__": {"cli"},
}
OUTSIDE = {
    "torch": {"encode", "data", "models", "training", "bundle", "distributed", "interpret", "tasks"},
    "hydra": {"build", "tasks"},
    "omegaconf": {"build", "tasks"},
    "pytorch_lightning": {"data", "training", "tasks"},
    "torchmetrics": {"training"},
    "sklearn": {"evaluation", "data", "api"},
    "Bio": {"io"},
    "edlib": {"data"},
    "gensim": {"data"},
    "matplotlib": {"report"},
    "safetensors": {"bundle"},
    "optuna": {"tasks"},
    "filelock": {"tasks"},
    "pyarrow": {"io"},
    "openpyxl": {"io"},
    "pyBigWig": {"io"},
    "fsspec": {"io"},
    "wandb": {"training"},
    "ray": {"distributed"},
}
# The packages from the lowest to the highest: each imports lower ones alone.
ORDER = """
errors prediction_task schemas audit_record old_names plugins build encode
io io.tables io.genome io.sequences io.results io.variants io.tracks
models models.encoders
evaluation.intervals evaluation.decisions evaluation.metrics evaluation.comparison evaluation.baselines evaluation.audit
data.records data.embedding data.targets data.similarity data.regions data.sources data.splits data
training bundle.inference bundle distributed
interpret interpret.methods interpret.faithfulness interpret.motifs interpret.experiments
genome genome.variants genome.tracks genome.peaks
report.html report.inputs report.text report.charts report.sections report
tasks.config tasks.help tasks.runs tasks.explanations tasks.pipeline tasks.search tasks.plugin_checks
tasks.commands.interpret tasks.commands.genome tasks.commands tasks api cli __main__
"""
PACKAGES = ORDER.split()
MODULES = [path for path in ROOT.rglob("*.py") if path.name != "__init__.py"]


def imports(path: Path) -> set[str]:
    """Full dotted names, in-function imports included."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full, so that their direction can be read"
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
    return found


def layer(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def functions(path: Path) -> list[ast.FunctionDef]:
    return [
        n
        for n in ast.walk(ast.parse(path.read_text()))
        if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def test_each_layer_imports_only_layers_below_it():
    for path in MODULES:
        for name in imports(path):
            if name.startswith("dnaseq."):
                target = name.split(".")[1]
                allowed = MAY_IMPORT[layer(path)] | {
                    layer(path),
                    "errors",
                    "prediction_task",
                    "schemas",
                    "audit_record",
                    "__version__",
                }
                assert target in allowed, f"{path} imports {name}"


def package(name: str) -> str:
    """Of a module of dnaseq by its full name: `data.splits` of `dnaseq.data.splits.kfold`."""
    parts = name.split(".")[1:]
    return ".".join(parts[:-1]) or parts[0]


def test_each_package_imports_only_packages_below_it():
    modules = {".".join(["dnaseq", *path.relative_to(ROOT).with_suffix("").parts]): path for path in MODULES}
    for module, path in modules.items():
        for name in imports(path):
            other = next((one for one in (name, name.rpartition(".")[0]) if one in modules), None)
            if other and package(other) != package(module):
                allowed = PACKAGES[: PACKAGES.index(package(module))]
                assert package(other) in allowed, f"{path} imports {name}"


def test_a_level_holds_few_modules():
    folders = {path.parent for path in MODULES}
    for folder in folders:
        assert len([path for path in folder.glob("*.py") if path.name != "__init__.py"]) <= 14, folder


def test_heavy_libraries_stay_in_their_layers():
    for path in MODULES:
        for name in imports(path):
            allowed = OUTSIDE.get(name.split(".")[0])
            assert allowed is None or layer(path) in allowed, f"{path} imports {name}"


def test_lightning_is_in_one_module_of_the_data_layer():
    found = [
        p.stem for p in MODULES if layer(p) == "data" and any("pytorch_lightning" in n for n in imports(p))
    ]
    assert found == ["datamodule"]


def test_only_build_makes_objects_from_configuration():
    found = [str(p) for p in MODULES if any(n.startswith("hydra.utils") for n in imports(p))]
    assert found == [str(ROOT / "build.py")]


def test_an_import_in_a_function_says_why():
    for path in MODULES:
        lines = path.read_text().splitlines()
        for function in functions(path):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    around = lines[node.lineno - 2 : node.lineno]
                    assert any("# here, " in line for line in around), f"{path}:{node.lineno}"


def test_no_module_of_dnaseq_is_imported_by_a_text():
    for path in MODULES:
        assert "import_module" not in path.read_text(), path


def test_code_of_plug_ins_is_imported_in_one_module():
    found = [path for path in MODULES if "importlib.util.module_from_spec" in imports(path)]
    metadata = [path for path in MODULES if any(n.startswith("importlib.metadata") for n in imports(path))]
    loads = [path for path in metadata if ".load()" in path.read_text()]
    assert found == loads == [ROOT / "plugins" / "loading.py"]


def test_modules_and_functions_stay_small():
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 350, path
        for function in functions(path):
            assert function.end_lineno - function.lineno < 50, f"{path}:{function.lineno} {function.name}"


def test_no_module_is_a_drawer():
    assert not {"utils", "helpers", "common", "base", "misc", "core"} & {p.stem for p in MODULES}


def test_nothing_loads_a_pickle_or_runs_text():
    refused = ("eval", "exec", "pickle.", "yaml.load", "tarfile.")
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text())):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            assert name not in refused, f"{path}:{node.lineno}"
            assert not name.startswith(tuple(r for r in refused if "." in r)), f"{path}:{node.lineno}"
            if name == "torch.load":
                safe = [
                    k for k in node.keywords if k.arg == "weights_only" and ast.unparse(k.value) == "True"
                ]
                assert safe, f"{path}:{node.lineno}"


def test_tests_use_no_private_function():
    for path in Path(__file__).parents[1].rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dnaseq"):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.Constant) and str(node.value).startswith("dnaseq."):
                names = str(node.value).split(".")
            else:
                continue
            private = [name for name in names if name.startswith("_") and not name.startswith("__")]
            assert not private, f"{path}:{node.lineno} {private[0]}"


def test_what_benchmarks_import_is_there():
    """They are run by hand, so nothing else tells when a name is gone."""
    modules = {".".join(["dnaseq", *path.relative_to(ROOT).with_suffix("").parts]) for path in MODULES}
    for path in (ROOT.parent / "benchmarks").rglob("*.py"):
        for name in imports(path) - modules:
            module, _, attribute = name.rpartition(".")
            if name.startswith("dnaseq."):
                assert hasattr(import_module(module), attribute), f"{path} imports {name}"
