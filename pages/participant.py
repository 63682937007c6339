"""One person's week: what was recorded, what the model says, and where it looked."""

import streamlit as st

from pages.components.explain import map_quality_section
from pages.components.people import (
    explanation_section,
    marks_section,
    nights_section,
    person_header,
    person_navigation,
    reading_aids,
    week_section,
)
from pages.components.people.week_choice import person_and_week
from pages.components.shared.cached_calls import model, rhythm_spread, week_view
from pages.components.shared.folded import folded
from pages.components.shared.guards import need_cohort, need_model, or_stop
from pages.components.shared.session import together
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.records import WeekQuestion

st.title(_("Participant"))
with together():
    wide, widest = st.columns([2, 3])
    first, second, back, onward = st.columns([3, 2, 2, 2], vertical_alignment="bottom")
    notes = st.container()
    with wide:
        cohort = need_cohort(place=notes)
    with widest:
        entry = need_model(cohort, place=notes)
    names, person, week = person_and_week(cohort, first, second, notes)
    person_navigation.buttons((back, onward), entry, cohort, names, person)
    with or_stop():
        choice = week_section.controls(entry, cohort, [name for name in names if name != person])

with or_stop():
    view = week_view(entry, WeekQuestion(cohort.name, person, week, choice.standardize_by))
person_header.show(view, entry)

distance, why = map_quality_section.unusual(view, entry)
answer, known = st.columns([3, 2])
with known:
    st.subheader(_("Before believing it"))
    week_section.cautions(view, entry, distance, why)
with answer:
    st.subheader(_("Prediction"))
    wanted = week_section.wanted(view, entry)
    prediction = week_section.prediction(view, entry) if wanted else None

shown = explanation_section.first_look(view, entry, choice.request) if wanted else []
maps = [strip.attribution for strip in shown if strip.attribution is not None]
if not wanted and choice.request.methods:
    st.info(_("No explanation is drawn either, until you ask for the model's answer."))
method, windows = reading_aids.windows_of(view, shown)
progress, pictured, read, trust = st.container(), st.container(), st.container(), st.expander(_("How far to trust the maps"), key="trust")
view = folded(_("Nights"), Key.NIGHTS_OPEN, lambda: nights_section.section(view), view)
with pictured:
    week_section.draw(
        view, [strip.drawn for strip in shown if strip.drawn is not None], choice, reading_aids.outlined(view, method, windows)
    )
with read:
    reading_aids.strongest(view, shown, method, windows, choice.lanes)
    map_quality_section.flagged(shown)
with trust:
    map_quality_section.reading(shown, entry)
    reading_aids.agreeing(shown, model(entry).config)
    steady = map_quality_section.steadiness(view, entry, shown)

folded(_("Mean day and rhythm"), Key.RHYTHM_OPEN, lambda: nights_section.rhythm(view, rhythm_spread(cohort)), None)
folded(_("Wear and marks"), Key.WEAR_OPEN, lambda: marks_section.section(view, entry), None)
folded(
    _("Receipt and downloads"), Key.RECEIPT_OPEN, lambda: map_quality_section.receipt(view, entry, prediction, maps, distance, steady), None
)

explanation_section.refine(progress, view, entry, choice.request, shown)
map_quality_section.work_out(progress, view, entry, why)
