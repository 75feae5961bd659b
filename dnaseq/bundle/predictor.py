"""The one way to get a prediction: from Python, from `dnaseq predict` and in evaluation."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from dnaseq.bundle.bundle import Bundle, load_bundle
from dnaseq.bundle.inference.novelty_features import record_composition, windows_composition
from dnaseq.bundle.inference.options import choose_device, choose_lengths, choose_strands
from dnaseq.bundle.inference.rechunk import FEWEST_ROWS, MOST_POSITIONS, batches, regroup
from dnaseq.bundle.inference.windows import Spans, build_scan, records
from dnaseq.bundle.postprocess import Predictions, build_postprocessor
from dnaseq.data.records.batching import gather, padded_lengths
from dnaseq.data.records.lengths import LengthPolicy, Windows
from dnaseq.data.strandedness import BOTH, OTHER, with_other_strand
from dnaseq.data.validation import LENGTH, problems
from dnaseq.encode.revcomp import reverse_complement
from dnaseq.errors import ConfigError, InputError, ModelFileError
from dnaseq.evaluation.decisions.novelty import Novelty
from dnaseq.io.reading_options import TableColumns
from dnaseq.io.results.prediction_table import PredictionTable, prediction_table
from dnaseq.io.results.rows import VALUES, Rows
from dnaseq.io.sequences.given import given_sequences, is_file_name
from dnaseq.io.sequences.plain import sequence_blocks
from dnaseq.io.sequences.reading import Block, Reading, read_blocks
from dnaseq.models.ensemble import mean_of_strands
from dnaseq.plugins.agreement import REFUSE
from dnaseq.plugins.named import Plugins, find_plugins

RECORDS_AT_ONCE = 8192  # of one window; within it records are sorted by length into batches
ABSTAINED, UNLIKE = "abstained", "unlike training"  # the notes that a record can have
_NOTES = np.array(["", ABSTAINED, UNLIKE, f"{ABSTAINED}; {UNLIKE}"])


class Advice(NamedTuple):
    """Ways out for a user whose record cannot be used."""

    other_length: str
    keep: str  # what becomes of such records


OF_ROWS = Advice(
    "Choose length_policy=trim or tile, or a window", "which gives such a record a row with the reason"
)


class Prediction(NamedTuple):
    """The prediction for one record. `score` is the probability of `label`; where the bundle abstains, of the label
    that the record would have had.

    Labels of a set are joined by ";" ("-" for none), and of labelled bases there is a letter for each; of numbers
    there are only `values`. A window has its own `length`, and the `start` of its first base in the record, 0-based,
    or -1 where the record is rejected.
    """

    id: str
    length: int
    label: str
    score: float
    probabilities: dict[str, float]
    status: str
    note: str = ""
    values: dict[str, float] = {}  # noqa: RUF012 (it is never changed): target -> number, in regression
    bases: np.ndarray | None = None  # (L, C) probabilities of the letters, in labelling
    start: int | None = None


class Predictor:
    """A verified bundle on a device. The prediction of a record does not depend on the records beside it, but for the
    rounding of kernels: see postprocess.SAME_WITHIN.

    The form of a prediction depends on the bundle's task, see postprocess.py. A bundle with a rule of abstention
    leaves a record of too little confidence without a label. Scores that are computed from a written table are those
    of the labels in it.
    With a `window`, there is a prediction for every window of so many bases at every `stride` of a record (None: they
    touch), and not for the record.
    A record's notes are ABSTAINED, UNLIKE (unlike the training records) or both. With strands "both" the network's
    outputs for a record and for its reverse complement are averaged, so that both have the same prediction; with
    "other" they are those for the reverse complement.

    >>> import dnaseq, random
    >>> sequences = ["".join(random.Random(i).choices("ACGG" if i % 2 else "ACTT", k=40)) for i in range(60)]
    >>> net = dnaseq.DnaClassifier("rnn", recipe="none", max_epochs=1).fit(sequences, ["poor", "rich"] * 30)
    >>> predictor = dnaseq.Predictor.load(net.to_bundle("my_bundle"))
    >>> predictor.predict(sequences[:1])[0].id, predictor.predict_proba(sequences[:3]).shape
    ('1', (3, 2))
    >>> predictor.table(sequences[:3])
    <3 predictions: id, length, label, score, p_poor, p_rich, status, note>
    """

    def __init__(
        self,
        bundle: Bundle,
        device: str = "auto",
        batch_size: int = 256,
        length_policy: str | None = None,
        strands: str | None = None,
        window: int | None = None,
        stride: int | None = None,
    ):
        if not isinstance(batch_size, int) or batch_size < 1:
            raise ConfigError(f"batch_size must be a whole number of at least 1; got {batch_size!r}")
        self.device = choose_device(device)
        spec = bundle.spec
        self.spec, self.prediction = spec, spec.prediction
        policy = choose_lengths(spec.lengths, length_policy, self.prediction)
        self.scan = build_scan(window, stride, policy, bundle.encoding, self.prediction)
        if self.scan and length_policy is not None:
            raise ConfigError("window and length_policy both decide about long records. Leave one out")
        self.lengths = LengthPolicy() if self.scan else policy  # a window is read as it is
        self.net = bundle.net.to(self.device)
        self.encoding, self.batch_size = bundle.encoding, batch_size
        seen = choose_strands(spec.strands, strands, self.prediction)
        self.sees_both_strands, self.sees_other_strand = seen == BOTH, seen == OTHER
        self.postprocessor = build_postprocessor(spec)
        self.classes = spec.classes
        trained = spec.training.columns  # of a table, if it was one
        self.columns = (
            TableColumns(trained.sequence, None, trained.id, (), trained.header)
            if trained
            else TableColumns()
        )
        self.novelty = Novelty(spec.novelty) if spec.novelty else None

    @classmethod
    def load(
        cls,
        folder: str | Path,
        plugins: Sequence[str] | Plugins = (),
        plugins_changed: str = REFUSE,
        **options: Any,
    ) -> "Predictor":
        """Load the predictor of a bundle folder; options are those of the constructor.

        A bundle with parts of plug-ins runs those that are named in `plugins`, as mylab or ./mylab.py, if their source
        is that of the training, or with plugins_changed="accept" any. Raises ModelFileError for another one.
        """
        if isinstance(plugins, str):
            raise ConfigError(f"plugins must be a list of names; got {plugins!r}")
        found = plugins if isinstance(plugins, Plugins) else find_plugins(plugins)
        return cls(load_bundle(folder, found, plugins_changed), **options)

    @property
    def abstains(self) -> bool:
        """True if a record below some confidence is left without a label."""
        return self.spec.abstention is not None and self.spec.abstention.reached

    def predict(self, sequences: object, bad_records: str = "fail") -> list[Prediction]:
        """Predict sequences in order: a list, an array or a column of them (see given.py), or the records of a file
        (FASTA, FASTQ, table, plain or compressed). A str that names no file but is a sequence is that one sequence.

        With bad_records="keep" a record that cannot be used has a prediction whose status says why.
        """
        blocks = self.predict_blocks(self._given(sequences, bad_records), bad_records)
        return [one for rows in blocks for one in self._predictions(rows)]

    def predict_proba(self, sequences: object, bad_records: str = "fail") -> np.ndarray:
        """Predict sequences, given as for predict(): (n, C) float64, a column for each of `classes` (labels, targets),
        and NaN for a rejected record. Raises ConfigError for a bundle that labels bases, where records differ in
        length.
        """
        if self.postprocessor.per_base:
            raise ConfigError("this bundle has probabilities for every base: predict() gives them as `bases`")
        blocks = self.predict_blocks(self._given(sequences, bad_records), bad_records)
        empty = np.empty((0, len(self.postprocessor.columns)))
        return np.concatenate([empty, *(rows.probabilities for rows in blocks)])

    def table(self, sequences: object, bad_records: str = "fail") -> PredictionTable:
        """Predict sequences, given as for predict(), as the table of `dnaseq predict`, for pandas and polars."""
        blocks = self.predict_blocks(self._given(sequences, bad_records), bad_records)
        form = self.postprocessor
        return prediction_table(blocks, form.columns, self.scan is not None, form.prefix)

    def _given(self, sequences: object, bad_records: str) -> Iterator[Block]:
        reading = Reading(bad_records=bad_records, table=self.columns)
        if isinstance(sequences, str | Path) and is_file_name(sequences):
            return read_blocks(sequences, reading)
        ids, letters = given_sequences(sequences, "sequences", may_be_one=True)
        return sequence_blocks(letters, reading, ids)

    def predict_blocks(
        self, blocks: Iterable[Block], bad_records: str = "fail", abstain: bool = True
    ) -> Iterator[Rows]:
        """Yield rows for every record of a stream of blocks, in order and in bounded memory. With abstain=False every
        usable record has its label, whatever the bundle decides: for scores of all records."""
        return (self.predict_piece(block, abstain) for block in self.pieces(blocks, bad_records))

    def pieces(
        self, blocks: Iterable[Block], bad_records: str = "fail", advice: Advice = OF_ROWS
    ) -> Iterator[Block]:
        """Cut a stream into the blocks that predict_piece() takes; where they are cut depends on the records alone.
        With bad_records="keep" unusable records are among the rejected, else they raise InputError, with the advice."""
        given = None if Reading(bad_records=bad_records).bad_records == "keep" else advice
        # before they are regrouped, for a block has its file only until then
        checked = (self._reject_unusable(block, given) for block in blocks)
        blocks = regroup(checked, RECORDS_AT_ONCE)
        if self.scan is None:
            return blocks
        return (piece for block in blocks for piece in self.scan.cut(block, RECORDS_AT_ONCE))

    def _reject_unusable(self, block: Block, advice: Advice | None) -> Block:
        """Return the block with every unusable record rejected. Raises InputError for the first of them where there
        is advice about it."""
        if self.scan:
            found = self.scan.problems(np.diff(block.offsets))
        else:
            found = problems(block.codes, block.offsets, self.lengths, self.encoding, block.rejected)
        rejected = {i: problem.reason for i, problem in found.items()} | block.rejected
        if rejected and advice:
            i = min(rejected)
            of_length = i not in block.rejected and found[i].kind == LENGTH
            fix = advice.other_length if of_length else "Fix it"
            fix = f"{fix}, or write bad_records=keep, {advice.keep}"
            line, name = int(block.lines[i]) or None, block.id(i)
            raise InputError(rejected[i], file=block.source, line=line, record=name, fix=fix)
        return block._replace(rejected=rejected)

    def predict_piece(self, block: Block, abstain: bool = True) -> Rows:
        """Predict rows for the records of one of pieces(), or for their windows."""
        spans = self.scan.spans(block) if self.scan else records(block)
        lengths = spans.lengths
        usable = np.setdiff1d(np.arange(len(lengths)), np.fromiter(spans.rejected, dtype=np.int64))
        predictions, novel = None, np.zeros(len(lengths), dtype=bool)
        if usable.size:
            windows = self.lengths.windows(lengths[usable])
            predictions = self.postprocessor.predict(
                self.outputs(spans, usable, windows), windows, lengths[usable], abstain
            )
            if self.novelty:
                novel[usable] = self.novelty.is_novel(self._composition(block, spans, usable))
        return self._join_rows(spans, usable, predictions, novel)

    def _composition(self, block: Block, spans: Spans, rows: np.ndarray) -> np.ndarray:
        if self.scan:
            return windows_composition(spans.codes, spans.starts[rows], spans.lengths[rows])
        return record_composition(block, rows, self.lengths)

    def outputs(self, spans: Spans, rows: np.ndarray, windows: Windows) -> np.ndarray:
        """Run the network on the windows of these rows, all usable; the form of the outputs is that of
        postprocess.py."""
        starts = spans.starts[rows][windows.record] + windows.start
        order = np.argsort(windows.length, kind="stable")
        outputs = self._empty_outputs(windows)
        first = np.cumsum(windows.length) - windows.length
        with torch.inference_mode():
            for batch in batches(windows.length[order], self.batch_size):
                chosen = order[batch]
                sizes = windows.length[chosen]
                codes = torch.from_numpy(gather(spans.codes, starts[chosen], sizes)).to(self.device)
                lengths = padded_lengths(sizes)
                batch_outputs = self._run_network(codes, None if lengths is None else lengths.to(self.device))
                if self.postprocessor.per_base:
                    position = np.arange(codes.shape[1])
                    real = position < sizes[:, None]
                    outputs[(first[chosen][:, None] + position)[real]] = batch_outputs.swapaxes(0, 1)[real]
                else:
                    outputs[chosen] = batch_outputs
        self._check_finite(outputs, windows, spans, rows)
        return outputs

    def _empty_outputs(self, windows: Windows) -> np.ndarray:
        """Allocate a row for every window, or for every base of one, in float32 as there may be millions."""
        if self.postprocessor.per_base:
            return np.empty((int(windows.length.sum()), len(self.classes)), dtype=np.float32)
        return np.empty((len(windows.record), len(self.classes)))

    def _check_finite(self, outputs: np.ndarray, windows: Windows, spans: Spans, rows: np.ndarray) -> None:
        bad = np.flatnonzero(~np.isfinite(outputs).all(axis=1))
        if bad.size:
            of_window = np.searchsorted(np.cumsum(windows.length), bad[0], side="right")
            window = of_window if self.postprocessor.per_base else bad[0]
            name = spans.ids[rows[windows.record[window]]]
            raise ModelFileError(f"the model's score of record {name!r} is not a number")

    def _run_network(self, codes: torch.Tensor, lengths: torch.Tensor | None) -> np.ndarray:
        """(B, L) codes, (B,) lengths, None without padding -> (B, C) or (L, B, C) float64.

        A small batch is filled up with copies of its last record, so that every record goes through the kernels of
        large ones (see rechunk.FEWEST_ROWS).
        """
        n = len(codes)
        if n < FEWEST_ROWS and FEWEST_ROWS * codes.shape[1] <= MOST_POSITIONS:
            rows = torch.arange(FEWEST_ROWS, device=codes.device).clamp(max=n - 1)
            codes, lengths = codes[rows], None if lengths is None else lengths[rows]
        if self.sees_other_strand:
            codes = reverse_complement(codes, lengths)
        if self.sees_both_strands:
            codes, lengths = with_other_strand(codes, lengths)
        outputs = self.net(self.encoding(codes), self.encoding.lengths(lengths))
        if self.sees_both_strands:
            outputs = mean_of_strands(outputs, self.encoding.lengths(lengths))
        return outputs[..., :n, :].double().cpu().numpy()

    def _join_rows(
        self, spans: Spans, usable: np.ndarray, predictions: Predictions | None, novel: np.ndarray
    ) -> Rows:
        """Join the rows of usable records with those that are rejected."""
        n, rejected = len(spans.ids), spans.rejected
        labels, scores, unsure = [""] * n, np.full(n, np.nan), np.zeros(n, dtype=bool)
        numbers = np.full((n, len(self.postprocessor.columns)), np.nan)
        bases: list[np.ndarray | None] | None = [None] * n if self.postprocessor.per_base else None
        if predictions is not None:
            scores[usable], numbers[usable] = predictions.scores, predictions.numbers
            unsure[usable] = predictions.unsure
            for i, row in enumerate(usable.tolist()):
                labels[row] = predictions.labels[i]
                if bases is not None and predictions.bases is not None:
                    bases[row] = predictions.bases[i]
        return Rows(
            ids=spans.ids,
            lengths=spans.lengths,
            labels=labels,
            scores=scores,
            probabilities=numbers,
            statuses=[f"rejected:{rejected[i]}" if i in rejected else "ok" for i in range(n)],
            notes=_NOTES[unsure + 2 * novel].tolist(),
            bases=bases,
            starts=spans.begin,
            kept=spans.kept,
        )

    def _predictions(self, rows: Rows) -> Iterator[Prediction]:
        for i, name in enumerate(rows.ids):
            numbers = dict(zip(self.postprocessor.columns, rows.probabilities[i].tolist(), strict=True))
            shares, values = ({}, numbers) if self.postprocessor.prefix == VALUES else (numbers, {})
            length, label, score = int(rows.lengths[i]), rows.labels[i], float(rows.scores[i])
            bases = rows.bases[i] if rows.bases else None
            start = None if rows.starts is None else int(rows.starts[i])
            status, note = rows.statuses[i], rows.notes[i]
            yield Prediction(name, length, label, score, shares, status, note, values, bases, start)
