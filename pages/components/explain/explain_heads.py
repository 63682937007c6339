"""Blocks and heads: what each head attended to over the week, and which part attended to which in one of them."""

from __future__ import annotations

import streamlit as st

from pages.components.explain import explain_cached as cached
from pages.components.explain.explain_controls import Look, about, need_attention, one_week, shows
from pages.components.shared.cached_calls import model
from pages.components.shared.choices import choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session import together
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.figures import attention_matrix, config, heads_grid
from pat_core.workflows.explanations import attention_views
from pat_core.workflows.people.participant_week import WeekView

MEAN = "mean"


def show() -> None:
    """The whole view."""
    shows(
        _(
            "Where each attention head attended: first all heads over the whole window, then which part of it attended to which in one of "
            "them."
        ),
        _(
            "Attention shows what was looked at inside the model, but neither in which direction it moved the score nor whether it "
            "mattered."
        ),
    )
    look, view = one_week()
    need_attention(look.entry)
    if not about(view, look.entry):
        return
    read = model(look.entry).config
    st.subheader(_("All heads"))
    received = cached.heads(look, view)
    figure, caption = heads_grid(received, view.week, read.patch, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key="explain.heads")
    st.caption(literal(caption))
    st.subheader(_("One map"))
    block, head = _which(read.blocks, read.heads)
    _map(look, view, block, head)
    stem = f"{view.week.participant}-week{view.week.index + 1}"
    table = attention_views.heads_table(received, read.patch)
    st.download_button(_("All heads (CSV)"), csv_text(table), f"{stem}-heads.csv", "text/csv", on_click="ignore")


def _which(blocks: int, heads: int) -> tuple[int, int | None]:
    """The block and the head that the reader chose; with one block there is no choice, and that is said."""
    left, right = st.columns([2, 3, 4], vertical_alignment="bottom")[:2]
    with together():
        if blocks > 1:
            offered = [str(block + 1) for block in range(blocks)]
            with left:
                words = lambda block: _("Block {block} of {blocks}").format(block=block, blocks=blocks)  # noqa: E731
                chosen = choose(Param.BLOCK, _("Block"), offered, offered[-1], words)
        else:
            chosen = "1"
            left.caption(_("This size has only one block."))
        with right:
            names = [MEAN, *(str(head + 1) for head in range(heads))]
            head = choose(
                Param.HEAD,
                _("Head"),
                names,
                MEAN,
                lambda name: _("Mean of {heads} heads").format(heads=heads) if name == MEAN else _("Head {head}").format(head=name),
            )
    return int(chosen) - 1, None if head == MEAN else int(head) - 1


def _map(look: Look, view: WeekView, block: int, head: int | None) -> None:
    matrix = cached.attention_map(look, view, block, head)
    figure, caption = attention_matrix(matrix, view.week, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key="explain.map")
    st.caption(literal(caption))
    name = f"{view.week.participant}-week{view.week.index + 1}-block{block + 1}-{MEAN if head is None else f'head{head + 1}'}.csv"
    st.download_button(_("This map (CSV)"), csv_text(attention_views.matrix_table(matrix), index=True), name, "text/csv", on_click="ignore")
