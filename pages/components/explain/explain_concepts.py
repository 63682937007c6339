"""Concepts: whether the score follows "late wake-up" or "broken nights", person by person."""

from __future__ import annotations

import streamlit as st

from pages.components.explain.explain_controls import about_cohort, cohort_and_model, need_attention, need_head, shows
from pages.components.explain.explain_jobs import need_result
from pages.components.shared.cached_calls import model, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.figures import concept_dots, config
from pat_core.workflows.explanations import cohort_concepts


def show() -> None:
    """The whole view."""
    shows(
        _(
            "Whether the score follows a concept: pairs of simulated weeks, with and without it, give a direction in the model's summary "
            "of a week, and each person's score is tested for how it responds to a small step along it."
        ),
        _("The concepts are our own and simulated; a score that follows one may in fact follow something that goes with it."),
    )
    look = cohort_and_model()
    need_head(look.entry)
    need_attention(look.entry)
    about_cohort(look)
    sha256 = model(look.entry).sha256
    request = cohort_concepts.ConceptRequest(look.entry.reference, sha256, look.cohort.name, look.cohort.id, look.standardize_by)
    if reason := cohort_concepts.why_not(workspace(), request, look.entry.has_head):
        st.info(literal(reason))
        return
    result = cohort_concepts.kept_concepts(workspace(), request)
    if result is None:
        need_result(
            cohort_concepts.CONCEPTS_READ,
            request,
            _("Read the concepts"),
            _("The directions are learned from simulated pairs first: a few seconds with the small model, minutes with the large ones."),
            lambda _place: cohort_concepts.start_concepts(workspace(), request),
        )
    answers = [(concept.title, concept.response.derivative, concept.response.above_random) for concept in result.responses]
    figure, caption = concept_dots(answers, people=result.participants, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="explain.concepts")
    st.caption(literal(caption))
    if result.caution:
        st.warning(literal(result.caution))
    st.markdown(bullets(cohort_concepts.lines(result)))
    table = cohort_concepts.concept_table(result)
    st.download_button(_("Concepts (CSV)"), csv_text(table), f"{look.cohort.name}-concepts.csv", "text/csv", on_click="ignore")
