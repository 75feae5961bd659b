"""`dnaseq variants`, VCF to TSV, against the model alone on the windows of the same variants.

    python benchmarks/speed/variants.py FOLDER --genome G.fa [--models cnn] [--records 20000] [--device cpu]

Single-base variants at random places. The program reads VCF and genome twice, compares REF, cuts both alleles of 9
windows, scores 200 random changes of each kind, and writes the table. The model alone runs over as many windows of the
same size, one-hot before the clock starts; its batch is used again and again, so that memory is no limit. What the
program needs to start and to load the bundle is not timed.
"""

import resource
import sys
from pathlib import Path

import numpy as np
import torch
from prediction import bundle_of
from timing import interleaved, machine, options_of_models, table

from dnaseq.bundle.predictor import Predictor
from dnaseq.encode.alphabet import to_letters
from dnaseq.genome.variants.answers import answer_all, survey
from dnaseq.genome.variants.null import Samples, draw_null
from dnaseq.genome.variants.output import Columns, open_answers
from dnaseq.genome.variants.reference import Reference
from dnaseq.genome.variants.scoring import Scorer
from dnaseq.genome.variants.windows import Placements
from dnaseq.interpret.logit import Logit
from dnaseq.io.genome.genome import Genome
from dnaseq.io.variants.vcf import Vcf
from dnaseq.training.allocator import keep_freed_memory

WINDOW, PLACES, CHANGES = 200, 9, 200


def main() -> None:
    parser = options_of_models(__doc__)
    parser.add_argument("--genome", required=True, help="FASTA")
    arguments = parser.parse_args()
    keep_freed_memory()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    genome = Genome.open(arguments.genome)
    path = arguments.folder / f"variants-{arguments.records}.vcf"
    write_variants(path, genome, arguments.records)
    print(machine())
    for model in arguments.models:
        predictor = Predictor.load(
            bundle_of(arguments.folder, model), device=arguments.device, batch_size=arguments.batch
        )
        windows = 2 * PLACES * (arguments.records + 12 * CHANGES)
        batch = predictor.encoding(torch.randint(4, (arguments.batch, WINDOW), dtype=torch.uint8)).to(
            predictor.device
        )

        def alone(predictor=predictor, windows=windows, batch=batch) -> None:
            with torch.inference_mode():
                for _ in range(-(-windows // arguments.batch)):
                    predictor.net(batch, None).cpu()

        contenders = {
            "dnaseq variants": lambda predictor=predictor: score(path, predictor, genome),
            "model alone": alone,
        }
        found = interleaved(contenders, arguments.rounds)
        print("\n" + table(f"{model}, {windows:,} windows", found, arguments.records, "variants"))
    print(f"\npeak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")


def write_variants(path: Path, genome: Genome, n: int) -> None:
    """Write n variants of single bases at random places of the longest contig."""
    name = max(genome.names, key=genome.length)
    rng = np.random.default_rng(1)
    places = np.sort(rng.integers(WINDOW, genome.length(name) - WINDOW, n))
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
    scorer = Scorer(logit, genome, Placements(WINDOW, PLACES))
    found = survey(vcf, reference, Samples(CHANGES, 1), lambda n: None)
    null = draw_null(found.samples, scorer, WINDOW // 2, 1)
    columns = Columns(logit.target, False, "")
    with open_answers(f"{path}.tsv", columns, vcf, logit.target, overwrite=True) as append:
        for variant, answers in answer_all(vcf, reference, scorer, null):
            append(variant, answers)


if __name__ == "__main__":
    sys.exit(main())
