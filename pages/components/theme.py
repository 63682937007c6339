"""Which theme the reader has, for figures, and small print that can be read in it."""

import streamlit as st


def theme_name() -> str:
    """ "light" or "dark"."""
    return "dark" if st.context.theme.type == "dark" else "light"


def note(text: str) -> None:
    """Small print in the colour of the text. Streamlit's caption is paler: 4.1 to 1 on white, where 4.5 is the least to be read."""
    st.markdown(f":small[{text}]")
