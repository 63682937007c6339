"""The explanation part of the Participant page: what is asked, a first map at once, and its refining while the reader looks."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.shared.cached_calls import model, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.explain import METHODS
from pat_core.explain.baselines import REFERENCES
from pat_core.records import Attribution
from pat_core.weights import Model
from pat_core.workflows.explanations.week_maps import REFUSED, baseline_for, explain_standardized, flagged, kept_map, quick_settings
from pat_core.workflows.models.kind_answers import explained
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView

AT_ONCE = ("rollout", "authors", "value_norm", "gradient")
"""Methods that take one pass through the network: they are not worth a progress line."""
NOT_REFINED = _("the first, quick map; it is not refined.")


@dataclass(frozen=True)
class MapRequest:
    """Which methods, and what they take (`Method.options`); baseline and person by name, the rest as it goes to the method.

    of_class: the one of several classes to explain, None for the most probable one.
    """

    methods: tuple[str, ...] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    baseline: str | None = None
    person: tuple[str, int] | None = None
    of_class: str | None = None


@dataclass(frozen=True)
class Shown:
    """One method on the page. attribution: its map, a quick one while `pending`, or None where nothing can be drawn before it is done.

    why: the sentence why there is none and never will be.
    """

    method: str
    settings: Mapping[str, Any]
    attribution: Attribution | None
    pending: bool
    why: str = ""

    @property
    def drawn(self) -> Attribution | None:
        """The map as it goes into the figure: a quick one says that it is that, in place of how far it is from exact."""
        if self.attribution is None or not self.pending:
            return self.attribution
        quick = replace(self.attribution, flag=f"{METHODS[self.method].title}: {NOT_REFINED}")
        return flagged(quick) if self.attribution.flag.startswith(REFUSED) else quick


class Line:
    """A Progress that writes to one bar, a few times a second: each writing lets a click end the work."""

    def __init__(self, bar: DeltaGenerator, title: str) -> None:
        self.bar, self.title, self.written, self.last = bar, title, 0.0, (0.0, "")

    def at(self, fraction: float, message: str) -> None:
        self.last = min(max(fraction, 0.0), 1.0), literal(f"{self.title}: {message}" if self.title else message)
        self.pulse()

    def pulse(self) -> None:
        """Write once more what was last said, where that is not just now."""
        if time.monotonic() - self.written >= 0.1:
            self.written = time.monotonic()
            self.bar.progress(*self.last)

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        """No curves here."""


class Within(Line):
    """The Progress of a part of the work whose whole another line tells: only clicks come through."""

    def __init__(self, whole: Line) -> None:
        self.whole = whole

    def at(self, fraction: float, message: str) -> None:
        self.whole.pulse()


def first_look(view: WeekView, entry: ModelEntry, request: MapRequest) -> list[Shown]:
    """What can be drawn at once: maps that are kept or take one pass, and quick ones of those that can be refined."""
    return [_first(view, entry, request, name) for name in request.methods]


def seen_as(view: WeekView, entry: ModelEntry, request: MapRequest) -> Model:
    """The model as its maps see it: with one class of several, where it has them."""
    return explained(model(entry), request.of_class, view.z)


def _first(view: WeekView, entry: ModelEntry, request: MapRequest, name: str) -> Shown:
    read, settings = seen_as(view, entry, request), {}
    try:
        settings = settings_for(view, entry, request, name)
        attribution = kept_map(workspace(), read, view.z, name, **settings)
        if attribution is None and name in AT_ONCE:
            attribution = explain_standardized(workspace(), read, view.z, name, **settings)
        if attribution is not None:
            return Shown(name, settings, flagged(attribution) if view.refused else attribution, False)
        quick = quick_settings(name, settings, read.config, view.z.size)
        attribution = explain_standardized(workspace(), read, view.z, name, **quick) if quick else None
    except PatError as error:
        return Shown(name, settings, None, False, str(error))
    return Shown(name, settings, flagged(attribution) if attribution is not None and view.refused else attribution, True)


def settings_for(view: WeekView, entry: ModelEntry, request: MapRequest, name: str) -> dict[str, Any]:
    """What one method is run with: those of the reader's settings that it takes, and its baseline."""
    options = METHODS[name].options
    settings = {option: value for option, value in request.settings.items() if option in options}
    if "baseline" in options:
        baseline = REFERENCES if name == "expected_gradients" else str(request.baseline)
        settings["baseline"] = baseline_for(workspace(), model(entry), view.read, baseline, request.person)
    return settings


def refine(place: DeltaGenerator, view: WeekView, entry: ModelEntry, request: MapRequest, shown: list[Shown]) -> None:
    """Finish what `first_look` left pending, with a progress line in `place` and a button that stops it; then draw the page again.

    To be called last, when everything else stands on the page. A click anywhere ends the work at its next step.
    """
    pending, question = [strip for strip in shown if strip.pending], question_key(view, entry, request)
    if not pending:
        return
    titles = _(" and ").join(METHODS[strip.method].title for strip in pending)
    with place:
        line, button = st.columns([5, 1], vertical_alignment="center")
        if st.session_state.get(Key.REFINING_STOPPED) == question:
            stays = _(" The quick map stays, and is not refined.") if any(strip.attribution for strip in pending) else ""
            line.info(_("{methods}: stopped.{note}").format(methods=literal(titles), note=stays))
            button.button(_("Go on"), on_click=_go_on, width="stretch")
            return
        button.button(_("Stop refining"), on_click=_stop, args=(question,), width="stretch")
        bar = line.progress(0.0, _("Refining: {methods}").format(methods=literal(titles)))
    done = [_finish(strip, view, (entry, request), Line(bar, METHODS[strip.method].title), line) for strip in pending]
    if any(done):
        st.rerun()


def _finish(strip: Shown, view: WeekView, asked: tuple[ModelEntry, MapRequest], line: Line, place: DeltaGenerator) -> bool:
    entry, request = asked
    try:
        read = seen_as(view, entry, request)
        explain_standardized(workspace(), read, view.z, strip.method, progress=line, **strip.settings)
    except PatError as error:
        place.warning(literal(f"{METHODS[strip.method].title}: {error}"))
        return False
    return True


def _stop(question: str) -> None:
    st.session_state[Key.REFINING_STOPPED] = question


def _go_on() -> None:
    st.session_state.pop(Key.REFINING_STOPPED, None)


def question_key(view: WeekView, entry: ModelEntry, request: MapRequest) -> str:
    """What was asked of what: another question begins its refining anew."""
    parts = [
        view.cohort.as_read,
        view.person.participant,
        view.week.index,
        entry.reference,
        entry.sha256,
        view.read.question.standardize_by,
    ]
    parts += [list(request.methods), dict(request.settings), request.baseline, request.person, request.of_class]
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()
