"""The command line: `python -m pat_core VERB ...`, or `pat VERB ...` where it is installed. Exit codes: 0 done, 1 nothing could be done,
2 wrong usage, or not confirmed."""

from __future__ import annotations

import argparse
import io
import json
import logging
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from pathlib import Path

from pat_core import settings
from pat_core.commands import several_processes, verbs, verbs_compare, verbs_evaluate, verbs_places, verbs_training, verbs_weeks
from pat_core.commands.several_processes import in_several
from pat_core.errors import PatError
from pat_core.files import keep_to_ourselves

SIZES = ("small", "medium", "large", "huge")
KINDS = ("two-classes", "classes", "ordinal", "value")
RECIPES, KEEPS, LOSS_ON = ("recommended", "paper"), ("refit", "ensemble"), ("all", "hidden")
INTERNALS = (
    "add tokens (windows, patches, 96) and attention_received (blocks, windows, heads, patches) to an .npz; where windows differ in length "
    "they lie one after another, tokens (all patches, 96) and attention_received (blocks, heads, all patches), and those of row i go from "
    "first_patch[i] to first_patch[i + 1]"
)
MAPS = (
    "an .npz: attribution (windows, minutes); where windows differ in length their maps lie one after another, (all minutes,), and that of "
    "row i goes from first_minute[i] to first_minute[i + 1]"
)
DEVICES = "cpu, cuda or mps (default auto: the fastest available)"


_COMMANDS = re.compile("[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]")
"""What a terminal obeys instead of showing it: names and notes come out of files."""


def shown(text: str) -> str:
    """A text as a terminal shows it, and nothing that it would do."""
    return _COMMANDS.sub("\ufffd", text)


class Shown(logging.Formatter):
    """Messages of the log, shown so."""

    def format(self, record: logging.LogRecord) -> str:
        return shown(super().format(record))


class Terminal:
    """Progress on standard error: one line that is rewritten where a person watches, nothing where no one does."""

    def __init__(self) -> None:
        self.watched = sys.stderr.isatty()
        self.width = 0

    def at(self, fraction: float, message: str) -> None:
        if self.watched:
            line = shown(f"{fraction:4.0%}  {message}")[:110]
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
    keep_to_ourselves()
    log = logging.StreamHandler()
    log.setFormatter(Shown("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names that this terminal has no signs for
    if wrong := verbs.wrong_usage(chosen):
        print(shown(wrong), file=sys.stderr)
        return 2
    terminal = Terminal()
    try:
        code = in_several(chosen, sys.argv[1:] if arguments is None else arguments)
        answer = chosen.run(chosen, terminal) if code is None else code
        terminal.end()
        return say(answer, chosen.json) if isinstance(answer, verbs.Answer) else answer or 0
    except PatError as error:
        return _failed(terminal, str(error))
    except BrokenPipeError:
        # Whoever read the answer has gone; what Python still holds of it at its end must go somewhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _failed(terminal, _of_the_system(error))
    except KeyboardInterrupt:
        return _failed(terminal, "Stopped. Nothing half-written was kept.")


def say(answer: verbs.Answer, as_json: bool) -> int:
    """The answer on stdout; what to know before it is believed on stderr, or among the plain values."""
    if not as_json:
        for caution in answer.cautions:
            print(shown(caution), file=sys.stderr)
    print(json.dumps(answer.plain, default=_plain, indent=1) if as_json else shown(answer.text), flush=True)
    return answer.code


def _failed(terminal: Terminal, why: str) -> int:
    terminal.end()
    print(shown(why), file=sys.stderr)
    return 1


def _of_the_system(error: OSError) -> str:
    """A refusal of the operating system, as a sentence that names the file."""
    where = f"{error.filename} cannot be read or written" if error.filename else "A file or folder cannot be read or written"
    return f"{where}: {error.strerror or error}. Check the path, your permissions there, and the free space on the disk."


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    return value.item() if hasattr(value, "item") else str(value)


def parser() -> argparse.ArgumentParser:
    """All verbs with their options."""
    top = argparse.ArgumentParser(prog=_own_name(), description="PAT Explorer: research and education only, never a diagnosis.")
    added = top.add_subparsers(dest="verb", required=True)

    def verb(name: str, run, text: str) -> argparse.ArgumentParser:
        command = added.add_parser(name, help=text, description=text)
        command.add_argument(
            "--workspace",
            type=Path,
            default=None,
            help="folder of cohorts, models and runs (default: PAT_WORKSPACE, else your data folder)",
        )
        command.add_argument("--json", action="store_true", help="print the answer as JSON")
        command.set_defaults(run=run)
        return command

    _people(verb)
    _training(verb)
    _answers(verb)
    verbs_weeks.register(verb)
    verbs_training.register(verb)
    verbs_evaluate.register(verb)
    verbs_compare.register(verb)
    verbs_places.register(verb)

    a = verb("demo", verbs_training.demo, "Make the demonstration's files again (assets/demo).")
    a.add_argument("--model", default="pat-s-simulated", help="the encoder to begin with (default pat-s-simulated)")
    a.add_argument("--learning-rate", type=float, default=3e-4, help="of Adam (default 0.0003)")
    a.add_argument("--max-epochs", type=int, default=40, help="stop after this many (default 40)")
    a.add_argument("--out", type=Path, default=settings.ASSETS / "demo", help="folder for the files (default: assets/demo)")

    a = verb("app", verbs.app, "Start the app in the browser.")
    a.add_argument("--port", type=int, default=8501, help="where the browser finds it (default 8501)")
    return top


def _own_name() -> str:
    """What was typed to get here, for usage and help: the command that a wheel installs, or Python's way to run a package."""
    return "pat" if Path(sys.argv[0]).stem == "pat" else "python -m pat_core"


def _people(verb) -> None:
    a = verb("import", verbs.import_, "Read recordings into a new cohort.")
    a.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, folders or zips")
    a.add_argument("--cohort", required=True, help="name of the new cohort")
    a.add_argument("--labels", type=Path, help="CSV with a participant column and label columns")
    a.add_argument("--alignment", choices=("start", "midnight"), default="start", help="where weeks begin")
    a.add_argument(
        "--days",
        type=_days,
        default=settings.USUAL_DAYS,
        metavar="D",
        help=f"full days of each window, 1 to {settings.MOST_DAYS} (default {settings.USUAL_DAYS}), or all: all full days of each person",
    )
    a.add_argument(
        "--zone", metavar="PLACE", help="time zone of recordings whose files name none: Europe/Berlin (default: as the file says)"
    )
    a.add_argument(
        "--clock",
        choices=("wall", "steady", "utc"),
        default="wall",
        help="how their clocks ran, with --zone: as the clocks there (wall, default), never changed (steady), or in UTC",
    )
    a.add_argument(
        "--over-change",
        choices=("cut", "refuse"),
        default="cut",
        help="a week over a daylight-saving change: cut to the minutes of the wall clock (default), or refused",
    )
    a.add_argument("--device", default="", help="the device of recordings whose files name none: ActiGraph GT3X, Actiwatch 2, ...")
    a.add_argument("--placement", default="", help="where on the body it was worn, for files that do not say: wrist, hip, ...")
    a.add_argument("--mapping", metavar="NAME", help="remembered columns to read tables by (default: all that fit), or none")

    a = verb("mappings", verbs.mappings, "List the remembered meanings of columns, or forget one.")
    a.add_argument("action", nargs="?", choices=("list", "forget"), default="list", help="what to do (default: list)")
    a.add_argument("what", nargs="?", metavar="NAME", help="the file it was first made for, or the beginning of its key")

    a = verb("cohorts", verbs.cohorts, "List the cohorts, or say how the people of one were chosen.")
    a.add_argument("--cohort", help="whose people were chosen as --sampling says (default: list all)")
    a.add_argument("--sampling", choices=("case-control", "population"), help="case-control (default), or a sample of a population")

    a = verb("forget", verbs.forget, "Delete a cohort, or one person of it, with everything that the workspace says of them.")
    a.add_argument("--cohort", required=True, help="which one")
    a.add_argument("--participant", metavar="ID", help="one person of the cohort (default: everybody)")
    a.add_argument("--yes", action="store_true", help="really delete; without it, only say what would be deleted")

    _nhanes(verb)

    a = verb("simulate", verbs.simulate, "Draw simulated people whose truth is known.")
    a.add_argument("--people", type=int, required=True, help="how many, one week each")
    a.add_argument("--seed", type=_seed, default=0, help="the same seed draws the same people (default 0)")
    a.add_argument(
        "--label",
        default="late_wake",
        help="the planted trait that the label follows, as late_wake or 'late wake', two joined by +, or none",
    )
    a.add_argument("--prevalence", type=float, default=0.4, help="share of people with the trait (default 0.4)")
    a.add_argument("--out", type=Path, help="folder for people.npz and labels.csv")
    a.add_argument("--cohort", help="also, or instead, make a cohort of this name")


def _nhanes(verb) -> None:
    a = verb("nhanes", verbs.nhanes, "Import NHANES: weeks, standardized cycle by cycle, with the five labels of PAT's paper.")
    a.add_argument("--cycles", type=int, nargs="+", choices=(2003, 2005, 2011, 2013), required=True, help="the years in which they began")
    a.add_argument("--out", type=Path, required=True, help="folder of downloads (20 GB for all four) and results; a stopped run goes on")
    a.add_argument("--files", type=Path, metavar="FOLDER", help="the CDC's files, where they are here already (default: download them)")
    a.add_argument("--cohort", default="NHANES", help="what the names of the cohorts begin with (default: NHANES)")
    a.add_argument("--no-cohort", action="store_true", help="write the folders only")
    a.add_argument("--alignment", choices=("midnight", "start"), default="midnight", help="where weeks begin (default: the first midnight)")
    a.add_argument("--drop-flagged", action="store_true", help="minutes with quality flags (PAXQFM above 0) are missing (default: kept)")
    a.add_argument("--short", action="store_true", help="keep people whose recording is shorter than the week (default: refused by name)")
    a.add_argument("--site", metavar="URL", help="another place laid out like the CDC's Public folder")


def _training(verb) -> None:
    a = verb("models", verbs.models, "List models, or add or download one.")
    a.add_argument("action", nargs="?", choices=("list", "add", "download"), default="list", help="what to do (default: list)")
    a.add_argument("what", nargs="?", help="a weight file (add) or a published name (download)")

    a = verb("finetune", verbs_training.finetune, "Fine-tune a model on a cohort's label.")
    a.set_defaults(check=verbs_training.wrong_training)
    a.add_argument("--cohort", required=True, help="whose people train and test")
    a.add_argument(
        "--label",
        dest="labels",
        action="append",
        required=True,
        help="the column of their labels to learn, or one with a threshold: 'madrs1>=25'; several: each so, a run each",
    )
    a.add_argument(
        "--kind",
        choices=KINDS,
        default=KINDS[0],
        help="two-classes (default), classes: several, ordinal: several in order, or value: a number",
    )
    a.add_argument("--positive", action="append", default=[], help="the value whose probability the model should give; several: each so")
    a.add_argument(
        "--class",
        dest="classes",
        action="append",
        default=[],
        metavar="VALUE",
        help="of classes and ordinal: a value to learn, from low to high; each so (default: all, numbers in order)",
    )
    a.add_argument("--cut", action="append", default=[], type=float, help="of a number: where a class begins, rising; each so")
    a.add_argument("--unit", default="", help="of a value, in your word: years, points")
    a.add_argument("--model", required=True, help="the model to begin with: a name that `models` lists, or a weight file")
    a.add_argument("--name", required=True, help="of the run, and of the model that comes out of it")
    a.add_argument("--negative", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument("--style", choices=("linear_probe", "full"), required=True, help="train only the head, or all weights")
    a.add_argument("--folds", type=int, default=0, help="cross-validation by person (default: one held-out test set)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="one week a person, or every full week")
    a.add_argument("--plan", type=Path, metavar="FILE", help="text of the analysis plan: locked now, printed with the result")
    a.add_argument("--keep-refused", action="store_true", help="train and test also on weeks that the input check refuses for any model")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--recipe", choices=RECIPES, default=RECIPES[0], help="recommended (the default), or paper: as PAT's authors train")
    a.add_argument(
        "--keep", choices=KEEPS, default=KEEPS[0], help="after folds: train again on everyone, or keep the folds' models together"
    )
    a.add_argument("--repeats", type=int, default=1, help="of the cross-validation, with folds drawn anew (default 1)")
    a.add_argument(
        "--standardize",
        choices=("window", "day"),
        default="window",
        help="compare minutes of the window, as in the paper (default), or of the day: the model then reads windows of any length",
    )
    a.add_argument("--learning-rate", type=float, help="default: the recipe's for the size")
    a.add_argument("--max-epochs", type=int, help="stop after this many (default: the recipe's; the paper's is 10000)")
    a.add_argument("--patience", type=int, help="stop after this many epochs without a better validation AUC (R2, ...; paper: 250)")
    a.add_argument("--seed", type=_seed, default=0, help="of the split, the first weights and the order of batches (default 0)")
    several_processes.option(a)
    verbs_places.option(a)

    a = verb("pretrain", verbs_training.pretrain, "Pretrain an encoder on the weeks of a cohort, or on simulated ones.")
    a.add_argument(
        "--cohort",
        action="append",
        default=[],
        dest="cohorts",
        metavar="COHORT",
        help="whose weeks it learns from; several, each given so, are each standardized by themselves, as the paper does with NHANES' "
        "cycles; without it simulated people are made",
    )
    a.add_argument("--name", help="with --cohort: of the run, and of the encoder that comes out of it")
    a.add_argument("--size", choices=(*SIZES, "custom"), default="small", help="of the encoder (default small)")
    for name, usual in (("patch", 18), ("heads", 6), ("blocks", 1)):
        a.add_argument(f"--{name}", type=int, default=usual, help=f"with --size custom (default {usual})")
    a.add_argument("--embedding", choices=("linear", "conv"), default="linear", help="how patches become tokens (default linear)")
    a.add_argument("--people", type=int, default=2000, help="simulated for it, one week each (default 2000)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="of a cohort: one week a person, or every full week")
    a.add_argument("--keep-refused", action="store_true", help="learn also from weeks that the input check refuses for any model")
    a.add_argument("--seed", type=_seed, default=1, help="of people, first weights and masks (default 1)")
    a.add_argument("--epochs", type=int, default=1000, help="stop after this many (default 1000)")
    paper = "default: the paper's for the size"
    a.add_argument("--patience", type=int, help=f"stop after this many epochs without a lower validation loss ({paper})")
    a.add_argument("--plateau-patience", type=int, help=f"halve the rate after this many epochs without a lower loss ({paper})")
    a.add_argument("--batch", type=int, default=128, help="weeks a step (default 128)")
    a.add_argument("--learning-rate", type=float, help=f"of Adam ({paper})")
    a.add_argument("--mask-ratio", type=float, default=0.9, help="share of the patches that is hidden (default 0.9)")
    a.add_argument("--loss-on", choices=LOSS_ON, default="all", help="all minutes, as in the paper, or hidden ones alone")
    a.add_argument(
        "--smoothed", action="store_true", help="smooth weeks first (Savitzky-Golay, 51, 3), which made the paper's results worse"
    )
    a.add_argument("--minutes", type=float, help="stop after this long")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--out", type=Path, help="without --cohort: a .safetensors file")
    several_processes.option(a)
    verbs_places.option(a)
    a.set_defaults(check=verbs_training.wrong_pretraining)


def _answers(verb) -> None:
    a = verb("predict", verbs.predict, "Predict a cohort or the weeks of a .npy file.")
    _weeks_options(a)
    a.add_argument("--internals", action="store_true", help=INTERNALS)
    a.add_argument(
        "--prevalence",
        type=float,
        metavar="SHARE",
        help="share of the group in your setting, such as 0.05 (default: as in the model's test)",
    )
    a.add_argument(
        "--shown-as",
        choices=("alike", "model", "platt", "isotonic", "venn-abers", "rank"),
        help="how the answer is given, where the model's test bears that out (default: the first of these that it does)",
    )
    a.add_argument("--out", type=Path, required=True, help=".npz, .csv or .parquet")

    a = verb("explain", verbs.explain, "Explain the predictions of a cohort, one person, or a .npy file.")
    _weeks_options(a)
    a.add_argument("--participant", help="one person of the cohort")
    a.add_argument(
        "--class", dest="of_class", metavar="NAME", help="of several classes, the one to explain (default: each week's likeliest)"
    )
    a.add_argument("--method", required=True, help="a name that `methods` lists: rollout, integrated_gradients, ...")
    a.add_argument("--out", type=Path, required=True, help=MAPS)
    a.add_argument("--baseline", help="of the gradient methods: mean week, non-wear, another person, reference weeks")
    a.add_argument("--baseline-person", metavar="ID", help="who that other person is (a row's number with --weeks)")
    a.add_argument("--tolerance", type=float, help="of the gap, as a share of the score's change (default 0.01)")
    a.add_argument("--most", type=int, help="steps at the most (default 256)")
    a.add_argument("--block", type=int, help="of an attention method: 0 is the first, -1 the last (default)")
    a.add_argument("--head", type=int, help="of the authors' map: 0 is the first (default: the mean of all)")
    a.add_argument("--fusion", choices=("mean", "max", "min"), help="of the rollout's heads (default mean)")
    a.add_argument("--discard", type=float, help="of the rollout: share of the weakest attention left out (default 0)")
    a.add_argument("--replacement", choices=("mean week", "own day"), help="of what is taken out by occlusion and Shapley")

    verb("methods", verbs.methods, "List the methods of explanation, with what each needs and how it did on planted evidence.")


def _weeks_options(a: argparse.ArgumentParser) -> None:
    a.add_argument("--model", required=True, help="a model's name or a weight file")
    which = a.add_mutually_exclusive_group(required=True)
    which.add_argument("--cohort", help="all its people")
    which.add_argument("--weeks", type=Path, help=".npy of (people, minutes) float32")
    a.add_argument("--standardized", action="store_true", help="the weeks go in as they are (with --weeks)")
    a.add_argument(
        "--standardizer",
        type=lambda text: text.replace("-", "_"),
        choices=("model", "cohort", "cohort_day"),
        metavar="{model,cohort,cohort-day}",
        help="whose means and deviations (default: the model's where it has them), by minute of the window or (cohort-day) of the day",
    )


def _days(text: str) -> int | str:
    if text.strip().casefold() == "all":
        return "all"
    if not text.strip().isdecimal() or not 1 <= int(text) <= settings.MOST_DAYS:
        raise argparse.ArgumentTypeError(f"days are a whole number from 1 to {settings.MOST_DAYS}, or all; got {text!r}")
    return int(text)


def _seed(text: str) -> int:
    if not text.strip().isdecimal():
        raise argparse.ArgumentTypeError(f"a seed is a whole number from 0 up, got {text!r}")
    return int(text)


if __name__ == "__main__":
    sys.exit(main())
