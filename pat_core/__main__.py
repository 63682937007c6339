"""The command line: `python -m pat_core VERB ...`. Exit codes: 0 done, 1 nothing could be done, 2 wrong usage."""

from __future__ import annotations

import argparse
import json
import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path

from pat_core import settings
from pat_core.errors import PatError

SIZES = ("small", "medium", "large", "huge")


class Terminal:
    """Progress on standard error: one line that is rewritten where a person watches, nothing where no one does."""

    def __init__(self) -> None:
        self.watched = sys.stderr.isatty()
        self.width = 0

    def at(self, fraction: float, message: str) -> None:
        if self.watched:
            line = f"{fraction:4.0%}  {message}"[:110]
            print("\r" + line.ljust(self.width), end="", file=sys.stderr, flush=True)
            self.width = len(line)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        pass

    def end(self) -> None:
        if self.watched and self.width:
            print(file=sys.stderr)


def main(arguments: list[str] | None = None) -> int:
    """Run one verb. Every failure that a person can mend is a sentence on stderr, never a traceback."""
    chosen = parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    terminal = Terminal()
    try:
        return chosen.run(chosen, terminal) or 0
    except PatError as error:
        terminal.end()
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        terminal.end()
        print("Stopped. Nothing half-written was kept.", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    """All verbs. Heavy imports wait for the verb that needs them, so that --help answers at once."""
    top = argparse.ArgumentParser(prog="python -m pat_core", description="PAT Explorer: research and education only, never a diagnosis.")
    verbs = top.add_subparsers(dest="verb", required=True)

    def verb(name: str, run, text: str) -> argparse.ArgumentParser:
        made = verbs.add_parser(name, help=text, description=text)
        made.add_argument(
            "--workspace",
            type=Path,
            default=None,
            help="folder of cohorts, models and runs (default: PAT_WORKSPACE, else your data folder)",
        )
        made.add_argument("--json", action="store_true", help="print the answer as JSON")
        made.set_defaults(run=run)
        return made

    a = verb("import", import_, "Read recordings into a new cohort.")
    a.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, folders or zips")
    a.add_argument("--cohort", required=True, help="name of the new cohort")
    a.add_argument("--labels", type=Path, help="CSV with a participant column and label columns")
    a.add_argument("--alignment", choices=("start", "midnight"), default="start", help="where weeks begin")

    verb("cohorts", cohorts, "List the cohorts.")

    a = verb("models", models_, "List models, or add or download one.")
    a.add_argument("action", nargs="?", choices=("list", "add", "download"), default="list")
    a.add_argument("what", nargs="?", help="a weight file (add) or a published name (download)")

    a = verb("finetune", finetune_, "Fine-tune a model on a cohort's label.")
    for option in ("cohort", "label", "positive", "model", "name"):
        a.add_argument(f"--{option}", required=True)
    a.add_argument("--negative", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument("--style", choices=("linear_probe", "full"), required=True)
    a.add_argument("--folds", type=int, default=0, help="cross-validation by person (default: one held-out test set)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="one week a person, or every full week")
    a.add_argument("--device", default="auto")
    a.add_argument("--learning-rate", type=float, help="default: the paper's for the size")
    a.add_argument("--max-epochs", type=int, default=10_000)
    a.add_argument("--patience", type=int, default=250)
    a.add_argument("--seed", type=int, default=0)

    a = verb("predict", predict, "Predict a cohort or the weeks of a .npy file.")
    _weeks_options(a)
    a.add_argument("--internals", action="store_true", help="add tokens and attention_received to an .npz")
    a.add_argument("--out", type=Path, required=True, help=".npz, .csv or .parquet")

    a = verb("explain", explain_, "Explain the predictions of a cohort, one person, or a .npy file.")
    _weeks_options(a)
    a.add_argument("--participant")
    a.add_argument("--method", required=True, help="rollout, authors, integrated_gradients")
    a.add_argument("--out", type=Path, required=True, help=".npz")

    a = verb("simulate", simulate_, "Draw simulated people whose truth is known.")
    a.add_argument("--people", type=int, required=True)
    a.add_argument("--seed", type=int, default=0)
    a.add_argument("--label", default="late_wake", help="the planted trait that the label follows, or none")
    a.add_argument("--prevalence", type=float, default=0.4)
    a.add_argument("--out", type=Path, help="folder for people.npz and labels.csv")
    a.add_argument("--cohort", help="also, or instead, make a cohort of this name")

    a = verb("pretrain", pretrain_, "Pretrain an encoder on simulated weeks.")
    a.add_argument("--size", choices=SIZES, default="small")
    a.add_argument("--embedding", choices=("linear", "conv"), default="linear")
    a.add_argument("--people", type=int, default=2000)
    a.add_argument("--seed", type=int, default=1)
    a.add_argument("--epochs", type=int, default=1000)
    a.add_argument("--batch", type=int, default=128)
    a.add_argument("--learning-rate", type=float, default=1e-3)
    a.add_argument("--minutes", type=float, help="stop after this long")
    a.add_argument("--device", default="auto")
    a.add_argument("--out", type=Path, required=True, help="a .safetensors file")

    a = verb("demo", demo, "Make the demonstration's files again (assets/demo).")
    a.add_argument("--model", default="pat-s-simulated")
    a.add_argument("--learning-rate", type=float, default=3e-4)
    a.add_argument("--max-epochs", type=int, default=40)
    a.add_argument("--out", type=Path, default=settings.ASSETS / "demo")

    a = verb("work", work, "Do one background job (the app starts this itself).")
    a.add_argument("--job", required=True)

    a = verb("app", app, "Start the app in the browser.")
    a.add_argument("--port", type=int, default=8501)
    return top


def _weeks_options(a: argparse.ArgumentParser) -> None:
    a.add_argument("--model", required=True, help="a model's name or a weight file")
    which = a.add_mutually_exclusive_group(required=True)
    which.add_argument("--cohort")
    which.add_argument("--weeks", type=Path, help=".npy of (people, minutes) float32")
    a.add_argument("--standardized", action="store_true", help="the weeks go in as they are")
    a.add_argument(
        "--standardizer", choices=("model", "cohort"), help="whose means and deviations (default: the model's where it has them)"
    )


def _workspace(chosen: argparse.Namespace):
    from pat_core.cohorts import Workspace

    return Workspace(chosen.workspace)


def _say(chosen: argparse.Namespace, answer: object, text: str) -> None:
    print(json.dumps(answer, default=_plain, indent=1) if chosen.json else text)


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.item() if hasattr(value, "item") else str(value)


def import_(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.workflows import import_recordings

    done = import_recordings(
        _workspace(chosen), chosen.paths, chosen.cohort, labels=chosen.labels, alignment=chosen.alignment, progress=progress
    )
    progress.end()
    lines = [f"{done.people} people with {done.weeks} full weeks came into {chosen.cohort!r}."]
    lines += [f"{len(done.refused)} refused:"] if done.refused else ["Nothing was refused."]
    lines += [f"  {refusal.what}: {refusal.reason}" for refusal in done.refused]
    answer = {"cohort": done.cohort, "people": done.people, "weeks": done.weeks, "refused": [asdict(refusal) for refusal in done.refused]}
    _say(chosen, answer, "\n".join(lines))
    return 0


def cohorts(chosen: argparse.Namespace, progress: Terminal) -> int:
    found = _workspace(chosen).cohorts()
    lines = [f"{c.name}: {c.people} people, {c.weeks} weeks, {c.unit}{', simulated' if c.simulated else ''}" for c in found]
    _say(chosen, found, "\n".join(lines) or "No cohorts yet. `python -m pat_core import PATH --cohort NAME` makes one.")
    return 0


def models_(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.workflows import add_model, download_model, models

    workspace = _workspace(chosen)
    if chosen.action != "list" and not chosen.what:
        print(f"`models {chosen.action}` needs {'a file' if chosen.action == 'add' else 'a published name'}.", file=sys.stderr)
        return 2
    if chosen.action == "list":
        entries = models(workspace)
        lines = [f"{e.reference}: {e.origin}, {e.size}, {e.embedding}, {_state(e)}" for e in entries]
        _say(chosen, entries, "\n".join(lines))
        return 0
    info = add_model(workspace, Path(chosen.what)) if chosen.action == "add" else download_model(workspace, chosen.what, progress)
    progress.end()
    _say(chosen, info, f"Added {info.name}: {info.size}, {info.embedding}, SHA-256 {info.sha256}.")
    return 0


def _state(entry) -> str:
    if not entry.present:
        return "not downloaded"
    return "with a trained head" if entry.has_head else "no trained head"


def finetune_(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.training import FinetuneSettings
    from pat_core.workflows import RunRequest, run_finetune

    recipe = FinetuneSettings(
        style=chosen.style,
        folds=chosen.folds,
        device=chosen.device,
        learning_rate=chosen.learning_rate,
        max_epochs=chosen.max_epochs,
        patience=chosen.patience,
        seed=chosen.seed,
    )
    request = RunRequest(chosen.name, chosen.cohort, chosen.label, chosen.positive, chosen.model, chosen.negative, chosen.weeks, recipe)
    run = run_finetune(_workspace(chosen), request, progress)
    progress.end()
    auc = run.result["test"]["auc"]
    text = (
        f"{run.name}: test AUC {auc['value']:.3f} (95 % interval {auc['low']:.3f} to {auc['high']:.3f}) on {auc['n']} people, "
        f"{run.result['test']['how']}; prevalence {run.result['prevalence']:.2f}. {run.result['epochs']} epochs, {run.result['stopped']}."
    )
    _say(chosen, {"run": run.name, "folder": run.folder, **run.result}, text)
    return 0


def predict(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.workflows.files import predict_cohort_to, predict_file
    from pat_core.workflows.models import resolve

    workspace = _workspace(chosen)
    model = resolve(workspace, chosen.model)
    if chosen.weeks:
        done = predict_file(
            model, chosen.weeks, chosen.out, standardized=chosen.standardized, internals=chosen.internals, whose=chosen.standardizer
        )
    else:
        done = predict_cohort_to(workspace, model, chosen.cohort, chosen.out, chosen.standardizer, chosen.internals, progress)
    progress.end()
    answer = {"weeks": done.weeks, "minutes_not_read": done.minutes_not_read, "out": chosen.out}
    answer |= {"model": model.name, "sha256": model.sha256}
    text = f"{done.weeks} weeks written to {chosen.out}."
    if done.minutes_not_read:
        text += f" The last {done.minutes_not_read} minutes fill no whole patch of {model.config.patch}, so the model did not read them."
    _say(chosen, answer, text)
    return 0


def explain_(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.workflows.files import explain_cohort_to, explain_file
    from pat_core.workflows.models import resolve

    workspace = _workspace(chosen)
    model = resolve(workspace, chosen.model)
    if chosen.weeks:
        made = explain_file(model, chosen.weeks, chosen.method, chosen.out, standardized=chosen.standardized, whose=chosen.standardizer)
    else:
        made = explain_cohort_to(
            workspace, model, chosen.cohort, chosen.participant, chosen.method, chosen.out, chosen.standardizer, progress
        )
    progress.end()
    gaps = [one.relative_gap for one in made if one.relative_gap is not None]
    text = f"{len(made)} weeks explained into {chosen.out}."
    text += f" Largest gap: {max(gaps):.2%} of the score's change (at least 1 logit)." if gaps else ""
    _say(chosen, {"weeks": len(made), "out": chosen.out, "method": chosen.method, "relative_gaps": gaps}, text)
    return 0


def simulate_(chosen: argparse.Namespace, progress: Terminal) -> int:
    import pandas as pd

    from pat_core.simulate import save_simulated, simulate
    from pat_core.workflows.importing import NOT_PLANTED, PLANTED, label_name, store_simulated

    if not chosen.out and not chosen.cohort:
        print("`simulate` needs --out DIR or --cohort NAME (or both).", file=sys.stderr)
        return 2
    made = simulate(chosen.people, chosen.seed, label=chosen.label, prevalence=chosen.prevalence)
    where = []
    if chosen.out:
        save_simulated(made, chosen.out / "people.npz")
        labels = {"participant": made.participants, label_name(made.label): [PLANTED if one else NOT_PLANTED for one in made.positive]}
        pd.DataFrame(labels | dict(made.distractors)).to_csv(chosen.out / "labels.csv", index=False)
        where.append(str(chosen.out))
    if chosen.cohort:
        store_simulated(_workspace(chosen), chosen.cohort, made)
        where.append(f"cohort {chosen.cohort}")
    _say(
        chosen,
        {"people": chosen.people, "seed": chosen.seed, "where": where},
        f"{chosen.people} simulated people in {' and '.join(where)}.",
    )
    return 0


def pretrain_(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.training import PretrainSettings
    from pat_core.workflows import pretrain_simulated

    recipe = PretrainSettings(
        epochs=chosen.epochs,
        batch=chosen.batch,
        learning_rate=chosen.learning_rate,
        seed=chosen.seed,
        device=chosen.device,
        minutes=chosen.minutes,
    )
    sha256 = pretrain_simulated(chosen.size, chosen.people, chosen.seed, chosen.out, recipe, chosen.embedding, progress)
    progress.end()
    _say(chosen, {"out": chosen.out, "sha256": sha256}, f"Encoder written to {chosen.out}, SHA-256 {sha256}.")
    return 0


def demo(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.training import FinetuneSettings
    from pat_core.workflows import build_demo

    recipe = FinetuneSettings(style="full", learning_rate=chosen.learning_rate, max_epochs=chosen.max_epochs, patience=15)
    result = build_demo(chosen.model, chosen.out, recipe, progress)
    progress.end()
    _say(chosen, result, f"Demonstration written to {chosen.out}; test AUC {result['test']['auc']['value']:.3f}.")
    return 0


def work(chosen: argparse.Namespace, progress: Terminal) -> int:
    from pat_core.jobs import run_job
    from pat_core.workflows.handlers import HANDLERS

    run_job(_workspace(chosen), chosen.job, HANDLERS)
    return 0


def app(chosen: argparse.Namespace, progress: Terminal) -> int:
    root = Path(__file__).resolve().parent.parent
    environment = dict(os.environ)
    if chosen.workspace:
        environment["PAT_WORKSPACE"] = str(chosen.workspace.resolve())
    command = [sys.executable, "-m", "streamlit", "run", str(root / "app.py"), "--server.port", str(chosen.port)]
    return subprocess.call(command, cwd=root, env=environment)


if __name__ == "__main__":
    sys.exit(main())
