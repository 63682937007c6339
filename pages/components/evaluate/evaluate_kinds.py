"""The test of a model of several classes, an order or a value on the Evaluate page: figures with counts, a chart, and files."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.evaluate.evaluate_question import Asked, predictions_or_stop
from pages.components.shared.cached_calls import folder_key, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.charts.kind_picture import confusion_squares, value_dots
from pat_core.reports.evaluation_files import zipped
from pat_core.reports.kind_words import kind_files, kind_lines, whom_kind_words
from pat_core.workflows.evaluate.kind_evaluation import KindRecord, evaluate_kind
from pat_core.workflows.evaluate.tested_people import EvaluationRequest


def show(question: Asked) -> None:
    """The whole test. Raises PatError where it cannot be."""
    predictions_or_stop(question)
    stamp = workspace().stamp(question.cohort.name) if question.cohort is not None else ""
    record = _record(folder_key(), question.request, question.entry.sha256, stamp)
    st.markdown(f"**{literal(whom_kind_words(record))}**")
    if record.simulated:
        st.info(_("Simulated people: what these figures are worth for real people is unknown."))
    if record.cautions:
        st.warning("  \n".join(literal(caution) for caution in record.cautions))
    if record.left_out:
        st.caption("  \n".join(literal(sentence) for sentence in record.left_out))
    lines = kind_lines(record)
    rows = [
        {_("Figure"): literal(line.name), _("Value"): literal(line.value), _("95 % interval"): literal(line.between), "": literal(line.of)}
        for line in lines
    ]
    with st.container(key="side-by-side"):
        left, right = st.columns(2)
    with left:
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    with right:
        chart, caption = _picture(record)
        st.altair_chart(chart, theme=None, width="stretch", alt=caption)
        st.caption(literal(caption))
    with st.expander(_("What each figure means, and where it is from")):
        st.markdown(bullets(f"{line.name}: {line.meaning}" for line in lines))
    st.download_button(
        _("This evaluation (zip)"),
        lambda: zipped(kind_files(record)),
        f"{record.model}-evaluation.zip",
        "application/zip",
        on_click="ignore",
    )


def _picture(record: KindRecord):
    if record.figures.classes is None:
        unit = f" ({record.unit})" if record.unit else ""
        return value_dots(record.targets, record.answers[:, 0], f"{record.task}{unit}", record.participants.tolist(), theme=theme_name())
    return confusion_squares(record.names, record.figures.classes.confusion, theme=theme_name())


@st.cache_data(show_spinner=_("Testing the model"), max_entries=8)
def _record(folder: str, request: EvaluationRequest, sha256: str | None, stamp: str) -> KindRecord:
    return evaluate_kind(workspace(), request)
