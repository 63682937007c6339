"""What the columns of unknown tables mean: which files need it said, and the boxes to say it, with the outcome below them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import pandas as pd
import streamlit as st

from pages.components.cached import workspace
from pages.components.mapping_words import DECIMALS, ORDERS, RUNS, SEPARATORS, UNITS, facts, row_time, summary
from pages.components.phrases import count, some
from pages.components.refusals import literal
from pat_core.errors import PatError
from pat_core.recordings.mapping import Guess, Mapping, Shape, fits, guess, why_unknown
from pat_core.recordings.source import Source
from pat_core.workflows import mapping as workflow

SAY = "Say what its columns mean"
OPEN = "mapping.open"
SAME, NAME, NONE = "(in the same column)", "(the file's name)", "(none)"


@dataclass(frozen=True)
class Chosen:
    """What the boxes say of the columns. file: the name of the file that stands for all with them."""

    mapping: Mapping
    file: str


@dataclass(frozen=True)
class Said:
    """What an import is told of columns. chosen: what the open boxes say; wrong: they are open and do not hold."""

    mappings: tuple[Mapping, ...] = ()
    chosen: Chosen | None = None
    wrong: bool = False


def ask(files: Sequence, place: str) -> Said:
    """Mappings for the import of these files: remembered ones that fit, and what the open boxes say.

    Draws, under the uploader, a line for each kind of table: how it will be read, or that its columns are not known.
    """
    sources = workflow.sources_of(files, place)
    recalled = {id(source): workflow.recall(workspace(), source) for source in sources}
    known: dict[str, list[Source]] = {}
    for source in sources:
        if entry := recalled[id(source)]:
            known.setdefault(entry.key, []).append(source)
    used = [recalled[id(same[0])].mapping for same in known.values()]
    drawn = [_remembered(recalled[id(same[0])], same) for same in known.values()]
    unknown = [(source, why) for source in sources if not recalled[id(source)] and (why := _why(workflow.content_key(source), source))]
    drawn += [_unknown(unknown)] if unknown else []
    chosen = next((made for made in drawn if isinstance(made, Chosen)), None)
    mappings = ([chosen.mapping] if chosen else []) + [mapping for mapping in used if mapping is not None]
    return Said(tuple(mappings), chosen, False in drawn)


def remember(chosen: Chosen | None) -> None:
    """Keep what the boxes say for the next file with these columns, and close them."""
    if chosen is not None:
        workflow.remember(workspace(), chosen.mapping, chosen.file)
    st.session_state.pop(OPEN, None)


@st.cache_data(show_spinner="Looking at the columns", max_entries=512)
def _why(key: str, _source: Source) -> str | None:
    return why_unknown(_source)


def _remembered(entry: workflow.Remembered, same: Sequence[Source]) -> Chosen | Literal[False] | None:
    """How files with remembered columns will be read, and ways to change or forget it; as `_boxes` where they are open."""
    names = literal(some([source.filename for source in same], 3))
    if entry.mapping is None:
        st.warning(f"{names}: {literal(entry.why)}")
    else:
        origin = "" if names == literal(entry.file) else f" from {literal(entry.file)}"
        st.info(f"What the columns of {names} mean is remembered{origin}. {literal(summary(entry.mapping))}")
    changing = st.session_state.get(OPEN) == entry.key
    with st.container(horizontal=True):
        if entry.mapping is not None and not changing:
            st.button("Look or change", key=f"mapping.change.{entry.key}", on_click=_open, args=(entry.key,))
        st.button("Forget these columns", key=f"mapping.forget.{entry.key}", on_click=_forget, args=(entry.key,))
    return _boxes(same[0], entry.mapping) if changing and entry.mapping is not None else None


def _unknown(unknown: Sequence[tuple[Source, str]]) -> Chosen | Literal[False] | None:
    """The first table whose columns are not known, how many there are, and its boxes once they are asked for."""
    source, why = unknown[0]
    key = workflow.content_key(source)
    opened = st.session_state.get(OPEN) == key
    others = len(unknown) - 1
    more = f" {count(others, 'other file needs', 'other files need')} it as well." if others else ""
    if not opened:
        st.warning(f"{literal(source.filename)}: {literal(why)}{more} Left unsaid, it is refused.")
        st.button(SAY, key=f"mapping.open.{key}", on_click=_open, args=(key,))
        return None
    chosen = _boxes(source, None)
    if chosen and (alike := sum(fits(other, chosen.mapping) for other, _ in unknown[1:])):
        st.write(f"{count(alike, 'other file has', 'other files have')} the same columns and will be read alike.")
    return chosen


def _open(key: str) -> None:
    st.session_state[OPEN] = key


def _forget(key: str) -> None:
    workflow.forget(workspace(), key)
    st.session_state.pop(OPEN, None)


def _boxes(source: Source, known: Mapping | None) -> Chosen | Literal[False]:
    """The boxes for one table with what they make of it below; False where something is wrong."""
    with st.container(border=True):
        st.subheader(f"What the columns of {literal(source.filename)} mean")
        st.caption(
            "These are guesses, by names and by what stands in the cells. The rows below show how the file is understood."
            if known is None
            else "As it was said when these columns were last brought."
        )
        try:
            begin = Guess(known) if known else guess(source)
            columns, fold = st.container(), st.container()
            fields = _Fields(workflow.content_key(source)[:12], begin)
            with fold:
                written, decimal = _written(fields)
            if written != Shape(begin.mapping.separator, begin.mapping.skip, begin.mapping.header):
                begin = guess(source, written)
                fields = _Fields(f"{fields.token}.{written}", begin)
        except PatError as error:
            st.error(literal(error))
            st.button("Close", key="mapping.close", on_click=_open, args=(None,))
            return False
        with columns:
            mapping = replace(fields.ask(), decimal=decimal)
        seen = _seen(workflow.content_key(source), mapping, source)
        fields.mark(seen.wrong)
        _show(seen)
        with st.container(horizontal=True):
            st.button(
                "Use these columns", key="mapping.use", disabled=bool(seen.wrong), on_click=remember,
                args=(Chosen(mapping, source.filename),),
            )  # fmt: skip
            st.button("Close", key="mapping.close", on_click=_open, args=(None,))
        st.caption("Using them, or importing, remembers them for the next file with the same columns.")
        return False if seen.wrong else Chosen(mapping, source.filename)


@st.cache_data(show_spinner="Reading the file as you say", max_entries=32)
def _seen(key: str, mapping: Mapping, _source: Source) -> workflow.Preview:
    return workflow.preview(_source, mapping)


class _Fields:
    """The boxes of one table: what they begin with, and a place under each where its error stands."""

    def __init__(self, token: str, begin: Guess) -> None:
        self.token, self.begin = token, begin
        self.places: dict[str, object] = {}

    def key(self, field: str) -> str:
        return f"map.{self.token}.{field}"

    def pick(self, field: str, label: str, options: Sequence[object], words: Callable[[object], str] = str) -> object:
        """A select box that begins with the guess, its reason as help, a place for its error below."""
        value = getattr(self.begin.mapping, field)
        index = list(options).index(value) if value in options else None
        why = self.begin.reasons.get(field) or None
        picked = st.selectbox(label, options, index=index, format_func=words, key=self.key(field), placeholder="Choose a column")
        self.places[field] = st.empty()
        unsure = field in self.begin.unsure
        if why and picked == value:
            st.caption(literal(f"Please check. {why}" if unsure else why))
        return picked

    def ask(self) -> Mapping:
        """What the boxes say. Who, when and how much stand side by side."""
        names, begin = self.begin.mapping.columns, self.begin.mapping
        who, when, much = st.columns(3, gap="medium")
        with when:
            time = self.pick("time", "Time", names) or ""
            clock = self.pick("clock", "Clock time, where it stands apart", [None, *names], lambda name: name or SAME)
            order = self.pick("order", "How dates are written", list(ORDERS), ORDERS.get)
        with who:
            participant = self.pick("participant", "Participant", [None, *names], lambda name: name or NAME)
            zone = self.pick("zone", "Time zone", _zones(begin.zone), lambda name: name or "(not known)")
            runs = self.pick("runs", "The times are", list(RUNS), RUNS.get)
        with much:
            activity = self.pick("activity", "Activity", names) or ""
            unit = self.pick("unit", "Unit", list(UNITS), UNITS.get)
            worn = self.pick("worn", "Worn or not, marked by the device", [None, *names], lambda name: name or NONE)
            says = begin.worn_says
            if worn:
                says = st.radio(
                    "A mark other than 0 means", ["worn", "not worn"], index=["worn", "not worn"].index(begin.worn_says), horizontal=True,
                    key=self.key("worn_says"),
                )  # fmt: skip
        return replace(
            begin, time=time, clock=clock, order=order, participant=participant, zone=zone, runs=runs, activity=activity, unit=unit,
            worn=worn, worn_says=says,
        )  # fmt: skip

    def mark(self, wrong: dict[str, str]) -> None:
        """Each error beside its field; those of no field below."""
        for field, sentence in wrong.items():
            place = self.places.get(field, st)
            place.error(literal(sentence))


def _written(fields: _Fields) -> tuple[Shape, str]:
    """How the file is written and its decimal sign, folded: it is nearly always found. Errors about these stand below, in sight."""
    begin = fields.begin.mapping
    place = st.expander("How the file is written", expanded=False)
    with place:
        left, middle, right = st.columns(3, gap="medium")
        with left:
            separator = fields.pick("separator", "Columns are separated by", list(SEPARATORS), SEPARATORS.get)
        with middle:
            decimal = fields.pick("decimal", "Decimal sign", list(DECIMALS), DECIMALS.get)
        with right:
            skip = st.number_input("Lines above the table", 0, 1000, begin.skip, key=fields.key("skip"))
            header = st.checkbox("Its first line names the columns", begin.header, key=fields.key("header"))
    fields.places.clear()
    return Shape(separator, int(skip), header), decimal


@st.cache_data(show_spinner=False)
def _zones(first: str | None) -> list[str | None]:
    """None, then every zone by its name, with the one that was guessed."""
    return [None, *sorted({*workflow.zone_names(), *([first] if first else [])})]


def _show(seen: workflow.Preview) -> None:
    if seen.rows:
        st.markdown("**First rows, as understood**")
        table = pd.DataFrame(
            {
                "Participant": [literal(row.participant) for row in seen.rows],
                "Time": [row_time(row.time) for row in seen.rows],
                "Activity": ["missing" if row.activity != row.activity else f"{row.activity:g}" for row in seen.rows],
            }
        )
        if any(row.worn is not None for row in seen.rows):
            table["Worn"] = ["yes" if row.worn else "no" for row in seen.rows]
        st.table(table, border="horizontal", hide_index=True)
    if seen.wrong:
        st.caption("Nothing can be imported before this is mended.")
        return
    st.write(facts(seen))
    for sentence in seen.odd:
        st.warning(literal(sentence))
