"""dnaseq: from labelled FASTA to a DNA sequence classifier that can be trusted."""

__version__ = "0.1.0"

TYPE_CHECKING = (
    False  # for type checkers and editors it is true; the module typing takes longer to load than this one
)
if TYPE_CHECKING:
    from dnaseq.api.classifier import DnaClassifier as DnaClassifier
    from dnaseq.api.explanation import explain as explain
    from dnaseq.api.reading import read as read
    from dnaseq.api.regressor import DnaRegressor as DnaRegressor
    from dnaseq.api.similarity import SimilarRecordsWarning as SimilarRecordsWarning
    from dnaseq.api.similarity import similar_groups as similar_groups
    from dnaseq.api.training import train as train
    from dnaseq.bundle.predictor import Predictor as Predictor

__all__ = (
    "DnaClassifier",
    "DnaRegressor",
    "Predictor",
    "SimilarRecordsWarning",
    "explain",
    "read",
    "similar_groups",
    "train",
)


def __getattr__(name: str) -> object:
    """Load a public name when it is first used: PyTorch takes seconds, and `import dnaseq` none."""
    match name:
        case "DnaClassifier":
            from dnaseq.api.classifier import DnaClassifier  # here, as for each of these

            return DnaClassifier
        case "DnaRegressor":
            from dnaseq.api.regressor import DnaRegressor  # here, as above

            return DnaRegressor
        case "Predictor":
            from dnaseq.bundle.predictor import Predictor  # here, as above

            return Predictor
        case "SimilarRecordsWarning":
            from dnaseq.api.similarity import SimilarRecordsWarning  # here, as above

            return SimilarRecordsWarning
        case "explain":
            from dnaseq.api.explanation import explain  # here, as above

            return explain
        case "read":
            from dnaseq.api.reading import read  # here, as above

            return read
        case "similar_groups":
            from dnaseq.api.similarity import similar_groups  # here, as above

            return similar_groups
        case "train":
            from dnaseq.api.training import train  # here, as above

            return train
    raise AttributeError(f"module 'dnaseq' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
