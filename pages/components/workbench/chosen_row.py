"""What can be done with the people who were chosen: taken to another page, or taken away as a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.session import begin_with
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.workbench.everyone_table import PeopleTable, as_file

PAGES: Mapping[str, tuple[str, str, Mapping[Param, str]]] = {
    "explain": (_("Take them to Explain"), "pages/explain.py", {Param.ASPECT: "clock"}),
    "evaluate": (_("Take them to Evaluate"), "pages/evaluate.py", {}),
    "report": (_("Take them to Report"), "pages/report.py", {}),
}


def row(entry: ModelEntry, cohort: CohortInfo, table: PeopleTable, keys: Sequence[str], words: str, name: str = "") -> None:
    """table: the people who were chosen, with columns `keys`. words: how they were chosen; name: of the kept filter, "" where none was."""
    people = table.participants
    with st.popover(_("With these {people}").format(people=people_words(len(people))), disabled=not people):
        st.caption(literal(_("Chosen: {how}").format(how=words), 3 * LONGEST))
        for page, (title, file, more) in PAGES.items():
            if st.button(literal(title), key=f"bench.take.{page}", disabled=workspace().read_only, width="stretch"):
                _take(entry, cohort, file, more, people, words, name)
        st.download_button(
            _("Table (CSV)"), lambda: csv_text(as_file(table, keys)), f"{cohort.name}-table.csv", "text/csv", key="bench.table.file",
            on_click="ignore", width="stretch",
        )  # fmt: skip
        st.download_button(
            _("Their identifiers (CSV)"), lambda: csv_text(table.frame[["participant"]]), f"{cohort.name}-people.csv", "text/csv",
            key="bench.people.file", on_click="ignore", help=_("For --people of the command line."), width="stretch",
        )  # fmt: skip


def _take(entry: ModelEntry, cohort: CohortInfo, file: str, more: Mapping[Param, str],
          people: Sequence[str], words: str, name: str) -> None:  # fmt: skip
    try:
        selection = workspace().keep_selection(cohort.name, people, words, name)
    except PatError as error:
        st.error(literal(error))
        return
    address = {Param.COHORT: cohort.name, Param.MODEL: entry.reference, Param.CHOSEN_PEOPLE: selection.id, **more}
    for param in (Param.CHOSEN_PEOPLE, *more):
        begin_with(param, address[param])
    st.switch_page(file, query_params={str(param): value for param, value in address.items()})
