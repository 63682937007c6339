"""The list of people as a table: its columns, and what stands in their cells in words."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.components.shared import sentences
from pages.components.shared.plain_text import LONGEST, literal
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.reports.model_tables import told_of
from pat_core.settings import USUAL_DAYS
from pat_core.workflows.models.answers import OWN, PROBABILITY, RANK, SCORE, Answer
from pat_core.workflows.models.kind_answers import outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participants_table import NEW, OF_ALL, ORDERS, Listing
from pat_core.workflows.people.several_answers import IN_WORDS, TOGETHER_IN_WORDS

NONE = "–"
"""Where there is no value."""


MORE = ("Score", "Scored lower", "Probability")
"""Further figures of the answer, shown where they are asked for; of the model's own probability only where its test bears it out."""


HEADERS = {
    "Participant": "participant",
    "Answer": "answer",
    "Quality": "quality",
    "Valid days": "days",
    "Not worn": "off",
    "Part in training": "training",
    "Review": "review",
}
"""Column -> its word in `people_listing.ORDERS`; a click on its header sorts by it."""


SHADE = "background-color: rgba(128, 150, 180, 0.25); font-weight: bold"
"""Of the row of the person seen last, in both themes."""


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
    if TOGETHER_IN_WORDS in table:
        words["Together"] = table[TOGETHER_IN_WORDS]
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


def may_be_seen(name: str | None, table: pd.DataFrame) -> bool:
    """Whether a column stands in the list at all: reviews once there are any."""
    if name == "Together":
        return pooled(table)
    return name in table and (name != "Review" or bool((table[name] != NEW).any()))


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
            "", width=60, pinned=True, type="tertiary", key=Key.PEOPLE_OPEN, help=_("Opens this person's page.")
        ),
        "Participant": text(title(_("Participant")), pinned=True, help=_("The person you saw last is shaded.")),
        "Answer": text(title(_("Answer"), sentences.ANSWER_TITLES[what]), help=literal(sentences.answer_help(entry, what, at)), **right),
        "Together": text(
            _("All windows"), help=_("The same of all windows of this person together: by the mean of their scores."), **right
        ),
        "Weeks": st.column_config.NumberColumn(_("Windows"), help=_("How many windows this person has.")),
        "Quality": text(
            title(_("Quality")),
            width=150,
            help=_("What was found in the window before the model read it, and whether the model knows the person's group."),
        ),
        "Valid days": text(
            title(_("Valid days")),
            width=90,
            help=_("Of the first window: days with enough hours of wear, {rule}").format(rule=worn),
            **right,
        ),
        "Not worn": text(
            title(_("Not worn")),
            width=90,
            help=_("Share of the first window that the device was not worn, {rule}").format(rule=worn),
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
        settings["Answer"] = text(
            title(_("Answer")), help=_("The model's answer by the first window. It is of {what}.").format(what=wanted)
        )
    return settings | ({listing.label: text(title(listing.label))} if listing.label else {})
