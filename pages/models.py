"""The models there are, where each comes from, and how more of them are brought here."""

import streamlit as st

from pages.components.models import model_sections
from pages.components.shared.cached_calls import model_entries
from pages.components.shared.choices import choose
from pages.components.shared.guards import cohort_so_far, default_model
from pages.components.shared.session import show_message
from pages.components.shared.session_names import Key, Param
from pages.components.shared.words import _

st.title(_("Models"))
st.write(
    _(
        "A model reads a week, or a window of another length. An encoder without a trained head shows where it attended; only a "
        "fine-tuned model gives a score. Each model says here where it comes from."
    )
)
show_message(Key.MODELS_MESSAGE)

entries = model_entries()
model_sections.overview(list(entries.values()))
usual = default_model(entries, cohort_so_far())
reference = choose(Param.MODEL, _("Model"), list(entries), usual, words=lambda key: entries[key].title)
model_sections.details(entries[reference])

add, sizes = st.tabs([_("Add a file"), _("Sizes of PAT")], key="models.tab", bind="query-params")
with add:
    model_sections.add()
with sizes:
    model_sections.sizes()
