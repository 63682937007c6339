"""For researchers: inside the attention, several methods, two people, a whole cohort, and how well the methods did where truth is known."""

import streamlit as st

from pages.components.explain import explain_clock, explain_concepts, explain_controls, explain_heads, explain_methods, explain_pair
from pages.components.explain import explain_scoreboard as scoreboard
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.errors import PatError

VIEWS = {
    "heads": explain_heads.show,
    "methods": explain_methods.show,
    "people": explain_pair.show,
    "clock": explain_clock.show,
    "concepts": explain_concepts.show,
    "scoreboard": scoreboard.show,
}

st.title(_("Explain"))
st.write(
    _("For researchers: where a model attended, what raised or lowered its score, and how far the methods that show this can be trusted.")
)
try:
    VIEWS[explain_controls.view()]()
except PatError as error:
    st.error(literal(error))
