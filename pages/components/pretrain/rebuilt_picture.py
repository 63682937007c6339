"""The four panels of a rebuilt week with their figures beside what needs no network, wherever the Pretrain page shows one."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.plain_text import literal
from pages.components.shared.theme import theme_name
from pat_core.figures import MaskedWeek, config, rebuilt_strips
from pat_core.reports import pretrain_words
from pat_core.workflows.learn.rebuilt_weeks import RebuiltWeek


def picture(week: MaskedWeek, rebuilt: RebuiltWeek, key: str) -> None:
    """key: of the chart."""
    st.table(pretrain_words.week_table(rebuilt).rename(columns=literal), border="horizontal", hide_index=True)
    figure, caption = rebuilt_strips(week, theme=theme_name())
    st.plotly_chart(figure, theme=None, config=config(), key=key)
    st.caption(literal(f"{caption} {pretrain_words.HOW_TO_READ}"))
