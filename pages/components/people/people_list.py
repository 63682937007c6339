"""The parts of the Participants page: predictions that are still missing, the filters, and the list from which a person is opened.

The list is sorted here and not in the browser, so that its order stands in the address: it survives opening a person, and Previous and
Next follow it. A person is opened by the button in their row, and by the keyboard from the box below the list, since the browser draws the
list's buttons and no key presses them. Nothing else opens anyone: a click on a header sorts, keys walk about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.components.people.week_section import LANES
from pages.components.shared import data_table, sentences
from pages.components.shared.cached_calls import hours_worn, predicted, workspace
from pages.components.shared.choices import choose, filled
from pages.components.shared.job_status import LIVE, follow
from pages.components.shared.plain_text import LONGEST, apart, cut, joined, literal
from pages.components.shared.session import LIST, SHEET, Key, Param, begin_with, carry, next_turn, remembered, set_choice, turn_of
from pages.components.shared.words import _, plural
from pat_core.cohorts import CohortInfo, JobInfo
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.jobs import Spec, Task
from pat_core.models.network_config import NetworkConfig
from pat_core.records import StandardizeBy
from pat_core.reports.model_tables import configuration, told_of
from pat_core.settings import MINUTES_PER_WEEK, USUAL_DAYS
from pat_core.workflows.models.answers import OWN, PROBABILITY, RANK, SCORE, Answer, Wish
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import PREDICT, PredictionRequest
from pat_core.workflows.people.participant_week import week_indices
from pat_core.workflows.people.participants_table import (
    ALL,
    OF_ALL,
    ORDERS,
    Listing,
    label_columns,
    participants_table,
    predictions_missing,
)
from pat_core.workflows.people.several_answers import IN_WORDS, with_several

QUICK_TOKENS = 64 * 560
"""Tokens times blocks that are read while the reader waits, a few seconds: 64 weeks by the small model, 2 by the huge one."""
DAYS = {0: _("Any number")} | {days: _("{days} or more").format(days=days) for days in range(1, 8)}
DAYS_OFFERED = list(range(8))
NONE = "–"
"""Where there is no value."""
A_PART = 25
"""People on one screen."""
MORE = ("Score", "Scored lower", "Probability")
"""Further figures of the answer, shown where they are asked for; of the model's own probability only where its test bears it out."""
HEADERS = {
    "Participant": "participant",
    "Answer": "answer",
    "Quality": "quality",
    "Valid days": "days",
    "Not worn": "off",
    "Part in training": "training",
}
"""Column -> its word in `people_listing.ORDERS`; a click on its header sorts by it."""
SHADE = "background-color: rgba(128, 150, 180, 0.25); font-weight: bold"
"""Of the row of the person seen last, in both themes."""


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
            "{missing:,} of {number} week have no prediction by this model yet. You may leave while it works.",
            "{missing:,} of {number} weeks have no prediction by this model yet. You may leave while it works.",
            cohort.weeks,
            missing=missing,
        )
    )
    if st.button(_("Predict everyone"), type="primary"):
        try:
            PREDICT.launch(workspace(), request, _("Predict {cohort} with {model}").format(cohort=cohort.name, model=entry.title))
            st.rerun()
        except PatError as error:
            st.error(literal(error))
    return False


def anyone(cohort: CohortInfo) -> str | None:
    """The box of `named` with everyone of a cohort, while there is no list yet: a page of one person asks the model about them alone."""
    st.write(_("The list appears once everyone is predicted. Anyone can be opened before that: then only their own weeks are predicted."))
    return named(pd.DataFrame({"Participant": [person.participant for person in workspace().people(cohort.name)]}))


def job_for(task: Task[Any, Any], request: Spec) -> JobInfo | None:
    """The latest job that does exactly this; one that is at work comes before those that ended."""
    spec = request.as_spec()
    same = [job for job in workspace().jobs(limit=None) if job.kind == task.kind and dict(job.spec) == spec]
    return next((job for job in same if job.state in LIVE), same[0] if same else None)


def _range(text: str) -> tuple[int, int]:
    """ "20-80". ValueError where it is none."""
    low, high = (int(part) for part in text.split("-"))
    if not 0 <= low <= high <= 100:
        raise ValueError(f"no range of percent: {text}")
    return low, high


def _days(text: str) -> int:
    return DAYS_OFFERED[DAYS_OFFERED.index(int(text))]


def listing_boxes(
    everyone: Callable[[str | None], pd.DataFrame], labels: Sequence[str], wear: str, several: bool = False
) -> tuple[pd.DataFrame, Listing]:
    """The filters and the order, all of them in the address; the table of everyone with them. everyone: that table with the label that is
    to be shown. several: its answers are no percentages to choose between. wear: how it is judged."""
    first, second, third, fourth = st.columns(4)
    with first:
        draw = partial(st.text_input, _("Find a participant"), placeholder=_("Part of an identifier"))
        find = filled(Param.FIND, lambda key: draw(key=key), "", str, str)
    with second:
        between = (
            ALL
            if several
            else filled(
                Param.BETWEEN, lambda key: st.slider(_("Answer (of 100)"), *ALL, key=key), ALL, _range, lambda pair: "{}-{}".format(*pair)
            )
        )
    with third:
        days = filled(
            Param.DAYS,
            lambda key: st.selectbox(
                _("Valid days"),
                DAYS_OFFERED,
                format_func=DAYS.__getitem__,
                key=key,
                help=_("Of the first week. {rule}").format(rule=literal(wear)),
            ),
            0,
            _days,
            str,
        )
    with fourth:
        offered = {key: order[0] for key, order in ORDERS.items() if key.removeprefix("-") != "label" or labels}
        order = choose(Param.SORT, _("Sort by"), list(offered), "", offered.get, unsaid="")
    left, middle, right = st.columns(3)
    with middle:
        label = shown_label(labels)
    table, only = everyone(label), []
    with left:
        quality = _chosen(Param.QUALITY, _("Quality"), sorted(table["Quality"].unique()))
    if label:
        with right:
            given = sorted(value for value in table[label].unique() if value)
            only = _chosen(Param.ONLY, _("Only where {label} is").format(label=cut(label)), given)
    return table, Listing(find, tuple(quality), (between[0], between[1]), days, label, tuple(only), order)


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
        between, days = _range(text[Param.BETWEEN] or "0-100"), _days(text[Param.DAYS] or "0")
    except ValueError:
        return Listing()
    quality, only = apart(text[Param.QUALITY] or ""), apart(text[Param.ONLY] or "") if label else ()
    order = text[Param.SORT] or ""
    return Listing(text[Param.FIND] or "", tuple(quality), between, days, label, tuple(only), order if order in ORDERS else "")


def table_of(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, wish: Wish, label: str | None) -> pd.DataFrame:
    """Everyone, by their first week. wish: how the reader wants answers. Raises PatError as the cached calls do."""
    weeks = predicted(entry, cohort, standardize_by)
    table = participants_table(workspace(), cohort.name, weeks, label, hours_worn(cohort), wish)
    return with_several(table, weeks, outputs_of(entry.card), class_percentages(entry.card)[0])


def one_answer(entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy, wish: Wish) -> Answer | None:
    """The answer on somebody of the list, for what all of them have in common; None where nobody has one."""
    return next((answer for week in predicted(entry, cohort, standardize_by) if (answer := week.answer(wish))), None)


def more_figures(table: pd.DataFrame, cohort: CohortInfo) -> None:
    """Whether further figures of the answer stand in the list, and the list as a file, with all of them."""
    st.toggle(
        _("All figures"), key=Key.PEOPLE_MORE, help=_("The model's score, its rank, and its own probability where the test bears it out.")
    )
    st.download_button(_("This list (CSV)"), csv_text(table), f"{cohort.name}-people.csv", "text/csv", key="people.file", on_click="ignore")


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
            for name in ("Participant", "Answer", "Together", "Quality", "Valid days", "Not worn", "Part in training", listing.label)
            if name in table or (name == "Together" and pooled(table))
        ),
        *(name for name in MORE if more and may_stand(name, table)),
        "Weeks",
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


def in_words(table: pd.DataFrame) -> pd.DataFrame:
    """Figures as the page of one person says them, with the interval where there is one, and the button of each row."""
    words = table.assign(Open=_("Open"))
    words["Answer"] = _answers(table, kind_of(table))
    if pooled(table):
        words["Together"] = _answers(table[[*OF_ALL, "Tested"]].rename(columns=OF_ALL), kind_of(table))
    words["Score"], words["Scored lower"], words["Probability"] = (
        table["Score"].map(_score),
        _ranks(table),
        table["Probability"].map(_percent),
    )
    pairs = zip(table["Valid days"], table.get("Days", [USUAL_DAYS] * len(table)), strict=True)
    words["Valid days"] = [_("{days} of {all}").format(days=days, all=there) if pd.notna(days) else NONE for days, there in pairs]
    if IN_WORDS in table:
        words["Answer"] = table[IN_WORDS]
    if "Not worn" in table:
        words["Not worn"] = table["Not worn"].map(_percent)
    return words.astype({name: object for name in ("Valid days", "Answer", "Together") if name in words})


def pooled(table: pd.DataFrame) -> bool:
    """Whether somebody has several windows, which are also read together."""
    return next(iter(OF_ALL)) in table


def _answers(table: pd.DataFrame, what: str) -> pd.Series | list[str]:
    """The answers of a table as words, of one kind."""
    if what == RANK:
        return _ranks(table)
    if what == SCORE:
        return table["Score"].map(_score)
    if what == PROBABILITY:
        return table["Answer"].map(_percent)
    return [_of_100(*three) for three in zip(table["Answer"], table["Low"], table["High"], strict=True)]


def shaded(words: pd.DataFrame, last: str | None) -> pd.DataFrame | Styler:
    """The same with the row of this person shaded, where they are in it."""
    if last not in words["Participant"].values:
        return words
    rows = words["Participant"] == last
    return words.style.format(na_rep=NONE).apply(lambda column: rows.map({True: SHADE, False: ""}))


def kind_of(table: pd.DataFrame) -> str:
    """What the answers of a list are (see `answers`): the same for everyone who has one."""
    given = [what for what in table["Answer is"] if what]
    return given[0] if given else SCORE


def may_stand(name: str, table: pd.DataFrame) -> bool:
    """Whether a further figure may stand in the list."""
    if name == "Probability":
        return any(OWN in str(ways).split(", ") for ways in table["Percentages supported"])
    return bool(table[name].notna().any())


def _ranks(table: pd.DataFrame) -> list[str]:
    both = zip(table["Scored lower"], table["Tested"], strict=True)
    return [NONE if pd.isna(below) else _("{below:,} of {tested:,}").format(below=below, tested=tested) for below, tested in both]


def _of_100(share: float, low: float, high: float) -> str:
    """In percent; isotonic regression brings no interval."""
    if pd.isna(share):
        return NONE
    return f"{share:.0f}" if pd.isna(low) else sentences.of_100(share / 100, low / 100, high / 100)


def _score(value: float) -> str:
    return sentences.number(value) if pd.notna(value) else NONE


def _percent(value: float) -> str:
    return sentences.percent(value / 100) if pd.notna(value) else NONE


def columns(entry: ModelEntry, listing: Listing, table: pd.DataFrame, at: Answer | None = None) -> dict[str, Any]:
    """How each column is shown, what it means, and an arrow where the list is sorted by it. at: one of the answers."""
    text, of = st.column_config.TextColumn, literal(sentences.condition(entry), LONGEST)
    figure, ascending = ORDERS[listing.order][1:]
    column, way = listing.label if listing.order.removeprefix("-") == "label" else figure, "\u2191" if ascending else "\u2193"

    def title(name: str, words: str | None = None) -> str:
        return f"{words or name} {way}" if name == column else words or name

    what = kind_of(table)
    worn = _("by the settings of this workspace. Empty where wear is not known.")
    right: dict[str, Any] = {"alignment": "right"}
    settings: dict[str, Any] = {
        "Open": st.column_config.ButtonColumn(
            "", width=70, pinned=True, type="tertiary", key=Key.PEOPLE_OPEN, help=_("Opens this person's week.")
        ),
        "Participant": text(title(_("Participant")), pinned=True, help=_("The person you saw last is shaded.")),
        "Answer": text(
            title(_("Answer"), sentences.answer_title(entry, what)), help=literal(sentences.answer_help(entry, what, at)), **right
        ),
        "Together": text(
            _("All windows"), help=_("The same of all windows of this person together: by the mean of their scores."), **right
        ),
        "Weeks": st.column_config.NumberColumn(_("Windows"), help=_("How many windows this person has.")),
        "Quality": text(
            title(_("Quality")),
            width=155,
            help=_("What was found in the week before the model read it, and whether the model knows the person's group."),
        ),
        "Valid days": text(
            title(_("Valid days")), width=95, help=_("Of the first week: days with enough hours of wear, {rule}").format(rule=worn), **right
        ),
        "Not worn": text(
            title(_("Not worn")),
            width=95,
            help=_("Share of the first week that the device was not worn, {rule}").format(rule=worn),
            **right,
        ),
        "Part in training": text(
            title(_("Part in training")),
            help=_(
                "Whether this model has seen this person: then its answer is no test of it. “copy”: it learned "
                "from the same recording under another name or in another cohort."
            ),
        ),
        "Probability": text(
            _("Model's probability"),
            help=_("The model's own probability of {group}. Shown because the model's test bears it out.").format(group=of),
            **right,
        ),
        "Score": text(
            _("Score (logits)"), help=_("The model's raw output. A higher score is more like {group}.").format(group=of), **right
        ),
        "Scored lower": text(
            _("Scored lower"), help=_("How many of the people whom the model was tested on scored lower than this person."), **right
        ),
    }
    if IN_WORDS in table:
        wanted = literal(told_of(str(entry.card.get("label") or ""), outputs_of(entry.card)))
        settings["Answer"] = text(title(_("Answer")), help=_("The model's answer by the first week. It is of {what}.").format(what=wanted))
    return settings | ({listing.label: text(title(listing.label))} if listing.label else {})


def open_person(person: str, entry: ModelEntry, cohort: CohortInfo, standardize_by: StandardizeBy) -> None:
    """Go to the page of one person, at their first week."""
    begin_with(Param.PERSON, person)
    index = week_indices(workspace(), cohort.name, person)[0]
    # Complete, so that there is no second entry for Back.
    address = {Param.COHORT: cohort.name, Param.MODEL: entry.reference, Param.PERSON: person, Param.WEEK: str(index + 1)}
    address |= {Param.STANDARDIZER: standardize_by, Param.VIEW: remembered(Param.VIEW) or next(iter(LANES))}
    address |= {param: text for param in (*SHEET, *LIST) if (text := remembered(param))}
    st.switch_page("pages/participant.py", query_params={str(name): value for name, value in address.items()})
