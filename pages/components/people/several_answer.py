"""What a model of several classes, an order or a value answers about one person, and which of it the maps explain."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from pages.components.shared.choices import choose
from pages.components.shared.plain_text import literal
from pages.components.shared.sentences import percent
from pages.components.shared.session_names import Param
from pages.components.shared.words import _
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Attribution, Prediction
from pat_core.workflows.models.class_calibration import class_percentages
from pat_core.workflows.models.kind_answers import answer_words, outputs_of, value_text
from pat_core.workflows.models.model_entries import ModelEntry
from pat_core.workflows.models.predictions import Pooled


def answer(prediction: Prediction, entry: ModelEntry, held_out: float | None) -> None:
    """The value in a sentence with how far it was off in the test, or a table of the classes' probabilities."""
    outputs, label = outputs_of(entry.card), str(entry.card.get("label") or _("the label"))
    borne_out, worth = class_percentages(entry.card)
    words = answer_words(outputs, prediction, borne_out)
    if outputs.kind == "value":
        st.markdown(_("The model's answer: **{value}** ({label}).").format(value=literal(words), label=literal(label)))
        off = ((entry.card.get("test") or {}).get("figures") or {}).get("MAE")
        if off:
            miss = f"{value_text(off['value'])} {outputs.unit}".strip()
            st.caption(_("In its test such an answer was off by {size} on average.").format(size=literal(miss)))
        if held_out is not None:
            unseen = f"{value_text(held_out)} {outputs.unit}".strip()
            st.caption(_("A model of the same run that had not seen this person answers {value}.").format(value=literal(unseen)))
        return
    st.markdown(_("The most probable of {label}: **{answer}**.").format(label=literal(label), answer=literal(words)))
    pairs = list(zip(outputs.classes, prediction.probabilities, strict=True))
    if not borne_out:
        names = [name for name, _share in sorted(pairs, key=lambda pair: -pair[1])]
        st.markdown(_("From the most to the least probable: {classes}.").format(classes=literal(", ".join(names))))
        st.caption(literal(worth))
        return
    table = pd.DataFrame([{_("Class"): literal(name), _("Probability by the model"): percent(share)} for name, share in pairs])
    st.table(table, border="horizontal", hide_index=True)
    st.caption(
        _("The model's own probabilities, at how frequent the classes were among the people it was trained on.")
        if entry.card.get("prevalences")
        else _("The model's own probabilities, as if all classes were equally frequent.")
    )
    st.caption(literal(worth))


def in_a_line(prediction: Prediction, entry: ModelEntry) -> None:
    """The same in small print."""
    outputs, label = outputs_of(entry.card), str(entry.card.get("label") or _("the label"))
    words = answer_words(outputs, prediction, class_percentages(entry.card)[0])
    st.caption(literal(_("{label}: {answer}.").format(label=label, answer=words)))


def together(pooled: Pooled, entry: ModelEntry) -> None:
    """What all windows of a person say together, beside what one says."""
    words = answer_words(outputs_of(entry.card), pooled.prediction, class_percentages(entry.card)[0])
    st.markdown(_("All {windows} windows of this person together: **{answer}**.").format(windows=pooled.windows, answer=literal(words)))


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
