"""Messages for errors that the user can fix: of keys, choices and values, in a task, of a setting of one training."""

import difflib
import re
from collections.abc import Iterable

from hydra.errors import HydraException
from omegaconf.errors import OmegaConfBaseException

from dnaseq.errors import (
    LONGEST_MESSAGE,
    ConfigError,
    DivergedError,
    DnaseqError,
    FileAccessError,
    first_names,
    one_line,
)

# messages of torch, on a GPU and on the CPU
OUT_OF_MEMORY = "out of memory|can't allocate memory|not enough memory"
# Errors of a task that may be no bug.
FAILURES = (DnaseqError, HydraException, OmegaConfBaseException, OSError, MemoryError, RuntimeError)


def user_error(error: Exception, batch_size: int | None) -> DnaseqError | None:
    """Translate an error that the user can fix into a DnaseqError; None for a bug."""
    if isinstance(error, DnaseqError):
        return error
    if isinstance(error, HydraException | OmegaConfBaseException):  # some are OSErrors as well
        return ConfigError(explain(error))
    if isinstance(error, OSError):
        where = error.filename or "a file of the run"
        return FileAccessError(f"{where}: cannot read or write ({error.strerror})")
    if is_out_of_memory(error):
        hint = f". Try batch_size={max(batch_size // 2, 1)}" if batch_size else ""
        return FileAccessError(f"out of memory{hint}")
    return None


def is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or re.search(OUT_OF_MEMORY, str(error)) is not None


def settings_error(error: Exception) -> str | None:
    """Return the reason, in one line, of a failure that other settings may avoid; None for any other failure."""
    if isinstance(error, HydraException | OmegaConfBaseException):
        return one_line(explain(error))
    if is_out_of_memory(error):
        return "out of memory"
    is_torch = isinstance(error, RuntimeError) and "CUDA error" not in str(error)  # after one nothing works
    return one_line(str(error)) if is_torch or isinstance(error, DivergedError | ConfigError) else None


FILES_OF_DATA = ("data.train", "data.val", "data.test")
MOST_CHOICES = 12  # named in a message
# What other programs call a key or a choice.
OTHER_WORDS = {
    **dict.fromkeys(("epochs", "epoch", "n_epochs", "num_epochs", "nb_epoch"), "max_epochs=N"),
    **dict.fromkeys(
        ("gpu", "gpus", "cuda", "n_gpus", "device", "accelerator"),
        "trainer=gpu (train, sweep) or device=gpu (predict, evaluate)",
    ),
    **dict.fromkeys(
        ("cpu", "cpus", "threads", "n_jobs", "jobs"), "workers=N (predict) or num_workers=N (train)"
    ),
    **dict.fromkeys(("learning_rate", "eta"), "optimizer.lr=NUMBER"),
    **dict.fromkeys(("early_stopping", "early_stop"), "patience=N"),
    **dict.fromkeys(("batch", "bs"), "batch_size=N"),
    **dict.fromkeys(("random_state", "random_seed"), "seed=N"),
    **dict.fromkeys(("out", "outfile", "out_file", "output_file"), "output=FILE"),
    **dict.fromkeys(("outdir", "out_dir", "output_dir", "dir", "folder"), "run_dir=FOLDER"),
    **dict.fromkeys(
        ("in", "infile", "in_file", "input_file", "reads", "data.train", "data.test"), "input=FILE"
    ),
    **dict.fromkeys(("fasta", "file", "files", "train_file"), "data=fasta data.train=FILE"),
    **dict.fromkeys(("csv", "tsv", "table"), "data=table data.train=FILE"),
    **dict.fromkeys(
        ("bed", "peaks", "regions", "genome"), "data=regions data.train=PEAKS.bed data.genome=G.fa"
    ),
    **dict.fromkeys(("checkpoint", "ckpt", "weights", "model_path", "run"), "bundle=FOLDER"),
    **dict.fromkeys(("kmer", "kmers"), "encoding=kmer encoding.k=6"),
    **dict.fromkeys(("folds", "cv", "n_splits"), "split=kfold split.folds=N"),
    **dict.fromkeys(("force", "overwrite_output"), "overwrite=true"),
}


def explain(error: Exception) -> str:
    """Describe an error of composition in one line: the typed key, the existing choices, the nearest one."""
    text = str(error)
    if match := re.search(r"Could not override '([^']+)'", text):
        if match[1] == "data":  # of a prediction, where it is no group of choices
            what = "data names the columns of a table, such as data.sequence=COLUMN"
            return f"{what}. The table is known by its name or its first line: input=FILE"
        if match[1] == "model":
            return "model= is for training, and this command takes a trained one. Write bundle=RUN"
        if match[1] == "negatives":
            return "negatives= belongs to regions of a genome. Write data=regions data.train=PEAKS.bed data.genome=G.fa"
        if "." not in match[1]:
            return f"{match[1]}= is no setting of this command. --help shows what there is"
        return f"{match[1]} does not hold these keys here. Write ++{match[1]}=... to add to it"
    if match := MISSING_CHOICE.search(text):
        options = re.findall(r"\S+", (match[3] or "").split("Config search")[0])
        return _unknown_choice(match[1], match[2], options)
    if match := re.search(r"Missing mandatory value: (\S+)", text):
        return f"{match[1]} must be given: {match[1]}=..."
    return text.splitlines()[0]


MISSING_CHOICE = re.compile(
    r"Could not find '(hydra/[^'/]+|[^'/]+)/([^']+)'\s*(?:Available options in '[^']+':\s*(.*))?", re.DOTALL
)


def _unknown_choice(group: str, name: str, options: list[str]) -> str:
    if digits := re.fullmatch(r"k?(\d+)-?mers?|kmer(\d+)", name) if group == "encoding" else None:
        hint = f" Write encoding=kmer encoding.k={digits[1] or digits[2]}."
    elif group == "data" and ("." in name or "/" in name):
        kind = "table" if re.search(r"\.(csv|tsv|parquet|xlsx)\b", name) else "fasta"
        hint = f" Write data={kind} data.train={name}."
        if re.search(r"\.(bed|narrowPeak|broadPeak)\b", name):
            hint = f" Write data=regions data.train={name} data.genome=GENOME.fa."
    else:
        near = _nearest(name, options)
        hint = f" Did you mean {near}?" if near else ""
    return f"{group}={name}: no such choice.{hint} Choose from: {first_names(options, MOST_CHOICES)}"


def unknown_key(key: str, known_keys: list[str]) -> str:
    """Name the known key that comes nearest."""
    if key in FILES_OF_DATA and "input" not in known_keys:
        return f"unknown key {key!r}. Your own files are read with data=fasta, data=table or data=class_files"
    near = near_key(key, known_keys)
    hint = f"Did you mean {near}?" if near else "--help lists the keys"
    return f"unknown key {key!r}. {hint}"


def near_key(key: str, known_keys: list[str]) -> str | None:
    """Find the key that was meant: the end of a longer one, a word of other programs, or one that is much like it."""
    if longer := [known for known in known_keys if known.endswith(f".{key}")]:
        return min(longer, key=len)
    first, dot, _ = key.partition(".")
    if dot and first not in known_keys and f"data.{first}" in known_keys:
        return f"data.{key}"
    word = OTHER_WORDS.get(key.lower(), "")
    if word and any(one.partition("=")[0] in known_keys for one in word.split()):
        return word
    ends = {known.rpartition(".")[2]: known for known in sorted(known_keys, key=len, reverse=True)}
    return _nearest(key, known_keys) or ends.get(_nearest(key, ends) or "")


def _nearest(name: str, others: Iterable[str]) -> str | None:
    """Return the name that is most like another one, whatever its case."""
    by_form = {other.lower(): other for other in others}
    near = difflib.get_close_matches(name.lower(), by_form, n=1)
    return by_form[near[0]] if near else None


def join_messages(messages: Iterable[str]) -> str:
    """Join several messages to one line, as many as a line holds."""
    first, *more = messages
    line = first
    for place, message in enumerate(more):
        longer = f"{line}{'' if line.endswith(('?', '.')) else '.'} Also: {message}"
        if len(longer) > LONGEST_MESSAGE - 40:
            return f"{line}{'' if line.endswith(('?', '.')) else '.'} And {len(more) - place} more"
        line = longer
    return line
