"""One person's week: who, the model's answer and what to know before believing it; then a tab for each question."""

import streamlit as st

from pages.components.explain import map_quality_section
from pages.components.people import (
    explanation_section,
    nights_section,
    person_header,
    person_navigation,
    person_tabs,
    reading_aids,
    review_form,
    week_section,
)
from pages.components.people.week_choice import person_and_week
from pages.components.shared.cached_calls import model, week_view
from pages.components.shared.guards import need_cohort, need_model, or_stop
from pages.components.shared.session import together
from pages.components.shared.words import _
from pat_core.records import WeekQuestion

top = st.container(key="low-title", horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom")
top.title(_("Participant"))
with together():
    first, second, back, onward, about = st.columns([5, 3, 2, 2, 4], vertical_alignment="bottom")
    notes = st.container()
    with about.popover(_("Cohort and model"), width="stretch"):
        cohort = need_cohort(place=notes)
        entry = need_model(cohort, place=notes)
    names, person, week = person_and_week(cohort, first, second, notes)
    with top:
        review_form.form(cohort, person)
        person_navigation.buttons((back, onward), entry, cohort, names, person)
    head = st.container()
    answer, known = st.columns(2, gap="medium")
    bar = st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="bottom")
    tab = person_tabs.chosen(bar)
    with bar.popover(_("Maps and settings")), or_stop():
        choice = week_section.controls(entry, cohort, [name for name in names if name != person])

with or_stop():
    view = week_view(entry, WeekQuestion(cohort.name, person, week, choice.standardize_by))
person_header.show(view, entry, head)
distance, why = map_quality_section.unusual(view, entry)
wanted, prediction = False, None
if tab in person_tabs.OF_THE_MODEL:
    with answer if tab == "week" else head:
        wanted, prediction = week_section.answered(view, entry, choice.request.methods, whole=tab == "week")
if tab == "week":
    with known:
        week_section.cautions(view, entry, distance, why)
    with answer:
        person_header.outcome(view, entry)
shown = explanation_section.first_look(view, entry, choice.request) if wanted else []
progress = st.container()

if tab == "week":
    method, windows = reading_aids.windows_of(view, shown)
    drawn = [strip.drawn for strip in shown if strip.drawn is not None]
    week_section.draw(nights_section.as_chosen(view), drawn, choice, reading_aids.outlined(view, method, windows))
    map_quality_section.flagged(shown)
elif tab == "why":
    reading_aids.strongest(view, shown, *reading_aids.windows_of(view, shown), choice.lanes)
    st.subheader(_("How far to trust the maps"))
    map_quality_section.reading(shown, entry)
    reading_aids.agreeing(shown, model(entry).config)
    map_quality_section.steadiness(view, entry, shown)
elif tab == "receipt":
    map_quality_section.receipt(nights_section.as_chosen(view), entry, prediction, distance, shown)
else:
    person_tabs.draw(tab, view, entry)

explanation_section.refine(progress, view, entry, choice.request, shown)
map_quality_section.work_out(progress, view, entry, why)
