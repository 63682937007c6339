"""The header that ActiLife writes above every text export: ten lines as a rule, of which some may be missing.

Between a line of dashes that names the device and one of dashes alone stand serial number, start, epoch, download, battery and mode.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.recordings.clock.epochs import check_epoch
from pat_core.recordings.clock.times import month_of
from pat_core.recordings.source import quoted
from pat_core.recordings.tables.text_shape import encoding_of

AGAIN = "Export the file from ActiLife again."
MOST_LINES = 40
_FACTS = re.compile(
    r"(serial number|start time|start date|download time|download date|(?:epoch|cycle|window) (?:period|length)|"
    r"current memory address|current battery voltage|mode)\b\s*(?:\([^)]*\))?\s*[:=]?[\s,;\"]*(.*)",
    re.IGNORECASE,
)
_NEEDED = ("period", "start date", "start time", "serial number", "download date")
"""Names of which four in the first lines make an ActiLife header, where the line that names the maker is gone."""
CHANNELS = (("Axis2", 4), ("Axis3", 8), ("steps", 1), ("heart rate", 2), ("lux", 16), ("inclination", 32))
"""What an epoch may hold after Axis1, in the order of the file, and the bit of the mode that says so."""
_LATE = 45
"""Days from start to download beyond which a device lay unread, or day and month are exchanged."""
_UNSTATED = ("M/d/yyyy", "d/M/yyyy")


@dataclass(frozen=True)
class ActilifeHeader:
    """facts: the header's names in lower case -> what they say ("period" for epoch, cycle and window); first: the line of the maker, ""
    where it is gone; lines: how many lines stand above the table; following: the table's first line; encoding: of the file."""

    facts: Mapping[str, str]
    first: str
    lines: int
    following: str
    encoding: str

    @property
    def device(self) -> str:
        """The device as the first line names it."""
        match = re.search(r"(ActiGraph(?:\s+(?!ActiLife|Firmware)\S+)?)", self.first, re.IGNORECASE)
        return re.sub("^actigraph", "ActiGraph", match[1], flags=re.IGNORECASE) if match else "ActiGraph"

    @property
    def filter(self) -> str | None:
        """The name of the filter that the counts were made with."""
        match = re.search(r"Filter (\w+)", self.first)
        return match[1] if match else None

    @property
    def rate(self) -> float | None:
        """Samples a second, as the first line has them."""
        match = re.search(r"\bat (\d+(?:[.,]\d+)?) ?Hz", self.first, re.IGNORECASE)
        return float(match[1].replace(",", ".")) if match else None

    @property
    def mode(self) -> int | None:
        """The number whose bits say what was recorded beside the first axis."""
        text = self.facts.get("mode") or "".join(re.findall(r"\bMode\s*=?\s*(\d+)", self.facts.get("current battery voltage", ""))[:1])
        return int(text) if re.fullmatch(r"\d{1,4}", text) else None

    @property
    def raw(self) -> bool:
        """Whether the rows are samples of acceleration: an epoch of no length, or columns named so."""
        return bool(re.fullmatch(r"0+([:.]0+)*", self.facts.get("period", ""))) or "accelerometer" in self.following.lower()

    @property
    def epoch(self) -> int | None:
        """Seconds of an epoch, None where the header does not say. Raises RecordingError where PAT cannot use it."""
        text = self.facts.get("period")
        if text is None:
            return None
        clock = re.fullmatch(r"(\d{1,4})[:.](\d{1,2})[:.](\d{1,2})", text)
        plain = re.fullmatch(r"(\d{1,5})\s*(?:s|sec|secs|seconds?|(m|min|mins|minutes?))?\.?", text, re.IGNORECASE)
        if plain:
            return check_epoch(int(plain[1]) * (60 if plain[2] else 1), "the header")
        if clock:
            return check_epoch(int(clock[1]) * 3600 + int(clock[2]) * 60 + int(clock[3]), "the header")
        raise RecordingError(f"The header was expected to give the epoch period as hh:mm:ss. {AGAIN}")

    @property
    def form(self) -> str | None:
        """How the first line says that dates are written (M/d/yyyy, dd.MM.yyyy, d. M. yyyy, ...)."""
        match = re.search(r"date format\s+([dMy]+[./\- ,]*[dMy]+[./\- ,]*[dMy]+)", self.first)
        return match[1] if match else None

    def labels(self, axis: str) -> dict[str, str | float | None]:
        """What the header says of the device, as labels of a recording of this axis."""
        facts = {"axis": axis, "serial": self.facts.get("serial number"), "filter": self.filter}
        return {name: value for name, value in facts.items() if value}

    def start(self) -> tuple[datetime | None, str, tuple[str, ...]]:
        """The first epoch's time (None where the header names none), the form of the file's dates, and what is to be said of that form.

        Where no form is stated, the dates of start and download decide between month and day; where they cannot, the month comes first, as
        on the American computers most of these programs ran on, and a sentence says so. A stated form by which the start is no date, or
        comes after the download, is the other one, where that makes sense. Raises RecordingError where the start is no time.
        """
        date, clock = self.facts.get("start date", ""), self.facts.get("start time", "")
        stated = self.form or "M/d/yyyy"
        if not date and not clock:
            return None, stated, ()
        if re.match(r"\d{4}\D", date):
            return _moment(date, clock, stated), stated, ()
        if self.form:
            other = exchanged(stated)
            if other == stated or self._fits(date, clock, stated) or not self._fits(date, clock, other):
                return _moment(date, clock, stated), stated, ()
            start = _moment(date, clock, other)
            message = (
                f"Line 1 says that dates are written {stated}; those of start and download make sense only as {other}, and were read that "
                "way:"
            )
            return start, other, (f"{message} the start, {date}, is {start:%d %B %Y}.",)
        possible = [form for form in _UNSTATED if self._fits(date, clock, form)]
        form = possible[0] if possible else stated
        start = _moment(date, clock, form)
        if len(possible) < 2 or start == _moment(date, clock, possible[1]):
            return start, form, ()
        message = f"The header does not say whether the day or the month comes first: its start, {date}, was read as {start:%d %B %Y}."
        return start, form, (message,)

    def doubt(self, start: datetime) -> tuple[str, ...]:
        """A note where the stated form alone tells day from month in the start, and its signs or the date of the download contradict it."""
        date, form = self.facts.get("start date", ""), self.form
        if form is None or re.match(r"\d{4}\D", date) or start.day > 12 or start.day == start.month or exchanged(form) == form:
            return ()
        signs = [re.sub(r"[\w\s]", "", text)[:1] for text in (date, form)]
        late, other = (self._days_to_download(date, order) for order in (form, exchanged(form)))
        if signs[0] != signs[1]:
            why = "it is not written that way"
        elif late > _LATE > other >= 0:
            why = f"read that way the download was {counted(late, 'day')} after the start, in the other order {other}"
        else:
            return ()
        read = f"The header starts on {date}, read as {start:%Y-%m-%d} since line 1 says {form}"
        return (f"{read}; {why}: day and month may be swapped.",)

    def _days_to_download(self, date: str, form: str) -> int:
        """Days from start to download by this form; -1 where either is no date."""
        try:
            return (_moment(self.facts.get("download date", ""), "0:00", form) - _moment(date, "0:00", form)).days
        except RecordingError:
            return -1

    def _fits(self, date: str, clock: str, form: str) -> bool:
        """Whether the dates of start and download make sense by this form, in this order."""
        downloaded = self.facts.get("download date")
        try:
            start = _moment(date, clock, form)
            return not downloaded or start <= _moment(downloaded, "23:59:59", form)
        except RecordingError:
            return False


def channels_of(mode: int) -> list[str]:
    """What an epoch holds, by the bits of the mode."""
    return ["Axis1", *(name for name, bit in CHANNELS if mode & bit)]


def header_of(head: bytes) -> ActilifeHeader | None:
    """The header at the beginning of a file's first bytes; None where they hold none."""
    encoding = encoding_of(head)
    written = head.decode(encoding, errors="replace").split("\n")[: MOST_LINES + 1]
    rows = [line.strip().strip('",;\t').strip() for line in written]
    first = rows[0] if _names_the_maker(rows[0]) else ""
    facts = _facts(rows)
    if not first and sum(name in facts for name in _NEEDED) < 4:
        return None
    lines = _length(rows)
    while lines < len(rows) - 1 and not rows[lines]:
        lines += 1
    return ActilifeHeader(facts, first, lines, written[lines].strip() if lines < len(rows) else "", encoding)


def _names_the_maker(line: str) -> bool:
    return "data" in line.lower() and "actigraph" in line.lower() and "---" in line


def _length(rows: Sequence[str]) -> int:
    """How many lines the header has: up to the line of dashes alone, or as far as lines read like a header's."""
    ruled = next((i + 1 for i, row in enumerate(rows) if re.fullmatch(r"-{5,}", row)), None)
    if ruled is not None:
        return ruled
    return next((i for i, row in enumerate(rows) if row and not _names_the_maker(row) and not _FACTS.match(row)), len(rows))


def _facts(rows: Sequence[str]) -> dict[str, str]:
    facts: dict[str, str] = {}
    for row in rows:
        if re.fullmatch(r"-{5,}", row):
            break
        if match := _FACTS.match(row):
            name = match[1].lower()
            facts.setdefault("period" if name.startswith(("epoch", "cycle", "window")) else name, match[2].strip().strip('"'))
    return facts


def order_of(form: str, date: str) -> list[str]:
    """The order of d, M and y in a date; a year of four digits in front has the month next, whatever another form says."""
    order = [part[0] for part in re.findall(r"d+|M+|y+", form)]
    if re.match(r"\d{4}\D", date) and order[:1] != ["y"] and sorted(order) == ["M", "d", "y"]:
        return ["y", "M", "d"]
    return order


def exchanged(form: str) -> str:
    """The form with day and month in each other's place; a month by its name stays."""
    return form if "MMM" in form else form.translate(str.maketrans("dM", "Md"))


def _moment(date: str, clock: str, form: str) -> datetime:
    """Date and clock time of the header by a form of dates."""
    parts = re.findall(r"\d+|[A-Za-z]{3,}", date)
    # A half of the day in a word that is not known would be twelve hours: such a clock is none.
    time = re.fullmatch(r"(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]\d+)?\s*(?:([AaPp])\.?\s*[Mm]\.?)?[\s,;]*", clock)
    order = order_of(form, date)
    try:
        if not time or len(parts) != 3 or sorted(order) != ["M", "d", "y"]:
            raise ValueError
        numbered = [int(part) if part.isdigit() else month_of(part) for part in parts]
        day = dict(zip(order, numbered, strict=True))
        hour = int(time[1])
        if time[4]:
            hour = hour % 12 + (12 if time[4] in "Pp" else 0)
        year = day["y"] + (2000 if day["y"] < 100 else 0)
        return datetime(year, day["M"], day["d"], hour, int(time[2]), int(time[3] or 0))
    except (ValueError, OverflowError):
        raise RecordingError(
            f"The header's start was expected as a date ({form}) and a clock time; it says {quoted(date)} and {quoted(clock)} "
            f"(lines 3 and 4). {AGAIN}"
        ) from None
