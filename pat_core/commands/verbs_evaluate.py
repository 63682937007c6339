"""What the verb `evaluate` of the command line does, and its options. Heavy imports wait until it is asked for."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from pat_core.commands.people_options import people_chosen, people_options, people_words, without_cohort
from pat_core.commands.shared_options import standardizer_option
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.progress import Progress

if TYPE_CHECKING:
    from pat_core.cohorts import Workspace
    from pat_core.workflows.evaluate.tested_people import EvaluationRequest

SIMULATED = "These people are simulated: what the figures are worth for real people is unknown."


def evaluate(chosen: Namespace, progress: Progress) -> Answer:
    """A model on its own test, or on the labelled people of a cohort."""
    from pat_core.csv_text import csv_text
    from pat_core.reports.evaluation_files import evaluation_files, instability_table, plain_values, write_evaluation
    from pat_core.reports.evaluation_words import as_text
    from pat_core.workflows.evaluate.evaluation_run import evaluate as evaluated
    from pat_core.workflows.evaluate.head_optimism import head_optimism, optimism_words
    from pat_core.workflows.evaluate.kind_evaluation import is_two_classes
    from pat_core.workflows.evaluate.operating_point import operating_point
    from pat_core.workflows.evaluate.tested_people import EvaluationRequest
    from pat_core.workflows.models.model_entries import resolve

    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    selection = people_chosen(workspace, chosen, model, progress)
    request = EvaluationRequest(
        model=chosen.model,
        cohort=chosen.cohort,
        label=chosen.label or "",
        positive=chosen.positive or "",
        negative=chosen.negative,
        weeks=chosen.weeks,
        standardizer=chosen.standardizer,
        against=chosen.against,
        by=chosen.by,
        seed=chosen.seed,
        people=selection.id if selection else "",
    )
    if not is_two_classes(model):
        return _of_another_kind(workspace, request, chosen, progress)
    record = evaluated(workspace, request, progress)
    threshold = record.begin if chosen.threshold is None else chosen.threshold
    point = operating_point(record.people, threshold, chosen.specificity, chosen.prevalence, chosen.seed)
    text = f"{as_text(record, point)}\n{people_words(workspace, selection)}".rstrip()
    files = evaluation_files(record, point)
    if chosen.optimism:
        done = head_optimism(workspace, model, chosen.seed, progress)
        text, files["instability.csv"] = f"{text}\n{optimism_words(done)}", csv_text(instability_table(done))
    if chosen.out:
        text += f"\nWritten to {chosen.out}: {', '.join(write_evaluation(files, chosen.out))}."
    cautions = (SIMULATED, *record.cautions) if record.people.simulated else record.cautions
    return Answer(plain_values(record, point, names=True) | {"out": chosen.out}, text, cautions)


def _of_another_kind(workspace: Workspace, request: EvaluationRequest, chosen: Namespace, progress: Progress) -> Answer:
    """Several classes, an order or a value: thresholds and prevalence have no part in it."""
    from pat_core.reports.evaluation_files import write_evaluation
    from pat_core.reports.kind_words import kind_files, kind_plain, kind_predictions, kind_text
    from pat_core.workflows.evaluate.head_optimism import why_no_optimism
    from pat_core.workflows.evaluate.kind_evaluation import evaluate_kind
    from pat_core.workflows.models.model_entries import resolve

    record = evaluate_kind(workspace, request, progress)
    text = kind_text(record)
    if chosen.out:
        text += f"\nWritten to {chosen.out}: {', '.join(write_evaluation(kind_files(record), chosen.out))}."
    cautions = (*record.cautions, why_no_optimism(workspace, resolve(workspace, chosen.model))) if chosen.optimism else record.cautions
    plain = kind_plain(record) | {"predictions": kind_predictions(record).to_dict("records"), "out": chosen.out}
    return Answer(plain, text, (SIMULATED, *cautions) if record.simulated else tuple(cautions))


def wrong_evaluation(chosen: Namespace) -> str | None:
    """A sentence where options do not go together; None where they do."""
    if chosen.cohort is None and (chosen.label or chosen.positive or chosen.negative):
        return "--label, --positive and --negative go with --cohort: a model's own test has the labels that it was trained on."
    if chosen.threshold is not None and chosen.specificity is not None:
        return "--specificity sets the threshold itself. Leave --threshold or --specificity out."
    return without_cohort(chosen)


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verb's options."""
    a = verb("evaluate", evaluate, "Test a model on people it has not learned from: all figures with intervals, by person.")
    a.set_defaults(check=wrong_evaluation)
    a.add_argument("--model", required=True, help="a model's name or a weight file; alone: its own held-out people")
    a.add_argument("--cohort", help="labelled people to test it on, without those whom it has learned from, by the content of their weeks")
    people_options(a)
    a.add_argument("--label", help="the column of their labels (default: the one it was trained on)")
    a.add_argument("--positive", help="the value that counts as the group (default: the one it was trained on)")
    a.add_argument("--negative", help="value of the comparison people (default: everyone else who has a value)")
    a.add_argument("--weeks", choices=("first", "all"), default="all", help="one week a person, or all of theirs as one score (default)")
    standardizer_option(a, "of minutes (default: the model's own where it has one)")
    a.add_argument("--against", metavar="MODEL", help="another model on the same people: DeLong and paired bootstrap")
    a.add_argument("--by", metavar="COLUMN", help="divide the people by a label, or by device or season")
    a.add_argument("--threshold", type=float, help="on the probability, 0 to 1 (default: where the training was undecided)")
    a.add_argument("--specificity", type=float, help="instead: the threshold with this specificity, such as 0.9")
    a.add_argument("--prevalence", type=float, help="of the group where the model would be used, such as 0.08, for PPV and NPV")
    a.add_argument("--optimism", action="store_true", help="of a linear probe: train a hundred heads on people drawn anew")
    a.add_argument("--seed", type=int, default=0, help="of resampling (default 0)")
    a.add_argument("--out", type=Path, metavar="FOLDER", help="per-person predictions, folds, figures and the request, as CSV and JSON")
