"""A prediction starts quickly: it loads torch and what reads its files, and nothing of a training."""

import subprocess
import sys
from pathlib import Path

BUNDLE = Path(__file__).parents[2] / "golden/bundle_v2/bundle"
NOT_NEEDED = {
    *("pytorch_lightning", "torchmetrics", "sklearn", "scipy", "pandas", "matplotlib", "Bio", "fsspec"),
    *("torch._dynamo", "sympy", "optuna", "ray", "gensim", "edlib", "pyarrow", "openpyxl", "rich.progress"),
}


def test_a_prediction_loads_nothing_of_a_training(tmp_path):
    (tmp_path / "one.fa").write_text(">a\nACGTACGTACGTTTGACGTACG\n")
    program = (
        f"import sys; sys.argv[1:] = ['predict', 'bundle={BUNDLE}', 'input={tmp_path}/one.fa']\n"
        "from dnaseq.cli import main\ntry: main()\n"
        f"finally: print(sorted({NOT_NEEDED} & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "[]"
