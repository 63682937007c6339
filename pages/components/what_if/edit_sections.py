"""The parts of the What-if page: which edit, how much and where; what the model answers; the dose curve; the week before and after."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.people.answer_choice import wished
from pages.components.people.week_section import compared_with
from pages.components.shared.cached_calls import BY_CONTENT, folder_key, judged, model, workspace
from pages.components.shared.choices import choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session import together
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pages.components.what_if.response_words import answer_words, change_words, place_words
from pat_core.cohorts import CohortInfo
from pat_core.figures import DoseLine, Layers, common_scales, config, week_sheet
from pat_core.figures.charts.dose_curve import dose_curve as dose_figure
from pat_core.figures.sheet.lanes import DayFrom
from pat_core.records import StandardizeBy, Week
from pat_core.weeks.edits import EDITS, Edit
from pat_core.workflows.explanations.unusual_weeks import NOT_YET, reference_for
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.dose_response import DoseCurve, Ground, WeekEdit, WhatIf, dose_curve, ground_of, what_if
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.week.week_marks import week_days, window_minutes, window_words

QUARTERS = tuple(f"{minute // 60:02d}:{minute % 60:02d}" for minute in range(0, 1440, 15))
BEGIN, UNTIL = "14:00", "16:00"


@dataclass(frozen=True)
class EditRequest:
    """What the reader wants to edit. window: (first, end) minutes of the week, None where the edit needs none; where: it in words."""

    edit: Edit
    dose: float
    window: tuple[int, int] | None = None
    where: str = ""

    def opening(self, response: WhatIf) -> str:
        """How a sentence about what was made of it begins."""
        return self.edit.opening(self.dose, self.where, room=response.room, nights=response.nights)


def comparison(entry: ModelEntry, cohort: CohortInfo) -> StandardizeBy:
    """Whose minutes the week is compared with; folded, for the default is right."""
    with st.popover(_("Settings"), width="stretch"):
        return compared_with(entry, cohort)


def controls(week: Week) -> EditRequest:
    """Which edit, how much, and where, where it needs a window. Raises WeekError where the window does not lie within the week."""
    reasons = {name: edit.why_not(week.values.size) for name, edit in EDITS.items()}
    offered = [name for name, reason in reasons.items() if not reason]
    with together():
        edit = EDITS[choose(Param.EDIT, _("Edit"), offered, words=lambda name: EDITS[name].title, unsaid=offered[0])]
        doses = {f"{dose:g}": dose for dose in edit.doses}
        usual = f"{edit.begin:g}"
        named = lambda text: edit.words(doses[text])  # noqa: E731
        dose = doses[choose(Param.DOSE, _("How much"), list(doses), usual, named, draw=st.select_slider, unsaid=usual)]
    st.caption(literal(edit.sentence))
    for name, reason in reasons.items():
        if reason:
            st.caption(literal(_("Not offered: {edit}. {reason}").format(edit=EDITS[name].title, reason=reason)))
    if edit.needs not in ("window", "moment"):
        return EditRequest(edit, dose)
    window = _window(week, with_end=edit.needs == "window")
    return EditRequest(edit, dose, window, window_words(week, window[0], window[1] if edit.needs == "window" else None))


def _window(week: Week, with_end: bool) -> tuple[int, int]:
    days = week_days(week)
    clock = str if week.start else _hours
    first, second, third = st.columns([2, 1, 1] if with_end else [2, 1, 0.01])
    numbers = [str(number + 1) for number in range(len(days))]
    second_day = numbers[min(1, len(days) - 1)]
    with together():
        with first:
            day = choose(Param.DAY, _("Day"), numbers, second_day, lambda number: days[int(number) - 1], unsaid=second_day)
        with second:
            begin = choose(Param.FROM, _("From"), QUARTERS, BEGIN, clock, unsaid=BEGIN)
        if not with_end:
            return window_minutes(week, int(day) - 1, minute_of(begin), minute_of(begin) + 1)
        with third:
            until = choose(Param.UNTIL, _("Until"), QUARTERS, UNTIL, clock, help=_("An earlier time means the next day."), unsaid=UNTIL)
    return window_minutes(week, int(day) - 1, minute_of(begin), minute_of(until))


def minute_of(clock: str) -> int:
    """ "14:15" -> 855."""
    hours, minutes = clock.split(":")
    return 60 * int(hours) + int(minutes)


def _hours(clock: str) -> str:
    return _("{hours} h {minutes:02d}").format(hours=minute_of(clock) // 60, minutes=minute_of(clock) % 60)


class Line:
    """A progress line that is drawn when work begins, and goes when it is done."""

    def __init__(self, place: DeltaGenerator) -> None:
        self.place = place

    def at(self, fraction: float, message: str) -> None:
        self.place.progress(min(max(fraction, 0.0), 1.0), literal(message))

    def metric(self, step: int, values: Mapping[str, float]) -> None:
        pass


def ground(view: WeekView, entry: ModelEntry, request: EditRequest) -> Ground:
    """What the answer and the curve are both made from, also where the input gate refused the recorded week: then the reader asked for it.
    view: of the recorded week, whose rest the edits work on."""
    edit = WeekEdit(request.edit.name, request.window, anyway=view.refused)
    return ground_of(workspace(), model(entry), view.read, edit, nights=view.nights, only_kept=True)


def answer(ground: Ground, entry: ModelEntry, request: EditRequest, view: WeekView) -> WhatIf:
    """The edited week as the model reads it."""
    question = view.read.question
    wanted = (question, workspace().stamp(question.cohort), judged(), view.score, request.edit.name, request.window)
    return _answer(folder_key(), entry, wanted, request.dose, wished(), ground)


@st.cache_data(show_spinner=_("Reading the edited recording"), max_entries=64, hash_funcs=BY_CONTENT)
def _answer(folder: str, entry: ModelEntry, wanted: tuple, dose: float, wish: Wish, _ground: Ground) -> WhatIf:
    return what_if(workspace(), _ground, dose, wish)


def curve(ground: Ground) -> DoseCurve:
    """The same edit at every dose, as `answer`; the workspace keeps it, so only the first time takes long."""
    place = st.empty()
    doses = dose_curve(workspace(), ground, progress=Line(place))
    place.empty()
    return doses


def work_out(ground: Ground, response: WhatIf) -> None:
    """Read the people that weeks are compared with where that is still to be done, then draw the page again. To be called last."""
    if response.whom != NOT_YET:
        return
    question, place = ground.read.question, st.empty()
    reference, why = reference_for(workspace(), ground.model, question.cohort, question.standardize_by, question.participant, Line(place))
    place.empty()
    if reference is not None or why != NOT_YET:
        _answer.clear()
        st.rerun()


def result(view: WeekView, entry: ModelEntry, request: EditRequest, response: WhatIf) -> None:
    """The change in a sentence, the probability before and after, what the input check says of the edited week, and where it lies."""
    known = {finding.message for finding in view.findings}
    for finding in response.findings:
        if finding.message not in known and finding.severity != "note":
            message = literal(_("About the edited recording, the input check says: {message}").format(message=finding.message))
            (st.error if finding.severity == "refuse" else st.warning)(message)
    if response.refused and not view.refused:
        st.markdown(
            _("{edit} it is unfit for the model, so no answer for it is shown. Choose a smaller dose.").format(
                edit=literal(request.opening(response))
            )
        )
        return
    st.markdown(change_words(request.opening(response), response))
    st.markdown(literal(answer_words(response, entry)))
    far = response.place_after is not None and response.place_after.far
    (st.warning if far else st.markdown)(literal(place_words(response)))


def draw_curve(request: EditRequest, curve: DoseCurve) -> None:
    """Change of the logit at every dose, and how usual the edited weeks are to the model."""
    doses, edit = curve.doses.tolist(), request.edit
    words, ticks = [edit.words(dose) for dose in doses], [edit.tick(dose) for dose in doses]
    line = DoseLine(doses, curve.changes, words, ticks, edit.axis, curve.nearer, curve.distances, curve.refused, curve.answer)
    figure, caption = dose_figure(line, chosen=request.dose, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="whatif.curve")
    left_out = [edit.words(dose) for dose in edit.doses if dose > doses[-1]]
    if left_out:
        caption += _(" Left out, because the recording ends before them: {doses}.").format(doses=", ".join(left_out))
    st.caption(literal(caption))


def draw_weeks(view: WeekView, request: EditRequest, response: WhatIf) -> None:
    """The recorded and the edited week side by side, on one scale, with the changed minutes marked."""
    peak = common_scales([(view.week, (), view.nonwear), (response.edited, (), response.nonwear)])["peak"]
    # Where whole days change places the nights go with them, so the recorded ones would be shaded in the wrong place.
    whole_days = request.edit.needs == "start"
    day_from: DayFrom = "midnight" if whole_days else "noon"
    rest = None if whole_days else response.rest
    shared = Layers(sleep=rest, peak=peak, marks=response.changed if response.changed_minutes else None, marks_label=_("changed minutes"))
    captions = []
    weeks = ((_("As recorded"), "before", view.week, view.nonwear), (_("Edited"), "after", response.edited, response.nonwear))
    # The key lets the page's layout put one under the other where there is no room for two.
    columns = st.container(key="side-by-side").columns(2)
    for place, (title, name, week, nonwear) in zip(columns, weeks, strict=True):
        place.markdown(f"**{literal(title)}**")
        figure, caption = week_sheet(week, replace(shared, nonwear=nonwear), theme=theme_name(), day_from=day_from)
        place.plotly_chart(figure, theme=None, config=config(), key=f"whatif.{name}")
        captions.append(f"{title}: {caption}")
    if rest is not None and rest.any():
        st.caption(_("Shaded in both: estimated rest in the recording. It is for orientation; the model does not see it."))
    with st.expander(_("The pictures in words")):
        st.markdown("\n\n".join(literal(caption) for caption in captions))
