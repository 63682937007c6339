"""Around the lanes of a sheet: axes, margins, names of lanes and strips, the colour bars over them and the key under them."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import Any

import plotly.graph_objects as go

from pat_core.figures.palette import LONGEST, Theme, axis, base_layout, figures, plain, signed
from pat_core.figures.sheet.lanes import BIN, Lanes, week_ticks
from pat_core.figures.sheet.sheet_plan import Sheet, compared_words, gaps, unit_words

TOP, TOP_BARE, BOTTOM = 100, 30, 50
"""Margins in pixels: with colour bars, without, and under the lanes above the key."""
KEY_LINE = 16
"""Pixels of a line of the key."""
GAP = "&nbsp;&nbsp;&nbsp;&nbsp;"
LINE_WIDTH = 54
"""Characters of a line of the key, and of what the strips are flagged with: as many as fit a window of 400 pixels."""


def layout(sheet: Sheet, bars: int, uirevision: str) -> go.Layout:
    """Axes, margins, words around the lanes. bars: how many colour bars stand above them."""
    colours, lanes = sheet.colours, sheet.lanes
    flagged = _flag_lines(sheet)
    top = (TOP + (bars - 1) * ROW if bars else TOP_BARE) + (KEY_LINE * len(flagged) + 6 if flagged else 0)
    right, bottom = _right_margin(sheet), BOTTOM + _title_room(lanes) + KEY_LINE * len(_key_lines(sheet))
    return base_layout(
        colours,
        sheet.plot_height + top + bottom,
        margin={"l": _left_margin(lanes), "r": right, "t": top, "b": bottom, "pad": 0, "autoexpand": False},
        hovermode="closest",
        hoverdistance=max(60, sheet.pitch),
        dragmode="zoom",
        selectdirection="any",
        uirevision=uirevision,
        xaxis=_x_axis(sheet),
        yaxis=_y_axis(sheet),
        annotations=[*_strip_labels(sheet), _key(sheet), *_flags(sheet, flagged, top)],
    )


def _left_margin(lanes: Lanes) -> int:
    return 78 if lanes.names[0] else 24


def _x_axis(sheet: Sheet) -> dict[str, object]:
    lanes = sheet.lanes
    ends = lanes.x([0, lanes.width])
    spike = {
        "showspikes": True,
        "spikemode": "across",
        "spikesnap": "hovered data",
        "spikethickness": -2,
        "spikecolor": sheet.colours.muted,
    }
    common: dict[str, Any] = {"range": ends, "minallowed": ends[0], "maxallowed": ends[1]}
    common |= {"spikedash": "solid", "ticklabelstandoff": 4, **spike}
    if lanes.x_start is None:
        steps: dict[str, Any] = {"dtick": 24, "tick0": 0} if lanes.count == 1 else {"nticks": 13}
        title = {"text": _hours_title(lanes), "font": {"size": 12, "color": sheet.colours.muted}}  # a standoff would pull it onto the lanes
        return {**axis(sheet.colours, ticksuffix=" h", **steps, **common), "title": title}
    if lanes.count > 1:
        return axis(sheet.colours, type="date", tickformat="%H:%M", **common)
    return axis(sheet.colours, **week_ticks(lanes.date_known), **common)


def _title_room(lanes: Lanes) -> int:
    """Pixels that the axis needs under its first line: a title, or the second line of its days."""
    return 18 if lanes.x_start is None else 14 if lanes.count == 1 else 0


def _hours_title(lanes: Lanes) -> str:
    return f"hours from the first minute of {'the' if lanes.count == 1 else 'each day of the'} recording"


def _y_axis(sheet: Sheet) -> dict[str, object]:
    colours = sheet.colours
    small = f"<span style='font-size:10.5px;color:{colours.muted}'>to "
    lines = [name.split("\n") for name in sheet.lanes.names]
    text = [f"{each[0]}<br>{small}{each[1]}</span>" if len(each) > 1 else each[0] for each in lines]
    middles = [sheet.base(lane) + sheet.lane / 2 - 6 for lane in range(sheet.lanes.count)]
    return axis(
        colours,
        showgrid=False,
        fixedrange=True,
        range=[0, sheet.plot_height + 6],
        tickvals=middles,
        ticktext=text,
        ticklabelstandoff=6,
        showticklabels=bool(sheet.lanes.names[0]),
    )


def _right_margin(sheet: Sheet) -> int:
    return 12 + int(5.6 * max(min(len(label), LONGEST) for label in sheet.labels)) if _alike(sheet) else 28


def _alike(sheet: Sheet) -> bool:
    kinds = [each.kind for each in sheet.strips]
    return len(set(kinds)) < len(kinds)


def _strip_labels(sheet: Sheet) -> list[dict[str, object]]:
    """The name of each strip at its right end, where strips of one kind could be taken for one another; else the bars name them."""
    if not _alike(sheet):
        return []
    font = {"size": 10.5, "color": sheet.colours.muted}
    return [
        {
            "x": 1,
            "xref": "paper",
            "xanchor": "left",
            "xshift": 5,
            "y": (row.top + row.bottom) / 2,
            "yref": "y",
            "yanchor": "middle",
            "text": plain(sheet.labels[row.strip]),
            "showarrow": False,
            "font": font,
        }
        for row in sheet.rows()
    ]


def _key(sheet: Sheet) -> dict[str, object]:
    """What the lanes and strips show, under the axis, from the figure's left edge on."""
    return {
        "x": 0,
        "xref": "paper",
        "xanchor": "left",
        "xshift": 4 - _left_margin(sheet.lanes),
        "y": 0,
        "yref": "paper",
        "yanchor": "top",
        "yshift": -36 - _title_room(sheet.lanes),
        "text": "<br>".join(_key_lines(sheet)),
        "align": "left",
        "showarrow": False,
        "font": {"size": 11.5, "color": sheet.colours.muted},
    }


def _key_lines(sheet: Sheet) -> list[str]:
    """The key, with the colours as swatches, in lines that fit a narrow window."""
    colours = sheet.colours
    missing, nonwear = gaps(sheet)
    first = f"{swatch(colours.activity)} Activity, square-root scale, full height {figures(sheet.peak, 3)}{unit_words(sheet.week, ' %s')}"
    parts = [
        f"{swatch(colours.sleep_key)} Estimated rest" if sheet.sleep is not None else "",
        f"{swatch(colours.hatch, '///')} Not worn" if nonwear.any() else "",
        f"{swatch(colours.muted, '····')} No data" if missing.any() else "",
        f"{swatch(colours.marker)} {plain(_capital(sheet.marks_label))}" if sheet.marks is not None else "",
        f"{swatch(colours.text, '⊓')} Marked by hand" if sheet.week.marks else "",
        f"{swatch(colours.muted, '▬')} In bed by the diary" if sheet.diary else "",
        f"{swatch(colours.marker, '▭')} Chosen window" if sheet.windows else "",
    ]
    return [*_meanings(sheet), first, *_rows_of([part for part in parts if part])]


def _rows_of(parts: list[str], most: int = 3) -> list[str]:
    """So many parts of the key a line."""
    return [GAP.join(parts[first : first + most]) for first in range(0, len(parts), most)]


def _meanings(sheet: Sheet) -> list[str]:
    """What the strips' colours mean, in the order of the strips; long words have lines to themselves."""
    colours = sheet.colours
    meanings = {
        "attention": f"{swatch(colours.attention[3][1])} Where the model attended",
        "attribution": f"{swatch(colours.raises)} Raised the score{GAP}{swatch(colours.lowers)} Lowered the score",
    }
    kinds = list(dict.fromkeys(each.kind for each in sheet.strips))
    lines = [meanings[kind] for kind in kinds if kind in meanings]
    lines += [plain(line, LINE_WIDTH) for line in wrap(compared_words(sheet), LINE_WIDTH)]
    if "sensitivity" in kinds:
        lines.append(f"{swatch(colours.sensitivity[3][1])} How strongly the score would respond to a small change")
    return [line for line in lines if line]


def swatch(colour: str, sign: str = "■") -> str:
    """A sign in a colour, for the key."""
    return f"<span style='color:{colour}'>{sign}</span>"


def _flag_lines(sheet: Sheet) -> list[str]:
    return [plain(line, LINE_WIDTH) for sentence in sheet.flags for line in wrap(sentence, LINE_WIDTH)]


def _flags(sheet: Sheet, lines: list[str], top: int) -> list[dict[str, object]]:
    """What the strips are flagged with, over everything else."""
    if not lines:
        return []
    left = 4 - _left_margin(sheet.lanes)
    place = {"x": 0, "xref": "paper", "xanchor": "left", "xshift": left, "y": 1, "yref": "paper", "yanchor": "top", "yshift": top - 2}
    font = {"size": 12, "color": sheet.colours.raises}
    return [{**place, "text": f"<b>{'<br>'.join(lines)}</b>", "align": "left", "showarrow": False, "font": font}]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


LENGTH, ROW = 150, 94
"""Pixels: a bar's length, and the height of a row of bars with their words."""
CROWDED = 3.3
"""Limit from which the words at 0 and at 1 would run into one another."""


def places(bars: int) -> list[tuple[float, int]]:
    """Where so many bars stand over a figure: their middles as shares of its width, and rows from below.

    Each has a row of its own: two side by side run into one another in a narrow window, and no figure knows how wide it will be.
    """
    return [(0.5, bars - 1 - row) for row in range(bars)]


def colour_bar(
    kind: str,
    limit: float,
    x: float,
    y: float,
    length: int,
    colours: Theme,
    names: Sequence[str] = (),
    measure: tuple[str, str] = ("", "logits"),
) -> dict[str, object]:
    """A small horizontal bar at (x, y) of the paper, `length` pixels long. limit: where its colours end.

    names: the strips it is for. measure: whose range an attribution's colours have, and in which unit.
    """
    title, ticks = _words(kind, limit, *measure)
    return {
        "orientation": "h",
        "x": x,
        "y": y,
        "xanchor": "center",
        "yanchor": "bottom",
        "lenmode": "pixels",
        "len": length,
        "thickness": 8,
        "xpad": 0,
        "ypad": 0,
        "outlinewidth": 0.5,
        "outlinecolor": colours.muted,
        "title": {
            "text": f"<b>{plain(names[0])}</b><br>{title}" if len(names) == 1 else title,
            "side": "top",
            "font": {"size": 11, "color": colours.text},
        },
        "tickvals": list(ticks),
        "ticktext": list(ticks.values()),
        "tickfont": {"size": 10.5, "color": colours.text},
        "ticks": "outside",
        "ticklen": 3,
        "tickcolor": colours.muted,
        "tickangle": 0,
    }


def _words(kind: str, limit: float, reach: str, unit: str) -> tuple[str, dict[float, str]]:
    """The title, and what stands at which value."""
    if kind == "attribution":
        ends = {-limit: f"{signed(-limit)}<br>lowers<br>the score", 0.0: "0", limit: f"{signed(limit)}<br>raises<br>the score"}
        return f"{_capital(plain(unit))} per {BIN} min{reach and f', {reach}'}", ends
    middle = "uniform" if kind == "attention" else "mean"
    none = " " if limit > CROWDED else "none"
    ends = {0.0: f"0<br>{none}<br> ", 1.0: f"1<br>{middle}<br> ", limit: f"{figures(limit)}<br>or more<br> "}
    return ("Attention received (1 = uniform)" if kind == "attention" else "Response to a small change (1 = mean)"), ends
