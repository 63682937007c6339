"""Text on its way to the screen. Streamlit reads what it is given as Markdown; names, labels, notes and sentences are text.

Rule: what does not stand in the source of a page goes through `literal`, whole sentences of the engine too. A test keeps it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import unquote

LONGEST = 120
"""Characters of one field (a name, a note) in a line; the whole belongs in a tooltip or a folded part."""

JOINER = "\u2060"
"""A sign of no width that keeps words together. It stands where Streamlit looks at text once more after its escapes were undone:
at addresses, emoji, icons and arrows."""

_MARKUP = re.compile(r"([\\`*{}\[\]<>#$~|&]|(?<![^\W_])_|_(?![^\W_])|:(?=[A-Za-z:]))")
"""What Markdown makes something of. A low line within a word, and a colon before a space or a number, it leaves alone."""
_HIDDEN = re.compile(r"[\u0000-\u0008\u000e-\u001f\u007f\u0080-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control signs, and those that turn the direction of what follows."""
_BREAKS = (
    (re.compile(r"(?i)(https?:|ftp:|mailto:|xmpp:|www(?=\.))(?=\S)"), rf"\1{JOINER}"),
    (re.compile(r"(?<=[\w.+-])@(?=\w)"), f"@{JOINER}"),
    (re.compile(r":(?=(?!\d\d:)[\w+/-]+:)"), f":{JOINER}"),
    (re.compile(r"(?<!\S)(<->|->|<-|--|>=|<=|~=)(?!\S)"), lambda match: JOINER.join(match[0])),
)
_FIRST = re.compile(r"^(?:[-+](?=[\s-]|$)|\d+(?=[.)](?:\s|$)))")
"""What opens a list or a rule at the beginning of a line."""


def literal(text: object, most: int | None = None) -> str:
    """Text as Markdown that shows exactly it, in one line: no formatting, link, image, heading, formula, icon or address.

    most: so many characters are shown, then "…".
    """
    line = cut(text, most) if most else _one_line(text)
    for pattern, instead in _BREAKS:
        line = pattern.sub(instead, line)
    line = _MARKUP.sub(r"\\\1", line)
    return _FIRST.sub(lambda first: f"{first[0]}\\" if first[0].isdigit() else f"\\{first[0]}", line)


def lines(text: object) -> str:
    """As `literal`, a line for each line."""
    return "  \n".join(literal(line) for line in str(text).splitlines())


def cut(text: object, most: int = LONGEST) -> str:
    """The text in one line of at most so many characters, for places that know no Markdown, such as a list's options."""
    line = _one_line(text)
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"


NONE_CHOSEN = "none"


def joined(values: Sequence[str]) -> str:
    """Several texts as one word of the address, which `apart` takes apart again."""
    text = ",".join(value.replace("%", "%25").replace(",", "%2C") for value in values)
    return f"%6E{NONE_CHOSEN[1:]}" if text == NONE_CHOSEN else text or NONE_CHOSEN


def apart(text: str) -> list[str]:
    """The texts that `joined` made one word of."""
    return [] if text in (NONE_CHOSEN, "") else [unquote(value) for value in text.split(",")]


def _one_line(text: object) -> str:
    return " ".join(_HIDDEN.sub("\ufffd", str(text)).split())
