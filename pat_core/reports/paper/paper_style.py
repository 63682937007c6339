"""How paper looks: sizes in points, one accent colour beside greys, one typeface, and how wide words are in it."""

from __future__ import annotations

import threading
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from pat_core import settings

if TYPE_CHECKING:
    from matplotlib.font_manager import FontProperties

PAPERS = {"a4": (595.276, 841.89), "letter": (612.0, 792.0)}
"""Width and height in points."""
MARGIN = 56.69
"""2 cm."""
BODY, SMALL, LEAD, TABLE, HEADING, TITLE, FOOT, FIGURE = 9.4, 8.2, 11.0, 8.6, 11.6, 20.0, 7.4, 7.6
LEADING = 1.32
"""Height of a line by the size of its letters."""

TEXT, MUTED, RULE, PALE = "#1c2733", "#55616f", "#c3cad3", "#eef1f5"
ACCENT = "#1b4f72"
ACTIVITY, REST, ASLEEP = "#3d4a58", "#dfe5ef", "#8296ba"
RAISED, LOWERED = "#b5182b", "#1f66b0"
ATTENTION = "#cf8a14"

FONTS = ("SourceSansPro-Regular.ttf", "SourceSansPro-Semibold.ttf")
"""SIL Open Font License; see assets/fonts/LICENSE.txt."""
OTHERWISE = "DejaVu Sans"
"""Comes with matplotlib, for names with signs that the first has not."""


@cache
def _signs(name: str) -> frozenset[int]:
    """What a file of the typeface has signs for."""
    from matplotlib.font_manager import get_font

    return frozenset(get_font(_path(name)).get_charmap())


ONE_AT_A_TIME = threading.RLock()
"""Held while something is drawn: matplotlib makes no promise to threads of a server."""


@cache
def settled() -> None:
    """How matplotlib writes files: letters as letters, so that every sign of a name can be searched for and read out again, and the same
    names of parts for the same figure."""
    import matplotlib

    matplotlib.rcParams.update({"pdf.fonttype": 42, "svg.fonttype": "none", "svg.hashsalt": "report", "hatch.linewidth": 0.4})


def _path(name: str) -> str:
    return str(settings.ASSETS / "fonts" / name)


def face(text: str, size: float, bold: bool = False) -> FontProperties:
    """The typeface of a text in a size (points)."""
    name = FONTS[bool(bold)]
    covered = text.isascii() or all(ord(sign) in _signs(name) for sign in text)
    return _properties(name if covered else "", size, bold)


@cache
def _properties(name: str, size: float, bold: bool) -> FontProperties:
    from matplotlib.font_manager import FontProperties

    if name:
        return FontProperties(fname=_path(name), size=size)
    return FontProperties(family=OTHERWISE, size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=20_000)
def width_of(text: str, size: float, bold: bool = False) -> float:
    """Points that a text takes in one line."""
    from matplotlib.textpath import text_to_path

    return float(text_to_path.get_text_width_height_descent(text, face(text, size, bold), ismath=False)[0]) if text else 0.0


def wrapped(text: str, width: float, size: float, bold: bool = False, first: float = 0.0) -> list[str]:
    """A text in lines of at most `width` points; the first begins `first` points further in. A word that is longer than a line is cut."""
    lines = list[str]()
    line, room = "", width - first
    for paragraph in text.split("\n"):
        for word in paragraph.split():
            longer = f"{line} {word}" if line else word
            if width_of(longer, size, bold) <= room:
                line = longer
                continue
            if line or first and not lines:
                lines.append(line)
                room = width
            while width_of(word, size, bold) > room:
                cut = _fitting(word, room, size, bold)
                lines.append(word[:cut])
                word, room = word[cut:], width
            line = word
        lines.append(line)
        line, room = "", width
    return lines


def _fitting(word: str, room: float, size: float, bold: bool) -> int:
    cut = len(word)
    while cut > 1 and width_of(word[:cut], size, bold) > room:
        cut -= 1
    return cut


def shortened(text: str, width: float, size: float, bold: bool = False) -> str:
    """A text in one line of at most `width` points, with … where it was cut."""
    if width_of(text, size, bold) <= width:
        return text
    cut = len(text)
    while cut and width_of(text[:cut].rstrip() + "…", size, bold) > width:
        cut -= 1
    return text[:cut].rstrip() + "…"
