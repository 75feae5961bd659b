"""Plug-ins of installed packages, found by the entry point group dnaseq.parts."""

import json
import re
import sys
from itertools import count

import pytest
from plugin_files import source_of

from dnaseq.errors import ConfigError
from dnaseq.plugins.named import find_plugins

NUMBERS = count()


@pytest.fixture
def name():
    """A name of a plug-in and its module that no other test has; what is imported is forgotten."""
    own = f"lab{next(NUMBERS)}"
    yield own
    for module in [one for one in sys.modules if one.partition(".")[0] == own]:
        del sys.modules[module]


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder of packages."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site, name, distribution="their-lab", files=None, value=None):
    """Write a package as pip leaves it in a folder of packages."""
    if files is None:
        files = {f"{name}/__init__.py": "from .nets import Net\n", f"{name}/nets.py": source_of()}
    about = site / f"{distribution.replace('-', '_')}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[dnaseq.parts]\n{name} = {value or name}\n")
    for place, text in files.items():
        (site / place).parent.mkdir(exist_ok=True, parents=True)
        (site / place).write_text(text)
    (about / "RECORD").write_text("".join(f"{place},,\n" for place in files))
    return about


def test_an_installed_plug_in_has_a_version_and_a_hash_of_all_its_code(site, name):
    install(site, name)
    first = find_plugins([name]).known[0].source
    assert (first.distribution, first.version) == ("their-lab", "1.0")
    (site / name / "nets.py").write_text(source_of() + "# changed\n")
    assert find_plugins([name]).known[0].source.sha256 != first.sha256


def test_its_parts_may_stand_in_modules_of_the_package(site, name):
    install(site, name)
    assert find_plugins([name]).part(f"plugin:{name}/Net").__module__ == f"{name}.nets"


def test_a_package_that_changes_after_it_was_named_does_not_run(site, name, tmp_path):
    install(site, name)
    plugins = find_plugins([name])
    (site / name / "__init__.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ConfigError, match=f"is installed here, not {name}"):
        plugins.part(f"plugin:{name}/Net")
    assert not (tmp_path / "ran").exists()


def test_a_package_that_changes_after_it_ran_needs_a_new_process(site, name):
    install(site, name)
    find_plugins([name]).part(f"plugin:{name}/Net")
    (site / name / "nets.py").write_text(source_of() + "# changed\n")
    with pytest.raises(ConfigError, match=r"has changed since this process loaded it. Start Python anew"):
        find_plugins([name]).part(f"plugin:{name}/Net")


def test_a_package_that_is_installed_for_development_is_found_in_its_project(
    site, name, tmp_path, monkeypatch
):
    project = tmp_path / "project"
    (project / "src" / name).mkdir(parents=True)
    (project / "src" / name / "__init__.py").write_text(source_of())
    about = install(site, name, files={})
    url = {"url": f"file://{project}", "dir_info": {"editable": True}}
    (about / "direct_url.json").write_text(json.dumps(url))
    monkeypatch.syspath_prepend(str(project / "src"))
    assert find_plugins([name]).part(f"plugin:{name}/Net").__name__ == "Net"


def test_an_unknown_name_says_how_a_file_is_named(site):
    with pytest.raises(
        ConfigError, match=r"no installed package has a plug-in named mylab.*plugins=\[./NAME.py\]"
    ):
        find_plugins(["mylab"])


def test_two_packages_with_a_plug_in_of_one_name_are_refused(site, name):
    install(site, name)
    install(site, name, "zz-shadow", {"otherlab.py": source_of()}, "otherlab")
    message = f"{name} is in their-lab and zz-shadow. Uninstall all but one"
    with pytest.raises(ConfigError, match=re.escape(message)):
        find_plugins([name])


@pytest.mark.parametrize("value", ["os", "subprocess", "torch.hub", "OWN:Net", "absent.nets"])
def test_an_entry_point_to_what_is_no_module_of_its_package_is_refused(value, site, name):
    install(site, name, value=value.replace("OWN", name))
    with pytest.raises(ConfigError, match=r"has no module .* of its own|must name a module"):
        find_plugins([name])


def test_a_module_of_the_same_name_in_the_working_folder_does_not_run(site, name, tmp_path, monkeypatch):
    install(site, name)
    here = tmp_path / "here"
    here.mkdir()
    (here / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.chdir(here)
    monkeypatch.syspath_prepend("")
    with pytest.raises(ConfigError, match=rf"Python finds its module {name} at .*here/{name}\.py"):
        find_plugins([name]).part(f"plugin:{name}/Net")
    assert not (tmp_path / "ran").exists()


def test_a_package_that_only_lies_in_the_working_folder_is_not_installed(tmp_path, name, monkeypatch):
    mark = tmp_path / "ran"
    install(tmp_path, name, files={f"{name}.py": source_of(mark)})
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(ConfigError, match=f"no installed package has a plug-in named {name}"):
        find_plugins([name])
    assert not mark.exists()
