"""Files and command lines that a stranger has made up: refused in one line, nothing of them is run or shown."""

import json
import shutil
import sys
from collections.abc import Iterable, Iterator

import pytest
import yaml

from dnaseq.bundle.spec import spec_hash

CANARY = "canary-4711-secret"
MARKER = "MARKER"
OPEN = f"{{_target_:builtins.open,file:{MARKER},mode:w}}"
SYSTEM = {"_target_": "os.system", "command": f"touch {MARKER}"}
EVIL = {"_target_": "evil.Module"}
ENV = "${oc.env:DNASEQ_CANARY}"


def some_slow(cases: Iterable, every: int) -> list:
    """Each `every`-th case for the usual tests, the others for the slow ones: all go the same few ways."""
    return [pytest.param(case, marks=[pytest.mark.slow] if i % every else []) for i, case in enumerate(cases)]


COMMANDS = [
    f"+hydra.callbacks={{x:{OPEN}}}",
    f"hydra.callbacks={{x:{OPEN}}}",
    f"++hydra.callbacks.x={OPEN}",
    f"hydra={{callbacks:{{x:{OPEN}}}}}",
    f"+hydra={{callbacks:{{x:{OPEN}}}}}",
    "model@hydra.callbacks.x=gru",
    "+model@hydra.callbacks.x=gru",
    f"hydra.launcher={OPEN}",
    "hydra.launcher._target_=os.system",
    "hydra.sweeper._target_=evil.Module",
    "-m hydra.sweeper._target_=evil.Module seed=1,2",
    "-m hydra.callbacks.x._target_=os.getcwd,os.getpid",
    f"+hydra.job_logging.handlers.x={{'()':builtins.open,file:{MARKER},mode:w}}",
    f"hydra.hydra_logging={{version:1,handlers:{{x:{{class:logging.FileHandler,filename:{MARKER}}}}}}}",
    "hydra/job_logging=colorlog",
    "hydra/hydra_logging=default",
    "hydra/launcher=evil",
    "hydra/launcher=basic,evil -m",
    "hydra/callbacks=evil",
    "+hydra/callbacks=evil",
    "hydra/sweeper=evil",
    "hydra.searchpath=[pkg://evil]",
    "hydra.searchpath=[evil://x]",
    "+hydra.job.env_set.LD_PRELOAD=/tmp/x.so",
    "hydra.job.env_set={PATH:x}",
    "hydra.job.env_copy=[DNASEQ_CANARY]",
    "hydra.job.chdir=true",
    f"hydra.output_subdir={MARKER}",
    f"hydra.help.template={ENV}",
    f"hydra.help.header={ENV} --help",
    f"hydra.run.dir={ENV}",
    f"hydra.sweep.dir={MARKER}/{ENV}",
    "hydra.launcher.submitit_folder=x",
    "+hydra.launcher.setup=[touch]",
    "+hydra.launcher.python=x",
    "~hydra",
    "~hydra.sweeper",
    "~hydra/job_logging",
    "--config-path evil",
    "--config-path=pkg://evil",
    "-cp evil",
    "--config-name evil",
    "--config-n evil",
    "-cn evil",
    "--experimental-rerun evil.pickle",
    "--experimental evil.pickle",
    "--config-dir nowhere",
    f"seed={ENV}",
    f"run_dir={ENV}",
    f"data.train={ENV}",
    f"model={ENV}",
    f"monitor={ENV} --cfg job --resolve",
    "monitor=${oc.decode:${oc.env:DNASEQ_CANARY}}",
    "monitor=${oc.create:${oc.env:DNASEQ_CANARY}}",
    "monitor=${hydra:runtime.cwd}",
    "monitor=${oc.select:seed,${oc.env:DNASEQ_CANARY}}",
    "monitor=x${x:${y}:z}",
    "model._target_=os.system",
    "model.encoder._target_=evil.Module",
    "optimizer._target_=dnaseq.models.encoded.torch.load",
    f"+model.head.x={OPEN}",
    "data.source={_target_:subprocess.Popen,args:[touch,MARKER]}",
    f"+trainer.callbacks=[{OPEN}]",
    "model._target_=plugin:evil/Module",
    "model._target_=plugin:os/system plugins=[os]",
    "model._target_=plugin:evil/Module plugins=[evil]",
    "model._target_=plugin:evil/Module plugins=[evil.pickle]",
    "model._target_=evil.Module plugins=[./evil.py]",
    "seed=1 plugins=[${model}]",
]

LISTS = [  # what @FILE may hold beside settings of a task: nothing
    *(
        ["-m", "seed=1,2"],
        ["--config-dir", "x"],
        ["--cfg=job"],
        ["@other.yaml"],
        [f"+hydra.callbacks={{x:{OPEN}}}"],
    ),
    *(
        ["hydra.run.dir=x"],
        ["hydra/launcher=basic"],
        ["~seed"],
        ["word"],
        [""],
        [" hydra.run.dir=x"],
        ["=x"],
        [3],
    ),
    *(
        [f"seed={ENV}"],
        [f"model.head={OPEN}"],
        [f"+model.head.x={ENV}"],
        ["seed=1\nhydra.run.dir=x"],
        ["seed=\x1b[2J"],
        ["plugins=[./evil.py]", "model._target_=plugin:evil/Module"],
        ["++plugins=./evil.py"],
        ["plugins_changed=accept"],
    ),
    *(
        ["model@hydra.callbacks=gru"],
        ["model._target_=os.system"],
        ["+seed.x=1"],
        ["seed=[[["],
        ["seed=1e999"],
    ),
]

CONFIGS = [  # what changes in config.yaml of a run folder
    {"model": SYSTEM},
    {"model": EVIL},
    {"data": {"source": SYSTEM}},
    {"optimizer": {"_target_": "builtins.open"}},
    {"plugins": ["./evil.py"], "model": {"_target_": "plugin:evil/Module"}},
    {"optimizer": {"_target_": ["os.system"]}},
    {"trainer": {"_target_": "pathlib.Path.write_text"}},
    {"more": SYSTEM},
    {"more": [[{"x": SYSTEM}]]},
    {"monitor": ENV},
    {"seed": ENV},
    {"run_dir": "${oc.decode:x}"},
    {"data": {"train": ENV}},
    {ENV: 1},
    {"command": f"dnaseq train +hydra.callbacks={{x:{OPEN}}}", "auto": {"minutes": 1.0}},
    {"command": 3},
    {"choices": {"hydra.searchpath": "[pkg://evil]"}},
    {"choices": {"hydra/launcher": "evil"}},
    {"choices": {"model": f"gru,+hydra.callbacks={{x:{OPEN}}}"}},
    {"choices": {"model@hydra.callbacks": "gru"}},
    {"choices": {"model": ENV}},
    {"choices": {"model": ["gru"]}},
    {"choices": [1]},
    {"seed": "x"},
    {"batch_size": 10**400},
    {"optimizer": {"lr": float("nan")}},
    {"unknown": 1},
]

TEXTS = [  # of config.yaml, as a whole
    "a: &x [1]\nb: *x",
    "\n".join(
        [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 9 if i else ["x"] * 9) + "]" for i in range(12)]
    ),
    f"a: !!python/object/apply:os.system ['touch {MARKER}']",
    "a: !!python/object/new:evil.Module []",
    "a: " + "[" * 1000 + "]" * 1000,
    "a: [" + "1," * 200_000 + "]",
    "choices: {a: 1, a: 2}",
    "\0",
    "é: \ud800",
]

FOLDERS = {  # files of a folder that --config-dir names, of which experiment=x is chosen, and the exit code
    "hydra: {callbacks: {x: {_target_: builtins.open, file: MARKER, mode: w}}}": 2,
    "hydra: {job_logging: {version: 1, handlers: {x: {(): builtins.open, file: MARKER, mode: w}}}}": 2,
    "hydra: {hydra_logging: {version: 1, handlers: {x: {class: logging.FileHandler, filename: MARKER}}}}": 2,
    "hydra: {launcher: {_target_: evil.Module}}": 4,
    "hydra: {sweeper: {_target_: evil.Module}}": 4,
    "hydra: {run: {dir: MARKER}}": 2,
    "hydra: {output_subdir: MARKER}": 2,
    "hydra: {job: {env_set: {LD_PRELOAD: x}}}": 2,
    "hydra: {job: {env_copy: [NO_SUCH_NAME]}}": 2,
    "hydra: {searchpath: ['pkg://evil']}": 2,
    "hydra: {help: {template: '${oc.env:DNASEQ_CANARY}'}}": 2,
    "defaults: [{override /hydra/launcher: evil}]": 4,
    "defaults: [{override /model: '${oc.env:DNASEQ_CANARY}'}]": 2,
    "monitor: ${oc.env:DNASEQ_CANARY}": 2,
    "nothing: 1": 2,
    "plugins: [./evil.py]": 2,
    "plugins: ./evil.py\nmodel: {_target_: plugin:evil/Module}": 2,
    "model: {head: {_target_: plugin:evil/Module}}": 2,
    "model: {_target_: os.system, command: touch MARKER}": 4,
    "model: {head: {_target_: evil.Module}}": 4,
    "seed: &a 1\nbatch_size: *a": 2,
    "seed: !!python/object/apply:os.getpid []": 2,
}


@pytest.fixture(scope="module")
def ran() -> Iterator[list[str]]:
    """What was run, imported or connected to, of what no refusal needs."""
    found: list[str] = []
    watched = (
        "os.system",
        "os.exec",
        "os.posix_spawn",
        "os.spawn",
        "subprocess.Popen",
        "socket.connect",
        "pty.spawn",
    )
    is_on = [True]

    def watch(event: str, arguments: tuple) -> None:
        if is_on and (event in watched or (event == "import" and str(arguments[0]).startswith("evil"))):
            found.append(event)

    sys.addaudithook(watch)  # for ever, so it is told when to stop
    yield found
    is_on.clear()


@pytest.fixture
def refused(run, ran, tmp_path, monkeypatch):
    """refused("train", ...) -> exit code, after it was looked at that nothing has happened but one line."""
    monkeypatch.setenv("DNASEQ_CANARY", CANARY)
    (tmp_path / "evil.py").write_text(f"open({str(tmp_path / MARKER)!r}, 'w')")
    (tmp_path / "evil.pickle").write_bytes(f"cos\nsystem\n(S'touch {MARKER}'\ntR.".encode())
    monkeypatch.syspath_prepend(str(tmp_path))

    def call(task: str, *arguments: str) -> int:
        ran.clear()
        code, out, err = run(task, *arguments)
        lines = [line for line in err.splitlines() if not line.startswith("note")]
        assert CANARY not in out + err
        assert len(lines) == 1, err
        assert len(lines[0]) <= 300
        assert "Traceback" not in err
        assert not list(tmp_path.rglob(MARKER))
        assert not ran
        assert "evil" not in sys.modules
        return code

    return call


def changed(plan: dict, change: dict) -> dict:
    """The plan with other values, those of inner dicts one by one unless they name something to be built."""
    inner = {
        key: changed(plan[key], value)
        for key, value in change.items()
        if isinstance(value, dict) and isinstance(plan.get(key), dict) and "command" not in value
    }
    return plan | change | inner


@pytest.mark.parametrize("command", some_slow(COMMANDS, 3))
def test_no_command_line_makes_hydra_run_anything(refused, command):
    assert refused("train", *command.split()) in (2, 4)


@pytest.mark.parametrize("found", some_slow(LISTS, 2), ids=str)
def test_a_list_of_settings_holds_settings_alone(refused, tmp_path, found):
    (tmp_path / "best.yaml").write_text(yaml.safe_dump({"overrides": found}))
    assert refused("train", "@best.yaml") in (2, 4)


@pytest.mark.parametrize("change", some_slow(CONFIGS, 2), ids=lambda change: str(change)[:60])
def test_a_run_folder_configures_nothing_but_a_training(refused, tmp_path, trained, change):
    plan = changed(yaml.safe_load((trained / "config.yaml").read_text()), change)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_text(yaml.safe_dump(plan))
    assert refused("train", "resume=run") in (2, 4)


@pytest.mark.parametrize("text", some_slow(TEXTS, 3), ids=lambda text: repr(text[:30]))
@pytest.mark.parametrize(
    "arguments", [("train", "resume=run"), ("train", "@run/config.yaml"), ("sweep", "resume=run")]
)
def test_no_yaml_is_a_bomb(refused, tmp_path, text, arguments):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.yaml").write_bytes(text.encode("utf-8", "surrogatepass"))
    assert refused(*arguments) == 2


@pytest.mark.parametrize("text", some_slow(FOLDERS, 4))
def test_a_folder_of_configurations_sets_nothing_of_hydra(refused, tmp_path, text):
    (tmp_path / "mine" / "experiment").mkdir(parents=True)
    (tmp_path / "mine" / "experiment" / "x.yaml").write_text(f"# @package _global_\n{text}\n")
    for group in ("launcher", "callbacks"):
        (tmp_path / "mine" / "hydra" / group).mkdir(parents=True)
        (tmp_path / "mine" / "hydra" / group / "evil.yaml").write_text("_target_: evil.Module\n")
    given = ("--config-dir", "mine", "experiment=x", "data=fasta", "data.train=none.fa")
    assert refused("train", *given) == FOLDERS[text]


@pytest.mark.parametrize(
    "change",
    [
        {"architecture": SYSTEM},
        {"architecture": {"head": SYSTEM}},
        {"architecture": {"head": {"_target_": "dnaseq.models.encoded.torch.load", "f": "x"}}},
        {"architecture": {"head": {"dropout": ENV}}},
        {"architecture": {"head": {"_target_": "plugin:evil/Module"}}},
        {"encoding": EVIL},
        {"encoding": {"ambiguous": ENV}},
        {"encoding": {"_target_": "dnaseq.encode.onehot.OneHot", "_convert_": ENV}},
        {"classes": ["a", f"{ENV}\u202e"]},
        {"lengths": {"policy": ENV, "length": None}},
    ],
    ids=lambda change: str(change)[:60],
)
def test_a_bundle_names_its_own_parts_alone(refused, tmp_path, trained, change):
    shutil.copytree(trained / "bundle", tmp_path / "bundle")
    path = tmp_path / "bundle" / "spec.json"
    spec = changed(json.loads(path.read_text()), change)
    spec["sha256"]["spec"] = spec_hash(spec)
    path.write_text(json.dumps(spec))
    (tmp_path / "a.fa").write_text(">r\nACGT\n")
    assert refused("predict", "bundle=bundle", "input=a.fa", "output=o.tsv") == 4


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("scores.json", '{"a":' * 50_000),
        ("scores.json", '{"n": NaN}'),
        ("scores.json", '{"n": 1' + "0" * 10_000 + "}"),
        ("scores.json", "[]"),
        ("scores.json", '{"data": 1, "model": [], "n": {}, "classes": 3, "metrics": "x"}'),
        ("config.yaml", "choices: {}\ncommand: x\nseed: ${oc.env:DNASEQ_CANARY}"),
        ("config.yaml", "choices: {}\ncommand: x\nseed: 1\nmodel: {_target_: evil.Module}"),
        ("predictions.test.tsv", "id\tlength\n"),
        ("strata.tsv", "id\n"),
        ("split.tsv", "nothing\n"),
        ("split.tsv", "id\tgroup\n"),
    ],
    ids=lambda text: text[:30],
)
def test_what_is_compared_is_what_runs_write(refused, tmp_path, trained, file, text):
    for name in ("a", "b"):
        shutil.copytree(trained, tmp_path / name, ignore=shutil.ignore_patterns("bundle", "checkpoints"))
    (tmp_path / "b" / file).write_text(text)
    assert refused("compare", "a", "b", "run_dir=c") in (2, 3, 4)
    assert not (tmp_path / "c").exists()


@pytest.mark.slow
def test_a_name_turns_nothing_round_in_what_is_shown(run, tmp_path, random_sequence):
    name = "x\u202ey<u>"
    records = [f">{name}{i} label={'=a' if i % 2 else name}\n{random_sequence(30, i)}\n" for i in range(60)]
    (tmp_path / "a.fa").write_text("".join(records))
    code, out, err = run("audit", "data=fasta", "data.train=a.fa", "run_dir=r")
    assert code == 0, err
    shown = [out, err, (tmp_path / "r/report.html").read_text(), (tmp_path / "r/log.txt").read_text()]
    shown += [path.read_text() for path in (tmp_path / "r/figures").glob("*.*v*")]
    assert "\u202e" not in "".join(shown)
    assert "<u>" not in shown[2]
    assert f"{name}0\t" in (tmp_path / "r/split.tsv").read_text()
