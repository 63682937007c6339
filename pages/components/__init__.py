"""What pages share.

The first visit to a fresh server may be to a page's own address (a link that someone sent). Streamlit then takes the folder pages/
for its older kind of app, in which app.py never runs: no navigation, no sidebar. Once the router has run in a server the older
kind is off for good; this does the same before the first page draws anything, and starts that run over.
"""

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

if PagesManager.uses_pages_directory:
    PagesManager.uses_pages_directory = False
    st.rerun()
