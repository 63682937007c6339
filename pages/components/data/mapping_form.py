"""The boxes to say what the columns of one table mean, with what they make of it below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.components.data.mapping_words import DECIMALS, ORDERS, ROWS, RUNS, SEPARATORS, UNITS, facts, row_time
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.recordings.mapping.guessing import Guess, guess
from pat_core.recordings.mapping.mapping_record import LONGEST_EPOCH, Mapping
from pat_core.recordings.mapping.text_table import UNREADABLE, Shape
from pat_core.recordings.source import Source
from pat_core.recordings.tables.numbers import Sign
from pat_core.workflows.read import column_mapping as workflow
from pat_core.workflows.read.column_mapping import content_key

WORN = {"worn": _("worn"), "not worn": _("not worn")}
SAME, NAME, NONE = _("(in the same column)"), _("(the file's name)"), _("(none)")


@dataclass(frozen=True)
class Chosen:
    """What the boxes say of the columns. file: the name of the file that stands for all with them."""

    mapping: Mapping
    file: str


def boxes(source: Source, known: Mapping | None, use: Callable[[Chosen], None], close: Callable[[], None]) -> Chosen | Literal[False]:
    """The boxes for one table with what they make of it below; False where something is wrong.

    known: what they begin with, None for a guess. use, close: what their buttons do.
    """
    with st.container(border=True):
        st.subheader(_("What the columns of {file} mean").format(file=literal(source.filename)))
        st.caption(
            _("These are guesses from the column names and the cells. The rows below show how the file is understood.")
            if known is None
            else _("As it was set when these columns were last imported.")
        )
        try:
            key = content_key(source)
            begin = Guess(known) if known else guess(source)
            columns, fold = st.container(), st.container()
            fields = _Fields(key[:12], begin)
            with fold:
                written, decimal = _written(fields)
            if written != Shape(begin.mapping.separator, begin.mapping.skip, begin.mapping.header):
                begin = guess(source, written)
                fields = _Fields(f"{fields.token}.{written}", begin)
        except UNREADABLE as error:
            st.error(literal(error) if isinstance(error, PatError) else _("The file cannot be opened any more. Choose it again."))
            st.button(_("Close"), key="mapping.close", on_click=close)
            return False
        with columns:
            mapping = replace(fields.ask(), decimal=decimal)
        preview = _preview(key, mapping, source)
        fields.mark(preview.wrong)
        _show(preview, mapping.rows == "day")
        with st.container(horizontal=True):
            st.button(
                _("Use these columns"),
                key="mapping.use",
                disabled=bool(preview.wrong),
                on_click=use,
                args=(Chosen(mapping, source.filename),),
            )
            st.button(_("Close"), key="mapping.close", on_click=close)
        st.caption(_("Using them, or importing, remembers them for the next file with the same columns."))
        return False if preview.wrong else Chosen(mapping, source.filename)


@st.cache_data(show_spinner=_("Reading the file with your settings"), max_entries=32)
def _preview(key: str, mapping: Mapping, _source: Source) -> workflow.Preview:
    return workflow.preview(_source, mapping)


class _Fields:
    """The boxes of one table: what they begin with, and a place under each where its error stands."""

    def __init__(self, token: str, begin: Guess) -> None:
        self.token, self.begin = token, begin
        self.places: dict[str, DeltaGenerator] = {}

    def key(self, field: str) -> str:
        return f"map.{self.token}.{field}"

    def pick(self, field: str, label: str, options: Sequence[Any], words: Callable[[Any], Any] = str) -> Any:
        """A select box that begins with the guess, its reason as help, a place for its error below."""
        value = getattr(self.begin.mapping, field)
        index = list(options).index(value) if value in options else None
        why = self.begin.reasons.get(field) or None
        picked = st.selectbox(
            literal(label), options, index=index, format_func=words, key=self.key(field), placeholder=_("Choose a column")
        )
        self.places[field] = st.empty()
        unsure = field in self.begin.unsure
        if why and picked == value:
            st.caption(_("**Please check.** {reason}").format(reason=literal(why)) if unsure else literal(why))
        return picked

    def ask(self) -> Mapping:
        """What the boxes say. Who, when and how much stand side by side."""
        begin = self.begin.mapping
        rows = self.pick("rows", _("One row of the table is"), list(ROWS), ROWS.get)
        who, when, much = st.columns(3, gap="medium")
        with when:
            times = self._day() if rows == "day" else self._time()
        with who:
            participant = self.pick("participant", _("Participant"), [None, *begin.columns], lambda name: name or NAME)
            zone = self.pick("zone", _("Time zone"), _zones(begin.zone), lambda name: name or _("(not known)"))
            runs = self.pick("runs", _("The times are"), list(RUNS), RUNS.get)
        with much:
            values = self._minutes() if rows == "day" else self._activity()
        return replace(begin, rows=rows, participant=participant, zone=zone, runs=runs, **times, **values)

    def _time(self) -> dict[str, Any]:
        """When each epoch was; of numbered epochs, how long each is and when the first began."""
        begin = self.begin.mapping
        answers: dict[str, Any] = {"time": self.pick("time", _("Time"), begin.columns) or ""}
        answers["clock"] = self.pick("clock", _("Clock time, if in its own column"), [None, *begin.columns], lambda name: name or SAME)
        answers["order"] = self.pick("order", _("How dates are written"), list(ORDERS), ORDERS.get)
        if answers["order"] == "epochs":
            answers["epoch_seconds"] = int(
                st.number_input(_("Seconds per epoch"), 1, LONGEST_EPOCH, begin.epoch_seconds, key=self.key("epoch_seconds"))
            )
            self.places["epoch_seconds"] = st.empty()
            answers["begins"] = st.text_input(
                _("The first epoch began"),
                begin.begins,
                placeholder="2024-03-04 08:00",
                key=self.key("begins"),
                max_chars=40,
                help=_("The time of the smallest number in the file. Everyone's numbers are counted from it."),
            )
            self.places["begins"] = st.empty()
        return answers

    def _day(self) -> dict[str, Any]:
        """Which day each row is."""
        orders = [order for order in ORDERS if order in ("year", "day", "month", "named")]
        time = self.pick("time", _("Date"), self.begin.mapping.columns) or ""
        return {"time": time, "clock": None, "order": self.pick("order", _("How dates are written"), orders, ORDERS.get) or "year"}

    def _activity(self) -> dict[str, Any]:
        """The activity of an epoch, and marks of wear."""
        begin = self.begin.mapping
        answers: dict[str, Any] = {"activity": self.pick("activity", _("Activity"), begin.columns) or "", "unit": self._unit()}
        answers["worn"] = self.pick("worn", _("Worn or not, marked by the device"), [None, *begin.columns], lambda name: name or NONE)
        if answers["worn"]:
            answers["worn_says"] = st.radio(
                _("A mark other than 0 means"),
                list(WORN),
                index=list(WORN).index(begin.worn_says),
                format_func=WORN.get,
                horizontal=True,
                key=self.key("worn_says"),
            )
        return answers

    def _minutes(self) -> dict[str, Any]:
        """The minutes of a day."""
        first = self.pick("activity", _("Minute 00:00 (1,439 more columns follow it)"), self.begin.mapping.columns) or ""
        return {"activity": first, "unit": self._unit(), "worn": None}

    def _unit(self) -> Any:
        return self.pick("unit", _("Unit"), list(UNITS), UNITS.get)

    def mark(self, wrong: dict[str, str]) -> None:
        """Each error beside its field; those of no field below."""
        for field, sentence in wrong.items():
            (self.places[field].error if field in self.places else st.error)(literal(sentence))


def _written(fields: _Fields) -> tuple[Shape, Sign]:
    """How the file is written and its decimal sign, folded: it is nearly always found. Errors about these stand below, in sight."""
    begin = fields.begin.mapping
    place = st.expander(_("How the file is written"), expanded="decimal" in fields.begin.unsure)
    with place:
        left, middle, right = st.columns(3, gap="medium")
        with left:
            separator = fields.pick("separator", _("Columns are separated by"), list(SEPARATORS), SEPARATORS.get)
        with middle:
            decimal = fields.pick("decimal", _("Decimal sign"), list(DECIMALS), DECIMALS.get)
        with right:
            skip = st.number_input(_("Lines above the table"), 0, 1000, begin.skip, key=fields.key("skip"))
            header = st.checkbox(_("Its first line names the columns"), begin.header, key=fields.key("header"))
    fields.places.clear()
    return Shape(separator, int(skip), header), decimal


@st.cache_data(show_spinner=False)
def _zones(first: str | None) -> list[str | None]:
    """None, then every zone by its name, with the one that was guessed."""
    return [None, *sorted({*workflow.zone_names(), *([first] if first else [])})]


def _amount(value: float) -> str:
    return _("missing") if value != value else f"{value:g}"


def _show(preview: workflow.Preview, days: bool) -> None:
    if preview.rows:
        st.markdown(_("**First rows, as understood**"))
        table = pd.DataFrame(
            {
                _("Participant"): [literal(row.participant) for row in preview.rows],
                _("Time"): [row_time(row.time) for row in preview.rows],
                _("Minute 00:00") if days else _("Activity"): [_amount(row.activity) for row in preview.rows],
            }
        )
        if any(row.worn is not None for row in preview.rows):
            table[_("Worn")] = [_("yes") if row.worn else _("no") for row in preview.rows]
        st.table(table, border="horizontal", hide_index=True)
    if preview.wrong:
        st.caption(_("Fix this before importing."))
        return
    st.write(literal(facts(preview, days)))
    for sentence in preview.odd:
        st.warning(literal(sentence))
