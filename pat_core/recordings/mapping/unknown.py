"""Whether a file is a table whose columns nobody but its owner can tell."""

from __future__ import annotations

from .. import wide_table
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
    return None
