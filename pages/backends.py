"""Where long work can run beside this computer: places that are added, tested and removed here."""

import streamlit as st

from pages.components.backends import place_form, place_list
from pages.components.shared.session import show_message
from pages.components.shared.session_names import Key
from pages.components.shared.words import _

st.title(_("Backends"))
st.write(
    _(
        "Long work can run on this computer, on another one over SSH, or on a cluster. Add a place here, test it, then choose it under "
        "Where it runs when you start something. What leaves this computer is listed there before it leaves: numbers stand for people, "
        "and no password is ever kept."
    )
)
show_message(Key.PLACES_MESSAGE)

place_list.show()
st.header(_("Add a place"))
place_form.show()
