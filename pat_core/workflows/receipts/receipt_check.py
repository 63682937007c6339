"""A receipt against the data: the week, the weights and the people that are here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, get_args

from pat_core import __version__
from pat_core.cohorts import CohortInfo, Workspace
from pat_core.errors import ExplanationError, PatError, WeekError
from pat_core.records import StandardizeBy, WeekQuestion
from pat_core.wear import QualitySettings
from pat_core.weights import Model
from pat_core.workflows.explanations.map_quality import plain
from pat_core.workflows.explanations.unusual_weeks import NOT_YET, week_distance
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.model_cards import versions
from pat_core.workflows.models.model_entries import ModelEntry, models, resolve
from pat_core.workflows.people.participant_week import (
    SHOWN_ANYWAY,
    WeekView,
    about_model,
    answer_anyway,
    prediction_in_words,
    receipt,
    week_view,
)
from pat_core.workflows.read.worn_days import quality_settings, settings_of
from pat_core.workflows.receipts.receipt_check_maps import ROUNDING, Here, ReceiptCheck, check_map
from pat_core.workflows.receipts.receipt_reading import CLOSE, Content, expect, read_receipt, refusal
from pat_core.workflows.week.week_nights import WeekNights, week_nights

__all__ = ["ReceiptCheck", "check_receipt"]

OF_THE_WEEK = ("participant", "week", "week_sha256", "minutes", "start", "alignment", "device", "placement", "zone", "unit", "report")
OF_WEAR = ("marks", "wear", "sleep")
OF_THE_READING = ("input_sha256", "findings", "refused", "probability_of", "use")
OF_RUNS = ("part_in_training", "held_out", "wish", "percentages_supported", "answer", "like", "like_why", "set", "rank", "cautions")
"""What also hangs on a workspace's runs and labels, and so may rightly be another today."""


def check_receipt(text: str | bytes, workspace: Workspace) -> ReceiptCheck:
    """Read a receipt (`read_receipt`) and compare all of it that can be computed again with this workspace.

    Compared are the week, the weights with what their card says, the standardizer, the reading, the prediction and what stands beside it,
    the distance, and every map that is kept here (`check_map`). Not compared are when it was made and with which versions; what
    else could not be compared is listed. Raises ExplanationError that names the first field that does not fit, what was expected and what
    stands there; for `OF_RUNS` it says besides that an honest receipt may differ there where runs or labels have changed since.
    """
    content, done = read_receipt(text), ReceiptCheck()
    done.fits.append("The receipt is intact: its checksum, hashes of settings and gaps are consistent.")
    if content["pat_core"] != __version__:
        done.unchecked.append(f"It was made with version {content['pat_core']}; this is {__version__}, whose maps may differ.")
    if content["versions"] != versions():
        done.unchecked.append("It was made with other versions of the libraries: maps are compared by their sums, not minute by minute.")
    model, cohort = _model(content, workspace, done), _cohort(content, workspace, done)
    if model is None or cohort is None:
        return done
    here = Here(content, workspace, _view(content, workspace, model, cohort), model, done)
    _page(here)
    _prediction(here)
    _distance(here)
    for number, part in enumerate(content["explanations"]):
        check_map(part, f"explanations[{number}]", here)
    return done


def _page(here: Here) -> None:
    """The page's fields against today's receipt of the same week."""
    content, shown = here.content, here.view.refused and here.model.has_head and here.content["prediction"] is not None
    anyway = answer_anyway(here.view, here.model) if shown else None
    today = here.as_then(receipt(here.view, here.model, [], nights=_nights(here), shown_anyway=anyway, wish=_wish(content)))
    for name in OF_THE_WEEK:
        expect(name, today[name], content.get(name))
    for name in OF_WEAR:
        expect(name, today.get(name), content.get(name))
    here.done.fits.append("The week matches the one here, minute by minute.")
    expect("standardizer.sha256", today["standardizer"]["sha256"], content["standardizer"]["sha256"])
    expect("standardizer", today["standardizer"], content["standardizer"])
    for name in OF_THE_READING:
        expect(name, today[name], content.get(name), ROUNDING)
    if "citation" in content:  # receipts from before have none
        expect("citation", today["citation"], content["citation"])
    here.done.fits.append("The model reads it as the receipt says, and the input check finds the same.")
    for name in OF_RUNS:
        try:
            expect(name, today[name], content.get(name), ROUNDING)
        except ExplanationError as error:
            raise ExplanationError(f"{error} Where runs were made or deleted, or labels changed, since then, that may be why.") from error
    unknown = [name for name in content if name not in today and name != "shown_anyway"]
    if unknown:
        raise refusal(unknown[0], "left out, because no receipt has it", content[unknown[0]])


def _wish(content: Content) -> Wish:
    """How the reader of the receipt wanted the answer."""
    try:
        return Wish(**content["wish"])
    except (PatError, TypeError) as error:
        raise refusal("wish", "a way of showing answers, and a prevalence or none", content["wish"]) from error


def _nights(here: Here) -> WeekNights:
    """By the settings of wear and the score of sleep that the receipt names."""
    sleep, view = here.content["sleep"], here.view
    if quality_settings(here.workspace) != _settings(here.content):
        here.done.unchecked.append("Wear was judged by other settings than those in use here: its figures were made again by its own.")
    try:
        return week_nights(view.week, None if sleep is None else sleep["score"], _settings(here.content))
    except WeekError as error:
        raise ExplanationError(f"The nights of this receipt cannot be computed as it says: {error}") from error


def _settings(content: Content) -> QualitySettings:
    try:
        return settings_of(content["wear"]["settings"])
    except (PatError, KeyError, TypeError, ValueError) as error:
        raise refusal("wear.settings", "settings of wear of this version", content["wear"]["settings"]) from error


def _model(content: Content, workspace: Workspace, done: ReceiptCheck) -> Model | None:
    wanted, name = content["model"]["sha256"], content["model"]["name"]
    here, model = [entry for entry in models(workspace) if entry.present], None
    for entry in here:
        model = _if_it_is(workspace, entry, wanted, content["model"]["origin"]) or model
        if model is not None and model.name == name:
            break
    if model is not None:
        if model.name != name:
            done.unchecked.append(f"The model is called {model.name} here and {name} in the receipt: only its weights are compared.")
        expect("model", plain({**about_model(model), "name": name}), content["model"])
        done.fits.append("The weights are those of a model that is here, and it is described as its file does.")
        return model
    other = next((entry.sha256 for entry in here if name in (entry.title, entry.reference) and entry.sha256), None)
    if other is not None:
        raise refusal("model.sha256", f"{other} (the weights of {name} here)", wanted)
    done.unchecked.append(f"The model {name} is not here, so neither its answer nor its maps can be compared.")
    return None


def _if_it_is(workspace: Workspace, entry: ModelEntry, wanted: str, origin: str) -> Model | None:
    """The model of this line where its weights have the hash; an untrained one has to be drawn to know."""
    drawn = entry.sha256 is None and entry.origin == origin == "random"
    if not drawn and entry.sha256 != wanted:
        return None
    model = resolve(workspace, entry.reference)
    return model if model.sha256 == wanted else None


def _cohort(content: Content, workspace: Workspace, done: ReceiptCheck) -> CohortInfo | None:
    stated = content["cohort"]
    cohort = next((info for info in workspace.cohorts() if info.id == stated["id"]), None)
    if cohort is None:
        done.unchecked.append(f"The cohort {stated['name']} is not here, so the week cannot be compared.")
        return None
    if cohort.name != stated["name"]:
        done.unchecked.append(f"The cohort is called {cohort.name} here and {stated['name']} in the receipt: its name is not compared.")
    expect("cohort", {"name": stated["name"], "id": cohort.id, "simulated": cohort.simulated}, stated)
    return cohort


def _view(content: Content, workspace: Workspace, model: Model, cohort: CohortInfo) -> WeekView:
    person, week, standardize_by = content["participant"], content["week"], content["standardizer"]["whose"]
    rows = {row.index + 1 for row in workspace.week_rows(cohort.name) if row.participant == person}
    if not rows:
        raise refusal("participant", f"somebody of {cohort.name}", person)
    if week not in rows:
        raise refusal("week", f"one of {', '.join(map(str, sorted(rows)))}, which {person} has", week)
    if standardize_by not in get_args(StandardizeBy):
        raise refusal("standardizer.whose", "model, cohort or cohort_day", standardize_by)
    try:
        return week_view(workspace, model, WeekQuestion(cohort.name, person, week - 1, standardize_by), _settings(content))
    except PatError as error:
        raise ExplanationError(f"The week of this receipt cannot be read as it says: {error}") from error


def _prediction(here: Here) -> None:
    stated, shown, view, model = here.content["prediction"], here.content.get("shown_anyway"), here.view, here.model
    if shown is not None:
        expect("shown_anyway", SHOWN_ANYWAY if view.refused and stated is not None else None, shown)
    if stated is None:
        if view.prediction is not None:
            raise refusal("prediction", "there, because the model answers for this week", None)
        if model.has_head:
            here.done.unchecked.append("The score: the receipt gives none, because the input check refused the week.")
        return
    if not model.has_head:
        raise refusal("prediction", "null, because this model has no trained head", stated)
    if view.refused and shown is None:
        raise refusal("prediction", "null, because the input check refused this week and nobody asked for the answer", stated)
    now = plain(prediction_in_words(view.prediction or answer_anyway(view, model)))
    expect("prediction", now, stated, ROUNDING)
    expect("prediction.prevalence", now.get("prevalence"), stated.get("prevalence"), CLOSE)
    here.done.fits.append("The model gives the same score.")


def _distance(here: Here) -> None:
    stated, view = here.content["distance"], here.view
    now, why = week_distance(here.workspace, here.model, view.read, only_kept=stated is None)
    if stated is None:
        if now is not None or why == NOT_YET:
            here.done.unchecked.append("How unusual the week is to the model: the receipt does not give it.")
        return
    today: Mapping[str, Any] | None = None if now is None else here.as_then(plain(asdict(now)))
    if today is None or today["whom"] != stated["whom"]:
        there = f"; here they are {today['whom']}" if today else ""
        here.done.unchecked.append(f"The people it was compared with ({stated['whom']}) are not all here any more{there}.")
        return
    expect("distance", today, stated, ROUNDING)
    here.done.fits.append("It lies as far from known people as the receipt says.")
