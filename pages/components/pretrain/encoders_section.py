"""Two encoders compared: which, on what label of whom; how far the work is, and what came out beside untrained encoders."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.components.compare.compare_form import label_groups
from pages.components.shared import data_table
from pages.components.shared.cached_calls import model_entries, workspace
from pages.components.shared.choices import Missing, choose, choose_number
from pages.components.shared.guards import model_words, need_cohort
from pages.components.shared.job_status import LIVE, ended, follow, job_for
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session import together
from pages.components.shared.session_names import Param
from pages.components.shared.theme import theme_name
from pages.components.shared.where_it_runs import where_it_runs
from pages.components.shared.words import _
from pat_core.csv_text import csv_text
from pat_core.errors import PatError
from pat_core.figures.charts.encoder_dots import encoder_dots
from pat_core.models.pat.pat_config import LARGEST_SEED, MASK_RATIO
from pat_core.reports.comparing import encoder_words
from pat_core.training import DEVICES
from pat_core.workflows.learn.compare_encoders import COMPARE_ENCODERS, EncoderComparison, kept_comparison
from pat_core.workflows.learn.encoder_reading import EncoderRequest
from pat_core.workflows.learn.time_to_expect import reading_encoders
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.people.participants_table import label_columns


def show() -> None:
    """The form in its frame, then the comparison that it asks for, as far as it is."""
    with st.container(border=True), together():
        request = _asked()
        if request is None:
            return
        try:
            done = kept_comparison(workspace(), request)
        except PatError as error:
            st.warning(literal(error))
            return
        if done is None:
            _begin(request)
    if done is not None:
        _result(done)


def _asked() -> EncoderRequest | None:
    left, right = st.columns(2)
    with left:
        cohort = need_cohort()
        labels = label_columns(workspace(), cohort.name)
        if not labels:
            st.info(_("{cohort} has no label with at least two values. Add labels on the Data page.").format(cohort=literal(cohort.name)))
            return None
        groups = label_groups(cohort, labels)
    with right:
        first, second = _encoders()
        with st.expander(_("Cross-validation, mask and device")):
            folds = choose_number(Param.ENCODERS_FOLDS, st.number_input, _("Folds"), 5, min_value=2, max_value=20)
            repeats = choose_number(
                Param.ENCODERS_REPEATS, st.number_input, _("Repeats, with folds drawn anew"), 1, min_value=1, max_value=50
            )
            percent = round(100 * MASK_RATIO)
            masked = choose_number(Param.MASKED, st.slider, _("Patches hidden (%)"), percent, min_value=5, max_value=95, step=5)
            device = choose(
                Param.DEVICE, _("Device"), DEVICES, help=_("auto uses a CUDA GPU, else Apple's, else the CPU"), unsaid=DEVICES[0]
            )
            seed = choose_number(Param.SEED, st.number_input, _("Seed"), 0, min_value=0, max_value=LARGEST_SEED)
    try:
        return EncoderRequest(
            first,
            second,
            cohort.name,
            groups.label,
            groups.positive,
            groups.negative,
            int(folds),
            int(repeats),
            int(seed),
            masked / 100,
            device,
        )
    except PatError as error:
        st.warning(literal(error))
        return None


def _encoders() -> tuple[str, str]:
    """The two, those pretrained here first."""
    known = model_entries()
    here = {key: entry for key, entry in known.items() if entry.present and not entry.has_head and not entry.baseline}
    names = sorted(here, key=lambda key: (here[key].origin == "random", here[key].origin != "own"))

    def box(param: Param, title: str, options: list[str]) -> str:
        return choose(param, title, options, words=lambda key: model_words(here[key]), missing=Missing(lambda key: _absent(known, key)))

    first = box(Param.ENCODER, _("First encoder"), names)
    return first, box(Param.ENCODER_AGAINST, _("Second encoder"), [name for name in names if name != first])


def _absent(known: dict[str, ModelEntry], key: str) -> str | None:
    return _("“{model}” is no encoder without a head that is here.").format(model=known[key].title) if key in known else None


def _begin(request: EncoderRequest) -> None:
    """How far the comparison is while it is at work; else how it was stopped, or the button that starts it."""
    st.caption(
        _(
            "A probe is trained on each encoder, fold by fold, and hidden minutes are rebuilt where a decoder is there. Untrained encoders "
            "of the same shape stand beside them."
        )
    )
    job = job_for(COMPARE_ENCODERS, request)
    if job is not None and job.state in LIVE:
        follow(job.id)
        return
    place, ready = where_it_runs(COMPARE_ENCODERS, request, partial(reading_encoders, workspace(), request))
    if job is not None and job.state != "done":
        ended(job, place)
    elif st.button(_("Compare the encoders"), type="primary", disabled=not ready):
        try:
            title = _("Compare {first} with {second}").format(first=request.first, second=request.second)
            COMPARE_ENCODERS.launch(workspace(), request, title, on=place)
        except PatError as error:
            st.error(literal(error))
            return
        st.rerun()


def _result(done: EncoderComparison) -> None:
    if cautions := encoder_words.cautions(done):
        st.warning("  \n".join(map(literal, cautions)))
    st.markdown(bullets(encoder_words.answers(done)))
    st.caption(literal(" ".join(encoder_words.notes(done))))
    with st.container(key="fitting"):
        chart, caption = encoder_dots(encoder_words.dot_rows(done), theme_name())
        st.altair_chart(chart, theme=None, key="encoders.dots", alt=caption)
        st.caption(literal(caption))
    data_table.table(encoder_words.encoder_table(done), {"Encoder": st.column_config.TextColumn(pinned=True)}, key="encoders.table")
    data_table.table(encoder_words.pair_table(done), key="encoders.pairs")
    st.caption(literal(encoder_words.HOW_TO_READ))
    with st.container(horizontal=True):
        rows = csv_text(encoder_words.encoder_rows(done))
        st.download_button(_("Figures (CSV)"), rows, "encoders.csv", "text/csv", on_click="ignore")
        st.download_button(_("All of it (JSON)"), encoder_words.as_json(done), "encoders.json", "application/json", on_click="ignore")
