"""The sections of the report of an explanation: records, motifs, and how faithful the pictures are."""

import numpy as np

from dnaseq.io.results.explanation import RANDOM, Check, Faithfulness, beats_chance
from dnaseq.io.results.motifs import SUMMARY, MotifSummary
from dnaseq.report.charts.chart import Chart
from dnaseq.report.charts.experiments import ablation_chart, insertion_chart
from dnaseq.report.charts.explanation import curve_charts, position_chart
from dnaseq.report.charts.logo import information, motif_logo, record_logo
from dnaseq.report.html.markup import Markup, element, table
from dnaseq.report.html.tables import missing, p_text, sentence, spaced
from dnaseq.report.inputs.explanation import Explanation
from dnaseq.report.inputs.run_files import RunFiles
from dnaseq.report.sections.section import Section
from dnaseq.schemas import Estimate, present

DRAWN_MOTIFS = 8
RUN_MOTIFS, RUN_RECORDS = 3, 3  # that the report of a training draws


def summary(run: RunFiles) -> list[Markup]:
    e = present(run.explanation)
    f = e.faithfulness
    where = "" if f.position is None else f" at position {f.position} (from 0)"
    why = (
        "the most faithful one on a sample of these records"
        if f.chosen_by == "measurement"
        else "as it was asked for"
    )
    what = f"What is explained is the logit of {f.target}{where}, in {f.records:,} records.{_of_number(f)}"
    parts = [
        sentence(f"{what} Method: {f.title}, {why}."),
        element("p", _faithful(f), class_="verdict"),
    ]
    if e.motifs is not None:
        parts.append(sentence(e.motifs.words))
    return [*parts, _cautions(f)] if f.cautions else parts


def records(run: RunFiles) -> list[Markup | Chart]:
    e = present(run.explanation)
    how = (
        "The records with the highest logits. A letter above the axis argues for "
        f"{e.faithfulness.target}, one below it against; its height says how much, in units of the logit."
    )
    answer = "predicted" if e.faithfulness.of_number else "calibrated"
    charts = [
        record_logo(
            f"record_{i}",
            f"attributions of {one.id}",
            f"{one.id}: logit {one.logit:.3g}, {answer} {one.probability:.3g}.",
            one.letters,
            one.values,
        )
        for i, one in enumerate(e.records, start=1)
    ]
    where = [] if e.by_position is None else [position_chart(e.by_position)]
    return [sentence(how), *charts, *where]


def motifs(run: RunFiles) -> list[Markup | Chart]:
    found = present(run.explanation).motifs
    if found is None:
        return [missing(SUMMARY, "motifs were not sought")]
    if not found.motifs:
        return [sentence(found.words)]
    charts = [chart for motif in found.motifs[:DRAWN_MOTIFS] for chart in _logos(motif)]
    return [
        *_motif_table(found.motifs),
        _match_table(found.motifs),
        *_experiments(present(run.explanation)),
        *charts,
    ]


def faithfulness(run: RunFiles) -> list[Markup | Chart]:
    f = present(run.explanation).faithfulness
    rows = [
        [one.title, spaced(one.faithfulness), *map(_last, (one.deletion.mean, one.insertion.mean))]
        for one in f.methods
    ]
    header = [
        "order of the bases",
        "share explained",
        "loss, half of the bases replaced",
        "gain, half put back",
    ]
    title = f"Methods, measured on {f.sample} records"
    return [table(header, rows, title), sentence(f.meaning_of_faithfulness), *curve_charts(f), *_checks(f)]


def why(run: RunFiles) -> list[Markup | Chart]:
    """Show the small explanation of a training, unless it says no more than a random order."""
    more = "dnaseq explain bundle=RUN/bundle input=FILE output=FOLDER explains any records."
    if run.explanation is None:
        return [sentence(f"No records were explained here. {more}")]
    e = run.explanation
    f = e.faithfulness
    if not beats_chance(f.methods, f.method):
        return [
            sentence(f"The explanation was too little faithful to be shown. {_faithful(f)}"),
            _cautions(f),
        ]
    what = f"Why {f.target}: {f.title} on {f.records} test records.{_of_number(f)} {_faithful(f)}"
    parts: list[Markup | Chart] = [sentence(what), *([_cautions(f)] if f.cautions else [])]
    if e.motifs is not None:
        parts += [sentence(e.motifs.words), *(_motif_table(e.motifs.motifs) if e.motifs.motifs else [])]
        parts += [chart for motif in e.motifs.motifs[:RUN_MOTIFS] for chart in _logos(motif)]
    return [*parts, *records(run)[: RUN_RECORDS + 1], sentence(more)]


SECTIONS: dict[str, Section] = {
    "Summary": summary,
    "Motifs": motifs,
    "Records": records,
    "Faithfulness": faithfulness,
}


def _of_number(f: Faithfulness) -> str:
    """Say what the logit of a predicted number is; nothing for a class."""
    what = (
        "what is called its logit is the output of the network, before it is put on the scale of the target"
    )
    return f" {f.target} is a number: {what}." if f.of_number else ""


def _faithful(f: Faithfulness) -> str:
    by_name = {one.method: one.faithfulness for one in f.methods}
    own, chance = (spaced(by_name[name]) for name in (f.method, RANDOM))
    return f"The first bases by this method explain {own} of what the bases do to the logit; a random order {chance}."


def _cautions(f: Faithfulness) -> Markup:
    return element("ul", *[element("li", caution) for caution in f.cautions], class_="findings")


def _last(values: list[float]) -> str:
    return f"{values[-1]:.3g}"


def _checks(f: Faithfulness) -> list[Markup]:
    named: dict[str, Check | None] = {
        "sum of the values": f.completeness,
        "agreement with another method": f.agreement,
        "agreement with a network of random weights": f.random_network,
    }
    rows = [
        [name, spaced(Estimate(check.value, check.low, check.high)), check.meaning]
        for name, check in named.items()
        if check is not None
    ]
    return [table(["check", "value", "meaning"], rows, "Checks", "words")]


def _experiments(e: Explanation) -> list[Markup | Chart]:
    """Show what the logit loses without each motif and what each adds to backgrounds, which tests the picture on the
    model itself."""
    parts: list[Markup | Chart] = []
    if e.ablation is not None:
        how = (
            "The causal check: in some records all sites of a motif were scrambled, and beside them as many control "
            "stretches that touch no site. A motif that changes no more than its controls is not used, however good "
            "its logo looks."
        )
        parts += [sentence(how), ablation_chart(e.ablation.target, e.ablation.motifs)]
    if e.insertion is not None:
        how = (
            "The opposite check: each motif was put into shuffled records, where its sites had been. A motif that adds "
            "no more than its letters in another order does nothing on its own: it may need others beside it."
        )
        parts += [sentence(how), insertion_chart(e.insertion.target, e.insertion.motifs)]
    return parts


def _motif_table(found: list[MotifSummary]) -> list[Markup]:
    how = (
        "Stretches of high attribution that look alike, on either strand. They were sought in one half of the records "
        "and tested in the other; q is the share of false motifs to expect among those that are as convincing. p "
        "compares the two columns before it (Fisher's exact test): a motif that both have as often can still decide, "
        "by its place or by what stands beside it."
    )
    rows = [
        [
            one.name,
            one.consensus,
            one.argues,
            one.sites,
            f"{one.attribution:.3g}",
            f"{one.matched} of {one.records}",
            f"{one.background_matched} of {one.background_records} {one.background}",
            p_text(one.p),
            p_text(max(one.q_attributions, one.q_records)),
        ]
        for one in found
    ]
    header = [
        "motif",
        "consensus",
        "argues",
        "sites",
        "logit a site",
        "in records",
        "in background",
        "p",
        "q",
    ]
    return [sentence(how), table(header, rows, "Motifs", "words")]


def _match_table(found: list[MotifSummary]) -> Markup:
    best = [(one.name, one.best_match) for one in found if one.best_match]
    rows = [
        [name, match.name, match.profile, f"{match.correlation:.2f}", p_text(match.q)] for name, match in best
    ]
    header = ["motif", "most like", "profile", "correlation", "q"]
    return table(header, rows, "Known profiles", "words") if rows else sentence("No profile was compared.")


def _logos(motif: MotifSummary) -> list[Chart]:
    name = f"{motif.name} {motif.consensus}"
    return [
        motif_logo(
            f"{motif.name}_bits",
            f"{name}: information",
            f"{name}: the bases of its {motif.sites} sites.",
            information(np.array(motif.counts)),
            "bits",
        ),
        motif_logo(
            f"{motif.name}_contributions",
            f"{name}: contributions",
            f"{name}: what each base adds to the logit, mean over the sites.",
            np.array(motif.contributions),
            "logit",
        ),
    ]
