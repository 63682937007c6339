"""What is run, stage by stage: models, imports, pages, trainings, a small scoreboard."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import time
from collections.abc import Callable

import numpy as np

from benchmarks.outputs.lanes import Bench, Lane

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
from pat_core.progress import Silent
from pat_core.workflows.explanations.planted_models import planted_model
from pat_core.workflows.explanations.scoreboard_run import RowFile, ScoreboardRequest, measure_model
folder = Path(sys.argv[1])
request = ScoreboardRequest(("small",), ("presence",), 1, 1, 1, ("gradient",), 40, 1)
(planted,) = request.cells
measure_model(planted_model(planted, folder), planted, request, RowFile(folder / "deep.jsonl"), Silent())
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
        probe = ("--style", "linear_probe", "--learning-rate", 0.01, "--max-epochs", 4, "--recipe", "paper", "--seed", 2, "--device", "cpu")
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
        least = ("--sizes", "small", "--tasks", "presence", "--models", 1, "--weeks", 1, "--deep", 0, "--people", 40, "--epochs", 1)
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
