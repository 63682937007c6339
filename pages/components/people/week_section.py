"""The parts of the Participant page: its controls, what to know before believing, the week sheet, and how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import streamlit as st

from pages.components.people import answer_choice, map_choices, several_answer
from pages.components.people.explanation_section import MapRequest
from pages.components.shared import sentences
from pages.components.shared.cached_calls import model, together, workspace
from pages.components.shared.choices import choose, switch
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.explain import METHODS
from pat_core.figures import Layers, cohort_spread, config, prediction_dot, week_sheet, week_timeline
from pat_core.figures.sheet.lanes import DayFrom
from pat_core.records import Attribution, Finding, Interval, Prediction, StandardizeBy
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.workflows.explanations.unusual_weeks import WeekDistance
from pat_core.workflows.explanations.week_maps import applicable
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.cautions import by_cost
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.standardizer_choice import only_its_length, standardizers_offered
from pat_core.workflows.people.participant_week import WeekView, answer_anyway
from pat_core.workflows.read.worn_days import FEW_DAYS
from pat_core.workflows.week.week_diary import diary_periods
from pat_core.workflows.week.week_nights import SHOWN

LANES: dict[DayFrom | Literal["timeline"], str] = {
    "noon": _("Days, noon to noon"),
    "midnight": _("Days, midnight to midnight"),
    "timeline": _("One timeline"),
}
RESTING = _(
    "Estimated rest is the rest of the nights under “Nights”, plus what was marked by hand: three hours or more of little movement. "
    "Sitting still, lying awake, or a device on a table look the same. It is for orientation; the model does not see it."
)
PLANTED = _("Show the planted evidence: simulated people have a known truth")
STANDARDIZERS: dict[StandardizeBy, str] = {
    "model": _("The model's own people"),
    "cohort": _("This cohort's people"),
    "cohort_day": _("This cohort's people, by minute of the day"),
}


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see. planted: the simulated truth too. not_offered: which methods do not apply and why, "" where all do."""

    request: MapRequest
    lanes: DayFrom | Literal["timeline"]
    standardize_by: StandardizeBy
    shade_sleep: bool
    planted: bool
    not_offered: str


def controls(entry: ModelEntry, cohort: CohortInfo, others: Sequence[str]) -> Choice:
    """What is drawn under the activity and how, with defaults that few readers change. others: people to compare with."""
    read = model(entry)
    reasons = applicable(read, cohort.minutes)
    methods = map_choices.methods(reasons)
    lanes = choose(Param.VIEW, _("View"), list(LANES), words=LANES.get)
    sleep = switch(Param.REST, _("Shade estimated rest"), True)
    # Of the whole cohort, as it is the same for all its people: a toggle for planted people alone would give the answer away.
    planted = bool(cohort.simulated and workspace().truth(cohort.name)) and switch(Param.PLANTED, PLANTED, False)
    standardize_by = compared_with(entry, cohort)
    class_explained = several_answer.of_class(entry)
    request = replace(map_choices.settings(methods, read.config, cohort.name, others), of_class=class_explained)
    return Choice(request, lanes, standardize_by, sleep, planted, map_choices.not_offered(reasons))


def compared_with(entry: ModelEntry, cohort: CohortInfo) -> StandardizeBy:
    """The box of whose minutes a week is compared with."""
    options = standardizers_offered(entry.card, cohort.lengths)
    if entry.card.get("has_standardizer") and "model" not in options:
        st.caption(literal(only_its_length(entry.title, entry.card.get("standardizer_minutes", MINUTES_PER_WEEK))))
    return choose(
        Param.STANDARDIZER,
        _("Compare minutes with"),
        options,
        options[0],
        STANDARDIZERS.get,
        help=_("Each minute is compared with the same minute of other people before the model reads it."),
    )


def wanted(view: WeekView, entry: ModelEntry) -> bool:
    """Whether the model's answer is to be shown: always, but of a week whose answer is withheld only where the reader asks for it."""
    if not view.refused:
        return True
    place = st.empty()
    anyway = st.toggle(_("Show what the model answers anyway"), key=f"anyway.{view.week.participant}.{view.week.index}.{entry.reference}")
    few = any(finding.code == FEW_DAYS and finding.severity == "refuse" for finding in view.findings)
    window = sentences.window_name(view.week.values.size)
    if few:
        refusal = _("the device was worn too little in this {window}.").format(window=window)
    else:
        refusal = _("the input check found this {window} unfit for the model.").format(window=window)
    held = _("No answer is shown") if entry.has_head else _("Where the model attended is not shown")
    answer = _("What the model answers anyway") if entry.has_head else _("Where the model attended anyway")
    place.markdown(_("{answer} is shown, as you asked; {reason}").format(answer=answer, reason=refusal) if anyway else f"{held}: {refusal}")
    if anyway:
        unfit = _("Too little was worn.") if few else _("The {window} is unfit for the model.").format(window=window)
        st.error(literal(_("{reason} What follows says nothing about this person.").format(reason=unfit)))
    return anyway


def answered(view: WeekView, entry: ModelEntry, methods: Sequence[str], *, whole: bool) -> tuple[bool, Prediction | None]:
    """(whether the answer and its maps are shown, the answer); whole: with its dot, else in a line. methods: those that were asked for."""
    shown = wanted(view, entry)
    if not shown and methods:
        st.info(_("No explanation is drawn either, until you ask for the model's answer."))
    if not shown:
        return False, None
    return True, prediction(view, entry) if whole else in_a_line(view, entry)


NO_HEAD = _("This model has no trained head, so it gives no prediction: only where it attended.")


def in_a_line(view: WeekView, entry: ModelEntry) -> Prediction | None:
    """The answer in small print, for tabs that are about something else; None without a trained head."""
    shown = _shown(view, entry)
    if not entry.has_head:
        st.caption(NO_HEAD)
    elif shown is not None and shown.outputs:
        several_answer.in_a_line(shown, entry)
    elif shown is not None:
        answer = view.beside.answer(shown, answer_choice.ahead())
        st.caption(literal(sentences.answer_sentence(answer, entry, view.week.values.size)))
    return shown


def _shown(view: WeekView, entry: ModelEntry) -> Prediction | None:
    if not entry.has_head:
        return None
    return answer_anyway(view, model(entry)) if view.refused else view.prediction


def prediction(view: WeekView, entry: ModelEntry) -> Prediction | None:
    """The answer in a sentence, its dot, why it is that, and how the reader wants it; None without a trained head."""
    if not entry.has_head:
        st.markdown(NO_HEAD)
    shown = _shown(view, entry)
    if shown is None:
        return None
    if shown.outputs:
        several_answer.answer(shown, entry, view.held_out, view.split)
        pooled = together(entry, view.read.question) if view.weeks > 1 else None
        if pooled is not None:
            several_answer.together(pooled, entry)
        return shown
    place, more = st.container(), st.container(horizontal=True)
    with more:
        wish = answer_choice.wish(entry)
    with place:
        _answered(view, entry, shown, wish)
        pooled = together(entry, view.read.question) if view.weeks > 1 else None
        answer = None if pooled is None else pooled.answer(wish)
        if pooled is not None and answer is not None:
            st.markdown(literal(sentences.together_sentence(pooled, answer)))
    with more.popover(_("Other figures of this answer"), width="content"):
        st.markdown(sentences.bullets([*_set_line(view, entry), *sentences.figure_lines(shown, view.beside, wish)]))
    return shown


def _set_line(view: WeekView, entry: ModelEntry) -> list[str]:
    """Which groups stay possible; nothing where the person is none of those whom the test speaks of."""
    strange = any(caution.code == "other_group" for caution in view.cautions)  # sets hold for people like those of the test
    which = "" if view.prediction is None or strange else sentences.set_sentence(view.beside, entry)
    return [which] if which else []


def _answered(view: WeekView, entry: ModelEntry, shown: Prediction, wish: Wish) -> None:
    """The one number in a sentence, with its dot where it has an interval, and why it is that."""
    answer = view.beside.answer(shown, wish)
    st.markdown(literal(sentences.answer_sentence(answer, entry, view.week.values.size)))
    if answer.low is not None and answer.high is not None:
        share, at = (
            Interval(answer.value, answer.low, answer.high, answer.n or 0),
            _("in your setting") if answer.stated else _("in the test"),
        )
        figure = prediction_dot(share, answer.prevalence, group=sentences.condition(entry), where=at, theme=theme_name())[0]
        st.plotly_chart(figure, theme=None, config=config(buttons=False), key="prediction")
    why = (
        _("Nobody is compared with an unfit {window}.").format(window=sentences.window_name(view.week.values.size))
        if view.refused
        else answer.why
    )
    if why:
        st.caption(literal(why if answer.of_the_group else _("No percentage is given. {why}").format(why=why)))


def cautions(view: WeekView, entry: ModelEntry, distance: WeekDistance | None = None, why: str = "") -> None:
    """Input gate, what is to be known of the model, what it has seen, how good it was: before any map, the costliest first, what merely
    describes in grey at the end.

    distance: of the week from people the model knows; why: a sentence why it is not said.
    """
    warned((*view.cautions, *view.findings, *(distance.caution if distance else ())), entry)
    lines = [sentences.score_words(entry)] if entry.has_head else []
    if all(finding.severity == "note" for finding in view.findings):
        name = sentences.window_name(view.week.values.size)
        lines.append(_("The input check found nothing wrong with this {window}.").format(window=name))
    if why:
        lines.append(why)
    elif distance and not distance.far:
        lines.append(distance.words)
    st.caption(literal(sentences.minus(" ".join(lines))))


def warned(findings: Sequence[Finding], entry: ModelEntry) -> None:
    """What is grave in red, a box each; what changes what the answer is worth in one box, the costliest first; what merely describes, the
    model's own words about itself among it, in grey."""
    ordered = by_cost(findings)
    random = [finding.message for finding in ordered if finding.code == "random_encoder"]
    for message in random + [sentences.minus(finding.message) for finding in ordered if finding.severity == "refuse"]:
        st.error(literal(message))
    lines = [finding.message for finding in ordered if finding.severity == "warn" and finding.code != "random_encoder"]
    if lines:
        st.warning(literal(sentences.minus(lines[0])) if len(lines) == 1 else sentences.bullets(map(sentences.minus, lines)))
    own = [str(entry.card["first_line"])] if entry.card.get("first_line") and not random else []
    grey = own + [finding.message for finding in ordered if finding.severity == "note"]
    if grey:
        st.caption(literal(sentences.minus(" ".join(dict.fromkeys(grey)))))


def draw(view: WeekView, maps: Sequence[Attribution], choice: Choice, windows: Sequence[tuple[int, int]] = ()) -> None:
    """The week sheet or the timeline, with its caption in words and which methods do not apply. windows: (first, end) minutes to
    outline."""
    labels = [METHODS[attribution.method].title for attribution in maps]
    sleep = view.sleep if choice.shade_sleep else None
    diary = diary_periods(view.week, view.diary)
    layers = Layers(
        maps, labels, sleep=sleep, nonwear=view.nonwear, windows=windows, diary=diary, **(_planted(view) if choice.planted else {})
    )
    if choice.lanes == "timeline":
        figure, caption = week_timeline(view.week, layers, theme=theme_name())
    else:
        figure, caption = week_sheet(view.week, layers, theme=theme_name(), day_from=choice.lanes)
    st.plotly_chart(figure, theme=None, config=config(), key="sheet")
    if sleep is not None and sleep.any():
        st.caption(RESTING)
    if maps:
        st.caption(
            literal(" ".join(f"{METHODS[attribution.method].title}: {METHODS[attribution.method].sentence}" for attribution in maps))
        )
    if choice.not_offered:
        st.caption(literal(choice.not_offered))
    with st.expander(_("The picture in words")):
        st.write(literal(caption))


def _planted(view: WeekView) -> dict[str, Any]:
    """The marks of the planted evidence, or a line that this week has none."""
    truth = next(iter(view.truth), None)
    if truth is None:
        st.caption(_("Nothing is planted in this {window}.").format(window=sentences.window_name(view.week.values.size)))
        return {}
    return {"marks": view.truth[truth], "marks_label": _("planted: {evidence}").format(evidence=truth.replace("_", " "))}


def rhythm(view: WeekView, spread: dict[str, np.ndarray]) -> None:
    """This week's rhythm figures, each beside the cohort's people."""
    columns = st.columns(3)
    for place, (name, (title, unit)) in enumerate(SHOWN.items()):
        figure = cohort_spread(getattr(view.rhythm, name), spread[name], title, view.week.unit if unit else "", theme=theme_name())[0]
        columns[place % 3].plotly_chart(figure, theme=None, config=config(buttons=False), key=f"rhythm.{name}")
    st.caption(
        _(
            "The large dot is this {window}, the small dots are the first ones of the people in this cohort that the input check finds "
            "fit, the tick is their median."
        ).format(window=sentences.window_name(view.week.values.size))
    )
