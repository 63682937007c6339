"""The answers of models of several classes, an order or a value in the list of a cohort's people."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.records import Prediction
from pat_core.workflows.models.kind_answers import answer_words
from pat_core.workflows.models.predictions import PredictedWeek
from pat_core.workflows.week.cohort_weeks import first_weeks

IN_WORDS, TOGETHER_IN_WORDS = "Answer in words", "Together in words"


def with_several(table: pd.DataFrame, predicted: Sequence[PredictedWeek], outputs: Outputs, percentages: bool = False) -> pd.DataFrame:
    """`participants_table` of such a model. Further columns: `IN_WORDS`, and "Probability of NAME" of each class in percent; where somebody
    has several windows `TOGETHER_IN_WORDS`, the answer of all of them.

    Answer: what the list sorts by: the value, the expected place among classes in order, or the probability of the most probable class in
    percent. All are empty where the answer is withheld. percentages: whether the
    model's test bears them out (`class_percentages`). Of two classes the table stays as it is.
    """
    if outputs == ONE_LOGIT:
        return table
    of_week = {item.row.row: item for item in predicted}
    first = {row.participant: of_week[row.row] for row in first_weeks([item.row for item in predicted])}
    items = [first[person] for person in table["Participant"]]
    given = [None if item.refused else item.prediction for item in items]
    columns = {
        "Answer": pd.Series([None if one is None else _sorted_by(outputs, one) for one in given], index=table.index, dtype=float),
        IN_WORDS: pd.Series(
            [None if one is None else answer_words(outputs, one, percentages) for one in given], index=table.index, dtype=object
        ),
    }
    for place, name in enumerate(outputs.classes):
        shares = [None if one is None else round(100 * one.probabilities[place], 6) for one in given]
        columns[f"Probability of {name}"] = pd.Series(shares, index=table.index, dtype=float)
    pooled = [item.pooled and answer_words(outputs, item.pooled.prediction, percentages) for item in items]
    if any(pooled):
        columns[TOGETHER_IN_WORDS] = pd.Series(pooled, index=table.index, dtype=object)
    return table.assign(**columns)


def _sorted_by(outputs: Outputs, prediction: Prediction) -> float:
    if outputs.kind == "value":
        return prediction.logit
    if outputs.kind == "ordinal":
        return sum(place * share for place, share in enumerate(prediction.probabilities))
    return 100 * max(prediction.probabilities)
