"""The people whose weeks can be looked at: what there is, bringing recordings, adding labels, simulating people."""

import streamlit as st

from pages.components.data import cohort_section, formats_read, import_form
from pages.components.shared.cached_calls import workspace
from pages.components.shared.choices import choose
from pages.components.shared.session import show_message
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _
from pat_core.workflows.read.uploaded_files import sweep

st.title(_("Data"))
st.write(_("A cohort is a group of people with days or weeks of movement each. Recordings stay on this machine."))
sweep(workspace())
show_message(Key.DATA_MESSAGE)
import_form.arrived()

shown, bring, simulate, reads = import_form.tabs()
with shown:
    known = {cohort.name: cohort for cohort in workspace().cohorts()}
    if known:
        cohort_section.overview()
        cohort_section.details(known[choose(Param.COHORT, _("Cohort"), list(known))])
    else:
        st.info(_("There are no people here yet. Bring recordings, or simulate people to look around: both are a tab away."))
with bring:
    import_form.bring()
with simulate:
    import_form.simulate()
with reads:
    formats_read.show()
