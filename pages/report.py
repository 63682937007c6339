"""One person's week on paper: what goes into it, how it is read by whoever signs it, its pages as they are printed, and everybody's."""

import streamlit as st

from pages.components.people.week_choice import person_and_week
from pages.components.report import interpretation_form, report_choices, report_everyone, report_pages
from pages.components.shared.guards import need_cohort, need_model, or_stop
from pages.components.shared.session import together
from pages.components.shared.words import _
from pat_core.records import WeekQuestion

st.title(_("Report"))
st.caption(_("One person's week as actigraphy is read, to print or to send: what was measured, and apart from it what a model answers."))
with together():
    wide, widest = st.columns([2, 3])
    first, second, third = st.columns([3, 2, 2], vertical_alignment="bottom")
    notes = st.container()
    with wide:
        cohort = need_cohort(place=notes)
    with widest:
        entry = need_model(cohort, place=notes)
    names, person, week = person_and_week(cohort, first, second, notes)
    with third:
        report_choices.way_back(entry, cohort, person, week)
    left, right = st.columns([2, 3], gap="large")
    with left, or_stop():
        wanted = report_choices.controls(entry, cohort)

with left:
    downloads = st.container()
    st.subheader(_("Interpretation"))
    written = st.container()
    everyone = st.container()
with right, or_stop():
    record = report_pages.record(entry, WeekQuestion(cohort.name, person, week, wanted.standardize_by), wanted)
with written:
    versions = interpretation_form.form(cohort, record)
with right, or_stop():
    report_pages.preview(record, wanted, versions)
with downloads:
    report_pages.downloads(record, wanted, versions)
with everyone:
    report_everyone.section(entry, cohort, wanted)
