"""How good a model is on people it has not learned from: figures with intervals and counts, linked charts, parts, a second model."""

import streamlit as st

from pages.components.evaluate import evaluate_figures, evaluate_kinds, evaluate_parts, evaluate_question, evaluate_views
from pages.components.shared.guards import or_stop
from pages.components.shared.plain_text import literal
from pages.components.shared.session import so_far, together
from pages.components.shared.words import _
from pages.components.workbench import chosen_people_box

st.title(_("Evaluate"))
st.write(_("How well a model does on people it has not learned from, and how sure that is."))

with together():
    with st.container(border=True):
        question = evaluate_question.asked()
    so_far()
    if not question.two_classes:
        with or_stop(st.warning):
            evaluate_kinds.show(question)
            chosen_people_box.note(question.of, question.selection)
        st.stop()
    with or_stop(st.warning):
        record = evaluate_question.answered(question)
    evaluate_figures.in_short(record)
    chosen_people_box.note(question.of, question.selection)
    with or_stop():
        point = evaluate_figures.threshold_and_prevalence(record)
    evaluate_figures.tables(record, point)
    st.subheader(_("Threshold and people"))
    evaluate_views.show(record, point, question.entry)
    st.subheader(_("What else could explain it"))
    evaluate_parts.other_explanations(record)
    st.subheader(_("Another model on the same people"))
    evaluate_parts.second_model(record, question)
    st.subheader(_("Parts of these people"))
    evaluate_parts.divided(record, question)
    st.subheader(_("Optimism and instability"))
    evaluate_parts.optimism(question)
    st.subheader(_("Take it with you"))
    evaluate_parts.downloads(record, point)
st.caption(literal(_("As in TRIPOD+AI (Collins 2024): who was tested, discrimination, calibration and net benefit stand together.")))
