"""Two people: both weeks on one scale, and what of the one raised or lowered its score compared with the other."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from pages.components.explain import explain_cached as cached
from pages.components.explain.explain_controls import need_head, shows, two_weeks
from pages.components.people import week_section
from pages.components.people.answer_choice import wished
from pages.components.shared import sentences
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.figures import Layers, common_scales, config, week_sheet
from pat_core.figures.sheet.week_sheet import Scales
from pat_core.records import Attribution
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import WeekView

ALONE = _("against the mean week")


def show() -> None:
    """The whole view."""
    shows(
        _(
            "What in one person's week raised or lowered its score compared with another person's week: integrated gradients from one to "
            "the other, whose minutes add up to the difference of their scores."
        ),
        _(
            "It shows how two weeks differ to the model; it does not say what is unusual about either, and minutes are compared by their "
            "position in the week."
        ),
    )
    look, view, other = two_weeks()
    need_head(look.entry)
    if not _wanted(look.entry, view, other):
        return
    between = cached.contrast(look, view, other)
    alone = [cached.integrated_gradients(look, week) for week in (view, other)]
    st.markdown(f"**{literal(attention_views.contrast_words(between, view.week.participant, other.week.participant))}**")
    if caution := attention_views.clock_caution(view.week, other.week):
        st.warning(literal(caution))
    turned = attention_views.mirrored(between, view.week.participant)
    shown = [
        (view, [between, alone[0]], [_("against {person}").format(person=other.week.participant), ALONE]),
        (other, [turned, alone[1]], [_("against {person}").format(person=view.week.participant), ALONE]),
    ]
    scales = common_scales([(each.week, strips, each.nonwear) for each, strips, labels in shown])
    for place, (each, strips, labels) in enumerate(shown):
        st.subheader(literal(each.week.participant, LONGEST))
        _sheet(each, strips, labels, scales, f"explain.pair.{place}")
    st.caption(_("Both sheets share one scale: the same colour is the same number of logits, the same height the same activity."))
    stem = f"{view.week.participant}-against-{other.week.participant}"
    table = attention_views.contrast_table(view.week, other.week, between)
    st.download_button(_("The comparison (CSV)"), csv_text(table), f"{stem}.csv", "text/csv", on_click="ignore")


def _wanted(entry: ModelEntry, *views: WeekView) -> bool:
    """What was found in both weeks, each thing once, and whether both are to be shown."""
    for view in views:
        st.caption(f"**{literal(view.week.participant)}.** {literal(sentences.week_words(view.week, view.weeks))}")
        if (answer := view.answer(wished())) is not None:
            st.markdown(f"**{literal(view.week.participant)}.** {literal(sentences.answer_sentence(answer, entry, view.week.values.size))}")
    if views[0].cohort.simulated:
        st.caption(_("Simulated: nobody here exists."))
    findings = [finding for view in views for finding in view.cautions]
    findings += [replace(finding, message=f"{view.week.participant}: {finding.message}") for view in views for finding in view.findings]
    week_section.warned(findings, entry)
    return all([week_section.wanted(view, entry) for view in views])


def _sheet(view: WeekView, strips: list[Attribution], labels: list[str], scales: Scales, key: str) -> None:
    layers = Layers(strips, labels, sleep=view.sleep, nonwear=view.nonwear, **scales)
    figure, caption = week_sheet(view.week, layers, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key=key)
    with st.expander(_("The picture of {person} in words").format(person=literal(view.week.participant, LONGEST))):
        st.write(literal(caption))
