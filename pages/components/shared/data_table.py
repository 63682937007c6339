"""Tables of data as every page draws them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler


def table(data: pd.DataFrame | Styler, columns: Mapping[str, Any] | None = None, **settings: Any) -> Any:
    """`st.dataframe` without row numbers. columns: how some of them are shown.

    Streamlit's own "Download as CSV" is taken out of its tools (LAYOUT in shell.py): a spreadsheet would compute the cells of its file that
    begin with = + - or @. What readers take away is written by `csv_text`, by a button beside the table.
    """
    return st.dataframe(data, hide_index=True, column_config=columns, **settings)
