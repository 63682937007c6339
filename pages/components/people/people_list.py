"""The parts of the Participants page: predictions that are still missing, the filters, and the list from which a person is opened.

The list is sorted here and not in the browser, so that its order stands in the address: it survives opening a person, and Previous and
Next follow it. A person is opened by the button in their row, and by the keyboard from the box below the list, since the browser draws the
list's buttons and no key presses them. Nothing else opens anyone: a click on a header sorts, keys walk about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.components.people.list_columns import HEADERS, MORE, NONE, columns, in_words, kind_of, may_be_seen, may_stand, shaded
from pages.components.people.week_section import LANES
from pages.components.shared import data_table
from pages.components.shared.cached_calls import hours_worn, model, predicted, workspace
from pages.components.shared.choices import choose, filled
from pages.components.shared.job_status import follow, job_for
from pages.components.shared.phrases import windows_words
from pages.components.shared.plain_text import apart, cut, joined, literal
from pages.components.shared.session import begin_with, carry, next_turn, remembered, set_choice, turn_of
from pages.components.shared.session_names import LIST, SHEET, Key, Param
from pages.components.shared.where_it_runs import where_it_runs
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo
from pat_core.cohorts.cohort_records import REVIEW_STATES
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.models.network_config import NetworkConfig
from pat_core.records import StandardizeBy
from pat_core.reports.answer_files import list_file
from pat_core.reports.model_tables import configuration
from pat_core.settings import MINUTES_PER_WEEK, USUAL_DAYS
from pat_core.workflows.elsewhere.time_to_explain import predicting
from pat_core.workflows.models.answers import PROBABILITY, RANK, SCORE, Answer, Wish
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participant_week import week_indices
from pat_core.workflows.people.participants_table import ALL, ORDERS, Listing, label_columns, participants_table, predictions_missing
from pat_core.workflows.people.prediction_job import PREDICT, PredictionRequest
from pat_core.workflows.people.several_answers import with_several

QUICK_TOKENS = 64 * 560
"""Tokens times blocks that are read while the reader waits, a few seconds: 64 weeks by the small model, 2 by the huge one."""
A_PART = 25
"""People on one screen."""


def quick_weeks(config: NetworkConfig, minutes: int = MINUTES_PER_WEEK) -> int:
    """So many windows of so many minutes are predicted while the reader waits; more go to a background job."""
    return max(1, QUICK_TOKENS // (max(1, config.tokens(minutes)) * max(1, config.blocks)))


def predictions_ready(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> bool:
    """Whether so few weeks lack a prediction that the list can be made at once; else their job is shown, or the button for it."""
    missing = predictions_missing(workspace(), entry, cohort.name, standardize_by)
    if missing <= quick_weeks(configuration(workspace(), entry), cohort.minutes):
        return True
    request = PredictionRequest(
        model=entry.reference, sha256=entry.sha256, cohort=cohort.name, cohort_id=cohort.id, standardizer=standardize_by
    )
    job = job_for(PREDICT, request)
    if job is not None and follow(job.id).state != "done":
        return False
    st.write(
        plural(
            "{number} of {windows} has no prediction by this model yet. You may leave while it works.",
            "{number} of {windows} have no prediction by this model yet. You may leave while it works.",
            missing,
            windows=windows_words(cohort.weeks, cohort),
        )
    )
    place, ready = where_it_runs(PREDICT, request, partial(predicting, workspace(), request))
    if st.button(_("Predict everyone"), type="primary", disabled=not ready):
        title = _("Predict {cohort} with {model}").format(cohort=cohort.name, model=entry.title)
        try:
            PREDICT.launch(workspace(), request, title, on=place)
            st.rerun()
        except PatError as error:
            st.error(literal(error))
    return False


def anyone(cohort: CohortInfo) -> str | None:
    """The box of `named` with everyone of a cohort, while there is no list yet: a page of one person asks the model about them alone."""
    st.write(_("The list appears once everyone is predicted. Anyone can be opened before that: then only their own are predicted."))
    return named(pd.DataFrame({"Participant": [person.participant for person in workspace().people(cohort.name)]}))


def _range(text: str) -> tuple[int, int]:
    """ "20-80". ValueError where it is none."""
    low, high = (int(part) for part in text.split("-"))
    if not 0 <= low <= high <= 100:
        raise ValueError(f"no range of percent: {text}")
    return low, high


def _days(text: str, most: int) -> int:
    days = int(text)
    if not 0 <= days <= most:
        raise ValueError(days)
    return days


def listing_boxes(
    everyone: Callable[[str | None], pd.DataFrame], labels: Sequence[str], wear: str, several: bool = False, most_days: int = USUAL_DAYS
) -> tuple[pd.DataFrame, Listing]:
    """The filters and the order, all of them in the address; the table of everyone with them. everyone: that table with the label that is
    to be shown. several: its answers are no percentages to choose between. wear: how it is judged. most_days: of the longest window."""
    above, (left, middle, right) = st.container(), st.columns(3)
    with middle:
        label = shown_label(labels)
    table, only = everyone(label), []
    ranged = not several and kind_of(table) != SCORE
    first, *others = above.columns(4 if ranged else 3)
    third, fourth = others[-2:]
    with first:
        draw = partial(st.text_input, _("Find a participant"), placeholder=_("Part of an identifier"))
        find = filled(Param.FIND, lambda key: draw(key=key), "", str, str)
    between = ALL
    if ranged:
        with others[0]:
            between = _between(kind_of(table))
    with third:
        days = filled(
            Param.DAYS,
            lambda key: st.selectbox(
                _("Valid days"),
                list(range(most_days + 1)),
                format_func=lambda days: _("{days} or more").format(days=days) if days else _("Any number"),
                key=key,
                help=_("Of the first window. {rule}").format(rule=literal(wear)),
            ),
            0,
            partial(_days, most=most_days),
            str,
        )
    with fourth:
        offered = {key: order[0] for key, order in ORDERS.items() if key.removeprefix("-") != "label" or labels}
        order = choose(Param.SORT, _("Sort by"), list(offered), "", offered.get, unsaid="")
    with left:
        quality = _chosen(Param.QUALITY, _("Quality"), sorted(table["Quality"].unique()))
        review = _chosen(Param.REVIEW, _("Review"), REVIEW_STATES)
    if label:
        with right:
            given = sorted(value for value in table[label].unique() if value)
            only = _chosen(Param.ONLY, _("Only where {label} is").format(label=cut(label)), given)
    return table, Listing(find, tuple(quality), (between[0], between[1]), days, label, tuple(only), order, tuple(review))


def _between(what: str) -> tuple[int, int]:
    """The range of answers that is let through, of 100, called by what the list shows. Scores have no such range."""
    called, shape, note = _("Answer (of 100)"), "%d", None
    if what == RANK:
        called, shape = _("Scored lower (% of those tested)"), "%d %%"
        note = _("In percent of the people whom the model was tested on. The list counts them: 9 of 36 are 25 %.")
    elif what == PROBABILITY:
        called, shape = _("Probability"), "%d %%"
    draw = partial(st.slider, called, *ALL, format=shape, help=note)
    low, high = filled(Param.BETWEEN, lambda key: draw(key=key), ALL, _range, lambda pair: "{}-{}".format(*pair))
    return low, high


def _chosen(param: Param, title: str, offered: Sequence[str]) -> list[str]:
    """Several choices out of those offered; what is not among them any more is let go."""
    key = Key.BOX.of(param)
    if key in st.session_state:
        st.session_state[key] = [value for value in st.session_state[key] if value in offered]

    def read(text: str) -> list[str]:
        return [value for value in apart(text) if value in offered]

    return filled(param, lambda key: st.multiselect(literal(title), offered, placeholder=_("All"), key=key), [], read, joined)


def shown_label(labels: Sequence[str]) -> str | None:
    """The label that stands in the list, none unless the reader asks: what is known of people gives the answer away."""
    if not labels:
        return None
    options = ["", *labels]
    choice = choose(Param.SHOWN, _("Show what is known"), options, "", lambda name: name or _("Nothing"), unsaid="")
    return choice or None


def asked_before(cohort: CohortInfo) -> Listing:
    """The list as it was asked for on the Participants page, for the page of one person; it stays in the address here."""
    text = {param: carry(param) for param in LIST}
    label = text[Param.SHOWN] if text[Param.SHOWN] in label_columns(workspace(), cohort.name) else None
    try:
        between, days = _range(text[Param.BETWEEN] or "0-100"), _days(text[Param.DAYS] or "0", cohort.days)
    except ValueError:
        return Listing()
    quality, only = apart(text[Param.QUALITY] or ""), apart(text[Param.ONLY] or "") if label else ()
    order = text[Param.SORT] or ""
    review = tuple(state for state in apart(text[Param.REVIEW] or "") if state in REVIEW_STATES)
    return Listing(text[Param.FIND] or "", tuple(quality), between, days, label, tuple(only), order if order in ORDERS else "", review)


def table_of(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, wish: Wish, label: str | None) -> pd.DataFrame:
    """Everyone, by their first window. wish: how the reader wants answers. Raises PatError as the cached calls do."""
    weeks = predicted(entry, cohort, standardize_by)
    table = participants_table(workspace(), cohort.name, weeks, label, hours_worn(cohort), wish)
    return with_several(table, weeks, outputs_of(entry.card), class_percentages(entry.card)[0])


def one_answer(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, wish: Wish) -> Answer | None:
    """The answer on somebody of the list, for what all of them have in common; None where nobody has one."""
    return next((answer for week in predicted(entry, cohort, standardize_by) if (answer := week.answer(wish))), None)


def more_figures(table: pd.DataFrame, entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> None:
    """Whether further figures of the answer stand in the list, and the list as a file, with all of them and all that is to be known of
    each person; how unusual a week is only where few are to be read for that, or they were read before."""
    st.toggle(
        _("All figures"), key=Key.PEOPLE_MORE, help=_("The model's score, its rank, and its own probability where the test bears it out.")
    )
    many = cohort.weeks > quick_weeks(configuration(workspace(), entry), cohort.minutes)
    st.download_button(
        _("This list (CSV)"),
        lambda: csv_text(list_file(workspace(), model(entry), cohort.name, standardize_by, table, only_kept=many)),
        f"{cohort.name}-people.csv",
        "text/csv",
        key="people.file",
        on_click="ignore",
        help=_("With all that is to be known of each person before their answer is believed, as on their own page."),
    )


def listed(table: pd.DataFrame, listing: Listing, entry: ModelEntry, cohort: CohortInfo, at: Answer | None = None) -> str | None:
    """The list, a part of it at a time, in which a click on a header sorts; the person whose button was pressed just now, if any.

    at: one of the answers."""
    parts = -(-len(table) // A_PART)
    part = filled(Param.PART, lambda key: _part(parts), 1, lambda text: min(max(int(text), 1), parts), str)
    shown = table.iloc[(part - 1) * A_PART : part * A_PART]
    more = st.session_state.get(Key.PEOPLE_MORE, False)
    key = Key.PEOPLE_TABLE.of(cohort.id, turn_of(Key.PEOPLE_TURN))
    order = [
        "Open",
        *(
            name
            for name in (
                "Participant",
                "Answer",
                "Together",
                "Quality",
                "Valid days",
                "Not worn",
                "Part in training",
                "Review",
                listing.label,
            )
            if may_be_seen(name, table)
        ),
        *(name for name in MORE if more and may_stand(name, table)),
        *(["Weeks"] if (table["Weeks"] > 1).any() else []),
    ]
    styled = shaded(in_words(shown), remembered(Param.PERSON))
    data_table.table(
        styled,
        column_order=order,
        key=key,
        placeholder=NONE,
        columns=columns(entry, listing, shown, at),
        on_select=partial(_sorted_by, cohort, listing),
        selection_mode="single-column",
        height="content",
    )
    click = st.session_state.get(Key.PEOPLE_OPEN)
    return str(shown.iloc[click["row"]]["Participant"]) if click is not None and click["row"] < len(shown) else None


def named(table: pd.DataFrame) -> str | None:
    """These people in a box, which begins with the one seen last, and a button; the person to open, if it was pressed just now."""
    names, last = table["Participant"].tolist(), remembered(Param.PERSON)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = names.index(last) if last in names else 0
        person = st.selectbox(_("Open a participant"), names, first, key="people.named", on_change="ignore", width=240)
        return person if st.button(_("Open"), key="people.named.open") else None


def _part(parts: int) -> int:
    if parts < 2:
        return 1
    key = Key.BOX.of(Param.PART)
    st.session_state[key] = min(st.session_state[key], parts)
    return st.pagination(parts, key=key)


def _sorted_by(cohort: CohortInfo, listing: Listing) -> None:
    """A header was clicked: sort by its column, the other way round where it is sorted by it already. The mark on the header goes."""
    key = Key.PEOPLE_TABLE.of(cohort.id, turn_of(Key.PEOPLE_TURN))
    chosen = st.session_state[key]["selection"]["columns"]
    word = HEADERS.get(chosen[0]) or ("label" if chosen[0] == listing.label else None) if chosen else None
    next_turn(Key.PEOPLE_TURN)
    if word:
        set_choice(Param.SORT, f"-{word}" if listing.order == word else word)


def open_person(person: str, entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> None:
    """Go to the page of one person, at their first week."""
    begin_with(Param.PERSON, person)
    index = week_indices(workspace(), cohort.name, person)[0]
    # Complete, so that there is no second entry for Back.
    address = {Param.COHORT: cohort.name, Param.MODEL: entry.reference, Param.PERSON: person, Param.WEEK: str(index + 1)}
    address |= {Param.STANDARDIZER: standardize_by, Param.VIEW: remembered(Param.VIEW) or next(iter(LANES))}
    address |= {param: text for param in (*SHEET, *LIST) if (text := remembered(param))}
    st.switch_page("pages/participant.py", query_params={str(name): value for name, value in address.items()})
