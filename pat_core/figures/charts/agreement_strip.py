"""How far explanations of one week agree: the share of the strongest patches that each two have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from pat_core.errors import ExplanationError
from pat_core.explain.judging.agreement import Agreement
from pat_core.figures.palette import Theme, ThemeName, axis, base_layout, between, readable, scale
from pat_core.figures.palette import theme as theme_called

CELL = 34
"""Pixels of a cell's height."""


def agreement_strip(compared: Agreement, titles: Mapping[str, str], *, theme: ThemeName = "light") -> tuple[go.Figure, str]:
    """A row and a column a method, each pair once with its number; the colours begin at no overlap and chance is marked on their bar.

    titles: a method's name -> what a reader calls it, in the order to show; a method without one keeps its name.
    Raises ExplanationError where no two maps could be compared.
    """
    colours = theme_called(theme)
    names = list(dict.fromkeys(name for pair in (*_pairs(compared), *compared.left_out) for name in pair))
    if not names:
        raise ExplanationError("No two of these maps can be compared patch by patch. Choose methods with a value for each minute or patch.")
    names.sort(key=lambda name: list(titles).index(name) if name in titles else len(titles))
    rows, columns = names[1:], names[:-1]
    z = np.full((len(rows), len(columns)), np.nan, np.float32)
    words = np.full(z.shape, "", dtype=object)
    for first, second in compared.left_out:
        place = _place(names, first, second)
        words[place] = "equal"
    for pair in compared.pairs:
        place = _place(names, pair.first, pair.second)
        z[place], words[place] = pair.overlap, f"{100 * pair.overlap:.0f}"
    figure = go.Figure([_cells(z, rows, columns, titles, compared, colours)], layout=_layout(rows, columns, titles, colours))
    for row, column in np.argwhere(words != ""):
        behind = between(colours.background, colours.activity, float(np.nan_to_num(z[row, column])))
        figure.add_annotation(
            x=int(column), y=int(row), text=words[row, column], showarrow=False, font={"size": 11.5, "color": readable(behind, colours)}
        )
    return figure, _words(compared, titles)


def _pairs(compared: Agreement) -> list[tuple[str, str]]:
    return [(pair.first, pair.second) for pair in compared.pairs]


def _place(names: Sequence[str], first: str, second: str) -> tuple[int, int]:
    """Row and column of a pair in the lower triangle."""
    low, high = sorted((names.index(first), names.index(second)))
    return high - 1, low


def _cells(
    z: np.ndarray, rows: Sequence[str], columns: Sequence[str], titles: Mapping[str, str], compared: Agreement, colours: Theme
) -> go.Heatmap:
    both = [[f"{titles.get(row, row)} and {titles.get(column, column)}" for column in columns] for row in rows]
    return go.Heatmap(
        x=list(range(len(columns))),
        y=list(range(len(rows))),
        z=z,
        zmin=0.0,
        zmax=1.0,
        xgap=2,
        ygap=2,
        colorscale=scale(((0.0, colours.background), (1.0, colours.activity))),
        customdata=both,
        hovertemplate="%{customdata}<br>%{z:.0%} of the strongest patches in common<extra></extra>",
        hoverongaps=False,
        name="agreement",
        colorbar={
            "orientation": "h",
            "x": 0.5,
            "y": 1 + 14 / (CELL * len(rows)),
            "xanchor": "center",
            "yanchor": "bottom",
            "lenmode": "pixels",
            "len": 190,
            "thickness": 8,
            "xpad": 0,
            "ypad": 0,
            "outlinewidth": 0.5,
            "outlinecolor": colours.muted,
            "title": {"text": "Strongest patches in common (%)", "side": "top", "font": {"size": 11, "color": colours.text}},
            "tickvals": [compared.chance, 0.5, 1.0],
            "ticktext": [f"{100 * compared.chance:.2g}<br>chance", "50", "100<br>all"],
            "tickfont": {"size": 10.5, "color": colours.text},
            "ticks": "outside",
            "ticklen": 3,
            "tickcolor": colours.muted,
            "tickangle": 0,
        },
    )


def _layout(rows: Sequence[str], columns: Sequence[str], titles: Mapping[str, str], colours: Theme) -> go.Layout:
    shared = {"showgrid": False, "fixedrange": True, "automargin": True, "tickfont": {"size": 11.5, "color": colours.text}}
    return base_layout(
        colours,
        CELL * len(rows) + 190,
        margin={"l": 12, "r": 24, "t": 84, "b": 60},
        dragmode=False,
        hovermode="closest",
        xaxis=axis(colours, None, **shared | {"tickvals": list(range(len(columns))), "ticktext": [titles.get(n, n) for n in columns]}),
        yaxis=axis(
            colours,
            None,
            **shared | {"tickvals": list(range(len(rows))), "ticktext": [titles.get(n, n) for n in rows]},
            range=[len(rows) - 0.5, -0.5],
            ticklabelstandoff=6,
        ),
    )


def _words(compared: Agreement, titles: Mapping[str, str]) -> str:
    def called(name: str) -> str:
        return titles.get(name, name)

    sentences = [f"Share of the {compared.strongest} strongest of {compared.patches} patches that each two methods have in common."]
    if compared.pairs:
        pairs = "; ".join(f"{called(pair.first)} and {called(pair.second)} {100 * pair.overlap:.0f} %" for pair in compared.pairs)
        sentences.append(f"{pairs}. Two random orders would share {100 * compared.chance:.2g} %.")
    for first, second in compared.left_out:
        alike = "rank the patches alike by algebra on this model: that they agree is no evidence."
        sentences.append(f"{called(first)} and {called(second)} {alike}")
    if compared.too_coarse:
        sentences.append(f"Too coarse to compare: {', '.join(called(name) for name in compared.too_coarse)}.")
    sentences.append("Agreement shows that methods see the same parts, not that these parts matter.")
    return " ".join(sentences)
