"""The figures of a test: in a sentence, then as tables with intervals and counts, and what each of them means."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.shared.choices import choose_number
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import bullets
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.reports import evaluation_words
from pat_core.reports.evaluation_words import APART, AT_THRESHOLD, WORTH, FigureLine
from pat_core.workflows.evaluate.evaluation_run import EvaluationRecord
from pat_core.workflows.evaluate.operating_point import OperatingPoint, operating_point


def in_short(record: EvaluationRecord) -> None:
    """What the test says, on whom, and what limits it."""
    st.markdown(f"**{literal(evaluation_words.in_short(record))}**")
    if record.people.simulated:
        st.info(_("Simulated people: what these figures are worth for real people is unknown."))
    if record.cautions:
        st.warning("  \n".join(literal(caution) for caution in record.cautions))
    st.markdown(literal(evaluation_words.whom_words(record)))
    notes = [evaluation_words.few_words(record), *record.people.left_out]
    st.caption("  \n".join(literal(note) for note in notes))


def threshold_and_prevalence(record: EvaluationRecord) -> OperatingPoint:
    """Two boxes, in percent; what they mean for the figures. Raises PatError for what cannot be."""
    left, right = st.columns(2)
    with left:
        threshold = choose_number(
            Param.THRESHOLD, st.number_input, _("Threshold on the probability (%)"), round(100 * record.begin, 4),
            min_value=0.0, max_value=100.0, step=1.0, format="%.4g",
            help=_("From this probability on the model flags people as of the group. It begins where the training was undecided."),
        )  # fmt: skip
    with right:
        prevalence = choose_number(
            Param.PREVALENCE, st.number_input, _("Share of the group where you would use it (%); 0: as among these people"), 0.0,
            min_value=0.0, max_value=99.0, step=1.0, format="%.4g",
            help=_("PPV, NPV and the sentence below are of a place where so many are of the group. Sensitivity and specificity stay."),
        )  # fmt: skip
    return operating_point(record.people, threshold / 100, prevalence=prevalence / 100 or None)


def tables(record: EvaluationRecord, point: OperatingPoint) -> None:
    """Three tables, the threshold in natural frequencies, and folded what each figure means."""
    lines = evaluation_words.figure_lines(record, point)
    positives, negatives = record.people.counts
    st.caption(
        literal(
            _("All of {positives:,} and {negatives:,} people, with 95 % intervals by person.").format(
                positives=positives, negatives=negatives
            )
        )
    )
    with st.container(key="side-by-side"):
        left, right = st.columns(2)
    with left:
        _table(lines, APART, literal(APART))
        _table(lines, WORTH, literal(WORTH))
        _recalibration(record)
    with right:
        _table(lines, AT_THRESHOLD, _("At a threshold of {share} %").format(share=f"{100 * point.threshold:.3g}"))
        st.markdown(literal(evaluation_words.frequency_words(record, point)))
        st.markdown(literal(evaluation_words.percentage_words(record)))
    with st.expander(_("What each figure means, and where it is from")):
        st.markdown(bullets(f"{line.name}: {line.meaning}" for line in lines))
        st.markdown(
            _(
                "A threshold that was chosen on these same people flatters the model. Figures stand together as TRIPOD+AI asks "
                "(Collins 2024, BMJ 385:e078378); why calibration matters most where a probability is shown: Van Calster 2019 "
                "(BMC Medicine 17:230)."
            )
        )


def _recalibration(record: EvaluationRecord) -> None:
    """Whether it helped, beside the figures before and after; marked where it did harm."""
    change, words = evaluation_words.recalibrated(record), literal(evaluation_words.recalibration_words(record))
    if change is not None:
        (st.warning if change.harmful else st.markdown)(words)


def _table(lines: list[FigureLine], section: str, title: str) -> None:
    rows = [
        {
            _("Figure"): literal(line.name),
            _("Value"): _unbroken(line.value),
            _("95 % interval"): _unbroken(line.between),
            "": literal(line.of),
        }
        for line in lines
        if line.section == section
    ]
    st.markdown(f"**{literal(title)}**")
    st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)


def _unbroken(text: str) -> str:
    """A figure that stays in one line."""
    return literal(text).replace(" ", "\u00a0")
