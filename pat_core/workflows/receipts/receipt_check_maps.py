"""The receipt of one map against the map that is kept here, or against what of it can be computed again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from pat_core import __version__
from pat_core.cohorts import Workspace
from pat_core.errors import PatError
from pat_core.explain import METHODS
from pat_core.explain.baselines import MEAN_WEEK, NONWEAR, PERSON, REFERENCES, Baseline
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.map_quality import baseline_of, plain
from pat_core.workflows.explanations.scoreboard import verdict
from pat_core.workflows.explanations.week_maps import METHOD_VERSION, baseline_for, flagged, kept_map, sha256_of, whose_week
from pat_core.workflows.models.kind_answers import LOGIT_OF, explained
from pat_core.workflows.models.model_cards import versions
from pat_core.workflows.models.predictions import predict_logits
from pat_core.workflows.people.participant_week import WeekView, mass_of
from pat_core.workflows.receipts.receipt_reading import CLOSE, Content, expect, refusal

ROUNDING = 1e-3
"""Relative (to at least 1) difference of numbers that another machine may compute otherwise."""


@dataclass
class ReceiptCheck:
    """What was compared with the data and fits, and what could not be compared, with the reason; sentences."""

    fits: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Here:
    """A receipt's content beside the same week as it is read here today. done: what has been compared so far."""

    content: Content
    workspace: Workspace
    view: WeekView
    model: Model
    done: ReceiptCheck

    def as_then(self, value: Any) -> Any:
        """The same plain value with the cohort called as in the receipt: a cohort that was renamed since is the same people."""
        now, then = self.view.cohort.name, self.content["cohort"]["name"]
        if isinstance(value, Mapping):
            return {name: self.as_then(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.as_then(inner) for inner in value]
        if not isinstance(value, str):
            return value
        return f"cohort {then}" if value == f"cohort {now}" else value.replace(f"“{now}”", f"“{then}”")


def check_map(part: Content, where: str, here: Here) -> None:
    """One map: its baseline and the change of score computed again, and all the rest where the map is kept here.

    Raises ExplanationError for what does not fit. What is listed as unchecked: maps by another version of the methods, of people who are
    not here, maps that are not kept, and how steady a map is, which is not repeated.
    """
    title, unchecked = METHODS[part["method"]].title, here.done.unchecked
    if part["stability"] is not None:
        unchecked.append(f"{title}: repeating it with noise, which tells how steady it is, was not done again.")
    if part["methods"] != METHOD_VERSION:
        unchecked.append(
            f"{title}: made by version {part['methods']} of the methods; this is {METHOD_VERSION}, so the map is not compared."
        )
        return
    expect(f"{where}.patch", here.model.config.patch, part["patch"])
    baseline = None
    if part["baseline"] is not None:
        baseline = _baseline(part["baseline"], where, here)
        if baseline is None:
            unchecked.append(
                f"{title}: made against {part['baseline']['of']}, which is not available here as it was, so the map is not compared."
            )
            return
        _change(part, where, baseline, here)
    model = _explaining(part, here)
    given = _given(part, here.model) | ({"baseline": baseline} if baseline else {})
    stored = kept_map(here.workspace, model, here.view.z, part["method"], **given)
    if stored is None:
        unchecked.append(f"{title}: this map is not kept here. Draw it again with the same settings, then check once more.")
        return
    _same_map(part, flagged(stored) if here.view.refused else stored, where, here)
    here.done.fits.append(f"{title}: the map is the one kept here.")


def _explaining(part: Content, here: Here) -> Model:
    """The model as the map saw it: of several classes, with the one that it says it explains."""
    of = str(part["settings"].get("explains", ""))
    name = of.removeprefix(LOGIT_OF) if of and here.model.outputs.kind == "classes" else None
    return explained(here.model, name, here.view.z) if here.model.has_head else here.model


def _given(part: Content, model: Model) -> dict[str, Any]:
    """The settings as they were given, but the baseline: results tell the block and head that a default came to."""
    settings = part["settings"]
    given = {name: settings[name] for name in METHODS[part["method"]].options if name in settings and name != "baseline"}
    came_to = {"block": model.config.blocks - 1, "head": "mean"}
    return {name: value for name, value in given.items() if name not in came_to or value != came_to[name]}


def _baseline(stated: Content, where: str, here: Here) -> Baseline | None:
    """The baseline that a map names, made again and compared; None where the person or the people are not here as they were."""
    view, person = here.view, None
    if stated["name"] == PERSON:
        rows = here.workspace.week_rows(view.cohort.name)
        weeks = ((row.participant, row.index) for row in rows)
        person = next((week for week in weeks if here.as_then(whose_week(view.cohort.name, *week)) == stated["of"]), None)
        if person is None:
            return None
    try:
        baseline = baseline_for(here.workspace, here.model, view.read, str(stated["name"]), person)
    except PatError:
        raise refusal(f"{where}.baseline.name", f"one that is available here, such as {MEAN_WEEK} or {NONWEAR}", stated["name"]) from None
    # Who passes the input check may differ between versions, so reference weeks of another version may rightly be others.
    if stated["name"] == REFERENCES and here.content["pat_core"] != __version__ and baseline.sha256 != stated["sha256"]:
        return None
    expect(f"{where}.baseline.sha256", baseline.sha256, stated["sha256"])
    expect(f"{where}.baseline", here.as_then(baseline_of(baseline.settings())), stated)
    return baseline


def _change(part: Content, where: str, baseline: Baseline, here: Here) -> None:
    """The change of the score from the baseline (the mean of its weeks' scores) to the week."""
    if here.model.has_head and part["delta"] is not None:
        week, *starts = predict_logits(_explaining(part, here), np.concatenate([here.view.z[None], baseline.weeks])).astype(np.float64)
        expect(f"{where}.delta", float(week - np.mean(starts)), part["delta"], ROUNDING)


def _same_map(part: Content, attribution: Attribution, where: str, here: Here) -> None:
    same_engine = here.content["versions"] == versions()
    close = CLOSE if same_engine else ROUNDING
    total, drawn = (float(np.nansum(values, dtype=np.float64)) for values in (attribution.values, np.abs(attribution.values)))
    for name, now in {"sum": total, "drawn": drawn, "delta": attribution.delta, "completeness_gap": attribution.completeness_gap}.items():
        expect(f"{where}.{name}", now, part[name], close)
    expect(f"{where}.wear", plain(asdict(mass_of(here.view, attribution))), part["wear"], close)
    if here.content["pat_core"] == __version__:
        expect(f"{where}.measured", verdict(part["method"], here.model.config.size), part["measured"])
    for name in ("evaluations", "resolution", "note", "flag"):
        expect(f"{where}.{name}", here.as_then(getattr(attribution, name)), part[name])
    expect(f"{where}.settings", here.as_then(plain(dict(attribution.settings))), part["settings"], close)
    if same_engine:
        expect(f"{where}.values_sha256", sha256_of(attribution.values), part["values_sha256"])
