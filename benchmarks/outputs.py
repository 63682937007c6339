"""What the project puts out, with a SHA-256 each, so that a tree can be compared bit for bit with another one.

    python -m benchmarks.outputs --out FILE [--tree PATH] [--data ../shared/data] [--fast | --only STAGE ...]
    python -m benchmarks.outputs --out FILE --tree PATH --against BASELINE [--ignore-words]

Runs, stage by stage, the command line of the tree (cohorts, models, simulated people, imports, predictions, explanations by every
method, nights, quality, marks, fine-tunings, a small scoreboard, every --help), and takes the downloads of its pages. FILE names two
checksums of each output, of all of it and of its figures alone; the folder FILE.raw beside it holds the outputs in the form that was
compared (`benchmarks.canonical`, whose RULES say what is left out).

--against prints what differs and exits with 1; with --ignore-words sentences count by their digits alone. Without --tree, and where FILE
is there already, the two are compared and nothing runs. --fast leaves out trainings, the scoreboard and the large archive. Torch runs on
one thread: its sums depend on how many there are.
"""

from __future__ import annotations

import argparse
import copy
import difflib
import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.canonical import RULES, Form

PYTHON_M = """
import json, os, runpy, sys, traceback
sys.path[0] = os.getcwd()
import numpy, pandas, scipy.stats, sklearn, torch, pyarrow.parquet  # read once; every call is a process of its own, forked from here
for line in sys.stdin:
    call = json.loads(line)
    child = os.fork()
    if not child:
        for stream, path in enumerate((os.devnull, call["stdout"], call["stderr"])):
            os.dup2(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        code = 0
        try:
            sys.argv = [call["module"], *call["arguments"]]
            sys.stdin = open(0)
            runpy.run_module(call["module"], run_name="__main__", alter_sys=True)
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Runs `python -m MODULE ...` again and again without waiting each time until torch and pandas are read."""

DOWNLOADS = """
import json, sys
from pathlib import Path
from streamlit.elements.widgets import button
from streamlit.testing.v1 import AppTest
taken, marshall = {}, button.marshall_file
def take(coordinates, data, proto, mime, name=None, **others):
    content = data() if callable(data) else data
    content = content.read() if hasattr(content, "read") else content
    taken[name] = content.encode() if isinstance(content, str) else bytes(content)
    return marshall(coordinates, data, proto, mime, name, **others)
button.marshall_file = take
out = Path(sys.argv[1])
for page in json.loads(sys.argv[2]):
    taken.clear()
    app = AppTest.from_file("app.py", default_timeout=240).switch_page(page["page"])
    for name, value in page["address"].items():
        app.query_params[name] = value
    app.run()
    folder = out / page["name"]
    folder.mkdir(parents=True)
    for name, content in taken.items():
        (folder / name.replace("/", "_")).write_bytes(content)
    (folder / "page.json").write_text(json.dumps({"files": list(taken), "exceptions": [one.message for one in app.exception]}))
"""
"""Opens pages of the app, and keeps what their download buttons hold."""

MEASURED_IN_DEPTH = """
import sys
from pathlib import Path
from benchmarks.measured import Rows, measure_cell
from benchmarks.planted import trained
folder = Path(sys.argv[1])
model = trained("presence", "small", 0, folder, 40, 1)
measure_cell(model, "presence", "small", 0, 1, 1, Rows(folder / "deep.jsonl"), methods=("gradient",))
"""
SLOW = ("expected_gradients",)
DEMO = "assets/demo/model.safetensors"
EXPLANATIONS = {
    "rollout-max": ("rollout", "--fusion", "max", "--discard", 0.5),
    "authors-first-head": ("authors", "--block", 0, "--head", 1),
    "value_norm-first": ("value_norm", "--block", 0),
    "integrated_gradients-non-wear": ("integrated_gradients", "--baseline", "non-wear", "--tolerance", 0.02),
    "integrated_gradients-person": ("integrated_gradients", "--baseline", "another person", "--baseline-person", "sim-0003", "--most", 64),
    "occlusion_day-own-day": ("occlusion_day", "--replacement", "own day"),
}
"""Methods with settings that are not the usual ones, beside every method as it is."""
PAGES = {
    "participant": ("participant", {}),
    "participants": ("participants", {}),
    "models": ("models", {}),
    **{f"explain-{view}": ("explain", {"show": view}) for view in ("heads", "methods", "people", "clock", "concepts", "scoreboard")},
}
MARKS = (("sim-0002", 0, 1440 + 600, 1440 + 1080, "exclude"), ("sim-0003", 0, 60, 420, "rest"), ("sim-0004", 0, 3000, 4000, "non-wear"))


class Bench:
    """Runs what is asked of one tree, in a folder of its own, and keeps every output in its form."""

    def __init__(self, tree: Path, data: Path, folder: Path) -> None:
        self.tree, self.data, self.folder = tree, data, folder
        self.began = time.time()
        self.stage = ""
        self.stages: dict[str, str] = {}
        self.forms: dict[str, Form] = {}
        self.took: dict[str, float] = {}
        self.followers: dict[str, str] = {}
        self.places = {str(folder / "shadow"): "<tree>", str(folder): "<workspace>", str(tree): "<tree>", str(data.parent): "<data>"}

    def form(self, name: str) -> Form:
        self.stages.setdefault(name, self.stage)
        return self.forms.setdefault(name, Form(self.places, self.began))

    def at(self, stage: str) -> Bench:
        """The same, for the outputs of one stage."""
        made = copy.copy(self)
        made.stage = stage
        return made

    def environment(self, workspace: str) -> dict[str, str]:
        threads = {name: "1" for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
        own = {"PAT_WORKSPACE": str(self.folder / workspace), "COLUMNS": "140", "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        return {**os.environ, **threads, **own, "PYTHONPATH": "", "TZ": "UTC"}

    def script(self, name: str, workspace: str, code: str, *arguments: object, cwd: Path | None = None) -> None:
        """A script in a process of its own. What it prints is no output; that it fails is one."""
        began = time.time()
        command = [sys.executable, "-c", code, *map(str, arguments)]
        done = subprocess.run(command, cwd=cwd or self.tree, env=self.environment(workspace), capture_output=True, text=True)
        self.form(name).line("exit", done.returncode)
        if done.returncode:
            self.form(name).text("stderr", done.stderr)
        self.took[name] = time.time() - began


class Lane:
    """One workspace and what is done in it, one thing after another."""

    def __init__(self, bench: Bench, name: str, cwd: Path | None = None) -> None:
        self.bench, self.name = bench, name
        self.workspace = bench.folder / name
        self.files = bench.folder / f"{name}-files"
        self.files.mkdir()
        self.errors = (self.files / ".lane").open("w")
        self.process = subprocess.Popen(
            [sys.executable, "-c", PYTHON_M],
            cwd=cwd or bench.tree,
            env=bench.environment(name),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )

    def __enter__(self) -> Lane:
        return self

    def __exit__(self, *_: object) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def module(self, module: str, *arguments: object) -> tuple[int, str, str]:
        streams = {name: str(self.files / f".{name}") for name in ("stdout", "stderr")}
        call = {"module": module, "arguments": [str(one) for one in arguments], **streams}
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(call) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"The process that runs `python -m {module}` ended: {Path(self.errors.name).read_text()[-2000:]}")
        out, err = (Path(path).read_text(errors="replace") for path in streams.values())
        return int(answer), out, err

    def run(self, name: str, *arguments: object, keep: str | Path | None = None, as_json: bool = True) -> Path | None:
        """`python -m pat_core ...`: exit code, stdout (plain values, with --json) and stderr; and the file or folder it writes."""
        began = time.time()
        code, out, err = self.module("pat_core", *arguments, *(["--json"] if as_json else []))
        form = self.bench.form(name)
        form.line("exit", code)
        try:
            form.value("stdout", json.loads(out)) if as_json else form.text("stdout", out)
        except ValueError:
            form.text("stdout", out)
        form.text("stderr", err)
        if keep is not None:
            self.keep(name, Path(keep))
        self.bench.took[name] = time.time() - began
        return None if keep is None else Path(keep)

    def keep(self, name: str, path: Path) -> None:
        """A file, or every file of a folder, as an output of that name."""
        if path.is_dir():
            for part in sorted(one for one in path.rglob("*") if one.is_file()):
                self.bench.form(f"{name}/{part.relative_to(path)}").file("file", part)
        elif path.exists():
            self.bench.form(f"{name}/{path.name}").file("file", path)
        else:
            self.bench.form(name).line("file", "was not written")

    def kept(self) -> None:
        """What lies in the workspace itself: its database, and the weeks of every cohort."""
        (database,) = self.workspace.glob("*.sqlite3")
        self.bench.form(f"{self.name}/database").database(database)
        with sqlite3.connect(database) as connection:
            for key, cohort in connection.execute("SELECT id, name FROM cohorts ORDER BY name").fetchall():
                self.keep(f"{self.name}/weeks of {cohort}", self.workspace / "cohorts" / key)


def models(bench: Bench) -> None:
    """Simulated people, models, predictions, explanations, nights, quality, marks."""
    with Lane(bench, "models") as lane:
        here = lane.files
        for verb in ("", *sorted(set(re.findall(r"^    ([a-z]+) ", lane.module("pat_core", "--help")[1], re.M)))):
            code, usage, errors = lane.module("pat_core", *([verb] if verb else []), "--help")
            form = bench.form(f"help/{verb or 'all'}")
            form.line("exit", code)
            form.line("options", *sorted(set(re.findall(r"--[a-z-]+", usage))))
            form.line("choices", *sorted(set(re.findall(r"\{[^} \n]+\}", usage))))
            form.text("text", usage + errors)
        for name, verb in (("models", "models"), ("methods", "methods"), ("cohorts none", "cohorts"), ("mappings", "mappings")):
            lane.run(f"{name} (json)", verb)
            lane.run(f"{name} (text)", verb, as_json=False)
        people = ("simulate", "--people", 24, "--seed", 3)
        lane.run("simulate", *people, "--cohort", "sim", "--out", here / "sim", keep=here / "sim")
        for label in ("fragmented_nights", "late_wake+night_activity", "none"):
            out = here / label
            lane.run(f"simulate {label}", "simulate", "--people", 4, "--seed", 7, "--label", label, "--out", out, keep=out)
        lane.run("cohorts (json)", "cohorts")
        lane.run("cohorts (text)", "cohorts", as_json=False)
        for ending in (".npz", ".csv", ".parquet"):
            more = ["--internals"] if ending == ".npz" else []
            out = here / f"predictions{ending}"
            lane.run(f"predict {ending}", "predict", "--model", DEMO, "--cohort", "sim", "--out", out, *more, keep=out)
        out = here / "told.csv"
        lane.run("predict (text)", "predict", "--model", DEMO, "--cohort", "sim", "--out", out, as_json=False)
        out = here / "own.npz"
        lane.run(
            "predict own standardizer", "predict", "--model", DEMO, "--cohort", "sim", "--standardizer", "cohort", "--out", out, keep=out
        )
        with np.load(here / "sim" / "people.npz") as file:
            np.save(here / "weeks.npy", next(file[name] for name in file.files if file[name].shape[1:] == (10080,))[:3])
        for name, model in (("demo", DEMO), ("pat-m-simulated", "pat-m-simulated")):
            out = here / f"weeks-{name}.npz"
            told = ("--weeks", here / "weeks.npy", "--internals", "--out", out)
            lane.run(f"predict --weeks {name}", "predict", "--model", model, *told, keep=out)
        golden(lane)
        explained(lane)
        looked_at(lane, "sim")
        lane.run("simulate marked", *people, "--cohort", "marked")
        marked(lane, "marked")
        for ending in ("", ".csv", ".parquet"):
            out = here / f"marks{ending}"
            lane.run(
                f"marks {ending or '(text)'}", "marks", "--cohort", "marked", *(["--out", out] if ending else []), as_json=bool(ending)
            )
            if ending:
                lane.keep(f"marks {ending}", out)
        looked_at(lane, "marked")
        out = here / "marked.npz"
        lane.run("predict marked", "predict", "--model", DEMO, "--cohort", "marked", "--out", out, keep=out)
        refused(lane)
        lane.kept()


def golden(lane: Lane) -> None:
    """The weight files of Keras, where they lie beside the data."""
    for weights in sorted((lane.bench.data.parent / "golden").glob("*.h5")):
        with np.load(weights.with_name(f"{weights.name.split('.')[0]}.golden.npz")) as file:
            np.save(lane.files / "golden.npy", file["week"])
        out = lane.files / f"{weights.stem}.npz"
        told = ("--weeks", lane.files / "golden.npy", "--standardized", "--internals", "--out", out)
        lane.run(f"predict golden {weights.stem}", "predict", "--model", weights, *told, keep=out)
    for weights in sorted((lane.bench.data.parent / "golden").glob("linear_small*full.h5")):
        lane.run(f"models add {weights.stem}", "models", "add", weights)


def explained(lane: Lane) -> None:
    """Every method as it is, some with other settings, on one person; two on several."""
    methods = [one["name"] for one in json.loads(lane.module("pat_core", "methods", "--json")[1])]
    for name, settings in ({name: (name,) for name in methods if name not in SLOW} | EXPLANATIONS).items():
        explain(lane, name, *settings)
    for name in ("rollout", "integrated_gradients"):
        out = lane.files / f"weeks-{name}.npz"
        told = ("--model", DEMO, "--weeks", lane.files / "weeks.npy", "--out", out)
        lane.run(f"explain --weeks {name}", "explain", "--method", name, *told, keep=out)
    whom = ("--cohort", "sim", "--participant", "sim-0002", "--out", lane.files / "told.npz")
    lane.run("explain (text)", "explain", "--method", "integrated_gradients", "--model", DEMO, *whom, as_json=False)


def explain(lane: Lane, name: str, method: str, *settings: object) -> None:
    """One person by one method."""
    out = lane.files / f"{name}.npz"
    told = ("--model", DEMO, "--cohort", "sim", "--participant", "sim-0002", "--out", out)
    lane.run(f"explain {name}", "explain", "--method", method, *settings, *told, keep=out)


def looked_at(lane: Lane, cohort: str) -> None:
    """Nights, weeks and quality of a cohort."""
    for ending in (".csv", ".parquet"):
        out, weeks = lane.files / f"{cohort}-nights{ending}", lane.files / f"{cohort}-weeks{ending}"
        lane.run(f"nights {cohort} {ending}", "nights", "--cohort", cohort, "--out", out, "--weeks-out", weeks, keep=out)
        lane.keep(f"nights {cohort} {ending}", weeks)
        out = lane.files / f"{cohort}-quality{ending}"
        lane.run(f"quality {cohort} {ending}", "quality", "--cohort", cohort, "--out", out, keep=out)
    out = lane.files / f"{cohort}-troiano.csv"
    told = ("--hours-a-day", 12, "--days-needed", 5, "--rule", "troiano", "--believe-device", "no")
    lane.run(f"quality {cohort} troiano", "quality", "--cohort", cohort, "--out", out, *told, keep=out, as_json=False)
    for score in ("cole_kripke", "sadeh", "oakley"):
        out = lane.files / f"{cohort}-{score}.csv"
        lane.run(f"nights {cohort} {score}", "nights", "--cohort", cohort, "--out", out, "--score", score, keep=out, as_json=False)


def marked(lane: Lane, cohort: str) -> None:
    """Marks, put where the app puts them: the command line makes none."""
    (database,) = lane.workspace.glob("*.sqlite3")
    with sqlite3.connect(database) as connection:
        ((key,),) = connection.execute("SELECT id FROM cohorts WHERE name = ?", (cohort,)).fetchall()
        for number, (person, week, first, end, kind) in enumerate(MARKS):
            row = (f"mark{number:08d}", key, person, week, first, end, kind, "Ada", "lent to a friend", time.time())
            names = "id, cohort_id, participant, week_index, from_minute, to_minute, kind, who, why, made"
            connection.execute(f"INSERT INTO marks ({names}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
    connection.close()


def refused(lane: Lane) -> None:
    """What is refused, with its exit code and its reason."""
    out = lane.files / "none.npz"
    refusals: dict[str, tuple[object, ...]] = {
        "no such cohort": ("predict", "--model", DEMO, "--cohort", "nobody", "--out", out),
        "no such model": ("predict", "--model", "nothing", "--cohort", "sim", "--out", out),
        "no head": ("explain", "--model", "pat-s-simulated", "--cohort", "sim", "--method", "integrated_gradients", "--out", out),
        "no such method": ("explain", "--model", DEMO, "--cohort", "sim", "--method", "guess", "--out", out),
        "wrong ending": ("predict", "--model", DEMO, "--cohort", "sim", "--out", lane.files / "none.doc"),
        "internals in a table": ("predict", "--model", DEMO, "--cohort", "sim", "--internals", "--out", lane.files / "none.csv"),
        "no such verb": ("divine",),
        "not confirmed": ("forget", "--cohort", "marked", "--participant", "sim-0002"),
        "forget": ("forget", "--cohort", "marked", "--participant", "sim-0005", "--yes"),
        "no such label": ("finetune", "--cohort", "sim", "--label", "none", "--positive", "x", "--model", "pat-s-simulated")
        + ("--name", "x", "--style", "full"),
        "not a weight file": ("models", "add", lane.files / "weeks.npy"),
    }
    for name, asked in refusals.items():
        lane.run(f"refused {name}", *asked, as_json=False)


def imports(bench: Bench) -> None:
    """Simulated people, every case and the data, read in: answers, refusals, and the weeks that came of them."""
    with Lane(bench, "imports") as lane:
        made = lane.files / "made"
        lane.run("imports/simulate", "simulate", "--people", 6, "--seed", 5, "--out", made)
        labels = ("--labels", made / "labels.csv")
        lane.run("import simulated", "import", made / "people.npz", "--cohort", "simulated", *labels)
        lane.run("import simulated (text)", "import", made / "people.npz", "--cohort", "simulated again", *labels, as_json=False)
        lane.run("import midnight", "import", made, "--cohort", "midnight", "--alignment", "midnight", "--device", "Actiwatch 2")
        cases = bench.data.parent / "cases"
        for case in sorted(cases.iterdir() if cases.exists() else ()):
            lane.run(f"import case {case.name}", "import", case, "--cohort", case.name)
        for name in ("08_actilife_one_bad_time", "29_parts_of_one_person", "32_raw_actilife_csv"):
            lane.run(f"import case {name} (text)", "import", cases / name, "--cohort", f"{name} told", as_json=False)
        own = cases / "33_actiware_zone_unused"
        zone = ("--zone", "Europe/Berlin", "--clock", "utc", "--over-change", "refuse")
        lane.run("import zone", "import", own, "--cohort", "zone", *zone, as_json=False)
        week = bench.data / "devices" / "actigraph_60s_week.csv"
        placed = ("--placement", "wrist", "--device", "ActiGraph GT3X")
        lane.run("import device told", "import", week, "--cohort", "told", *placed)
        lane.run("import nothing", "import", bench.data / "nothing.csv", "--cohort", "nothing", as_json=False)
        for name in ("devices", "streams", "nhanes_2003_paxraw_c_dev.zip"):
            brought(lane, name)
        lane.run("imports/cohorts", "cohorts", as_json=False)
        out = lane.files / "told.csv"
        lane.run("predict told", "predict", "--model", DEMO, "--cohort", "told", "--out", out, keep=out)
        lane.kept()


def archive(bench: Bench) -> None:
    """The large archive."""
    with Lane(bench, "archive") as lane:
        brought(lane, "obf_psychiatric_dev.zip")
        lane.kept()


def brought(lane: Lane, name: str) -> None:
    """Data read in, and its nights and quality."""
    lane.run(f"import {name}", "import", lane.bench.data / name, "--cohort", name)
    out, weeks = lane.files / f"{name}-nights.csv", lane.files / f"{name}-weeks.csv"
    lane.run(f"nights {name}", "nights", "--cohort", name, "--out", out, "--weeks-out", weeks)
    for path in (out, weeks):
        if path.exists():
            lane.keep(f"nights {name}", path)
    out = lane.files / f"{name}-quality.csv"
    lane.run(f"quality {name}", "quality", "--cohort", name, "--out", out, keep=out)


def downloads(bench: Bench) -> None:
    """Receipts, and what else is taken away from pages, of the demonstration."""
    out = bench.folder / "downloads"
    asked = [{"name": name, "page": f"pages/{page}.py", "address": address} for name, (page, address) in PAGES.items()]
    bench.script("pages", "app", DOWNLOADS, out, json.dumps(asked))
    for part in sorted(one for one in out.rglob("*") if one.is_file()):
        bench.form(f"page {part.relative_to(out)}").file("file", part)


def trainings(bench: Bench) -> None:
    """A linear probe, a cross-validation and a pretraining, tiny, with all that lies in their folders, and their answers."""
    with Lane(bench, "trainings") as lane:
        here = lane.files
        lane.run("trainings/simulate", "simulate", "--people", 24, "--seed", 3, "--cohort", "sim")
        begun = ("finetune", "--cohort", "sim", "--label", "late wake", "--positive", "planted", "--model", "pat-s-simulated")
        probe = ("--style", "linear_probe", "--learning-rate", 0.01, "--max-epochs", 4, "--seed", 2, "--device", "cpu")
        lane.run("finetune probe", *begun, "--name", "probe", *probe)
        lane.run("finetune folds", *begun, "--name", "folds", "--style", "full", "--folds", 2, "--max-epochs", 1, "--device", "cpu")
        lane.run("finetune (text)", *begun, "--name", "told", *probe, as_json=False)
        followers(lane)
        for name in ("probe", "folds"):
            out = here / f"{name}.csv"
            lane.run(f"predict {name}", "predict", "--model", name, "--cohort", "sim", "--out", out, keep=out)
        out = here / "probe.npz"
        asked = ("--method", "integrated_gradients", "--model", "probe", "--cohort", "sim", "--participant", "sim-0002", "--out", out)
        lane.run("explain probe", "explain", *asked, keep=out)
        for name in SLOW:
            explain(lane, name, name)
        lane.run("trainings/models", "models")
        out = here / "encoder.safetensors"
        lane.run("pretrain", "pretrain", "--people", 16, "--epochs", 1, "--batch", 8, "--device", "cpu", "--out", out, keep=out)
        (database,) = lane.workspace.glob("*.sqlite3")
        with sqlite3.connect(database) as connection:
            found = [(f"runs/{key}", f"run {name}") for key, name in connection.execute("SELECT id, name FROM runs ORDER BY name")]
            found += [(f"models/{key}", f"model {name}") for key, name in connection.execute("SELECT id, name FROM models ORDER BY name")]
        for folder, name in found:
            lane.keep(name, lane.workspace / folder)
        lane.kept()


def followers(lane: Lane) -> None:
    """Checksums of models made here follow from the random names in their cards; what else is in the models is compared."""
    for one in json.loads(lane.module("pat_core", "models", "--json")[1]):
        if one["reference"] in ("probe", "folds", "told"):
            lane.bench.followers[one["sha256"]] = lane.bench.places[one["sha256"]] = f"<follows from {one['reference']}>".replace(" ", "-")


def scoreboard(bench: Bench) -> None:
    """The scoreboard in its smallest form, in a copy of its scripts: it writes its results beside them."""
    shadow, kept = bench.folder / "shadow", bench.folder / "scoreboard"
    shadow.mkdir()
    shutil.copytree(bench.tree / "benchmarks", shadow / "benchmarks", ignore=shutil.ignore_patterns("results", "__pycache__"))
    (shadow / "benchmarks" / "results").mkdir()
    for part in bench.tree.iterdir():
        if part.name != "benchmarks" and not part.name.startswith("."):
            (shadow / part.name).symlink_to(part)
    with Lane(bench, "board", shadow) as lane:
        least = ("--sizes", "small", "--tasks", "presence", "--seeds", 0, "--weeks", 1, "--deep", 0, "--people", 40, "--epochs", 1)
        began = time.time()
        code, out, err = lane.module("benchmarks.explanations", "--folder", kept, *least)
        bench.form("scoreboard").line("exit", code)
        bench.form("scoreboard").value("table", json.loads(out)["result"] if not code else err)
        bench.took["scoreboard"] = time.time() - began
    bench.script("scoreboard in depth", "board", MEASURED_IN_DEPTH, kept, cwd=shadow)
    for part in sorted(kept.glob("*.jsonl")):
        bench.form(f"scoreboard/{part.name}").file("row", part)


STAGES: dict[str, Callable[[Bench], None]] = {
    "trainings": trainings,
    "models": models,
    "scoreboard": scoreboard,
    "imports": imports,
    "archive": archive,
    "pages": downloads,
}
FAST = ("models", "imports", "pages")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a .json file; FILE.raw beside it holds the outputs")
    parser.add_argument("--tree", type=Path, help="whose outputs (default: this one)")
    parser.add_argument("--data", type=Path, help="recordings, with cases/ and golden/ beside them (default: TREE/../shared/data)")
    parser.add_argument("--against", type=Path, help="FILE of an earlier run")
    parser.add_argument("--ignore-words", action="store_true", help="sentences count by their digits alone")
    parser.add_argument("--fast", action="store_true", help="without trainings, scoreboard and the large archive")
    parser.add_argument("--only", nargs="+", choices=tuple(STAGES), metavar="STAGE", help=f"some alone: {', '.join(STAGES)}")
    parser.add_argument("--at-once", type=int, default=2, help="how many processes (default 2)")
    chosen = parser.parse_args()
    if chosen.tree or not (chosen.against and chosen.out.exists()):
        tree = (chosen.tree or Path(__file__).parent.parent).resolve()
        record(
            tree,
            (chosen.data or tree.parent / "shared" / "data").resolve(),
            chosen.out,
            chosen.only or (FAST if chosen.fast else tuple(STAGES)),
            chosen.at_once,
        )
    return compare(chosen.against, chosen.out, chosen.ignore_words) if chosen.against else 0


def record(tree: Path, data: Path, out: Path, stages: Sequence[str], at_once: int) -> None:
    """Run everything and keep it."""
    began = time.time()
    with tempfile.TemporaryDirectory(prefix="outputs-") as folder:
        bench = Bench(tree, data, Path(folder).resolve())
        with ThreadPoolExecutor(at_once) as pool:
            for done in [pool.submit(STAGES[stage], bench.at(stage)) for stage in stages]:
                done.result()
    raw = out.with_name(f"{out.name}.raw")
    shutil.rmtree(raw, ignore_errors=True)
    (raw / "arrays").mkdir(parents=True)
    outputs = {}
    for name, form in sorted(bench.forms.items()):
        texts = {"all": "\n".join(form.full) + "\n", "figures": "\n".join(form.figures) + "\n"}
        for follower, word in bench.followers.items():  # learned after some of the lines were written
            texts = {kind: text.replace(follower, word) for kind, text in texts.items()}
        outputs[name] = {"stage": bench.stages[name]} | {kind: hashlib.sha256(text.encode()).hexdigest() for kind, text in texts.items()}
        for kind, text in texts.items():
            _raw(raw, name, kind).write_text(text)
        for key, values in form.arrays.items():
            np.save(raw / "arrays" / f"{key}.npy", values)
    about = {"rules": RULES, "stages": list(stages), "commit": _commit(tree), "seconds": round(time.time() - began)}
    out.write_text(json.dumps(about | {"outputs": outputs}, indent=1) + "\n")
    slowest = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in sorted(bench.took.items(), key=lambda one: -one[1])[:6])
    print(f"{len(outputs)} outputs of {tree} in {about['seconds']} s, into {out}. Slowest: {slowest}.")


def _raw(folder: Path, name: str, kind: str) -> Path:
    """Where an output lies. Names of files hold signs that folders must not."""
    return folder / f"{name.replace('/', ' - ')}.{kind}.txt"


def _commit(tree: Path) -> str:
    done = subprocess.run(["git", "-C", str(tree), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip()


def compare(before: Path, after: Path, ignore_words: bool, longest: int = 30) -> int:
    """Print what differs; 1 where anything does. Outputs of a stage that only one of them ran are left alone."""
    kind = "figures" if ignore_words else "all"
    then, now = (json.loads(path.read_text()) for path in (before, after))
    names = sorted({*then["outputs"], *now["outputs"]})
    ran = set(then["stages"]) & set(now["stages"])
    names = [name for name in names if {one["outputs"][name]["stage"] for one in (then, now) if name in one["outputs"]} <= ran]
    differing = [name for name in names if then["outputs"].get(name, {}).get(kind) != now["outputs"].get(name, {}).get(kind)]
    for name in differing:
        gone, new = name not in now["outputs"], name not in then["outputs"]
        print(f"\n== {name}" + (": no longer there" if gone else ": new" if new else ""))
        if not gone and not new:
            for line in _difference(before, after, name, kind, longest):
                print(line)
    print(f"\n{len(differing)} of {len(names)} outputs differ" + (", sentences by their digits alone." if ignore_words else "."))
    return int(bool(differing))


LONGEST_NAME = 200
"""Characters: longer than any name of an array's file, shorter than file systems allow. A line of text may be taken for one."""


def _difference(before: Path, after: Path, name: str, kind: str, longest: int) -> Iterator[str]:
    folders = [path.with_name(f"{path.name}.raw") for path in (before, after)]
    old, new = (_raw(folder, name, kind).read_text().splitlines() for folder in folders)
    lines = [line[:300] for line in difflib.unified_diff(old, new, "before", "after", lineterm="", n=0)]
    yield from lines[:longest]
    if len(lines) > longest:
        yield f"... {len(lines) - longest} more lines"
    arrays = [{(found := line.rpartition(": "))[0]: found[2].split(" | ")[-1] for line in part} for part in (old, new)]
    for place, key in arrays[0].items():
        files = [folder / "arrays" / f"{one}.npy" for folder, one in zip(folders, (key, arrays[1].get(place, "")), strict=True)]
        if files[0].name != files[1].name and all(len(file.name) < LONGEST_NAME and file.exists() for file in files):
            yield f"   {place}: {_apart(*map(np.load, files))}"


def _apart(old: np.ndarray, new: np.ndarray) -> str:
    if old.shape != new.shape or old.dtype != new.dtype:
        return f"{old.dtype} {old.shape} became {new.dtype} {new.shape}"
    changed = ~((old == new) | ((old != old) & (new != new)))
    if not changed.any():
        return "same values, other bytes (signs of zeros or payloads of NaN)"
    first = tuple(int(part[0]) for part in np.nonzero(changed))
    most = np.abs(old.astype(float) - new.astype(float))[changed].max()
    return f"{int(changed.sum())} of {old.size} values, at the most by {most:.3g}; first at {first}: {old[first]!r} became {new[first]!r}"


if __name__ == "__main__":
    sys.exit(main())
