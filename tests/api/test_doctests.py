"""Every public name has an example, and the examples are true."""

import doctest

import pytest

import dnaseq

PUBLIC = [name for name in dnaseq.__all__ if name not in ("SimilarRecordsWarning",)]


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.filterwarnings("ignore::dnaseq.SimilarRecordsWarning")
def test_the_example_of_each_public_name_is_true(name, no_pages, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = getattr(dnaseq, name)
    tests = [one for one in doctest.DocTestFinder(recurse=False).find(found, name, globs={}) if one.examples]
    assert tests, f"{name} has no example"
    output: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
    assert runner.run(tests[0], out=output.append).failed == 0, "".join(output)
