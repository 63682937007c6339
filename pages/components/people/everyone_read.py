"""A cohort read through a model once, in the background, for what stands on everybody's embeddings: similar people, the map."""

from __future__ import annotations

import streamlit as st

from pages.components.shared.cached_calls import workspace
from pages.components.shared.job_status import follow, job_for
from pages.components.shared.phrases import windows_words
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.cohorts import CohortInfo
from pat_core.records import StandardizeBy
from pat_core.workflows.explanations.cohort_embeddings import EMBED, EmbeddingRequest
from pat_core.workflows.models.model_entries import ModelEntry


def read_by_a_job(entry: ModelEntry, cohort: CohortInfo, by: StandardizeBy) -> None:
    """The job, or the button that starts it. PatError where it cannot be started."""
    request = EmbeddingRequest(model=entry.reference, sha256=entry.sha256, cohort=cohort.name, cohort_id=cohort.id, standardizer=by)
    job = job_for(EMBED, request)
    if job is not None and follow(job.id).state != "done":
        return
    windows = literal(windows_words(cohort.weeks, cohort))
    st.write(_("For this the model has to read all {windows} once. You may leave while it works.").format(windows=windows))
    if st.button(_("Read everyone"), type="primary", key="everyone.read", disabled=workspace().read_only):
        EMBED.launch(workspace(), request, _("Read {cohort} with {model}").format(cohort=cohort.name, model=entry.title))
        st.rerun()
