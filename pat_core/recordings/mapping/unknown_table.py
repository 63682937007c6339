"""Whether a file is a table whose columns only its owner can explain."""

from __future__ import annotations

from pat_core.progress import Silent
from pat_core.recordings.format_registry import FORMATS, UNREAD, read_source
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.mapping.guessing import Guess, guess
from pat_core.recordings.mapping.mapping_record import COUNTED
from pat_core.recordings.mapping.text_table import UNREADABLE, plain
from pat_core.recordings.source import Format, Source
from pat_core.recordings.tables import columns, csv_table, parquet_table, wide_table
from pat_core.recordings.tables.csv_table import rows_in_shape
from pat_core.recordings.tables.long_table import is_long
from pat_core.recordings.tables.people_table import named_as_table
from pat_core.recordings.tables.text_shape import TextShape, encoding_of, is_text, shape_of
from pat_core.recordings.unsupported import by_content
from pat_core.settings import MINUTES_PER_DAY

_MOST_LOOKED = 64 * 1024**2
"""Bytes of a table that is read to see whose rows it holds."""
MOST_TRIED = 16 * 1024**2
"""Bytes of text up to which a table is read before an import, to see whether it would be refused."""


def why_unknown(source: Source) -> str | None:
    """Why a table with times cannot be read without its columns being told, in a sentence; None where it can, or is no such table.

    Tables whose columns have no known names, whose times are counted, or in which nothing tells day from month; and any other table of
    text, or of Parquet, that the format it looks like refuses for what it holds.
    """
    try:
        chosen = _format_of(source)
        source = plain(source)
        if chosen is None or named_as_table(source) or source.head().lstrip(b"\xef\xbb\xbf \r\n").startswith((b"{", b"[", b"<")):
            return None
        first = _first_line(source)
        layout = wide_table.layout_of(first)
        if layout is not None and layout.minutes.size != MINUTES_PER_DAY:
            return None
        guessed = guess(source)
    except UNREADABLE:
        return None
    if not guessed.mapping.time or "do not read as times" in guessed.reasons["time"]:
        return None
    if layout is not None:  # a row a day: read where it is clear whose and of when each is
        return _refused(source, "")
    general = chosen in (FORMATS[-1], parquet_table.FORMAT)
    return (_why(source, first, guessed) if general else None) or _refused(source, "" if general else chosen.name)


def _format_of(source: Source) -> Format | None:
    """The format that a file of text or Parquet looks like; None where it is of another kind."""
    if is_gzip(source.head()):
        source = unfolded(source)
    head = source.head()
    ending = "." + source.filename.lower().rsplit(".", 1)[-1]
    if ending in UNREAD or by_content(head) is not None or not (is_text(head) or head.startswith(parquet_table.MAGIC)):
        return None
    return next((form for form in FORMATS if form.recognises(head, source.filename)), None)


def _first_line(source: Source) -> list[str]:
    head = source.head()
    shape, encoding = shape_of(head), encoding_of(head)
    rows = rows_in_shape(source, TextShape("latin-1" if encoding == "utf-8-sig" else encoding, shape.separator))
    return [cell.strip() for cell in next(rows, (0, []))[1]]


def _why(source: Source, first: list[str], guessed: Guess) -> str | None:
    """What has to be told of a table that no named format claims, from its beginning."""
    mapping = guessed.mapping
    if not is_long(first):
        shown = ", ".join(name[:30] for name in mapping.columns[:6]) + (" and more" if len(mapping.columns) > 6 else "")
        if mapping.header and mapping.skip and is_long(list(mapping.columns)):
            return f"its columns ({shown}) are named in line {mapping.skip + 1}, below other lines."
        return f"no format knows its columns ({shown})." if mapping.header else "no format knows its columns, which have no names."
    if mapping.order == "epochs":
        return "its rows are numbered, and nothing says when the first was and how long each is."
    if mapping.order in COUNTED:
        return f"its times are counted in {mapping.order} since 1970."
    if "order" in guessed.unsure:
        return "nothing in it shows whether the day or the month comes first."
    if "decimal" in guessed.unsure:
        return "nothing in it shows whether a comma or point in its numbers separates thousands or decimals."
    known = {mapping.time, mapping.clock, mapping.activity}
    return _whose(source, [name for name in mapping.columns if name not in known and columns.key(name) not in columns.PARTICIPANT])


def _whose(source: Source, unused: list[str]) -> str | None:
    """Why nobody can tell whose rows a table's are; None where that is clear, or where no column is left that could tell it."""
    if not unused or source.size > _MOST_LOOKED:
        return None
    try:
        csv_table.read(source, Silent())
    except columns.Unclear as error:
        sentence = str(error).split(". ")[0]
        return f"{sentence[0].lower()}{sentence[1:]}."
    except UNREADABLE:
        return None
    return None


def _refused(source: Source, named: str) -> str | None:
    """Why nothing comes in from a table as the format that it looks like (`named`, "" for a table of no device); None where something
    does, or where it is too large to try."""
    if source.size > MOST_TRIED:
        return None
    reading = read_source(source, Silent())
    if reading.recordings or not reading.refused:
        return None
    reason = reading.refused[0].reason
    return f"it looks like {named}, but as that it is refused: {reason}" if named else f"as it is, it is refused: {reason}"
