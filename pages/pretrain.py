"""An encoder that learns from weeks without any label: choose, start, watch, see what it rebuilds, compare."""

import streamlit as st

from pages.components.pretrain import encoders_section, pretrain_form, pretrain_views, rebuilt_section
from pages.components.shared.cached_calls import workspace
from pages.components.shared.words import _
from pat_core.jobs import refresh

VIEWS = {"train": pretrain_form.show, "inspect": rebuilt_section.show, "compare": encoders_section.show}

st.title(_("Pretrain"))
st.write(
    _(
        "Let an encoder learn from weeks alone, without any label: most of each week is hidden, and it learns to rebuild it from the rest. "
        "Fine-tuning starts from what it learned."
    )
)
refresh(workspace())
VIEWS[pretrain_views.view()]()
