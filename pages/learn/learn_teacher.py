"""For teachers: aims, times and answers of the lessons."""

import streamlit as st

from pages.components.learn import lesson_answers
from pages.components.shared.words import _

st.title(_("For teachers"))
st.write(
    _(
        "Six lessons on how a foundation model of movement works and how far to believe it, for first-year students without programming. "
        "All people are simulated, so the truth of every minute is known. Nothing is fetched from a network, and no account is needed."
    )
)
lesson_answers.plan()
lesson_answers.answers()
lesson_answers.how_to_run()
