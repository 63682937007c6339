"""What pages share.

The first visit to a fresh server may be to a page's own address (a link that someone sent). Streamlit then takes the folder pages/
for its older kind of app, in which app.py never runs: no navigation, no sidebar. The server imports this folder before it answers
anybody, which turns the older kind off; where a script comes first, its run starts over.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

_older = PagesManager.uses_pages_directory
PagesManager.uses_pages_directory = False
if _older:
    st.rerun()
