"""The shape of a text table: encoding, separator, decimal sign. Decided from its first bytes."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

SEPARATORS = ",;\t|"
MISSING = frozenset((
    "", "nan", "na", "n/a", "n.a.", "null", "none", "kz", "-", "--", "---", ".", "..", "*", "?", "#n/a", "#na", "<na>", "nat", "missing",
    "#value!", "#div/0!", "#num!", "#null!", "#ref!", "#name?",
))  # fmt: skip
"""Cells that stand for no value, in lower case ("kZ" is German Actiware's "keine Zahl")."""


@dataclass(frozen=True)
class TextShape:
    """How a table of text is written."""

    encoding: str
    separator: str


def is_text(head: bytes) -> bool:
    """Whether these bytes read as text: no NULs (but for UTF-16 with its mark) and hardly a control character."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if not head or b"\x00" in head:
        return False
    control = sum(head.count(bytes([code])) for code in range(32) if code not in (9, 10, 11, 12, 13))
    return control <= len(head) // 200


def encoding_of(head: bytes) -> str:
    """UTF-16 by its mark, UTF-8 (with or without mark) where the bytes allow it, else Latin-1, which any bytes are."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        # The head may end inside a character: leave out up to three last bytes that do not decode.
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:
            return "latin-1"
    return "utf-8-sig"


def shape_of(head: bytes) -> TextShape:
    """Encoding and separator: the sign that splits the first lines into the most columns, the same number in each."""
    encoding = encoding_of(head)
    text = head.decode(encoding, errors="ignore")
    lines = [line for line in text.splitlines() if line.strip()]
    # A cut last line would miscount, unless it is the only one.
    lines = lines[:20] if len(lines) > 20 else (lines[:-1] or lines)
    best, score = ",", (0, False, 0)
    for separator in SEPARATORS:
        counts = [len(row) for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=separator)]
        if not counts or counts[0] < 2:
            continue
        agreeing = sum(count == counts[0] for count in counts)
        # Where commas split as evenly as another sign, they are decimal commas.
        rank = (agreeing, separator != ",", counts[0])
        if rank > score:
            best, score = separator, rank
    return TextShape(encoding, best)
