"""Whether a file is a table whose columns nobody but its owner can tell."""

from __future__ import annotations

from ...progress import Silent
from .. import columns, csv_table, wide_table
from ..csv_table import rows_in_shape
from ..labels import named_as_table
from ..long_table import is_long
from ..registry import FORMATS, UNREAD
from ..source import Source
from ..text import TextShape, encoding_of, shape_of
from ..unread import by_content
from .guessing import guess
from .record import COUNTED
from .table import UNREADABLE, plain

_MOST_LOOKED = 64 * 1024**2
"""Bytes of a table that is read to see whose rows it holds."""


def why_unknown(source: Source) -> str | None:
    """Why a table with times cannot be read without its columns being told, in a sentence; None where it can, or is no such table.

    Tables of text that no format claims: their columns have no known names, their times are counted, or nothing tells day from month.
    """
    try:
        source = plain(source)
        head = source.head()
        ending = "." + source.filename.lower().rsplit(".", 1)[-1]
        chosen = next((form for form in FORMATS if form.recognises(head, source.filename)), None)
        if ending in UNREAD or chosen is not FORMATS[-1] or named_as_table(source) or by_content(head) is not None:
            return None
        shape = shape_of(head)
        encoding = encoding_of(head)
        rows = rows_in_shape(source, TextShape("latin-1" if encoding == "utf-8-sig" else encoding, shape.separator))
        first = [cell.strip() for cell in next(rows, (0, []))[1]]
        if wide_table.layout_of(first) is not None:
            return None
        guessed = guess(source)
    except UNREADABLE:
        return None
    mapping = guessed.mapping
    if not mapping.time or "do not read as times" in guessed.reasons["time"]:
        return None
    if not is_long(first):
        shown = ", ".join(name[:30] for name in mapping.columns[:6]) + (" and more" if len(mapping.columns) > 6 else "")
        return f"no format knows its columns ({shown})." if mapping.header else "no format knows its columns, which have no names."
    if mapping.order in COUNTED:
        return f"its times are counted in {mapping.order} from 1970."
    if "order" in guessed.unsure:
        return "nothing in it tells whether the day or the month comes first."
    if "decimal" in guessed.unsure:
        return "nothing in it tells whether a comma or point in its numbers stands between thousands or before decimals."
    known = {mapping.time, mapping.clock, mapping.activity}
    return _whose(source, [name for name in mapping.columns if name not in known and columns.key(name) not in columns.PARTICIPANT])


def _whose(source: Source, unused: list[str]) -> str | None:
    """Why nobody can tell whose rows a table's are; None where that is clear, or where no column is left that could tell it."""
    if not unused or source.size > _MOST_LOOKED:
        return None
    try:
        csv_table.read(source, Silent())
    except columns.Unclear as error:
        said = str(error).split(". ")[0]
        return f"{said[0].lower()}{said[1:]}."
    except UNREADABLE:
        return None
    return None
