"""Similar people: whose weeks are nearest by the model's embedding, and whose are most unlike, as small sheets that open them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.components.people.answer_choice import ahead
from pages.components.people.everyone_read import read_by_a_job
from pages.components.people.explanation_section import Line
from pages.components.people.people_list import quick_weeks
from pages.components.shared import sentences
from pages.components.shared.cached_calls import kept_space, model, one_sided_labels, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import set_choice
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _, plural
from pat_core.errors import PatError
from pat_core.figures import config, small_week
from pat_core.records import StandardizeBy, Week
from pat_core.reports.model_tables import configuration
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import answer_words, outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.standardizer_choice import default_standardizer
from pat_core.workflows.people.participant_week import WeekView
from pat_core.workflows.people.participants_table import OwnLabels, own_labels
from pat_core.workflows.people.similar_people import LIMITS, Neighbour, SimilarPeople, cohort_space, similar_people

AT_ONCE = 16
"""Times as many weeks as are predicted while the reader waits are read here, with a line that says how far it is."""
WIDE, CUT, FEW = 212, 26, 2
"""Pixels of a card, letters of a name on it, and labels."""
STILL = config(buttons=False) | {"staticPlot": True}


def section(view: WeekView, entry: ModelEntry) -> None:
    """The cards, or in a sentence why there are none. Weeks that were not read yet are read first, or by a job where they are many."""
    by = view.read.question.standardize_by or default_standardizer(model(entry), view.cohort.lengths)
    try:
        space = kept_space(entry, view.cohort, by)
        if space is not None:
            _cards(view, entry, similar_people(workspace(), model(entry), space, view.read.question))
        else:
            _read(view, entry, by)
    except PatError as error:
        st.info(literal(error))


def _read(view: WeekView, entry: ModelEntry, by: StandardizeBy) -> None:
    cohort = view.cohort
    if cohort.weeks <= AT_ONCE * quick_weeks(configuration(workspace(), entry), cohort.minutes):
        bar = st.progress(0.0, _("Reading everyone through the model"))
        cohort_space(workspace(), model(entry), cohort.name, by, Line(bar, ""))
        st.rerun()
    else:
        read_by_a_job(entry, cohort, by)


def _cards(view: WeekView, entry: ModelEntry, similar: SimilarPeople) -> None:
    st.markdown(literal(_words(view, similar)))
    shown = False
    if any(_labels(one, entry, view).outcome for one in (*similar.nearest, *similar.unlike)):
        shown = st.toggle(_("Show their known outcomes"), key=f"outcomes.{view.cohort.id}")
    with st.container(horizontal=True, gap="small", key="small-sheets-near"):
        with st.container(border=True, width=WIDE, gap="xxsmall"):
            st.markdown(_("**This {window}**").format(window=sentences.window_name(view.week.values.size)))
            _sheet(view.week, "own")
            st.caption(_("Each sheet is drawn up to its own highest activity."))
        for one in similar.nearest:
            _card(one, view, entry, shown)
    if similar.unlike:
        st.markdown(_("**Most unlike**"))
        with st.container(horizontal=True, gap="small", key="small-sheets-unlike"):
            for one in similar.unlike:
                _card(one, view, entry, shown)
    st.caption(literal(_limits(similar)))


def _words(view: WeekView, similar: SimilarPeople) -> str:
    """Whom the cards show, and by which distance."""
    return plural(
        "Of {number} other person in {cohort}, those whose {window} is nearest to this one as the model reads it.",
        "Of {number} other people in {cohort}, those whose {window} is nearest to this one as the model reads it.",
        similar.others,
        cohort=view.cohort.name,
        window=sentences.window_name(view.week.values.size) if similar.alike_in_length else _("window"),
    )


def _limits(similar: SimilarPeople) -> str:
    lines = [
        _(
            "Distance: between the means of the encoder's tokens, each number in standard deviations of this cohort; two people taken "
            "at random differ by about 1.4."
        ),
        LIMITS,
        _("“4 % nearer”: of the {pairs:,} pairs of people in this cohort, 4 % are nearer to one another than these two.").format(
            pairs=similar.pairs
        ),
    ]
    if not similar.alike_in_length:
        lines.append(_("Windows differ in length here; long ones lie nearer to the middle, whatever they hold."))
    if similar.unfit:
        lines.append(
            plural(
                "{number} window of the cohort is left out, as no answer is given about it.",
                "{number} windows of the cohort are left out, as no answer is given about them.",
                similar.unfit,
            )
        )
    return " ".join(lines)


def _card(one: Neighbour, view: WeekView, entry: ModelEntry, outcome: bool) -> None:
    """One person as a small sheet; a press on the name opens the week that is drawn."""
    person, labels = one.row.participant, _labels(one, entry, view)
    with st.container(border=True, width=WIDE, gap="xxsmall"):
        st.button(
            literal(person, CUT),
            key=f"similar.{person}",
            on_click=_open,
            width="stretch",
            args=(person, one.row.index),
            help=literal(_("Opens {person}.").format(person=person)),
        )
        _sheet(one.week, person)
        lines = [_("distance {distance}: {share} nearer").format(distance=sentences.number(one.distance), share=_share(one))]
        lines += [words] if (words := _answer(one, entry)) else []
        lines += [_("the same recording under another name")] if one.copy else []
        lines += [_listed(dict(list(labels.shown.items())[:FEW]))] if labels.shown else []
        lines += [_listed(labels.outcome)] if outcome and labels.outcome else []
        st.caption("  \n".join(map(literal, lines)))


def _listed(labels: Mapping[str, str]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {value}" for name, value in labels.items())


def _share(one: Neighbour) -> str:
    """Of all pairs; in tenths of a percent where it is few."""
    return f"{100 * one.share_nearer:.1f} %" if one.share_nearer < 0.095 else f"{100 * one.share_nearer:.0f} %"


def _answer(one: Neighbour, entry: ModelEntry) -> str:
    """What the model says of them, in a few words; "" without a trained head."""
    if one.prediction is None:
        return ""
    if one.prediction.outputs:
        return answer_words(outputs_of(entry.card), one.prediction, class_percentages(entry.card)[0])
    answer = one.answer(ahead())
    return "" if answer is None else sentences.answer_in_short(answer)


def _labels(one: Neighbour, entry: ModelEntry, view: WeekView) -> OwnLabels:
    return own_labels(one.person.labels, entry.card, one_sided_labels(view.cohort, str(entry.card.get("label") or "")))


def _sheet(week: Week, name: str) -> None:
    figure = small_week(week, theme=theme_name())[0]
    st.plotly_chart(figure, theme=None, config=STILL, key=f"small.{name}")


def _open(person: str, index: int) -> None:
    set_choice(Param.PERSON, person)
    set_choice(Param.WEEK, str(index + 1))
