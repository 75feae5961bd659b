"""`dnaseq variants`, VCF to TSV, against the model alone on the windows of the same variants.

    python benchmarks/speed/variants.py FOLDER --genome G.fa [--models cnn] [--records 1000] [--apart 1000]

Single-base variants at random places, on average so many bases apart. The program reads VCF and genome twice, compares
REF, cuts both alleles of 9 windows, scores 20 random changes of each kind, and writes the table. The model alone runs
over as many windows of the same size, on both strands if the bundle reads both, one-hot before the clock starts; its
batch is used again and again, so that memory is no limit. Seconds are those of the processor. What the program needs to
start and to load the bundle is not timed. Windows of the genome that variants close to each other have in common are
scored once by the program, and each time by the model alone.
"""

import sys
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import torch
from prediction import bundle_of
from timing import in_turn, machine, options_of_models, table, timed_by_processor

from dnaseq.bundle.predictor import Predictor
from dnaseq.data.strandedness import with_other_strand
from dnaseq.encode.alphabet import to_letters
from dnaseq.genome.variants.answers import answer_all, survey
from dnaseq.genome.variants.null import Samples, draw_null
from dnaseq.genome.variants.output import Columns, open_answers
from dnaseq.genome.variants.reference import Reference
from dnaseq.genome.variants.scoring import Scorer, mean_effects
from dnaseq.genome.variants.windows import Placements
from dnaseq.interpret.logit import Logit
from dnaseq.io.genome.genome import Genome
from dnaseq.io.variants.vcf import Vcf
from dnaseq.training.allocator import keep_freed_memory

WINDOW, PLACES, CHANGES = 200, 9, 20


def main() -> None:
    parser = options_of_models(__doc__)
    parser.set_defaults(records=1000, models=["cnn"])
    parser.add_argument("--genome", required=True, help="FASTA")
    parser.add_argument("--apart", type=int, default=1000, help="bases from one variant to the next")
    arguments = parser.parse_args()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    genome = Genome.open(arguments.genome)
    path = arguments.folder / f"variants-{arguments.records}-{arguments.apart}.vcf"
    write_variants(path, genome, arguments.records, arguments.apart)
    print(machine())
    for model in arguments.models:
        predictor = Predictor.load(
            bundle_of(arguments.folder, model), device=arguments.device, batch_size=arguments.batch
        )
        windows = 2 * PLACES * (arguments.records + 12 * CHANGES)
        codes = torch.randint(4, (arguments.batch, WINDOW), dtype=torch.uint8)
        if predictor.sees_both_strands:
            codes, _ = with_other_strand(codes, None)
        batch = predictor.encoding(codes.to(predictor.device))

        def alone(predictor=predictor, windows=windows, batch=batch) -> None:
            with torch.inference_mode():
                for _ in range(-(-windows // arguments.batch)):
                    predictor.net(batch, None).cpu()

        contenders = {
            "dnaseq variants": lambda predictor=predictor: score(path, predictor, genome),
            "model alone": alone,
        }
        clocks = {name: partial(timed_by_processor, contend) for name, contend in contenders.items()}
        found = in_turn(clocks, arguments.rounds)
        print("\n" + table(f"{model}, {windows:,} windows", found, arguments.records, "variants"))


def write_variants(path: Path, genome: Genome, n: int, apart: int) -> None:
    """Write n variants of single bases at random places at the beginning of the longest contig."""
    name = max(genome.names, key=genome.length)
    rng = np.random.default_rng(1)
    end = min(WINDOW + n * apart, genome.length(name) - WINDOW)
    places = np.sort(rng.integers(WINDOW, end, n))
    codes = genome.codes(name, 0, genome.length(name))
    kept = places[codes[places] < 4]
    refs, alts = codes[kept], (codes[kept] + rng.integers(1, 4, len(kept))) % 4
    with path.open("w") as handle:
        handle.write("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for place, ref, alt in zip(kept.tolist(), to_letters(refs), to_letters(alts), strict=True):
            handle.write(f"{name}\t{place + 1}\t.\t{ref}\t{alt}\t.\t.\t.\n")


def score(path: Path, predictor: Predictor, genome: Genome) -> None:
    """VCF to TSV."""
    logit, vcf, reference = Logit(predictor), Vcf(str(path)), Reference(genome)

    def scores(pairs: Iterable) -> Iterator:
        return ((mine, mean_effects(logit, windows)) for mine, windows in pairs)

    scorer = Scorer(scores, genome, Placements(WINDOW, PLACES))
    found = survey(vcf, reference, Samples(CHANGES, 1), lambda n: None)
    null = draw_null(found.samples, scorer, WINDOW // 2, 1)
    columns = Columns(logit.target, False, "")
    with open_answers(f"{path}.tsv", columns, vcf, logit.target, overwrite=True) as append:
        for variant, answers in answer_all(vcf, reference, scorer, null):
            append(variant, answers)


if __name__ == "__main__":
    sys.exit(main())
