"""The import direction is a rule, so it is a test."""

import ast
from pathlib import Path

import dnaseq

ROOT = Path(dnaseq.__file__).parent
MAY_IMPORT = {
    "errors": set(),
    "encode": set(),
    "build": set(),
    "io": {"encode"},
    "evaluation": {"encode"},
    "data": {"io", "encode"},
    "embedding": {"io", "encode"},
    "models": {"encode"},
    "training": {"data", "io", "models", "build"},
    "bundle": {"build", "io", "encode", "data", "models", "evaluation"},
    "distributed": {"bundle", "io", "training"},
    "report": {"io", "evaluation"},
    "tuning": set(),
    "tasks": {
        "build",
        "io",
        "encode",
        "data",
        "models",
        "training",
        "bundle",
        "distributed",
        "evaluation",
        "report",
        "embedding",
        "tuning",
    },
    "cli": {"tasks"},
    "__main__": {"cli"},
}
OUTSIDE = {
    "torch": {"encode", "data", "models", "training", "bundle", "distributed", "tasks"},
    "hydra": {"build", "tasks"},
    "omegaconf": {"build", "tasks"},
    "pytorch_lightning": {"data", "training", "tasks"},
    "torchmetrics": {"training"},
    "sklearn": {"evaluation", "data"},
    "Bio": {"io"},
    "edlib": {"data"},
    "gensim": {"embedding"},
    "matplotlib": {"report"},
    "safetensors": {"bundle"},
    "optuna": {"tuning"},
    "filelock": {"tuning"},
    "pyarrow": {"io"},
    "fsspec": {"io"},
    "ray": {"distributed"},
}
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
                allowed = MAY_IMPORT[layer(path)] | {layer(path), "errors", "__version__"}
                assert target in allowed, f"{path} imports {name}"


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


def test_no_import_hides_in_a_function():
    for path in MODULES:
        for function in functions(path):
            hidden = [n for n in ast.walk(function) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not hidden, f"{path}:{hidden[0].lineno}"


def test_modules_and_functions_stay_small():
    for path in MODULES:
        assert len(path.read_text().splitlines()) <= 350, path
        for function in functions(path):
            assert function.end_lineno - function.lineno < 50, f"{path}:{function.lineno} {function.name}"


def test_no_module_name_is_used_twice():
    names = [p.stem for p in MODULES if layer(p) != "tasks"]
    assert len(names) == len(set(names)), sorted(n for n in names if names.count(n) > 1)


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
