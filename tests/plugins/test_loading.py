"""Plug-ins of one file: what is found, what runs, and what they may be asked for."""

import pickle
import shutil
import subprocess
import sys

import pytest
from plugin_files import plugin_of, write_plugin

from dnaseq.errors import ConfigError, FileAccessError
from dnaseq.plugins.named import Plugins, PluginsFirst, find_plugins, job_plugins, rebuild, use_plugins
from dnaseq.prediction_task import CLASSIFICATION
from dnaseq.training.lightning_module import LitModel
from dnaseq.training.monitor_metrics import MonitorMetrics


def test_a_plug_in_runs_when_a_part_is_asked_for_and_once(tmp_path):
    mark = tmp_path / "ran"
    plugins = plugin_of(write_plugin(tmp_path, mark=mark))
    assert not mark.exists()
    part = plugins.part("plugin:mylab/Net")
    assert mark.exists()
    mark.unlink()
    assert plugins.part("plugin:mylab/Net") is part
    assert not mark.exists()


def test_the_text_that_was_hashed_runs_whatever_becomes_of_the_file(tmp_path):
    path = write_plugin(tmp_path)
    plugins = plugin_of(path)
    path.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    assert plugins.part("plugin:mylab/Net").__name__ == "Net"
    assert not (tmp_path / "ran").exists()


def test_a_compiled_file_beside_it_does_not_run(tmp_path):
    hostile = tmp_path / "hostile.py"
    hostile.write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    import py_compile  # here, as no other test compiles

    compiled = py_compile.compile(str(hostile))
    path = write_plugin(tmp_path)
    shutil.copy(
        compiled, f"{tmp_path}/__pycache__/mylab.cpython-{sys.version_info[0]}{sys.version_info[1]}.pyc"
    )
    plugin_of(path).part("plugin:mylab/Net")
    assert not (tmp_path / "ran").exists()


def test_two_versions_of_one_file_stand_side_by_side(tmp_path):
    path = write_plugin(tmp_path)
    before = plugin_of(path).part("plugin:mylab/Net")
    path.write_text(path.read_text() + "\n# changed\n")
    after = plugin_of(path).part("plugin:mylab/Net")
    assert before is not after
    for each in (before, after):
        assert pickle.loads(pickle.dumps(each)) is each


@pytest.mark.parametrize("part", ["system", "_Hidden", "nn", "Missing", "__builtins__", "Path"])
def test_only_what_a_plug_in_defines_is_a_part(part, tmp_path):
    plugins = plugin_of(write_plugin(tmp_path))
    with pytest.raises(
        ConfigError, match=r"must be plugin:NAME/PART|no class or function of this plug-in. It has Net"
    ):
        plugins.part(f"plugin:mylab/{part}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", r"mylab\.py:1: SyntaxError: "),
        (
            "\nimport not_there",
            r"mylab\.py:2: ModuleNotFoundError: No module named 'not_there'. A plug-in of one file",
        ),
        ("raise SystemExit(3)", r"mylab\.py:1: SystemExit: 3"),
        ("def f():\n    return 1 / 0\nf()", r"mylab\.py:2: ZeroDivisionError: division by zero"),
    ],
)
def test_an_error_in_a_plug_in_names_its_file_and_line(text, message, tmp_path):
    path = tmp_path / "mylab.py"
    path.write_text(text)
    with pytest.raises(ConfigError, match=message):
        plugin_of(path).part("plugin:mylab/Net")


def test_a_file_that_cannot_be_a_plug_in_is_refused(tmp_path):
    (tmp_path / "folder.py").mkdir()
    (tmp_path / "mylab.txt").touch()
    (tmp_path / "my-lab.py").touch()
    with pytest.raises(FileAccessError, match="is not a file"):
        find_plugins([f"{tmp_path}/folder.py"])
    with pytest.raises(FileAccessError, match="No such file"):
        find_plugins([f"{tmp_path}/absent.py"])
    for name in ("mylab.txt", "my-lab.py"):
        with pytest.raises(ConfigError, match=r"a plug-in is one file NAME\.py"):
            find_plugins([f"{tmp_path}/{name}"])


def test_two_plug_ins_of_one_name_are_refused(tmp_path):
    paths = [str(write_plugin(tmp_path / one)) for one in ("a", "b")]
    with pytest.raises(ConfigError, match="two plug-ins are named mylab"):
        find_plugins(paths)


def test_another_process_gets_the_text(tmp_path):
    path = write_plugin(tmp_path)
    there = pickle.loads(pickle.dumps(plugin_of(path)))
    path.unlink()
    assert there.part("plugin:mylab/Net").__name__ == "Net"


def test_plug_ins_that_have_not_run_do_not_run_for_an_object(tmp_path):
    mark = tmp_path / "ran"
    plugins = plugin_of(write_plugin(tmp_path, "quiet.py", mark))
    assert type(rebuild(Plugins, plugins.loaded)) is Plugins
    assert not mark.exists()


def test_a_new_process_runs_plug_ins_before_it_reads_their_objects(tmp_path):
    """As those do that are spawned for a training, or started by torchrun; the file may be gone by then."""
    path = write_plugin(tmp_path)
    with use_plugins(plugin_of(path)):
        net = job_plugins().part("plugin:mylab/Net")(4, 2)
        model = LitModel(net, net, None, None, MonitorMetrics(CLASSIFICATION, 2), seed=1)
        texts = [pickle.dumps(one) for one in ((PluginsFirst(), net), model)]
    path.unlink()
    code = "import pickle, sys; print(*(type(pickle.loads(bytes.fromhex(one))).__name__ for one in sys.argv[1:]))"
    given = [sys.executable, "-c", code, *(text.hex() for text in texts)]
    done = subprocess.run(given, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.stdout == "tuple LitModel\n", done.stderr
