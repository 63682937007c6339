"""What goes into a report, on which paper and in which language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import streamlit as st

from pages.components.people.answer_choice import wished
from pages.components.people.week_section import compared_with
from pages.components.shared.choices import choose, choose_several
from pages.components.shared.session import carry
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.reports.paper.paper_words import Words, languages
from pat_core.reports.paper.report_document import SECTIONS, ReportChoice
from pat_core.rhythms import SLEEP_SCORES
from pat_core.workflows.models.answers import Wish
from pat_core.workflows.models.model_entries import ModelEntry

NAMES = {
    "actogram": _("Actogram"),
    "nights": _("Nights"),
    "rhythm": _("Rhythm"),
    "answer": _("A model's answer"),
    "maps": _("Attention and attribution"),
    "interpretation": _("Interpretation and signature"),
    "making": _("How it was made"),
}
PAPERS = {"a4": _("A4"), "letter": _("Letter")}


@dataclass(frozen=True)
class Wanted:
    """choice: sections and language. paper: "a4" or "letter". wish, score, by_diary: how the answer is given, which sleep score, and
    whether nights take their rest from the diary, as on the page of the person."""

    choice: ReportChoice
    paper: str
    wish: Wish
    score: str | None
    standardize_by: StandardizeBy
    by_diary: bool


def controls(entry: ModelEntry, cohort: CohortInfo) -> Wanted:
    """The boxes. PatError for sections that do not go together."""
    sections = choose_several(
        Param.SECTIONS,
        _("Sections"),
        SECTIONS,
        SECTIONS,
        NAMES.get,
        placeholder=_("only what was recorded, and what was not done"),
        help=_("Who and what was recorded, what was not done and what this is not are always there."),
    )
    first, second = st.columns(2)
    segments = partial(st.segmented_control, required=True)
    with first:
        paper = choose(Param.PAPER, _("Paper"), list(PAPERS), "a4", PAPERS.get, draw=segments, unsaid="a4")
    with second:
        language = choose(Param.LANGUAGE, _("Language"), list(languages()), "en", _named, unsaid="en")
    with st.popover(_("Settings")):
        standardize_by = compared_with(entry, cohort)
    by_diary = carry(Param.REST_OF, ("diary",)) is not None
    ordered = tuple(name for name in SECTIONS if name in sections)
    return Wanted(ReportChoice(ordered, language), paper, wished(), carry(Param.SCORE, SLEEP_SCORES), standardize_by, by_diary)


def _named(language: str) -> str:
    return Words(language).name


def way_back(entry: ModelEntry, cohort: CohortInfo, person: str, week: int) -> None:
    """The link to the week on the screen."""
    here = {Param.COHORT: cohort.name, Param.MODEL: entry.reference, Param.PERSON: person, Param.WEEK: str(week + 1)}
    st.page_link("pages/participant.py", label=_("This week on the screen"), query_params={str(name): text for name, text in here.items()})
