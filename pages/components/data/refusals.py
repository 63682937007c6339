"""What did not come in, and why, and what was mended in what did: lines that can be read whole at every width, and the same as a file."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.records import Note, Refusal
from pat_core.reports import cohort_tables

MOST_LINES = 40
"""So many lines stand on the page; a thousand would bury what comes after them."""

MOST_ADVICE = 3


def refusal_list(refused: Sequence[Refusal | dict[str, str]], name: str, where: str) -> None:
    """The first refusals as a table whose lines wrap, what follows for all of them, and the whole list as a file.

    name: the cohort's, for the file. where: tells two lists on one page apart.
    """
    table = cohort_tables.refusal_table(refused)
    short, advice = cohort_tables.shortened(table)
    shown = short.head(MOST_LINES)
    st.table(shown.assign(What=shown["What"].map(literal), Why=shown["Why"].map(literal)), border="horizontal", hide_index=True)
    if len(table) > len(shown):
        st.write(_("These are the first {shown} of {total:,}; the file holds all of them.").format(shown=len(shown), total=len(table)))
    if len(advice) <= MOST_ADVICE:
        st.caption("  \n".join(literal(sentence) for sentence in advice))
    else:
        st.caption(_("The file says what can be done about each."))
    st.download_button(
        _("Download this list (CSV)"), csv_text(table), f"{name}-not-taken-in.csv", "text/csv", key=f"refused.{where}", on_click="ignore"
    )


def note_list(notes: Sequence[Note | dict[str, str]], name: str, where: str) -> None:
    """What was found or mended in what came in, a line a sentence, and all of it as a file. name, where: as for `refusal_list`."""
    lines = cohort_tables.note_lines(notes)
    st.markdown("\n".join(f"- {literal(line)}" for line in lines[:MOST_LINES]))
    if len(lines) > MOST_LINES:
        st.write(_("These are the first {shown} of {total:,}; the file holds all of them.").format(shown=MOST_LINES, total=len(lines)))
    table = cohort_tables.note_table(notes)
    st.download_button(
        _("Download these notes (CSV)"), csv_text(table), f"{name}-notes.csv", "text/csv", key=f"noted.{where}", on_click="ignore"
    )
