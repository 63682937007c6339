"""The people whose weeks can be looked at: what there is, bringing recordings, adding labels, simulating people."""

import streamlit as st

from pages.components import cohorts, formats, uploads
from pages.components.cached import workspace
from pages.components.session import Param, choose
from pat_core.workflows.uploads import sweep

st.title("Data")
st.write("A cohort is a group of people with a week or more of movement each. Recordings stay on this machine.")
sweep(workspace())
uploads.said()
uploads.arrived()

shown, bring, simulate, reads = uploads.tabs()
with shown:
    known = {cohort.name: cohort for cohort in workspace().cohorts()}
    if known:
        cohorts.overview()
        cohorts.details(known[choose(Param.COHORT, "Cohort", list(known))])
    else:
        st.info("There are no people here yet. Bring recordings, or simulate people to look around: both are a tab away.")
with bring:
    uploads.bring()
with simulate:
    uploads.simulate()
with reads:
    formats.show()
