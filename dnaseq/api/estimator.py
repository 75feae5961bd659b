"""The base of the estimators: settings, training in a run folder, the bundle, and pickles.

Estimators keep scikit-learn's contract: the constructor stores, fit() returns the estimator, and what is learnt has a
name that ends in an underscore.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted

from dnaseq.api.inputs import checked_sequences, read_file
from dnaseq.api.notebook import progress_in_notebook
from dnaseq.api.overrides import write_overrides
from dnaseq.api.run import Run
from dnaseq.api.similarity import warn_of_similar
from dnaseq.api.training_files import Labelled, Places, TemporaryFolder, make_places, write_parts
from dnaseq.bundle.bundle import CARD, SPEC, WEIGHTS
from dnaseq.bundle.learned_records import RECORDS
from dnaseq.bundle.predictor import Predictor
from dnaseq.data.splits.group_split import assign_groups
from dnaseq.errors import ArgumentError, ConfigError, InputError
from dnaseq.io.atomic_folder import atomic_folder
from dnaseq.io.sequences.given import Given, is_file_name, is_missing, list_values
from dnaseq.io.sequences.records import Records
from dnaseq.tasks.in_process import run_here

# Settings with a place of their own; what a user sets in `config` beside it would be lost.
ELSEWHERE = {
    **dict.fromkeys(
        ("model", "encoding", "recipe", "max_epochs", "batch_size", "strands", "ensemble", "seed"), ""
    ),
    "run_dir": "",
    "trainer": "device",
    **dict.fromkeys(
        ("data", "data.train", "data.val", "data.test", "data.classes", "data.rename"), "X and y"
    ),
    **dict.fromkeys(("task", "resume"), "another estimator, or dnaseq.train"),
}
TRAINERS = {"cpu": "cpu", "gpu": "gpu", "cuda": "gpu"}
USUAL = {
    "model": "bilstm",
    "encoding": "onehot",
    "recipe": "probe",
    "ensemble": 1,
    "seed": 1,
}  # of the command
BUNDLE_FILES = (WEIGHTS, SPEC, CARD, RECORDS)
VAL_SHARE = 0.1  # of the command
PREFIXES = {"train": "", "val": "validation ", "test": "test "}  # of X and y in messages


class Answers(NamedTuple):
    """Labels of a training, and what they decide."""

    labels: dict[str, list[str]]  # of each part, as they are written in a file
    settings: dict[str, object]  # of the training
    learnt: dict[str, object]  # attributes of the estimator


class DnaEstimator(BaseEstimator):
    """A network that is trained on sequences by the same program as `dnaseq train`.

    The settings are those of the command; `config` has all others by their dotted keys, such as
    {"model.encoder.hidden": 32}. A setting of None is left to the recipe and the defaults.
    """

    def __init__(
        self,
        model: str = "bilstm",
        encoding: str = "onehot",
        recipe: str = "probe",
        max_epochs: int | None = None,
        batch_size: int | None = None,
        strands: str | None = None,
        ensemble: int = 1,
        seed: int = 1,
        device: str = "auto",
        run_dir: str | Path | None = None,
        config: Mapping[str, object] | None = None,
    ):
        self.model = model
        self.encoding = encoding
        self.recipe = recipe
        self.max_epochs = max_epochs
        self.batch_size = batch_size
        self.strands = strands
        self.ensemble = ensemble
        self.seed = seed
        self.device = device
        self.run_dir = run_dir
        self.config = config

    def fit(
        self, X: Any, y: Any = None, groups: Any = None, *, validation: Any = None, test: Any = None
    ) -> Self:
        """Train on sequences X, (n,), with y, (n,), in a run folder.

        A share of the records, or `validation`, a pair (X, y), chooses the epoch and fits the decisions. Records of one
        group are on one side of that split: of `groups`, (n,), or else of similar records. `test`, a pair (X, y), is
        scored once, in the report. X may be a file; then y may be left out where the file has labels.

        Raises ArgumentError, a ValueError, for X and y that cannot be used, and ConfigError for settings.
        """
        records = self._read_parts(X, y, validation, test)
        answers = self._read_labels({part: labels for part, (_, labels) in records.items()})
        parts = {
            part: Labelled(given.ids, given.sequences, answers.labels[part])
            for part, (given, _) in records.items()
        }
        if groups is not None:
            parts = self._split_groups(parts, groups, has_validation=validation is not None)
        run = self._train(parts, answers.settings)
        self._take_bundle(run.bundle)
        self.run_ = run
        for name, value in answers.learnt.items():
            setattr(self, name, value)
        if groups is None:
            warn_of_similar(self.run_.folder)
        return self

    def to_bundle(self, folder: str | Path, overwrite: bool = False) -> Path:
        """Write the trained model as a bundle, which every command and Predictor.load read; return the folder."""
        check_is_fitted(self)
        with atomic_folder(folder, BUNDLE_FILES, overwrite) as new:
            for name, content in self._bundle.items():
                (new / name).write_bytes(content)
        return Path(folder).expanduser()

    def _read_labels(self, given: dict[str, list[Any]]) -> Answers:
        """Check part -> labels as they were given. Raises ArgumentError, or ValueError of scikit-learn."""
        raise NotImplementedError

    def _read_parts(self, X: Any, y: Any, validation: Any, test: Any) -> dict[str, tuple[Given, list[Any]]]:
        pairs = {"train": (X, y), "val": validation, "test": test}
        found = {}
        for part, pair in pairs.items():
            if pair is None:
                continue
            name = PREFIXES[part]
            if not isinstance(pair, tuple | list) or len(pair) != 2:
                raise ArgumentError(f"{name.strip()} must be a pair (X, y)")
            X, y = pair
            found[part] = self._read_pair(X, y, name)
        return found

    def _read_pair(self, X: Any, y: Any, name: str = "") -> tuple[Given, list[Any]]:
        """List sequences and labels. Raises ArgumentError where one is missing, and ValueError for other numbers."""
        if y is None and (isinstance(X, Records) or is_file_name(X)):
            X = X if isinstance(X, Records) else read_file(X)
            if X.labels is None:
                raise ArgumentError(f"{name}X has no labels of its own, and y is None. Give y")
            y = X.labels
        if y is None:
            required = "estimator requires y to be passed, but the target y is None"
            raise ArgumentError(f"This {type(self).__name__} {required}.")
        given = checked_sequences(X, f"{name}X")
        if isinstance(y, str | bytes):
            raise ArgumentError(
                f"{name}y is one text, and a label for each sequence is due", fix="Give a list"
            )
        labels = list_values(y, f"{name}y") if getattr(y, "ndim", 1) < 2 else list(np.asarray(y))
        if missing := [i for i, label in enumerate(labels) if is_missing(label)]:
            raise ArgumentError(f"{name}y[{missing[0]}] is missing. Leave such records out")
        if len(labels) != len(given.sequences):
            what = f"{name}X has {len(given.sequences)} sequences, and {name}y has {len(labels)} labels"
            raise ArgumentError(what, fix="Give one label for each sequence")
        if not labels:
            raise ArgumentError(f"{name}X has no records: 0 sample(s) while a minimum of 1 is required")
        return given, labels

    def _split_groups(
        self, parts: dict[str, Labelled], groups: Any, has_validation: bool
    ) -> dict[str, Labelled]:
        """Take whole groups as validation records, unless these are given."""
        numbers = np.unique(np.asarray(list_values(groups, "groups")), return_inverse=True)[1]
        if len(numbers) != len(parts["train"].labels):
            what = f"X has {len(parts['train'].labels)} sequences, and groups has {len(numbers)} entries"
            raise ArgumentError(what, fix="Give one group for each sequence")
        if has_validation:
            return parts
        share = float((self.config or {}).get("split.val", VAL_SHARE))  # type: ignore[arg-type]  # a number
        strata = np.unique(self._strata(parts["train"].labels), return_inverse=True)[1]
        try:
            chosen = assign_groups(
                strata, numbers.astype(np.int32), (1 - share, share), np.random.default_rng(0)
            )
        except InputError as error:
            raise ArgumentError(
                f"groups: {error.what}", fix="Give more groups, or validation=(X, y)"
            ) from error
        whole = parts["train"]
        return {
            "train": whole.rows(np.flatnonzero(chosen == 0).tolist()),
            "val": whole.rows(np.flatnonzero(chosen == 1).tolist()),
            **{part: own for part, own in parts.items() if part == "test"},
        }

    def _strata(self, labels: list[str]) -> list[str]:
        """Return what the validation split spreads alike."""
        return labels

    def _train(self, parts: dict[str, Labelled], of_labels: dict[str, object]) -> Run:
        places = make_places(self.run_dir)
        try:
            settings = (
                write_parts(places.records, parts) | self._settings(places, "test" in parts) | of_labels
            )
            with progress_in_notebook():
                _, said = run_here("train", write_overrides(settings))
        except BaseException as error:
            if places.owner is None and not places.run.exists():
                shutil.rmtree(places.records, ignore_errors=True)
            if isinstance(error, InputError) and not isinstance(error, ArgumentError):
                raise ArgumentError(error.what, record=error.record, fix=error.fix) from error
            raise
        return Run(places.run, said, places.owner)

    def _settings(self, places: Places, has_test: bool) -> dict[str, object]:
        """Return the settings of the training that differ from those of the command. Raises ConfigError for a key of
        `config` that has another place."""
        config = dict(self.config or {})
        for key in config:
            if (place := ELSEWHERE.get(str(key))) is not None:
                raise ConfigError(f"config: {key} is not set here, but by {place or f'the argument {key}'}")
        if self.device != "auto" and self.device not in TRAINERS:
            raise ConfigError(f"device must be one of auto, {', '.join(TRAINERS)}; got {self.device!r}")
        own = {name: getattr(self, name) for name in (*USUAL, "max_epochs", "batch_size", "strands")}
        found: dict[str, object] = {
            name: value for name, value in own.items() if value is not None and value != USUAL.get(name)
        }
        if self.device != "auto":
            found["trainer"] = TRAINERS[self.device]
        if not has_test:
            found["split"] = "untested"
        if places.owner is not None:
            found["cache_dir"] = places.records
        return found | {"run_dir": places.run} | config

    def _take_bundle(self, folder: Path) -> None:
        """Keep the files of a bundle, so that a pickle holds them, and load its predictor."""
        self._bundle = {
            name: (folder / name).read_bytes() for name in BUNDLE_FILES if (folder / name).exists()
        }
        named: Any = (self.config or {}).get("plugins") or ()
        plugins = [str(one) for one in ([named] if isinstance(named, str | Path) else named)]
        self.predictor_ = Predictor.load(folder, plugins, device=self.device)

    def __getstate__(self) -> dict[str, Any]:
        """Return the settings and, once fitted, the bytes of the bundle: no code and no run folder."""
        state = dict(super().__getstate__())
        state.pop("run_", None)
        state.pop("predictor_", None)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Load the bundle as any other: its hashes are checked, and nothing in it is run."""
        super().__setstate__(state)
        if "_bundle" in state:
            folder = TemporaryFolder()
            for name, content in state["_bundle"].items():
                if name in BUNDLE_FILES:  # and nowhere else
                    (folder.path / name).write_bytes(content)
            self._take_bundle(folder.path)

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "predictor_")

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array, tags.input_tags.two_d_array = True, False
        tags.input_tags.string = True
        return tags

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        """Show the settings in a notebook and, once there is one, the report."""
        shown: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        run = getattr(self, "run_", None)
        if run is not None and "text/html" in shown:
            shown["text/html"] += run._repr_html_()
        return shown
