"""Cohort by clock: when in the day the score of two groups was raised or lowered, and where the groups differ."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import streamlit as st

from pages.components.explain.explain_controls import Look, about_cohort, cohort_and_model, need_head, shows
from pages.components.explain.explain_jobs import need_result
from pages.components.shared.cached_calls import model, workspace
from pages.components.shared.choices import choose
from pages.components.shared.phrases import people_words
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import together
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pages.components.workbench import chosen_people_box
from pat_core.csv_text import csv_text
from pat_core.explain.by_clock import Over
from pat_core.figures import clock_bands, config
from pat_core.workflows.elsewhere.time_to_explain import explaining
from pat_core.workflows.explanations import cohort_by_clock
from pat_core.workflows.people.participants_table import label_columns
from pat_core.workflows.week.labelled_weeks import label_counts

OTHERS = "Everyone else"
"""As the address says it."""
OVER: dict[Over, str] = {"day": _("The day"), "week": _("The week")}


def show() -> None:
    """The whole view."""
    shows(
        _(
            "When in the day the score was raised or lowered, on average over the people of two groups, with bands and with the windows "
            "where the groups differ."
        ),
        _(
            "A mean hides individuals, and a difference is one of the model's responses: where the model was trained on this label, it "
            "must differ somewhere."
        ),
    )
    look = cohort_and_model()
    need_head(look.entry)
    about_cohort(look)
    selection = chosen_people_box.box(look.cohort)
    request = replace(_request(look), people=selection.id if selection else "")
    result = cohort_by_clock.kept_by_clock(workspace(), request)
    if result is None:
        explanation = _("Each person's first window is explained first, at most {most} people.").format(most=cohort_by_clock.MOST_PEOPLE)
        need_result(
            cohort_by_clock.BY_CLOCK,
            request,
            _("Explain everyone"),
            _("{explanation} What is done is kept, and you may leave while it works.").format(explanation=explanation),
            partial(cohort_by_clock.start_by_clock, workspace(), request),
            partial(explaining, workspace(), request),
        )
    chosen_people_box.note(look.cohort, selection)
    names = (f"{request.label}: {request.cases}", f"{request.label}: {request.controls or _('everyone else')}")
    what, unit = cohort_by_clock.what_is_read(model(look.entry), request)
    figure, caption = clock_bands(result.attribution, names=names, unit=unit, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key="explain.clock")
    st.caption(literal(caption))
    if what:
        st.caption(_("What the maps of the score explain: {what}.").format(what=literal(what)))
    st.markdown(bullets(cohort_by_clock.counts_words(result)))
    table = cohort_by_clock.clock_table(result)
    st.download_button(_("By clock (CSV)"), csv_text(table), f"{look.cohort.name}-by-clock.csv", "text/csv", on_click="ignore")


def _request(look: Look) -> cohort_by_clock.ClockRequest:
    """The groups that the reader chose; stops the page where the cohort has none."""
    labels = label_columns(workspace(), look.cohort.name)
    if not labels:
        st.info(
            _("{cohort} has no label with at least two values, so there are no groups. Add labels on the Data page.").format(
                cohort=literal(look.cohort.name)
            )
        )
        st.page_link("pages/data.py", label=_("Go to Data"))
        st.stop()
    card = look.entry.card
    with together():
        first, second, third, fourth = st.columns(4, vertical_alignment="bottom")
        with first:
            label = choose(Param.LABEL, _("Label"), labels, card.get("label"))
        counts = label_counts(workspace(), look.cohort.name, label)
        usual = card["positive"] if label == card.get("label") and card.get("positive") in counts else list(counts)[-1]
        people = {value: people_words(number) for value, number in counts.items()}
        with second:
            cases = choose(Param.GROUP, _("Group"), list(counts), usual, lambda value: f"{value} ({people[value]})")
        others = [value for value in counts if value != cases]
        options = [OTHERS, *others] if len(others) > 1 else others
        with third:
            controls = choose(Param.AGAINST, _("Compared with"), options, words=_group_words, unsaid=options[0])
        with fourth:
            over = choose(Param.OVER, _("Over"), list(OVER), words=OVER.get, unsaid="day")
    chosen = None if controls == OTHERS else controls
    sha256 = model(look.entry).sha256
    return cohort_by_clock.ClockRequest(
        look.entry.reference, sha256, look.cohort.name, look.cohort.id, look.standardize_by, label, cases, chosen, over
    )


def _group_words(value: str) -> str:
    return _("Everyone else") if value == OTHERS else value
