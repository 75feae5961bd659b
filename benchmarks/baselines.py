"""What the baselines reach on public benchmark sets, beside what was published or measured elsewhere: RESULTS.md.

    python benchmarks/baselines.py SETS [NAME ...]

SETS is the folder of the benchmark files, laid out as baseline_sets.yaml says; nothing is fetched. All records are
used, copies of test records among the training records too (leaks=keep), since published numbers are made so. Test
records are looked at once; all choices are made on the training records. One thread: OMP_NUM_THREADS=1.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import yaml

from dnaseq.data.labelled_set import parsed
from dnaseq.data.sources import Fasta
from dnaseq.data.store import Store
from dnaseq.evaluation.baselines import baselines
from dnaseq.evaluation.fitting import Examples
from dnaseq.evaluation.scores import scores
from dnaseq.io.reading_options import DEFAULT

METRICS = ("mcc", "auroc", "accuracy")
WITHIN = 0.01
