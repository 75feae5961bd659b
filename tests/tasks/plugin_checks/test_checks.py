"""dnaseq check-plugin: a part that is right passes, and each fault is found by the check of its name."""

import pytest
from plugin_lab import LAB, write_lab

FAULTS = {  # check that fails -> what stands in place of what in the plug-in
    "encoding": ("n_symbols, shortest, ambiguous = 2", "n_symbols, shortest, ambiguous = 3"),
    "padding": (
        "        return Encoded(h, last",
        "        h = h + h.mean(0, keepdim=True)\n        return Encoded(h, last",
    ),
    "batch": (
        "        return Encoded(h, last",
        "        h = h + h.mean(1, keepdim=True)\n        return Encoded(h, last",
    ),
    "repeat": (
        "        return Encoded(h, last",
        "        h = h + torch.rand(1)\n        return Encoded(h, last",
    ),
    "gradient": ("        return Encoded(h, last", "        h = h.detach()\n        return Encoded(h, last"),
    "loss": ("return losses, torch.ones_like(losses)", "return losses.mean(), torch.ones_like(losses)"),
    "augmentation": ("        return codes\n", "        return codes.roll(3, 1)\n"),
    "metrics": ("return self.right / self.all", "return self.right * float('nan')"),
    "reload": ("self.conv, self.d_out =", "self.noise = torch.rand(1)\n        self.conv, self.d_out ="),
    "processes": ("self.conv, self.d_out =", "self.activate = lambda h: h\n        self.conv, self.d_out ="),
    "outputs": ("return Encoded(h, last", "h = h / 0\n        return Encoded(h, last"),
}
ALSO = {"reload": ("return Encoded(h, last", "return Encoded(h + self.noise, last")}
OWN = (
    *("--config-dir=own", "plugins=[./mylab.py]", "model=gated", "encoding=two_bits", "loss=hinge"),
    *("augmentation=no_change", "++metrics.share._target_=plugin:mylab/Share", "strands=shared"),
)


@pytest.fixture
def check(run, tmp_path):
    """check(text) -> (exit code, name of each check -> ok or FAILED, stderr) of the plug-in with this text."""

    def call(text, *more):
        write_lab(tmp_path)
        (tmp_path / "mylab.py").write_text(text)
        code, out, err = run("check-plugin", *OWN, *more)
        return code, {line.split()[1]: line.split()[0] for line in out.splitlines()}, err

    return call


def test_parts_that_are_right_pass_every_check(check):
    code, found, err = check(LAB)
    assert (code, set(found.values())) == (0, {"ok"}), err
    assert list(found) == [
        *("encoding", "outputs", "repeat", "padding", "batch", "strands"),
        *list(found)[6:],
    ]


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_found_by_the_check_of_its_name(name, check):
    text = LAB
    for old, new in filter(None, (FAULTS[name], ALSO.get(name))):
        assert old in text
        text = text.replace(old, new)
    code, found, err = check(text)
    assert (code, found[name]) == (7, "FAILED"), (found, err)
    assert " failed: " in err


def test_strands_are_checked_where_the_model_reads_both(check):
    assert "strands" not in check(LAB, "strands=one")[1]


def test_a_source_is_checked_on_its_first_records(check, easy_fasta):
    given = ("data=own_fasta", f"data.train={easy_fasta}/train.fa")
    code, found, err = check(LAB, *given)
    assert (code, found["source"]) == (0, "ok"), err
    wrong = """
class OwnFasta(Fasta):
    def read(self, reading):
        for part, block in super().read(reading):
            yield part, block._replace(labels=block.labels[1:])
"""
    code, found, err = check(LAB + wrong, *given)
    assert (code, found["source"]) == (7, "FAILED"), err
    assert "1 check failed: source" in err


@pytest.mark.parametrize(
    "more", [("task=regression", "loss=mse"), ("task=multilabel", "loss=binary_cross_entropy")]
)
def test_other_tasks_are_checked_as_well(check, more):
    code, found, err = check(LAB, *more, "++metrics.share._target_=plugin:mylab/Numbers")
    assert (code, set(found.values())) == (0, {"ok"}), (found, err)


def test_a_training_refuses_a_part_before_it_reads_and_warns_of_doubts(run, tmp_path):
    write_lab(tmp_path)
    own = [one for one in OWN if not one.startswith("strands")]
    data = ("data=fasta", "data.train=train.fa", "recipe=none", "trainer=cpu", "run_dir=run")
    (tmp_path / "train.fa").write_text("no FASTA")
    (tmp_path / "mylab.py").write_text(LAB.replace(*FAULTS["loss"]))
    code, _, err = run("train", *own, *data)
    assert (code, "plug-in, check loss: it gives shapes" in err) == (2, True), err
    (tmp_path / "mylab.py").write_text(LAB.replace(*FAULTS["padding"]))
    code, _, err = run("train", *own, *data)
    assert (code, "warning: plug-in, check padding: beside a longer record" in err) == (3, True), err
