"""One row of a file for one week's score: the answer of the pages, the score, its probabilities, its rank, and what of it is borne out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from pat_core.evaluation import correct_logit, sigmoid
from pat_core.records import Prediction
from pat_core.workflows.models.answers import Wish, set_words
from pat_core.workflows.models.sampling import sampling_words
from pat_core.workflows.models.similar_scores import BesideTest, shown_probability

STATED = "stated by the reader"
COUNTS = ("answer_people", "rank_lower", "rank_tested")
"""Columns of people counted, which are whole numbers in a file too."""


@dataclass(frozen=True, eq=False)
class Scored:
    """One week's score with what the model's test says of it. prediction: None where the answer is withheld. held_out: the probability by a
    model that had not seen the person, where there was one. strange: the person is of none of the model's groups."""

    prediction: Prediction | None
    beside: BesideTest
    held_out: float | None = None
    strange: bool = False


def answer_columns(scored: Sequence[Scored], wish: Wish, card: Mapping[str, Any]) -> dict[str, pd.Series]:
    """Column -> a value a week; everything is empty where the answer is withheld.

    answer: the one number that stands on the pages, 0 to 1, with answer_low and answer_high, answer_people (tested people behind
    it), answer_is (what it is), answer_by (the recalibration), answer_at (the prevalence at which it holds) and answer_why; empty where
    the score stands alone. logit; probability_raw: its sigmoid; probability: corrected to `prevalence`, and prevalence_is says whose it
    is. percentages_supported: which ways to state a percentage the model's test bears out ("none": the probabilities are not to be
    shown to anybody as such). recalibrated, recalibrated_low, recalibrated_high, recalibrated_by: by the asked or the usual recalibration,
    at the same prevalence. rank_lower: how many of the rank_tested people of the test scored lower. set: which of the two groups stay
    possible with 90 % coverage, by name, or "cannot tell", or "neither"; set_coverage: that coverage as measured on people of the
    test; empty for people of none of its groups, for whom it was not measured.
    card: of the model.
    """
    rows = [_row(one, wish, card) for one in scored]
    numbers = ("answer", "answer_low", "answer_high", "answer_people", "answer_at", "logit", "probability_raw", "probability", "prevalence",
               "recalibrated", "recalibrated_low", "recalibrated_high", "rank_lower", "rank_tested", "set_coverage",
               "probability_held_out")  # fmt: skip
    words = ("answer_is", "answer_by", "answer_why", "prevalence_is", "percentages_supported", "recalibrated_by", "set")
    columns = {name: pd.Series([row.get(name) for row in rows], dtype="Int64" if name in COUNTS else float) for name in numbers}
    return columns | {name: pd.Series([row.get(name, "") for row in rows], dtype=object) for name in words}


def _row(scored: Scored, wish: Wish, card: Mapping[str, Any]) -> dict[str, object]:
    prediction, beside = scored.prediction, scored.beside
    if prediction is None:
        return {}
    answer = beside.answer(prediction, wish)
    shares = [way for way in beside.ways() if way != "rank"]
    stated = wish.prevalence
    corrected = shown_probability(prediction) if stated is None else float(sigmoid(correct_logit(prediction.logit, stated)))
    possible, sets = None if scored.strange else beside.possible(), beside.calibration.sets if beside.calibration else None
    names = str(card.get("negative") or "negative"), str(card.get("positive") or "positive")
    name = "" if beside.calibration is None else str(wish.way) if wish.way in beside.calibration.maps else beside.calibration.usual_map
    value, low, high = beside.recalibrated(name, wish) if name else (None, None, None)
    return {
        "answer": answer.share,
        "answer_low": answer.low,
        "answer_high": answer.high,
        "answer_people": answer.n,
        "answer_is": answer.what,
        "answer_by": answer.by,
        "answer_at": answer.prevalence,
        "answer_why": answer.why,
        "logit": prediction.logit,
        "probability_raw": prediction.probability_raw,
        "probability": corrected,
        "prevalence": stated or prediction.prevalence,
        "prevalence_is": STATED if stated else sampling_words(card) if prediction.prevalence else "",
        "percentages_supported": ", ".join(shares) or "none",
        "recalibrated": value,
        "recalibrated_low": low,
        "recalibrated_high": high,
        "recalibrated_by": name,
        "rank_lower": beside.below,
        "rank_tested": beside.tested,
        "set": "" if possible is None else set_words(possible, *names),
        "set_coverage": None if possible is None or sets is None else sets.measured.value,
        "probability_held_out": scored.held_out,
    }
