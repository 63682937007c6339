"""What stands around every page: the sidebar with running work, and the sentence that must never be missing."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.job_status import LIVE, job_line
from pages.components.shared.session_names import Key
from pages.components.shared.trouble_guard import guarded
from pages.components.shared.words import _
from pat_core import jobs
from pat_core.errors import PatError

USE = _("Research and education only. Not a medical device, never a diagnosis. Nothing leaves this machine unless you send work elsewhere.")


LAYOUT = """<style>
.block-container {padding: 3rem 2.5rem 4rem}
@media (max-width: 1000px) {
  .block-container {padding: 3rem 1.25rem 3rem}
  [data-testid="stSidebar"][data-collapsed="false"] {width: 11.5rem !important; min-width: 11.5rem; max-width: 11.5rem}
  [data-testid="stHorizontalBlock"] {flex-wrap: wrap; row-gap: 1rem}
  [data-testid="stColumn"] {min-width: calc(50% - 1rem)}
  .st-key-side-by-side [data-testid="stColumn"] {min-width: 100%}
}
@media (max-width: 1000px) {
  [data-testid="stColumn"]:has([data-testid="stMultiSelect"]) {min-width: 100%}
}
.st-key-low-title h1 {font-size: 1.75rem; padding: 0}
[data-testid="stMultiSelect"] [role="group"] {height: auto !important; max-height: none}
[data-testid="stMultiSelectTagsContainer"] {overflow: visible; mask-image: none}
[data-testid="stMultiSelectTagsContainer"], [data-testid="stMultiSelectTagsContainer"] > [role="group"] {flex-wrap: wrap}
@media (max-width: 640px) {
  [data-testid="stMain"] [data-testid="stColumn"] {min-width: 100%}
  [data-testid="stMain"] [data-testid="stColumn"]:has([data-testid="stMetric"]) {min-width: calc(50% - 1rem)}
  [data-testid="stTabs"] [role="tablist"] {flex-wrap: wrap}
  .st-key-low-title {padding-top: 1rem}
  [class*="st-key-small-sheets"] > [data-testid="stLayoutWrapper"] {width: calc(50% - .5rem) !important}
}
[data-testid="stMultiSelect"] input {min-height: 24px; min-width: 24px}
[data-testid="stElementContainer"]:has(> [data-testid="stFullScreenFrame"] [data-testid="stDataFrame"]) {margin-top: 2.25rem}
[data-testid="stElementToolbarButton"]:has([aria-label="Download as CSV"]) {display: none}
:is(button, a, summary, input, textarea, [role="radio"], [role="tab"], [role="slider"], [role="combobox"], [tabindex="0"]):focus-visible {
  outline: 2px solid #2b77ad !important; outline-offset: 2px !important
}
.st-key-fitting [data-testid="stVegaLiteChart"], .st-key-fitting svg {max-width: 100%; height: auto}
[data-testid="stCaptionContainer"] {color: inherit; opacity: 0.78}
[data-testid="stTable"] td [data-testid="stMarkdownContainer"] {max-width: none !important}
[data-testid="stMain"] [data-testid="stPageLink-NavLink"] p {text-decoration: underline}
[data-testid="stTab"][aria-selected="true"] p, [data-testid="stButtonGroup"] [role="radio"][aria-checked="true"] p,
[data-testid="stSliderThumbValue"], [data-testid="stSliderThumbValue"] p {color: light-dark(#2b6a99, #6db3e8) !important}
</style>"""
"""Streamlit leaves a hand's breadth around a page and never folds columns at tablet width: the week sheet needs that room.

On a phone they stand one under another. Boxes of several choices hide what does not fit on their line, tables have their tools laid over
the words above them, the file among these tools is one that a spreadsheet would compute, what has the keyboard is often not outlined, its
captions are paler than the 4.5 to 1 that small text needs, and its tables wrap text long before their column ends. What is chosen stands in
the colour of the primary button, which in the dark is made for white on it and too dark to be read itself.
"""


def sidebar() -> None:
    """Draw the sidebar: work in progress with its own line each, then what this tool is for."""
    st.html(LAYOUT)
    with st.sidebar:
        with suppress(PatError):  # the page says what is the matter
            live = [job for job in workspace().jobs(20) if job.state in LIVE]
            st.fragment(_running, run_every=1.5 if live else None)()
        st.markdown(f":small[{USE}]")


@guarded()
def _running() -> None:
    space = workspace()
    jobs.refresh(space)
    live = [job for job in space.jobs(20) if job.state in LIVE]
    was = st.session_state.get(Key.LIVE_JOBS, ())
    st.session_state[Key.LIVE_JOBS] = tuple(job.id for job in live)
    if set(was) - {job.id for job in live}:
        st.rerun()  # something ended: the page shows its result, and the timer stops with the last one
    if live:
        st.caption(_("Working"))
    for job in live:
        job_line(job)
