"""Scoreboard: how the methods did on simulated weeks whose evidence is known, beside what they have to reach."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages.components.explain import scoreboard_form
from pages.components.explain.explain_controls import shows
from pages.components.shared import data_table
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.phrases import day_words
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.figures import Score, config, scoreboard_dots
from pat_core.reports.comparing.scoreboard_words import asked_words, figure_rows, models_words, targets_beside
from pat_core.workflows.explanations.scoreboard import board, called, not_measured, target_rows
from pat_core.workflows.explanations.scoreboard_run import ScoreboardRequest, kept_boards, name_of

Row = Mapping[str, Any]
FIGURES, ANEW = "figures", "anew"
PARTS = {FIGURES: _("Figures"), ANEW: _("Measure anew")}
SHIPPED = "shipped"
FULL_HEIGHT = 10
"""Rows from which on the table of targets is scrolled."""


def show() -> None:
    """The whole view."""
    shows(
        _("How each method did on simulated weeks with planted evidence and distractors, with intervals, beside its target."),
        _("Simulated evidence is clearer than life: do not trust on people what fails here; what passes here may still fail on them."),
    )
    draw = partial(st.segmented_control, required=True, label_visibility="collapsed")
    part = choose(Param.BOARD_PART, _("Part of the scoreboard"), list(PARTS), words=PARTS.get, draw=draw, unsaid=FIGURES)
    own, shipped = kept_boards(workspace()), board()
    if part == FIGURES:
        _figures(own, shipped)
        return
    with st.container(border=True):
        request = scoreboard_form.asked()
        if request is not None and request not in own:
            scoreboard_form.begin(request)
    if request in own:
        st.write(literal(_own_words(request, own[request])))
        _board(own[request], shipped)


def _figures(own: Mapping[ScoreboardRequest, Row], shipped: Row | None) -> None:
    """One board out of those that are here."""
    known = {name_of(request): request for request in own}
    names = [*([SHIPPED] if shipped else []), *known]
    if not names:
        _empty()
        return

    def words(name: str) -> str:
        return _own_words(known[name], own[known[name]]) if name in known else _shipped_words(shipped or {})

    name = choose(Param.BOARD, _("Board"), names, words=words, unsaid=SHIPPED) if known else SHIPPED
    if not known:
        st.caption(literal(words(name)))
    if name in known:
        _board(own[known[name]], shipped)
    else:
        _board(shipped or {})


def _own_words(request: ScoreboardRequest, measured: Row) -> str:
    day = day_words(date.fromisoformat(measured["measured"]))
    return _("Own, measured {day}: {what}").format(day=day, what=asked_words(request))


def _shipped_words(measured: Row) -> str:
    day = measured.get("machine", {}).get("date")
    return _("Shipped with the app, measured {day}").format(day=day_words(date.fromisoformat(day))) if day else _("Shipped with the app")


def _board(measured: Row, shipped: Row | None = None) -> None:
    """All figures of a board. shipped: the published one, to stand beside one of the reader's own."""
    rows: Sequence[Row] = measured["rows"]
    _sums(rows)
    if shipped is not None:
        st.caption(literal(models_words(measured)))
    if missing := not_measured(measured):
        st.caption(literal(_("Not measured yet: {measures}.").format(measures="; ".join(missing))))
    aimed, rest = [row for row in rows if row["met"] is not None], [row for row in rows if row["met"] is None]
    if aimed:
        st.subheader(_("Targets"))
        listed = pd.DataFrame(target_rows(rows)) if shipped is None else targets_beside(rows, shipped["rows"])
        data_table.table(
            listed,
            height=420 if len(listed) > FULL_HEIGHT else "content",
            columns={"To reach": st.column_config.TextColumn(width="medium")},
        )
        _chart(aimed, Param.TARGET, _("Target"), "explain.measure", _("The upright tick is the target."))
    if rest:
        st.subheader(_("Figures without a verdict"))
        reason = _("No verdict: no target was set for these beforehand, or too few weeks were measured.")
        _chart(rest, Param.FIGURE, _("Figure"), "explain.figure", reason)
    table = figure_rows(measured)
    with st.expander(_("Every figure")):
        data_table.table(table)
    st.download_button(_("Scoreboard (CSV)"), csv_text(table), "scoreboard.csv", "text/csv", on_click="ignore")


def _empty() -> None:
    """What will be here, and how it comes here."""
    st.info(
        _(
            "The methods have not been measured on this installation yet. Once they are, this shows for each method how well it points at "
            "evidence that was planted on purpose, how exactly its values add up and whether its map depends on what the model learned. "
            "Each figure stands beside a target that was set beforehand, and a target that is missed is shown as missed. Measure anew, "
            "above, takes minutes to hours."
        )
    )


def _sums(rows: Sequence[Row]) -> None:
    aimed = [row for row in rows if row["met"] is not None]
    missed = [row for row in aimed if not row["met"]]
    st.markdown(
        _("**{met} of {targets} targets are met.** A target that is missed is shown as missed.").format(
            met=len(aimed) - len(missed), targets=len(aimed)
        )
    )
    if missed:
        with st.expander(_("The {number} that are missed").format(number=len(missed))):
            st.markdown(bullets(row["sentence"] for row in missed))


def grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    """Rows of one measure on one task and size of model, under a title such as "5. localization, AUPRC: presence, small".

    The number is that of the group's first target in the list of targets; groups without one come after those that have one.
    """
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row.get(name) for name in ("measure", "task", "size")), []).append(row)
    numbers = {about: min((row["number"] for row in of if row["number"]), default=0) for about, of in groups.items()}
    titles = {}
    for about in sorted(groups, key=lambda about: (numbers[about] == 0, numbers[about])):
        measure, *where = about
        on = ", ".join(str(each) for each in where if each)
        number = f"{numbers[about]}. " if numbers[about] else ""
        titles[f"{number}{measure}{on and f': {on}'}"] = groups[about]
    return titles


def _chart(rows: Sequence[Row], param: Param, label: str, key: str, note: str) -> None:
    """One group of rows, which the reader chooses."""
    groups = grouped(rows)
    shown = groups[choose(param, label, list(groups), unsaid=next(iter(groups)))]
    scores = [
        Score(called(row) or str(row["measure"]), row["value"], row["low"], row["high"], row["n"], str(row["target"]), row["met"])
        for row in shown
    ]
    figure, caption = scoreboard_dots(scores, str(shown[0]["measure"]), theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(buttons=False), key=f"{key}.chart")
    st.caption(literal(f"{caption} {note}"))
