"""The first screen: what this is, whose data these are, and what can be opened."""

import streamlit as st

from pages.components.overview import welcome
from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.shell import USE
from pages.components.shared.words import _
from pat_core.reports.cohort_tables import holdings

st.title(_("PAT Explorer"))
st.markdown(_("#### A week of a person's movement, read by a foundation model: what it says, where it looked, and whether to believe it."))

demo = welcome.demo()
with st.container(border=True):
    welcome.start(demo)
welcome.what_it_is()

st.subheader(_("Where to start"))
welcome.readers()
if demo:
    welcome.picture(demo)

st.subheader(_("What is here"))
here = holdings(workspace(), model_entries().values())
figures = {_("Cohorts"): here.cohorts, _("People"): here.people, _("Weeks"): here.weeks, _("Models"): here.models, _("Runs"): here.runs}
for column, (name, count) in zip(st.columns(len(figures)), figures.items(), strict=True):
    column.metric(literal(name), f"{count:,}")
welcome.words()
st.markdown(USE)
