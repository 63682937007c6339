"""A document as one HTML file that needs nothing beside it: typeface and figures (SVG) are in it, and it prints on A4 and Letter."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from html import escape

from pat_core import settings
from pat_core.reports.paper.paper_layout import points
from pat_core.reports.paper.paper_parts import (
    Break,
    Bullets,
    Document,
    Dots,
    Draw,
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
    FONTS,
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
    settled,
)
from pat_core.reports.paper.spread_dots import draw_dots

WIDTH = PAPERS["a4"][0] - 2 * MARGIN
"""Points of a figure; on a screen and on Letter it grows with the page."""
DOTS = (120.0, 14.0)
BREAK, SOFT_HYPHEN = "- ", "\u00ad"
"""Where a header may break, on a page and in HTML."""
POLICY = "default-src 'none'; style-src 'unsafe-inline'; font-src data:; img-src data:"
"""For browsers: nothing is fetched from anywhere, and no script runs."""
STYLE = f"""
@page {{ margin: 20mm 20mm 18mm 20mm;
  @bottom-left {{ content: var(--foot); font: 7.4pt Report; color: {MUTED}; }}
  @bottom-right {{ content: var(--page) counter(page) var(--of) counter(pages); font: 7.4pt Report; color: {MUTED}; }} }}
* {{ box-sizing: border-box; }}
html {{ background: #fff; }}
body {{ font: {BODY}pt/1.36 Report, "Segoe UI", Arial, sans-serif; color: {TEXT}; margin: 0 auto; padding: 20pt;
  max-width: {WIDTH + 40:.0f}pt;
  font-variant-numeric: tabular-nums; -webkit-print-color-adjust: exact; print-color-adjust: exact; overflow-wrap: break-word; }}
header {{ border-top: 3pt solid {ACCENT}; padding-top: 6pt; }}
header div {{ display: flex; justify-content: space-between; align-items: baseline; gap: 18pt; flex-wrap: wrap; }}
h1 {{ font-size: {TITLE}pt; font-weight: 600; margin: 4pt 0; line-height: 1.15; }}
header strong {{ color: {ACCENT}; font-size: 12.5pt; font-weight: 600; }}
h2 {{ font-size: 11.6pt; font-weight: 600; color: {ACCENT}; border-bottom: .6pt solid {RULE}; margin: 12pt 0 5pt; padding-bottom: 2pt;
  display: flex; justify-content: space-between; align-items: baseline; gap: 12pt; break-after: avoid; }}
h2 small {{ font-weight: 400; color: {MUTED}; font-size: {SMALL}pt; text-align: right; }}
h2.band {{ background: {ACCENT}; color: #fff; border: 0; padding: 4pt 8pt; font-size: 12pt; }}
h2.band small {{ color: #fff; }}
p {{ margin: 0 0 5pt; }}
p.small, ul.small, ol.small {{ font-size: {SMALL}pt; color: {MUTED}; }}
p.lead {{ font-size: 11pt; }}
b, strong, th {{ font-weight: 600; }}
dl {{ margin: 0 0 6pt; columns: 2 17em; column-gap: 18pt; }}
dl div {{ display: grid; grid-template-columns: minmax(6.5em, 34%) 1fr; break-inside: avoid; }}
dl.one {{ columns: 1; }} dl.one div {{ grid-template-columns: minmax(8em, 17%) 1fr; }}
dl.small dd {{ font-size: {SMALL}pt; color: {MUTED}; }}
dt {{ color: {MUTED}; font-size: {SMALL}pt; }}
dd {{ margin: 0; }}
ul, ol {{ margin: 0 0 6pt; padding-left: 13pt; }}
li::marker {{ color: {ACCENT}; font-weight: 600; }}
.notice {{ background: {PALE}; border-left: 3pt solid {ACCENT}; padding: 5pt 8pt 4pt 9pt; margin: 0 0 7pt; break-inside: avoid; }}
.notice p {{ font-weight: 600; margin: 0 0 2pt; }}
.notice ul {{ margin-bottom: 0; }}
.scroll {{ overflow-x: auto; margin: 0 0 7pt; }}
table {{ border-collapse: collapse; width: 100%; font-size: {TABLE}pt; border-bottom: .8pt solid {MUTED}; }}
th {{ font-size: {SMALL}pt; color: {MUTED}; border-bottom: .8pt solid {MUTED}; vertical-align: bottom; }}
th, td {{ padding: 1.6pt 2.5pt; text-align: right; }}
th.left, td.left {{ text-align: left; }}
tr {{ break-inside: avoid; }}
tr.ruled td {{ border-top: .5pt solid {MUTED}; }}
tr.strong td {{ font-weight: 600; }}
figure {{ margin: 0 0 6pt; break-inside: avoid; }}
figure svg, td svg {{ width: 100%; height: auto; display: block; }}
td svg {{ min-width: 70pt; }}
.together {{ break-inside: avoid; }}
.break {{ break-before: page; }}
.line {{ border-bottom: .6pt solid {RULE}; height: 22pt; }}
.fields {{ display: flex; gap: 18pt; margin-top: 24pt; break-inside: avoid; }}
.fields div {{ flex: 1; border-top: .6pt solid {TEXT}; font-size: {SMALL}pt; color: {MUTED}; padding-top: 2pt; }}
footer {{ border-top: .6pt solid {RULE}; margin-top: 14pt; padding-top: 4pt; font-size: 7.4pt; color: {MUTED}; }}
@media print {{ body {{ padding: 0; max-width: none; font-size: 8.8pt; line-height: 1.3; }} footer {{ display: none; }}
  .scroll {{ overflow: visible; }} table {{ font-size: 8.2pt; }} th, td {{ padding: 1pt 2.5pt; }} h2 {{ margin: 8pt 0 4pt; }} }}
"""


def html_of(document: Document) -> str:
    """The document as one file. Every name and text that is not ours is escaped."""
    content = "\n".join(_part(part) for part in document.parts)
    page, of = _page_words(document.page_words)
    variables = "; ".join(f"--{name}: {_css_text(text)}" for name, text in (("foot", document.foot), ("page", page), ("of", of)))
    faces = _faces("".join(sorted(set(re.sub(r"<[^>]*>", "", content) + document.foot + "0123456789"))))
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(document.language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f"<title>{escape(document.title)}</title>\n<style>:root {{ {variables} }}\n{faces}{STYLE}</style>\n</head>\n<body>\n"
        f"{content}\n<footer>{escape(document.foot)}</footer>\n</body>\n</html>\n"
    )


def _page_words(template: str) -> tuple[str, str]:
    """What stands before the number of a page, and between it and how many there are."""
    before, _, rest = template.partition("{page}")
    return before, rest.partition("{pages}")[0]


def _css_text(text: str) -> str:
    """A text between quotes in a style, where no sign of it can end them."""
    return '"' + "".join(sign if sign.isalnum() or sign in " .,:·-()" else f"\\{ord(sign):06x}" for sign in text) + '"'


@lru_cache(maxsize=8)
def _faces(signs: str) -> str:
    """The typeface in the file, as far as its signs are used."""
    from fontTools import subset
    from fontTools.ttLib import TTFont

    rules = []
    for name, look in zip(FONTS, ("font-weight: 400", "font-weight: 600"), strict=True):
        font = TTFont(settings.ASSETS / "fonts" / name, lazy=True)
        wanted = subset.Options()
        wanted.flavor, wanted.layout_features, wanted.notdef_outline = "woff", ["kern", "tnum", "mark", "ccmp"], True
        cutter = subset.Subsetter(wanted)
        cutter.populate(text=signs)
        cutter.subset(font)
        font.flavor, file = "woff", io.BytesIO()
        font.save(file)
        data = base64.b64encode(file.getvalue()).decode("ascii")
        rules.append(f"@font-face {{ font-family: Report; {look}; src: url(data:font/woff;base64,{data}) format('woff'); }}\n")
    return "".join(rules)


def svg_of(draw: Draw, width: float, height: float, words: str) -> str:
    """One figure, by the same function that draws it on a page."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    settled()
    figure = Figure(figsize=(width / 72, height / 72))
    FigureCanvasSVG(figure)
    draw(points(figure, (0.0, 0.0, width, height)), width, height)
    file = io.StringIO()
    with ONE_AT_A_TIME:
        figure.savefig(file, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = file.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.S)
    text = re.sub(r' d="[^"]*"', lambda match: re.sub(r"(\.\d\d)\d+", r"\1", match.group()), text)
    text = re.sub(r"font(?:-family)?: ?[^;\"]*(?=[;\"])", _own_face, text)
    title = f'<svg role="img" aria-label="{escape(words)}"' if words else '<svg aria-hidden="true"'
    return text.replace("<svg", title, 1).strip()


def _own_face(match: re.Match[str]) -> str:
    """A text's font without the names of files: `font: 600 7.6px Report`."""
    font = match.group()
    if font.startswith("font-family"):
        return "font-family: Report, Arial, sans-serif"
    size = re.search(r"[\d.]+px", font)
    weight = "600 " if re.search(r"\b(?:600|bold|semibold|demi)", font) else ""
    return f"font: {weight}{size.group() if size else '8px'} Report, Arial, sans-serif"


def _part(part: Part) -> str:
    return "\n".join(_lines_of(part))


def _lines_of(part: Part) -> Iterator[str]:
    match part:
        case Head():
            yield f"<header><div><h1>{escape(part.title)}</h1><strong>{escape(part.who)}</strong></div>"
            yield f'<p class="small">{escape(part.line)}</p></header>'
        case Heading():
            aside = f"<small>{escape(part.aside)}</small>" if part.aside else ""
            yield f"<h2{' class=band' if part.band else ''}><span>{escape(part.text)}</span>{aside}</h2>"
        case Text():
            lead = f"<b>{escape(part.lead)}</b> " if part.lead else ""
            yield f'<p class="{part.look}">{lead}{escape(part.text)}</p>'
        case Facts():
            yield f'<dl class="{part.look}{" one" if part.columns == 1 else ""}">'
            yield from (f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>" for name, value in part.pairs)
            yield "</dl>"
        case Bullets():
            tag = "ol" if part.numbers else "ul"
            yield f'<{tag} class="{part.look}">{_items(part.lines)}</{tag}>'
        case Notice():
            below = f"<ul>{_items(part.lines)}</ul>" if part.lines else ""
            yield f'<div class="notice"><p>{escape(part.text)}</p>{below}</div>'
        case Table():
            yield from _table(part)
        case Picture():
            height = (part.least + part.height) / 2 if part.least else part.height
            yield f"<figure>{svg_of(part.draw, WIDTH, height, part.words)}</figure>"
        case Lines():
            yield '<div class="line"></div>' * part.count
        case Fields():
            yield f'<div class="fields">{"".join(f"<div>{escape(name)}</div>" for name in part.names)}</div>'
        case Together():
            yield f'<div class="together">{"".join(_part(each) for each in part.parts)}</div>'
        case Break():
            yield '<div class="break"></div>'


def _items(lines: Sequence[str]) -> str:
    return "".join(f"<li>{escape(line)}</li>" for line in lines)


def _table(part: Table) -> Iterator[str]:
    yield '<div class="scroll"><table><thead><tr>'
    for place, name in enumerate(part.header):
        yield f"<th{' class=left' if place in part.left else ''}>{escape(name.replace(BREAK, SOFT_HYPHEN))}</th>"
    yield "</tr></thead><tbody>"
    for number, row in enumerate(part.rows):
        looks = " ".join(name for name, some in (("ruled", part.ruled), ("strong", part.strong)) if number in some)
        yield f'<tr class="{looks}">' if looks else "<tr>"
        for place, cell in enumerate(row):
            content = _dots(cell) if isinstance(cell, Dots) else escape(cell)
            yield f"<td{' class=left' if place in part.left else ''}>{content}</td>"
        yield "</tr>"
    yield "</tbody></table></div>"


def _dots(cell: Dots) -> str:
    width, height = DOTS
    return svg_of(lambda axes, room, tall: draw_dots(axes, room, cell, tall), width, height, cell.words)
