"""Module names in bundles, run folders and configurations of earlier versions, and their present names."""

MODULES = {
    "dnaseq.data.annotation": "dnaseq.data.sources.annotation",
    "dnaseq.data.base_labels": "dnaseq.data.sources.base_labels",
    "dnaseq.data.base_targets": "dnaseq.data.targets.per_base",
    "dnaseq.data.chromosomes": "dnaseq.data.splits.chromosomes",
    "dnaseq.data.kfold": "dnaseq.data.splits.kfold",
    "dnaseq.data.measurements": "dnaseq.data.targets.regression",
    "dnaseq.data.planted": "dnaseq.data.sources.planted",
    "dnaseq.data.similar": "dnaseq.data.similarity.similar",
    "dnaseq.data.sources": "dnaseq.data.sources.files",
    "dnaseq.data.splits": "dnaseq.data.splits.splits",
    "dnaseq.data.targets": "dnaseq.data.targets.classes",
    "dnaseq.encode.channels": "dnaseq.encode.onehot",
    "dnaseq.evaluation.calibrators": "dnaseq.evaluation.decisions.calibration",
    "dnaseq.evaluation.thresholds": "dnaseq.evaluation.decisions.thresholds",
    "dnaseq.io.reading": "dnaseq.io.sequences.reading",
    "dnaseq.models.convolution": "dnaseq.models.encoders.convolution",
    "dnaseq.models.labeller": "dnaseq.models.classifier",
    "dnaseq.models.min_recurrent": "dnaseq.models.encoders.min_recurrent",
    "dnaseq.models.recurrent": "dnaseq.models.encoders.recurrent",
    "dnaseq.models.residual": "dnaseq.models.encoders.residual",
    "dnaseq.models.self_attention": "dnaseq.models.encoders.transformer",
    "dnaseq.models.stack": "dnaseq.models.encoders.stack",
    "dnaseq.models.transformer": "dnaseq.models.encoders.transformer",
    "dnaseq.training.loggers": "dnaseq.training.trainer",
}


def with_new_names(node: object) -> object:
    """Return the same tree of dicts and lists, in which every `_target_` has the present name of its module."""
    if isinstance(node, dict):
        return {
            key: new_name(value) if key == "_target_" else with_new_names(value)
            for key, value in node.items()
        }
    if isinstance(node, list):
        return [with_new_names(value) for value in node]
    return node


def new_name(target: object) -> object:
    """Return the present name for the dotted name of a class or function; other values are returned as they are."""
    module, _, name = str(target).rpartition(".")
    return f"{MODULES[module]}.{name}" if module in MODULES else target
