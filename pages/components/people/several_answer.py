"""What a model of several classes, an order or a value answers about one person, and which of it the maps explain."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from pages.components.shared import sentences
from pages.components.shared.choices import choose
from pages.components.shared.plain_text import literal
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Attribution, Prediction
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import answer_words, outputs_of
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import Pooled


def answer(prediction: Prediction, entry: ModelEntry, held_out: float | None, split: str | None) -> None:
    """The answer in a sentence, a table of the classes' probabilities where the test bears them out, and how sure it is."""
    words = sentences.several_answer(prediction, entry, held_out, split)
    st.markdown(f"**{literal(words.headline)}**")
    if words.shares:
        rows = [{_("Class"): literal(name), _("Probability by the model"): sentences.percent(share)} for name, share in words.shares]
        st.table(pd.DataFrame(rows), border="horizontal", hide_index=True)
    for line in words.lines:
        st.caption(literal(line))


def in_a_line(prediction: Prediction, entry: ModelEntry) -> None:
    """The same in small print."""
    outputs, label = outputs_of(entry.card), str(entry.card.get("label") or _("the label"))
    words = answer_words(outputs, prediction, class_percentages(entry.card)[0])
    st.caption(literal(_("{label}: {answer}.").format(label=label, answer=words)))


def together(pooled: Pooled, entry: ModelEntry) -> None:
    """What all windows of a person say together, beside what one says."""
    st.markdown(literal(sentences.together_answer(pooled, entry)))


def of_class(entry: ModelEntry) -> str | None:
    """The box of the class that maps explain; None for the most probable one, and for models that have no several classes."""
    outputs = outputs_of(entry.card)
    if outputs.kind != "classes":
        return None
    title, likeliest = _("Explain the class"), _("The most probable of each week")
    name = choose(Param.OF_CLASS, title, ["", *outputs.classes], "", lambda value: value or likeliest, unsaid="")
    return name or None


def explains(maps: Iterable[Attribution]) -> None:
    """Which class or value the maps are of, where that is not the one logit of two classes."""
    what = list(dict.fromkeys(str(one.settings["explains"]) for one in maps if "explains" in one.settings))
    if what:
        st.caption(_("What the maps of the score explain: {what}.").format(what=literal(", ".join(what))))


def several(entry: ModelEntry) -> bool:
    """Whether the model answers anything else than one of two classes."""
    return outputs_of(entry.card) != ONE_LOGIT
