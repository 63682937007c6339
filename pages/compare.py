"""Models beside one another and beside floors without a network: choose, see what it costs, start, watch, read the table and the curves."""

import streamlit as st

from pages.components.compare import compare_form, compare_results
from pages.components.shared.cached_calls import workspace
from pages.components.shared.session import together
from pages.components.shared.words import _
from pat_core.jobs import refresh

refresh(workspace())
st.title(_("Compare models"))
st.write(
    _(
        "The same people, training sizes and test for every model, repeated with people drawn anew. Two models without a network stand "
        "beside them: what does not beat these has learned little from the minutes."
    )
)
with together():
    with st.container(border=True):
        request = compare_form.asked()
    where = compare_form.start(request) if request is not None else compare_form.WHERE_IT_WAS
st.header(_("Comparisons"))
compare_results.show(request, where)
