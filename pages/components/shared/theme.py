"""Which theme the reader has, for figures."""

import streamlit as st


def theme_name() -> str:
    """ "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"
