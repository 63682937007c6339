"""The parts of a document laid out on pages: matplotlib figures in points, from which a PDF and pictures are made alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pat_core.reports.paper.paper_drawing import boxes, points, stroke, write
from pat_core.reports.paper.paper_parts import (
    Break,
    Bullets,
    Cell,
    Document,
    Dots,
    Facts,
    Fields,
    Head,
    Heading,
    Lines,
    Notice,
    Part,
    Picture,
    Table,
    Text,
    Together,
)
from pat_core.reports.paper.paper_style import (
    ACCENT,
    BODY,
    FOOT,
    HEADING,
    LEAD,
    LEADING,
    MARGIN,
    MUTED,
    ONE_AT_A_TIME,
    PALE,
    PAPERS,
    RULE,
    SMALL,
    TABLE,
    TEXT,
    TITLE,
    shortened,
    width_of,
    wrapped,
)
from pat_core.reports.paper.spread_dots import draw_dots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SIZES = {"body": BODY, "small": SMALL, "lead": LEAD}
COLOURS = {"body": TEXT, "small": MUTED, "lead": TEXT}
AFTER = 6.0
"""Points under a part."""
COLUMN_GAP, CELL_GAP, ROW = 18.0, 5.0, 13.4
LINE_TO_WRITE, FIELD = 22.0, 46.0


class Page:
    """One page. y: points from the upper edge down to where the next part begins."""

    def __init__(self, paper: str) -> None:
        from matplotlib.figure import Figure

        self.width, self.height = PAPERS[paper]
        self.figure: Figure = Figure(figsize=(self.width / 72, self.height / 72), facecolor="white")
        self.axes = points(self.figure, (0.0, 0.0, self.width, self.height))
        self.y = MARGIN

    @property
    def room(self) -> float:
        """Points that are left above the lower margin."""
        return self.height - MARGIN - self.y

    def write(self, x: float, y: float, text: str, size: float, *, bold: bool = False, colour: str = TEXT, align: str = "left") -> None:
        """One line whose letters stand on y."""
        write(self.axes, x, y, text, size, bold=bold, colour=colour, align=align)

    def rule(self, x: float, y: float, width: float, colour: str = RULE, weight: float = 0.6) -> None:
        """A line across."""
        stroke(self.axes, [x, x + width], [y, y], color=colour, linewidth=weight)

    def box(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """A filled box."""
        boxes(self.axes, [(x, y, x + width, y + height)], facecolors=colour)


@dataclass(frozen=True)
class Laid:
    """A part that was measured. height: points with the room under it. draw: on a page at its y, higher than that by so many points (or
    lower). keep: it stands on the page of what follows. least, most: how low and high it may become. again: what is drawn above it
    where it begins a page, a table's header."""

    height: float
    draw: Callable[[Page, float, float], None]
    keep: bool = False
    least: float = 0.0
    most: float = 0.0
    again: Laid | None = None

    @property
    def gives(self) -> float:
        """By how much it can be lower."""
        return self.height - self.least if self.least else 0.0

    @property
    def takes(self) -> float:
        """By how much it can be higher."""
        return self.most - self.height if self.most else 0.0


def pages_of(document: Document, paper: str = "a4") -> list[Figure]:
    """The pages, from the first to the last, with their feet."""
    with ONE_AT_A_TIME:
        return _pages(document, paper)


def _pages(document: Document, paper: str) -> list[Figure]:
    pages = [Page(paper)]
    width = pages[0].width - 2 * MARGIN
    waiting: list[Laid] = []
    ends = [*document.parts[1:], Break()]
    for part, after in zip(document.parts, ends, strict=True):
        if isinstance(part, Break):
            if pages[-1].y > MARGIN:
                pages.append(Page(paper))
            continue
        pieces = _laid(part, width)
        for laid in pieces:
            waiting.append(laid)
            if not laid.keep:
                _place(pages, waiting, paper, isinstance(after, Break) and laid is pieces[-1])
                waiting = []
    _place(pages, waiting, paper)
    for number, page in enumerate(pages, 1):
        _foot(page, document, number, len(pages))
    return [page.figure for page in pages]


def _place(pages: list[Page], some: Sequence[Laid], paper: str, last: bool = False) -> None:
    """What belongs together, on this page or on the next one. last: nothing else is to stand on its page."""
    if not some:
        return
    need = sum(laid.height for laid in some) - AFTER
    if need - sum(laid.gives for laid in some) > pages[-1].room and pages[-1].y > MARGIN:
        pages.append(Page(paper))
        if some[0].again is not None:
            some = [some[0].again, *some]
            need += some[0].height
    spare = pages[-1].room - need
    for laid in some:
        more = max(spare, -laid.gives) if spare < 0 else min(spare, laid.takes) if last else 0.0
        spare -= more
        laid.draw(pages[-1], pages[-1].y, more)
        pages[-1].y += laid.height + more


def _foot(page: Page, document: Document, number: int, pages: int) -> None:
    y, words = page.height - 0.55 * MARGIN, document.page_words.format(page=number, pages=pages)
    page.rule(MARGIN, y - 11, page.width - 2 * MARGIN)
    room = page.width - 2 * MARGIN - width_of(words, FOOT) - COLUMN_GAP
    page.write(MARGIN, y, shortened(document.foot, room, FOOT), FOOT, colour=MUTED)
    page.write(page.width - MARGIN, y, words, FOOT, colour=MUTED, align="right")


def _laid(part: Part, width: float) -> list[Laid]:
    """A part in pieces that may stand on different pages; what keeps with the next piece says so."""
    if isinstance(part, Together):
        inner = [laid for each in part.parts for laid in _laid(each, width)]
        return [_joined(inner)]
    if isinstance(part, Table):
        return _table(part, width)
    if isinstance(part, Bullets):
        return _bullets(part, width)
    measured: dict[type, Callable[[Any, float], Laid]] = {
        Head: _head, Heading: _heading, Text: _text, Facts: _facts, Notice: _notice, Picture: _picture, Lines: _lines, Fields: _fields,
    }  # fmt: skip
    return [measured[type(part)](part, width)]


def _joined(inner: Sequence[Laid]) -> Laid:
    """Several as one; what it is higher or lower goes to those that can be."""

    def draw(page: Page, y: float, more: float) -> None:
        for laid in inner:
            own = max(more, -laid.gives) if more < 0 else min(more, laid.takes)
            more -= own
            laid.draw(page, y, own)
            y += laid.height + own

    height = sum(laid.height for laid in inner)
    return Laid(height, draw, least=height - sum(laid.gives for laid in inner), most=height + sum(laid.takes for laid in inner))


def _head(part: Head, width: float) -> Laid:
    lines = wrapped(part.line, width, SMALL)
    height = 47.0 + len(lines) * SMALL * LEADING

    def draw(page: Page, y: float, more: float) -> None:
        page.box(MARGIN, y, width, 3.0, ACCENT)
        room = width - width_of(part.title, TITLE, True) - COLUMN_GAP
        page.write(MARGIN, y + 29, part.title, TITLE, bold=True)
        page.write(MARGIN + width, y + 29, shortened(part.who, room, 12.5, True), 12.5, bold=True, colour=ACCENT, align="right")
        for number, line in enumerate(lines):
            page.write(MARGIN, y + 45 + number * SMALL * LEADING, line, SMALL, colour=MUTED)

    return Laid(height, draw)


def _heading(part: Heading, width: float) -> Laid:
    def draw(page: Page, y: float, more: float) -> None:
        if part.band:
            page.box(MARGIN, y, width, 22, ACCENT)
            page.write(MARGIN + 8, y + 15.2, part.text, 12.0, bold=True, colour="white")
            page.write(MARGIN + width - 8, y + 15, part.aside, SMALL, colour="white", align="right")
            return
        page.write(MARGIN, y + 13, part.text, HEADING, bold=True, colour=ACCENT)
        page.write(MARGIN + width, y + 13, part.aside, SMALL, colour=MUTED, align="right")
        page.rule(MARGIN, y + 17.5, width)

    return Laid(30.0 if part.band else 24.5, draw, keep=True)


def _text(part: Text, width: float) -> Laid:
    size = SIZES[part.look]
    lead = f"{part.lead} " if part.lead else ""
    begin = width_of(part.lead, size, True) + width_of("n", size) * 0.6 if lead else 0.0
    lines = wrapped(part.text, width, size, first=begin)
    step = size * LEADING

    def draw(page: Page, y: float, more: float) -> None:
        base = y + size
        if lead:
            page.write(MARGIN, base, part.lead, size, bold=True, colour=COLOURS[part.look])
        for number, line in enumerate(lines):
            page.write(MARGIN + (begin if number == 0 else 0), base + number * step, line, size, colour=COLOURS[part.look])

    return Laid(len(lines) * step + AFTER, draw)


def _facts(part: Facts, width: float) -> Laid:
    each = (width - (part.columns - 1) * COLUMN_GAP) / part.columns
    label = max(width_of(name, SMALL) for name, _ in part.pairs) + 8
    label, size = min(label, 0.42 * each), SIZES[part.look]
    cells = [(name, wrapped(value, each - label, size)) for name, value in part.pairs]
    rows = -(-len(cells) // part.columns)
    columns = [cells[first : first + rows] for first in range(0, len(cells), rows)]
    step = size * LEADING
    heights = [sum(len(lines) * step + 1.5 for _, lines in column) for column in columns]

    def draw(page: Page, y: float, more: float) -> None:
        for place, column in enumerate(columns):
            x, at = MARGIN + place * (each + COLUMN_GAP), y + size
            for name, lines in column:
                page.write(x, at, shortened(name, label - 4, SMALL), SMALL, colour=MUTED)
                for line in lines:
                    page.write(x + label, at, line, size, colour=COLOURS[part.look])
                    at += step
                at += 1.5

    return Laid(max(heights) + AFTER, draw)


def _bullets(part: Bullets, width: float) -> list[Laid]:
    size = SIZES[part.look]
    step, inset = size * LEADING, 13.0

    def one(number: int, line: str) -> Laid:
        lines = wrapped(line, width - inset, size)

        def draw(page: Page, y: float, more: float) -> None:
            page.write(MARGIN + 2, y + size, f"{number}" if part.numbers else "•", size, bold=part.numbers, colour=ACCENT)
            for place, text in enumerate(lines):
                page.write(MARGIN + inset, y + size + place * step, text, size, colour=COLOURS[part.look])

        return Laid(len(lines) * step + 2.0, draw)

    items = [one(number, line) for number, line in enumerate(part.lines, 1)]
    return [*items[:-1], Laid(items[-1].height + AFTER - 2, items[-1].draw)] if items else []


def _notice(part: Notice, width: float) -> Laid:
    inset, step = 12.0, BODY * LEADING
    lines = wrapped(part.text, width - inset - 8, BODY, bold=True)
    below = [wrapped(line, width - inset - 20, BODY) for line in part.lines]
    height = (len(lines) + sum(len(each) for each in below)) * step + 2.0 * len(below) + 10

    def draw(page: Page, y: float, more: float) -> None:
        page.box(MARGIN, y, width, height, PALE)
        page.box(MARGIN, y, 3.0, height, ACCENT)
        base = y + BODY + 4.5
        for line in lines:
            page.write(MARGIN + inset, base, line, BODY, bold=True)
            base += step
        for each in below:
            base += 2.0
            page.write(MARGIN + inset + 1, base, "•", BODY, colour=ACCENT)
            for line in each:
                page.write(MARGIN + inset + 11, base, line, BODY)
                base += step

    return Laid(height + AFTER + 2, draw)


def _picture(part: Picture, width: float) -> Laid:
    def draw(page: Page, y: float, more: float) -> None:
        height = part.height + more
        part.draw(points(page.figure, (MARGIN, y, width, height)), width, height)

    least, most = (limit + AFTER if limit else 0.0 for limit in (part.least, part.most))
    return Laid(part.height + AFTER, draw, least=least, most=most)


def _lines(part: Lines, width: float) -> Laid:
    height = part.count * LINE_TO_WRITE + AFTER

    def draw(page: Page, y: float, more: float) -> None:
        for number in range(1, int((height - AFTER + more) / LINE_TO_WRITE + 1e-6) + 1):
            page.rule(MARGIN, y + number * LINE_TO_WRITE, width)

    return Laid(height, draw, least=part.least * LINE_TO_WRITE + AFTER)


def _fields(part: Fields, width: float) -> Laid:
    each = (width - (len(part.names) - 1) * COLUMN_GAP) / len(part.names)

    def draw(page: Page, y: float, more: float) -> None:
        for place, name in enumerate(part.names):
            x = MARGIN + place * (each + COLUMN_GAP)
            page.rule(x, y + FIELD - 16, each, TEXT)
            page.write(x, y + FIELD - 6, name, SMALL, colour=MUTED)

    return Laid(FIELD + AFTER, draw)


def _table(part: Table, width: float) -> list[Laid]:
    """The header with the first row, then a piece a row, so that a long table goes on on the next page."""
    total = sum(part.widths)
    widths = [width * share / total for share in part.widths]
    lefts = [MARGIN + sum(widths[:number]) for number in range(len(widths))]
    headers = [wrapped(name, room - CELL_GAP, SMALL, True) for name, room in zip(part.header, widths, strict=True)]
    tall = max(len(lines) for lines in headers)
    head_height = tall * SMALL * 1.2 + 6

    def header(page: Page, y: float, more: float) -> None:
        for place, lines in enumerate(headers):
            for number, line in enumerate(lines):
                base = y + SMALL + (tall - len(lines) + number) * SMALL * 1.2
                _cell(page, (lefts[place], widths[place]), base, line, SMALL, place in part.left, bold=True, colour=MUTED)
        page.rule(MARGIN, y + head_height - 2, width, MUTED, 0.8)

    def row(number: int) -> Laid:
        cells: list[Sequence[Cell]] = [
            [cell] if isinstance(cell, Dots) else wrapped(cell, room - CELL_GAP, TABLE, number in part.strong)
            for cell, room in zip(part.rows[number], widths, strict=True)
        ]
        height = max(ROW, max(len(lines) for lines in cells) * TABLE * 1.22 + 3.6)

        def draw(page: Page, y: float, more: float) -> None:
            if number in part.ruled:
                page.rule(MARGIN, y, width, MUTED, 0.5)
            for place, lines in enumerate(cells):
                for line_number, content in enumerate(lines):
                    base = y + TABLE + 2.2 + line_number * TABLE * 1.22
                    if isinstance(content, Dots):
                        draw_dots(points(page.figure, (lefts[place] + 4, y, widths[place] - 8, height)), widths[place] - 8, content, height)
                    else:
                        _cell(page, (lefts[place], widths[place]), base, content, TABLE, place in part.left, bold=number in part.strong)

        return Laid(height, draw, again=top)

    top = Laid(head_height, header)
    rows = [row(number) for number in range(len(part.rows))]
    first = _joined([top, *rows[:2]])

    def foot(page: Page, y: float, more: float) -> None:
        page.rule(MARGIN, y + 1, width, MUTED, 0.8)

    pieces = [first, *rows[2:]]
    return [*pieces[:-1], replace(_joined([pieces[-1], Laid(AFTER + 2, foot)]), again=pieces[-1].again)]


def _cell(
    page: Page, column: tuple[float, float], base: float, text: str, size: float, left: bool, *, bold: bool = False, colour: str = TEXT
) -> None:
    x, room = column
    page.write(x if left else x + room - CELL_GAP, base, text, size, bold=bold, colour=colour, align="left" if left else "right")
