"""How a cell stands in a sentence. What looks like a number or a time is quoted, which helps to find the slip; anything else is told by its
length: a file that was taken for a recording may be another, and its content is nobody's business."""

from __future__ import annotations

import re

LONGEST = 40
_PLAIN = re.compile(r"[\d\s.,:;/+\-()'’%*?]*(?:[^\W\d_]{1,4}\.?)?[\d\s.,:;/+\-()'’%*?]*(?:[^\W\d_]{1,2})?\.?")
"""Digits and the signs of numbers and times, with one short word among them (Mar, NaN, off) and AM, PM or Z at the end."""


def quoted(cell: object) -> str:
    """The cell in quotation marks, or how long a text it is."""
    text = str(cell).strip()
    if len(text) <= LONGEST and _PLAIN.fullmatch(text):
        return f"“{text}”"
    return f"text of {len(text):,} characters"
