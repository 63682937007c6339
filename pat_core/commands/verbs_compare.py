"""What the verb `compare` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
import re
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pat_core.commands.shared_options import DEVICES
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.commands.verbs_places import done_there, option, unsent
from pat_core.progress import Progress


def compare(chosen: Namespace, progress: Progress) -> Answer:
    """Models, training sizes and repetitions on one test set; goes on where it was stopped."""
    from pat_core.csv_text import write_csv
    from pat_core.files import make_folder
    from pat_core.reports.comparing.compare_words import as_text, cell_table, left_words, line_table
    from pat_core.reports.place_words import time_words
    from pat_core.workflows.comparing.compare_cells import COMPARE, comparison, run_comparison
    from pat_core.workflows.comparing.compare_table import lines
    from pat_core.workflows.comparing.paper_results import paper_missing
    from pat_core.workflows.comparing.training_cost import comparing
    from pat_core.workflows.elsewhere.compare_elsewhere import ending

    workspace = workspace_of(chosen)
    request = _request(chosen, workspace)
    missing = paper_missing(workspace, request) if chosen.paper else []
    if chosen.cost:
        before = comparison(workspace, request)
        time = comparing(workspace, before).here()
        words = " ".join([left_words(before), *([time_words(time)] if before.missing else [])])
        plain = {"kept": len(before.results), "missing": len(before.missing), "seconds_at_most": time.seconds, "device": time.device}
        return Answer(plain | {"left_out": before.left_out}, words, (*missing, *before.left_out))
    if chosen.on and (first := done_there(workspace, COMPARE, request, f"Compare models: {request.name}", chosen, progress)):
        return first
    done = run_comparison(workspace, ending(workspace, request) if chosen.on else request, progress)
    table = lines(workspace, done)
    text = as_text(done, table)
    if chosen.out:
        make_folder(chosen.out)
        write_csv(line_table(table), chosen.out / "table.csv")
        write_csv(cell_table(done), chosen.out / "trainings.csv")
        text += f"\nWritten to {chosen.out}: table.csv, trainings.csv."
    rows = line_table(table).to_dict("records")
    plain = {"comparison": request.name, "table": rows, "trainings": cell_table(done).to_dict("records"), "out": chosen.out}
    return Answer(plain | {"failed": done.failed}, text, (*missing, *done.left_out, *done.failed), code=1 if done.failed else 0)


def compare_encoders(chosen: Namespace, progress: Progress) -> Answer:
    """Two encoders beside one another and beside untrained ones; goes on where it was stopped."""
    from pat_core.csv_text import write_csv
    from pat_core.files import make_folder, write_text
    from pat_core.reports.comparing import encoder_words
    from pat_core.workflows.learn.compare_encoders import COMPARE_ENCODERS, kept_comparison
    from pat_core.workflows.learn.compare_encoders import compare_encoders as compare_two
    from pat_core.workflows.learn.encoder_reading import EncoderRequest

    workspace = workspace_of(chosen)
    asked = chosen.first, chosen.second, chosen.cohort, chosen.label, chosen.positive or "", chosen.negative
    request = EncoderRequest(*asked, chosen.folds, chosen.repeats, chosen.seed, chosen.mask_ratio, chosen.device)
    done = kept_comparison(workspace, request)
    if done is None and chosen.on:
        title = f"Compare {request.first} with {request.second}"
        if first := done_there(workspace, COMPARE_ENCODERS, request, title, chosen, progress):
            return first
        done = kept_comparison(workspace, request)
    done = done or compare_two(workspace, request, progress)
    text = encoder_words.as_text(done)
    if chosen.out:
        make_folder(chosen.out)
        write_csv(encoder_words.encoder_rows(done), chosen.out / "encoders.csv")
        write_text(chosen.out / "encoders.json", encoder_words.as_json(done), private=False)
        text += f"\nWritten to {chosen.out}: encoders.csv, encoders.json."
    return Answer(encoder_words.as_plain(done) | {"out": chosen.out}, text, (*encoder_words.cautions(done), *encoder_words.notes(done)))


def _request(chosen: Namespace, workspace):
    from pat_core.training import FinetuneSettings
    from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups
    from pat_core.workflows.comparing.paper_results import paper_baselines, paper_request

    given: dict[str, Any] = {name: getattr(chosen, name) for name in ("max_epochs", "patience", "learning_rate")}
    given = {name: value for name, value in given.items() if value is not None}
    recipe: Any = chosen.recipe or ("paper" if chosen.paper else "recommended")
    settings = FinetuneSettings("full", recipe=recipe, device=chosen.device, seed=chosen.seed, **given)
    name = chosen.name or chosen.cohort
    if chosen.paper:
        return paper_request(workspace, name, chosen.cohort, settings, chosen.seeds, chosen.models or ())
    groups = tuple(Groups(label, chosen.positive or "", chosen.negative) for label in chosen.label)
    sizes = tuple(ALL if size == "all" else int(size) for size in chosen.sizes)
    models = tuple(chosen.models or ("pat-s-simulated", *paper_baselines()))
    return CompareRequest(
        name, chosen.cohort, groups, models, tuple(chosen.styles), sizes, chosen.seeds, chosen.test, chosen.weeks, settings
    )


def wrong_comparison(chosen: Namespace) -> str | None:
    """A sentence where options do not go together; None where they do."""
    if chosen.paper and (chosen.label or chosen.positive or chosen.negative or chosen.sizes != ["all"] or chosen.test):
        return "--paper says itself which labels, sizes and how many people to hold out. Leave --label, --positive, --sizes and --test out."
    if not chosen.paper and not (chosen.label and (chosen.positive or all(re.search("[<>≤≥]", label) for label in chosen.label))):
        return "`compare` needs --label COLUMN and --positive VALUE (or a threshold such as madrs1>=25), or --paper on a cohort of NHANES."
    if wrong := [size for size in chosen.sizes if size != "all" and not (size.isdigit() and int(size) > 0)]:
        return f"--sizes are numbers of people, or `all`; got {wrong[0]!r}."
    return unsent(chosen)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("compare", compare, "Compare models at several training sizes on one test set, beside two floors; goes on where it stopped.")
    a.set_defaults(check=wrong_comparison)
    a.add_argument("--cohort", required=True, help="its name")
    a.add_argument("--label", action="append", metavar="COLUMN", help="what to tell apart; several times for several labels")
    a.add_argument("--positive", metavar="VALUE", help="the value that counts as the group")
    a.add_argument("--negative", metavar="VALUE", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument(
        "--paper", action="store_true", help="the paper's table: five labels of NHANES, all models, 500, 1000, 2500 and all people"
    )
    a.add_argument("--models", nargs="+", metavar="MODEL", help="PATs and baselines by name (default: pat-s-simulated and the baselines)")
    a.add_argument("--styles", nargs="+", choices=("full", "linear_probe"), default=["full"], help="how a PAT is trained (default full)")
    a.add_argument("--sizes", nargs="+", default=["all"], metavar="N", help="people to train on, or `all` (default all)")
    a.add_argument("--seeds", type=int, default=3, help="repetitions of each training, drawn anew (default 3)")
    a.add_argument("--test", type=int, default=0, metavar="N", help="people to hold out (default: a fifth)")
    a.add_argument("--weeks", choices=("first", "all"), default="first", help="one week a person (default), or all of theirs")
    a.add_argument("--recipe", choices=("recommended", "paper"), help="default: recommended, with --paper the paper's")
    a.add_argument("--max-epochs", type=int, help="default: the recipe's")
    a.add_argument("--patience", type=int, help="default: the recipe's")
    a.add_argument("--learning-rate", type=float, help="default: the recipe's, by model")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--seed", type=int, default=0, help="of who is held out (default 0)")
    a.add_argument("--name", help="under which it is kept (default: the cohort's)")
    a.add_argument("--cost", action="store_true", help="train nothing: say how many trainings are left, and measure how long they take")
    a.add_argument("--out", type=Path, metavar="FOLDER", help="for table.csv and trainings.csv")
    option(a)

    text = "Compare two encoders by a probe on a label, by hidden minutes and by their attention, beside untrained ones of the same shape."
    a = verb("compare-encoders", compare_encoders, text)
    a.set_defaults(check=unsent)
    a.add_argument("first", help="an encoder by name or file")
    a.add_argument("second", help="the one that it is compared with")
    a.add_argument("--cohort", required=True, help="on whose people")
    a.add_argument("--label", required=True, metavar="COLUMN", help="what the probe tells apart, or a threshold: 'madrs1>=25'")
    a.add_argument("--positive", metavar="VALUE", help="the value that counts as the group")
    a.add_argument("--negative", metavar="VALUE", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument("--folds", type=int, default=5, help="of the cross-validation by person (default 5)")
    a.add_argument("--repeats", type=int, default=1, help="of it, with folds drawn anew (default 1)")
    a.add_argument("--mask-ratio", type=float, default=0.9, help="share of the patches that is hidden (default 0.9)")
    a.add_argument("--device", default="auto", help=DEVICES)
    a.add_argument("--seed", type=int, default=0, help="of folds, masks and untrained weights (default 0)")
    a.add_argument("--out", type=Path, metavar="FOLDER", help="for encoders.csv and encoders.json")
    option(a)
