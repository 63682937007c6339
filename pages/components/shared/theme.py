"""Which theme the reader has, for figures."""

from typing import Literal

import streamlit as st


def theme_name() -> Literal["light", "dark"]:
    """ "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"
