"""What the verbs `predict`, `explain`, `by-clock` and `methods` do, and their options. Heavy imports wait for the verb that needs them."""

from __future__ import annotations

import argparse
from argparse import Namespace
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core.commands.people_options import people_chosen, people_options, people_words, without_cohort
from pat_core.commands.shared_options import standardizer_option
from pat_core.commands.verbs import Answer, workspace_of
from pat_core.commands.verbs_places import done_there, option, unsent
from pat_core.plurals import counted
from pat_core.progress import Progress

if TYPE_CHECKING:
    from pat_core.cohorts import Selection, Workspace
    from pat_core.weights import Model
    from pat_core.workflows.explanations.cohort_by_clock import ClockRequest

INTERNALS = (
    "add tokens (windows, patches, 96) and attention_received (blocks, windows, heads, patches) to an .npz; where windows differ in length "
    "they lie one after another, tokens (all patches, 96) and attention_received (blocks, heads, all patches), and those of row i go from "
    "first_patch[i] to first_patch[i + 1]"
)
MAPS = (
    "an .npz: attribution (windows, minutes); where windows differ in length their maps lie one after another, (all minutes,), and that of "
    "row i goes from first_minute[i] to first_minute[i + 1]"
)


def predict(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.answer_files import check_ending, predict_cohort_to, predict_file
    from pat_core.workflows.models.answers import Wish
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.read.worn_days import quality_settings

    check_ending(chosen.out)
    wish = Wish(chosen.shown_as, chosen.prevalence)
    workspace = workspace_of(chosen)
    model, selection = resolve(workspace, chosen.model), None
    if chosen.weeks:
        done = predict_file(
            model,
            chosen.weeks,
            chosen.out,
            standardized=chosen.standardized,
            internals=chosen.internals,
            standardize_by=chosen.standardizer,
            settings=quality_settings(workspace),
            wish=wish,
        )
    else:
        if chosen.on and (first := _predicted_there(workspace, model, chosen, progress)):
            return first
        selection = people_chosen(workspace, chosen, model, progress)
        whom = selection or chosen.cohort
        done = predict_cohort_to(workspace, model, whom, chosen.out, chosen.standardizer, chosen.internals, progress, wish)
    text = f"{counted(done.weeks, done.window)} written to {chosen.out}, as read by {model.name}."
    text += f" {people_words(workspace, selection)}" if selection else ""
    if done.refused:
        text += (
            f" {counted(done.refused, 'of them is', 'of them are')} refused, without a score or a probability: the findings beside say why."
        )
    if done.minutes_not_read:
        text += f" The last {done.minutes_not_read} minutes do not fill a patch of {model.config.patch}, so the model did not read them."
    text += f" {done.answers}" if done.answers else ""
    cautions = _sentences(done.cautions)
    plain = {
        "weeks": done.weeks,
        "refused": done.refused,
        "answers": done.answers,
        "minutes_not_read": done.minutes_not_read,
        "out": chosen.out,
    }
    return Answer(plain | _model(model) | _chosen(selection) | {"cautions": cautions}, text, cautions)


def _predicted_there(workspace: Workspace, model: Model, chosen: Namespace, progress: Progress) -> Answer | None:
    """Predictions of the cohort that are not kept here yet, from the place of --on; what would leave first, where that is not confirmed."""
    from pat_core.workflows.elsewhere.answers_elsewhere import weeks_to_predict
    from pat_core.workflows.models.model_entries import from_anywhere
    from pat_core.workflows.models.standardizer_choice import default_standardizer
    from pat_core.workflows.people.prediction_job import PREDICT, PredictionRequest

    cohort = workspace.cohort(chosen.cohort)
    request = PredictionRequest(
        model=from_anywhere(workspace, chosen.model),
        sha256=model.sha256,
        cohort=cohort.name,
        cohort_id=cohort.id,
        standardizer=chosen.standardizer or default_standardizer(model, cohort.lengths),
    )
    if not weeks_to_predict(workspace, request)[1]:
        return None
    return done_there(workspace, PREDICT, request, f"Predict {cohort.name} with {model.name}", chosen, progress)


SETTINGS = ("tolerance", "most", "block", "head", "fusion", "discard", "replacement")
"""Options of `explain` that go to the method; those that were not given are left to it."""


def explain(chosen: Namespace, progress: Progress) -> Answer:
    from pat_core.reports.answer_files import EXPLANATIONS, check_ending
    from pat_core.reports.map_files import MapRequest, explain_cohort_to, explain_file
    from pat_core.workflows.models.model_entries import resolve
    from pat_core.workflows.read.worn_days import quality_settings

    check_ending(chosen.out, EXPLANATIONS)
    workspace = workspace_of(chosen)
    model, selection = resolve(workspace, chosen.model), None
    settings = {name: value for name in SETTINGS if (value := vars(chosen)[name]) is not None}
    request = MapRequest(chosen.method, chosen.baseline, chosen.baseline_person, settings, chosen.of_class)
    if chosen.weeks:
        given = {"standardized": chosen.standardized, "standardize_by": chosen.standardizer, "progress": progress}
        given |= {"settings": quality_settings(workspace)}
        done = explain_file(model, chosen.weeks, chosen.out, request, **given)
    else:
        selection = people_chosen(workspace, chosen, model, progress)
        whom = selection or chosen.cohort
        done = explain_cohort_to(workspace, model, whom, chosen.participant, chosen.out, request, chosen.standardizer, progress)
    gaps = [attribution.relative_gap for attribution in done.attributions if attribution.relative_gap is not None]
    text = f"{counted(done.weeks, done.window)} explained into {chosen.out}, as read by {model.name}."
    text += f" {people_words(workspace, selection)}" if selection else ""
    what = list(dict.fromkeys(str(each.settings["explains"]) for each in done.attributions if "explains" in each.settings))
    text += f" What is explained: {', '.join(what)}." if what else ""
    text += f" Largest gap: {100 * max(gaps):.2f} % of the score's change (at least 1 logit)." if gaps else ""
    cautions = _sentences(done.cautions) + tuple(dict.fromkeys(attribution.flag for attribution in done.attributions if attribution.flag))
    plain = {"weeks": done.weeks, "out": chosen.out, "method": chosen.method, "relative_gaps": gaps} | ({"explains": what} if what else {})
    return Answer(plain | _model(model) | _chosen(selection) | {"cautions": cautions}, text, cautions)


def by_clock(chosen: Namespace, progress: Progress) -> Answer:
    """Two groups of a cohort by clock time: a row a window of the clock into a file, and where they differ in words."""
    from pat_core.reports.answer_files import check_table, write_answers
    from pat_core.reports.evaluation_files import finite
    from pat_core.workflows.elsewhere.answers_elsewhere import weeks_to_explain
    from pat_core.workflows.explanations import cohort_by_clock as clock
    from pat_core.workflows.models.cautions import model_cautions
    from pat_core.workflows.models.model_entries import resolve

    if chosen.out:
        check_table(chosen.out)
    workspace = workspace_of(chosen)
    model = resolve(workspace, chosen.model)
    selection = people_chosen(workspace, chosen, model, progress)
    request = replace(_clock_request(workspace, model, chosen), people=selection.id if selection else "")
    result = clock.kept_by_clock(workspace, request)
    if result is None and chosen.on and weeks_to_explain(workspace, request)[1]:
        title = f"Attribution by clock: {request.cohort} with {model.name}"
        if first := done_there(workspace, clock.BY_CLOCK, request, title, chosen, progress):
            return first
        result = clock.kept_by_clock(workspace, request)
    result = result or clock.run_by_clock(workspace, request, progress)
    table, (what, unit) = clock.clock_table(result), clock.what_is_read(model, request)
    groups = f"cases: {request.label} = {request.cases}; controls: {request.controls or 'everyone else'}"
    lines = [f"{result.attribution.words} ({groups}; in {unit})", *clock.counts_words(result)]
    lines += [people_words(workspace, selection)] if selection else []
    lines += [f"What the maps of the score explain: {what}."] if what else []
    if chosen.out:
        write_answers(chosen.out, table, {})
        lines.append(f"Written to {chosen.out}: a row a window of {request.bin} minutes.")
    info = workspace.cohort(request.cohort)
    cautions = (ONE_RESPONSE, *_sentences(model_cautions(model, info, request.standardize_by, minutes=info.lengths)))
    plain: dict[str, Any] = {
        "label": request.label,
        "positive": request.cases,
        "negative": request.controls,
        "people": result.attribution.people,
    }
    plain |= _chosen(selection) | {"words": lines, "unit": unit, "table": finite(table.to_dict("records")), "out": chosen.out}
    return Answer(plain | _model(model) | {"cautions": cautions}, "\n".join(lines), cautions)


ONE_RESPONSE = (
    "A mean hides individuals, and a difference is one of the model's responses: where the model was trained on this label, it must differ "
    "somewhere."
)


def _clock_request(workspace: Workspace, model: Model, chosen: Namespace) -> ClockRequest:
    """The groups that were asked for, else those that the model was trained on. ExplanationError where neither is known."""
    from pat_core.errors import ExplanationError
    from pat_core.workflows.explanations.cohort_by_clock import ClockRequest
    from pat_core.workflows.models.model_entries import from_anywhere
    from pat_core.workflows.models.standardizer_choice import default_standardizer

    cohort, learned = workspace.cohort(chosen.cohort), model.card.get("label")
    label = chosen.label or learned
    positive = chosen.positive or (model.card.get("positive") if label == learned else None)
    if not label:
        raise ExplanationError(f"{model.name} does not say which label it was trained on. Give --label COLUMN and --positive VALUE.")
    if not positive:
        raise ExplanationError(f"Expected a value of {label!r} that makes the group, got none. Give --positive VALUE.")
    asked = from_anywhere(workspace, chosen.model), model.sha256, cohort.name, cohort.id
    by = chosen.standardizer or default_standardizer(model, cohort.lengths)
    return ClockRequest(*asked, by, label, positive, chosen.negative, chosen.over)


UNMEASURED = "not measured"


def methods(chosen: Namespace, progress: Progress) -> Answer:
    """A line a method; what it was measured by, and its settings, are among the plain values."""
    from pat_core.explain import METHODS
    from pat_core.workflows.explanations.scoreboard import shortfalls, verdict

    methods: list[dict[str, Any]] = [
        {"name": method.name, "title": method.title, "per": method.per, "needs_head": method.needs_head, "settings": list(method.options)}
        | {"sentence": method.sentence, "verdict": verdict(method.name, "small")}
        for method in METHODS.values()
    ]
    longest = max(len(method["name"]) for method in methods)
    lines = []
    for method in methods:
        short = shortfalls(method["name"], "small")
        fell = UNMEASURED if short is None else f"falls short in {short}" if short else "no shortfall"
        marks = f"{method['per']}{'*' if method['needs_head'] else ''}"
        lines.append(f"{method['name']:<{longest}}  {marks:<7} {fell:<16}  {method['sentence']}")
    lines += [
        "",
        "By the patch, minute, hour or day; * needs a trained head. In how many ways each falls short was measured on simulated people",
        "whose truth is known. `methods --json` says in which ways, and lists the settings of each.",
    ]
    return Answer(methods, "\n".join(lines))


def _chosen(selection: Selection | None) -> dict[str, object]:
    from pat_core.workflows.week.chosen_people import about_whom

    return about_whom(selection)


def _model(model) -> dict[str, object]:
    return {"model": model.name, "sha256": model.sha256, "encoder_trained": model.encoder_trained}


def _sentences(findings: Sequence) -> tuple[str, ...]:
    return tuple(finding.message for finding in findings)


def wrong_answers(chosen: Namespace) -> str | None:
    """A sentence where options of `predict` and `explain` do not go together; None where they do."""
    if chosen.verb == "predict" and chosen.on and not chosen.cohort:
        return "--on is for the weeks of a cohort: those of a .npy file are read on this computer."
    if chosen.verb == "predict" and chosen.on and chosen.internals:
        return "--internals are read on this computer. Leave --on or --internals out."
    if chosen.standardized and chosen.cohort:
        return "--standardized goes with --weeks: the weeks of a cohort are activity, and are standardized on the way into the model."
    if chosen.standardized and chosen.standardizer:
        return "--standardized weeks go in as they are, so --standardizer has nothing to do. Leave one of the two out."
    if chosen.verb == "explain" and chosen.participant and (chosen.people or chosen.filter):
        return "--participant names one person, so --people and --filter have nothing to do. Leave one of them out."
    if words := without_cohort(chosen):
        return words
    if chosen.verb == "explain" and chosen.participant and chosen.weeks:
        return "--participant goes with --cohort: the weeks of a .npy file bear no names."
    if chosen.verb == "predict" and chosen.internals and chosen.out.suffix.lower() != ".npz":
        return f"--internals are arrays, which only an .npz can hold; --out is {chosen.out.name}."
    return unsent(chosen) if chosen.verb == "predict" else None


def register(verb: Callable[..., argparse.ArgumentParser]) -> None:
    """The verbs' options."""
    a = verb("predict", predict, "Predict a cohort or the weeks of a .npy file.")
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
    option(a)

    a = verb("explain", explain, "Explain the predictions of a cohort, one person, or a .npy file.")
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

    text = "Explain a cohort by clock time: when the score of two groups was raised or lowered, and where they differ."
    a = verb("by-clock", by_clock, text)
    a.set_defaults(check=unsent)
    a.add_argument("--model", required=True, help="a model's name or a weight file")
    a.add_argument("--cohort", required=True, help="whose first windows are explained, by integrated gradients; of many people, 400 drawn")
    a.add_argument(
        "--label", metavar="COLUMN", help="the column that says who is in which group (default: the one the model was trained on)"
    )
    a.add_argument("--positive", metavar="VALUE", help="of the group (default: the one the model was trained on)")
    a.add_argument("--negative", metavar="VALUE", help="of the people it is compared with (default: everyone else who has a value)")
    people_options(a)
    a.add_argument("--over", choices=("day", "week"), default="day", help="the clock of a day (default) or of a week from Monday on")
    standardizer_option(a, "whose means and deviations (default: the model's where it has them)")
    a.add_argument("--out", type=Path, help="one row a window of the clock: .csv or .parquet")
    option(a)

    verb("methods", methods, "List the methods of explanation, with what each needs and how it did on planted evidence.")


def _weeks_options(a: argparse.ArgumentParser) -> None:
    a.add_argument("--model", required=True, help="a model's name or a weight file")
    which = a.add_mutually_exclusive_group(required=True)
    which.add_argument("--cohort", help="all its people")
    which.add_argument("--weeks", type=Path, help=".npy of (people, minutes) float32")
    people_options(a)
    a.add_argument("--standardized", action="store_true", help="the weeks go in as they are (with --weeks)")
    standardizer_option(
        a, "whose means and deviations (default: the model's where it has them), by minute of the window or (cohort-day) of the day"
    )
    a.set_defaults(check=wrong_answers)
