"""The linked charts of a test, drawn for three widths of which the browser shows one; the threshold and the people chosen in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from math import floor
from typing import Any

import numpy as np
import streamlit as st

from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.session import set_choice
from pages.components.shared.session_names import Key, Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _, plural
from pat_core.evaluation.operating_curves import operating_curves
from pat_core.figures.charts.linked_evaluation import AT, PEOPLE, RANGE, EvaluationPicture, Spec, linked_evaluation, sized
from pat_core.figures.charts.paired_curves import paired_curves
from pat_core.figures.palette import ThemeName
from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord, SecondModel
from pat_core.workflows.evaluate.operating_point import OperatingPoint, benefit_of, useful_words
from pat_core.workflows.evaluate.tested_people import content
from pat_core.workflows.models.model_entries import ModelEntry

WIDTHS = {"wide": (2, 340), "medium": (2, 235), "single": (1, 380), "narrow": (1, 250)}
"""Columns, and pixels of a view, of each drawing."""
ONE_OF_THEM = """<style>
.st-key-PLACE-views {container-type: inline-size; gap: 0}
@container (max-width: 859px) {.st-key-PLACE-wide {display: none}}
@container (max-width: 649px) or (min-width: 860px) {.st-key-PLACE-medium {display: none}}
@container (max-width: 469px) or (min-width: 650px) {.st-key-PLACE-single {display: none}}
@container (min-width: 470px) {.st-key-PLACE-narrow {display: none}}
</style>"""
MOST_LISTED = 24


def show(record: EvaluationRecord, point: OperatingPoint, entry: ModelEntry) -> None:
    """The charts, and below them the people who are chosen in them."""
    st.write(
        _(
            "Drag along a curve: the threshold moves in every chart and in the figures above. Click people in the first chart, or draw "
            "across some: they are marked in all, and listed below."
        )
    )
    mark = content(record.people)[:12]
    spec, caption = _spec(mark, _drawn_at(mark, point.threshold), point.prevalence if point.stated else None, theme_name(), record)
    chosen: set[str] = set()
    for name, fitted in _in_widths("evaluate", spec):
        heard = st.vega_lite_chart(
            spec=fitted,
            theme=None,
            width="content",
            key=Key.EVALUATE_VIEWS.of(name, mark),
            on_select=partial(_moved, name, mark),
            selection_mode=(AT, PEOPLE, RANGE),
            alt=caption,
        )
        chosen |= _chosen(record, heard["selection"])
    st.caption(literal(caption))
    _listed(record, chosen, entry)


def show_pair(second: SecondModel, titles: tuple[str, str]) -> None:
    """The curves of two models on the people whom both can be tested on. titles: how the first and the second are called."""
    spec, caption = paired_curves(second.positive, (second.probabilities, second.theirs), titles, theme=theme_name())
    for _name, fitted in _in_widths("pair", spec):
        st.vega_lite_chart(spec=fitted, theme=None, width="content", alt=caption)
    st.caption(literal(caption))


def _in_widths(place: str, spec: Spec) -> Iterator[tuple[str, Spec]]:
    """The drawing for each width, to be drawn where it stands; the browser shows the one that fits. place: of the chart, in a word."""
    st.html(ONE_OF_THEM.replace("PLACE", place))
    with st.container(key=f"{place}-views"):
        for name, (columns, width) in WIDTHS.items():
            with st.container(key=f"{place}-{name}"):
                yield name, sized(spec, columns, width)


@st.cache_data(show_spinner=False, max_entries=16)
def _spec(mark: str, threshold: float, prevalence: float | None, theme: ThemeName, _record: EvaluationRecord) -> tuple[Spec, str]:
    """mark: of the people of the record, who are all that else goes in."""
    people, curve = _record.people, _record.figures.probability.curve
    smooth = None if curve is None else np.column_stack([curve.probability, curve.observed, curve.low, curve.high])
    benefit = benefit_of(people, prevalence)
    picture = EvaluationPicture(
        participants=[str(name) for name in people.participants],
        positive=people.positive,
        probabilities=people.probabilities,
        names=(people.positive_value, people.negative_value),
        curves=operating_curves(people.positive, people.probabilities, prevalence, threshold),
        threshold=threshold,
        smooth=smooth,
        repeats=people.spread if len(people.spread) > 1 else None,
        benefit=np.column_stack([benefit.thresholds, benefit.low, benefit.high]),
    )
    spec, caption = linked_evaluation(picture, theme=theme)
    return spec, f"{useful_words(benefit)} {caption}"


def _drawn_at(mark: str, threshold: float) -> float:
    """Where the mark stands when a chart is drawn. One moved in the chart stays: another drawing would lose who is chosen."""
    key = Key.EVALUATE_AT.of(mark)
    drawn, heard = st.session_state.get(key, (threshold, None))
    if threshold not in (drawn, heard):
        drawn, heard = threshold, None
    st.session_state[key] = (drawn, heard)
    return drawn


def _moved(name: str, mark: str) -> None:
    """The threshold was moved in a chart: box and address follow, in percent, rounded down so that whoever it stands at is called."""
    at = st.session_state[Key.EVALUATE_VIEWS.of(name, mark)]["selection"].get(AT)
    if at:
        percent = floor(1e6 * float(at[0]["threshold"])) / 1e4
        drawn, _before = st.session_state.get(Key.EVALUATE_AT.of(mark), (None, None))
        st.session_state[Key.EVALUATE_AT.of(mark)] = (drawn, percent / 100)
        set_choice(Param.THRESHOLD, percent)  # type: ignore[arg-type]


def _chosen(record: EvaluationRecord, selection: dict[str, Any]) -> set[str]:
    """Who was clicked on, and who lies in the range drawn over."""
    people = record.people
    names = {str(point["participant"]) for point in selection.get(PEOPLE) or () if "participant" in point}
    ends = (selection.get(RANGE) or {}).get("probability")
    if ends:
        inside = (people.probabilities >= min(ends)) & (people.probabilities <= max(ends))
        names |= set(map(str, people.participants[inside]))
    return names


def _listed(record: EvaluationRecord, chosen: set[str], entry: ModelEntry) -> None:
    """The chosen people with their group and probability, highest first, as links to their own page where they are known by name."""
    if not chosen:
        return
    people = record.people
    order = [number for number in np.argsort(-people.probabilities) if str(people.participants[number]) in chosen]
    st.markdown(plural("**{number} person chosen**", "**{number} people chosen**", len(order)))
    if not people.named:
        st.caption(_("They were held out where the model was trained; their weeks are not in this workspace, so there is no page to open."))
    with st.container(horizontal=True, key="evaluate-chosen"):
        for number in order[:MOST_LISTED]:
            name = str(people.participants[number])
            group = people.positive_value if people.positive[number] else people.negative_value
            words = _("{person} ({group}, {share:.0f} %)").format(person=name, group=group, share=100 * people.probabilities[number])
            if people.named:
                address = {str(Param.COHORT): people.cohort, str(Param.PERSON): name, str(Param.MODEL): entry.reference}
                st.page_link("pages/participant.py", label=literal(words, LONGEST), query_params=address)
            else:
                st.markdown(literal(words, LONGEST))
    if len(order) > MOST_LISTED:
        st.caption(_("Of these, the {number} with the highest probability are listed.").format(number=MOST_LISTED))
