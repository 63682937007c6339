"""The parts of the Overview page."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from pages.components.data.data_tabs import BRING
from pages.components.shared.cached_calls import explanation, model_entries, week_and_nights, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import set_choice
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.errors import PatError
from pat_core.explain import METHODS
from pat_core.figures import Layers, config, week_sheet
from pat_core.records import WeekQuestion
from pat_core.reports.cohort_tables import first_person
from pat_core.reports.glossary import glossary
from pat_core.weights.catalogue import FORMER_TITLE, TITLE
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.participants_table import usual_standardizer

PAPER = "https://arxiv.org/abs/2411.15240"
SHOWN = ("rollout", "integrated_gradients")

READERS = {
    _("Clinicians"): (_("See one person's week, where the model attended, and how far to trust its answer."), "participants", None),
    _("Researchers"): (_("Bring recordings with labels, fine-tune, and test on people the model has not seen."), "data", BRING),
    _("Classes"): (
        _("Six lessons on simulated people: how such a model works, and how far to believe it."),
        "learn/learn_week",
        _("Begin the first lesson"),
    ),
}
"""Reader -> what they can do here, the page to start on, and its tab or what the link says."""


@dataclass(frozen=True)
class Demo:
    """The demonstration's cohort and model, and the person it opens with."""

    cohort: CohortInfo
    entry: ModelEntry
    person: str


def demo() -> Demo | None:
    """The demonstration; None where it is not in this workspace."""
    entries = model_entries()
    person = first_person(workspace(), entries)
    return Demo(workspace().cohort(COHORT), entries[MODEL], person) if person else None


def what_it_is() -> None:
    """What, by whom, for what, and what not."""
    st.markdown(
        _(
            "PAT, the Pretrained Actigraphy Transformer ([Ruan et al., arXiv 2411.15240]({address})), learned from "
            "wearable movement sensors how people's weeks usually go. Fine-tuned with labels, it tells two groups of "
            "people apart. This app shows its answer for one person at a time, with the minutes that raised or "
            "lowered the score. The paper: *{title}*; before May 2026 it was called *{former_title}*."
        ).format(address=PAPER, title=TITLE, former_title=FORMER_TITLE)
    )
    st.markdown(
        _(
            "- For research and education only, never a diagnosis.\n"
            "- Recordings stay on this machine. Nothing is sent anywhere.\n"
            "- No account. The demonstration needs no download."
        )
    )


def start(demo: Demo | None) -> None:
    """The one primary button, and whose data it opens."""
    if demo is None:
        st.markdown(_("**There are no people here yet.** Bring recordings, or simulate people to look around."))
        if st.button(_("Go to Data"), type="primary"):
            st.switch_page("pages/data.py")
        return
    st.markdown(
        _(
            "**Simulated people.** The demonstration holds {people} people made up by a program: none of them exist. "
            "What was planted in their weeks is known, so you can check what the model found."
        ).format(people=demo.cohort.people)
    )
    if st.button(
        _("Open a simulated person's week"),
        type="primary",
        help=literal(_("{person}, read by {model}").format(person=demo.person, model=demo.entry.title)),
    ):
        chosen = {Param.COHORT: demo.cohort.name, Param.MODEL: demo.entry.reference, Param.PERSON: demo.person, Param.WEEK: "1"}
        for param, value in chosen.items():
            set_choice(param, value)
        st.switch_page("pages/participant.py")


def readers() -> None:
    """A line and a link for each kind of reader."""
    for column, (who, (line, page, tab)) in zip(st.columns(len(READERS)), READERS.items(), strict=True):
        column.markdown(f"**{who}**  \n{line}")
        column.page_link(
            st.Page(f"pages/{page}.py"), label=tab or _("Look at people"), query_params={"tab": tab} if tab and page == "data" else None
        )


def words() -> None:
    """The words that the pages use, each with its meaning."""
    meanings = glossary()
    if meanings:
        with st.expander(_("Words used here")):
            st.markdown("\n".join(f"- **{word}**: {meaning}" for word, meaning in meanings.items()))


def picture(demo: Demo) -> None:
    """The week sheet of the person that the button opens."""
    try:
        read, nights = week_and_nights(
            demo.entry, WeekQuestion(demo.cohort.name, demo.person, 0, usual_standardizer(demo.entry, demo.cohort))
        )
        maps = [explanation(demo.entry, demo.cohort, read, name) for name in SHOWN]
    except PatError as error:
        st.warning(literal(error))
        return
    st.subheader(_("The week of {person}, a simulated person").format(person=literal(demo.person)))
    st.markdown(
        _(
            "A lane for each day, from noon to noon. Grey is movement; the strips under it show which minutes the model attended to, "
            "and which raised (red) or lowered (blue) its score."
        )
    )
    layers = Layers(maps, [METHODS[name].title for name in SHOWN], sleep=nights.rest, nonwear=nights.nonwear)
    figure, caption = week_sheet(read.week, layers, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key="overview.sheet")
    with st.expander(_("The picture in words")):
        st.write(literal(caption))
