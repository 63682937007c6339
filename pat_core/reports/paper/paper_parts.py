"""What a document on paper is made of, before anyone knows how large a page is or in which format it is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from pat_core.workflows.people.report_record import Among

Look = Literal["body", "small", "lead"]
Draw = Callable[["Axes", float, float], None]
"""Draws a picture of a given width and height in points into axes whose unit is the point, from the upper left corner."""


@dataclass(frozen=True)
class Head:
    """The head of the first page: what it is, of whom, and a line that nobody may miss."""

    title: str
    who: str
    line: str


@dataclass(frozen=True)
class Heading:
    """Of a section. band: it opens another kind of content, and says so across the page. aside: in small letters on its right."""

    text: str
    aside: str = ""
    band: bool = False


@dataclass(frozen=True)
class Text:
    """A paragraph. lead: words before it, in bold."""

    text: str
    look: Look = "body"
    lead: str = ""


@dataclass(frozen=True)
class Facts:
    """Pairs of what and its value, in columns."""

    pairs: Sequence[tuple[str, str]]
    columns: int = 2
    look: Look = "body"


@dataclass(frozen=True)
class Bullets:
    """Sentences that belong together. numbers: 1, 2, 3 in place of dots."""

    lines: Sequence[str]
    look: Look = "body"
    numbers: bool = False


@dataclass(frozen=True)
class Notice:
    """What must be read, beside a bar. lines: the rest, as a list."""

    text: str
    lines: Sequence[str] = ()


@dataclass(frozen=True, eq=False)
class Dots:
    """A cell that shows where a value lies among people of the cohort. words: for who cannot see it."""

    value: float
    among: Among
    words: str = ""


Cell = str | Dots


@dataclass(frozen=True)
class Table:
    """rows: of cells, as many as header. widths: shares of the page's width. left: columns whose words begin on the left. ruled: rows
    with a line above them. strong: rows in bold."""

    header: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    widths: Sequence[float]
    left: frozenset[int] = frozenset({0})
    ruled: frozenset[int] = frozenset()
    strong: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """name: short, of its own within a document. words: for who cannot see it. height: points that it should have; on a page it may shrink
    to `least` to fit in, and grow to `most` where the rest of the page is free."""

    name: str
    height: float
    draw: Draw
    words: str
    least: float = 0.0
    most: float = 0.0


@dataclass(frozen=True)
class Lines:
    """Room to write by hand. count: how many there should be; on a page there may be fewer, down to `least`, so that what follows fits."""

    count: int
    least: int


@dataclass(frozen=True)
class Fields:
    """Lines with their names under them: name, date, signature."""

    names: Sequence[str]


@dataclass(frozen=True)
class Together:
    """Parts that stand on one page."""

    parts: Sequence[Part]


@dataclass(frozen=True)
class Break:
    """What follows begins on a page of its own."""


Part = Head | Heading | Text | Facts | Bullets | Notice | Table | Picture | Lines | Fields | Together | Break


@dataclass(frozen=True)
class Document:
    """title: of the file. language: "en", "de", ... foot: on the left of every page; page_words: "Page {page} of {pages}"."""

    title: str
    language: str
    foot: str
    page_words: str
    parts: Sequence[Part] = field(default_factory=tuple)
