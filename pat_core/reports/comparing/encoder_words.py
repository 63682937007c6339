"""Two encoders compared, for readers: tables, the answer in a sentence, the files, and how to read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict

import pandas as pd

from pat_core.figures.charts.encoder_dots import ComparedEncoder
from pat_core.plurals import counted
from pat_core.records import Interval
from pat_core.reports.comparing.compare_words import with_interval
from pat_core.reports.pretrain_words import FIGURES
from pat_core.workflows.learn.compare_encoders import EncoderComparison, EncoderFigures, EncoderPair
from pat_core.workflows.learn.encoder_reading import FEWEST_REBUILT
from pat_core.workflows.learn.rebuilt_weeks import WAYS

HOW_TO_READ = (
    "AUC: of the recommended linear probe on people whom it did not learn from (cross-validation by person), with its 95 % interval over "
    "people. Differences are of the same people in the same folds, first less second; an interval that holds 0 shows no difference. "
    "Hidden minutes: one mask a person, minutes beside those of this cohort; the error is in squared standard deviations and the lower the "
    "better. Attention entropy: 1 attends to everything alike, near 0 to one patch. An untrained encoder is drawn by the seed and has "
    "learned nothing: what does not beat it has gained nothing from pretraining here."
)


def encoder_table(comparison: EncoderComparison) -> pd.DataFrame:
    """A row an encoder, as readers see it."""
    rows = []
    for one in comparison.encoders:
        row: dict[str, str] = {"Encoder": one.title, "AUC of the probe": with_interval(one.auc.auc)}
        row |= {title: _with_interval(one.rebuilt, name) for name, title in FIGURES.items()}
        row |= {f"Entropy, block {block + 1}": f"{figure.value:.3f}" for block, figure in enumerate(one.entropy)}
        rows.append(row)
    for way, figures in comparison.simple.items():
        rows.append({"Encoder": WAYS[way]} | {title: _with_interval(figures, name) for name, title in FIGURES.items()})
    table = pd.DataFrame(rows).fillna("–")
    return table[[name for name in table if (table[name] != "–").any()]]


def _with_interval(figures: Mapping[str, Interval] | None, name: str) -> str:
    if figures is None or name not in figures:
        return "–"
    one = figures[name]
    return f"{one.value:.3f} ({one.low:.3f} to {one.high:.3f})".replace("-", "\u2212")


def dot_rows(comparison: EncoderComparison) -> list[ComparedEncoder]:
    """The encoders as `encoder_dots` draws them."""
    aucs = [(one, one.auc.auc) for one in comparison.encoders]
    return [ComparedEncoder(one.title, auc.value, auc.low, auc.high, one.untrained) for one, auc in aucs]


def pair_table(comparison: EncoderComparison) -> pd.DataFrame:
    """A row a pair: the difference of AUCs, and of errors on hidden minutes."""
    return pd.DataFrame(
        {
            "First": pair.first,
            "Second": pair.second,
            "Difference in AUC": with_interval(pair.auc, difference=True),
            "Difference in error on hidden minutes": "–" if pair.mse is None else with_interval(pair.mse, difference=True),
        }
        for pair in comparison.pairs
    )


def answers(comparison: EncoderComparison) -> list[str]:
    """What the comparison shows, a sentence a pair."""
    return [_answer(pair) for pair in comparison.pairs]


def _answer(pair: EncoderPair) -> str:
    gap = with_interval(pair.auc, difference=True)
    if pair.bought:
        shown = "does better than" if pair.auc.low > 0 else "does worse than" if pair.auc.high < 0 else "is not shown to differ from"
        return (
            f"What pretraining bought: the probe on {pair.first} {shown} one on an untrained encoder of its shape; difference in AUC {gap}."
        )
    if pair.auc.low > 0 or pair.auc.high < 0:
        better, worse = (pair.first, pair.second) if pair.auc.value > 0 else (pair.second, pair.first)
        return f"The probe does better on {better} than on {worse}: a difference in AUC of {gap}, first less second."
    return f"No difference is shown between {pair.first} and {pair.second}: a difference in AUC of {gap}, which holds 0."


def cautions(comparison: EncoderComparison) -> list[str]:
    """What may change how these figures are taken, a sentence each."""
    sentences = ["These people are simulated: which encoder is better here says nothing about real people."] * comparison.simulated
    return [*sentences, *(_seen(one, sum(comparison.people)) for one in comparison.encoders if one.seen)]


def notes(comparison: EncoderComparison) -> list[str]:
    """What else to know of them."""
    positive, negative = comparison.people
    sentences = [f"Tested on {counted(positive + negative, 'person', 'people')}: {positive:,} of the group and {negative:,} others."]
    sentences += [
        f"Whether {one.title} learned from these people is not known: its file does not tell."
        for one in comparison.encoders
        if one.seen is None
    ]
    if comparison.rebuilt_on < FEWEST_REBUILT:
        sentences.append(
            f"Hidden minutes are measured on people from whom neither encoder learned; {comparison.rebuilt_on:,} are too few for that."
        )
    elif not comparison.simple:
        sentences.append("None of the encoders brings its decoder, so none can rebuild hidden minutes.")
    return sentences


def _seen(one: EncoderFigures, people: int) -> str:
    return (
        f"{one.title} was pretrained, without labels, on {one.seen:,} of these {people:,} people, so its probe may look better than on "
        "people whom it has not seen."
    )


def encoder_rows(comparison: EncoderComparison) -> pd.DataFrame:
    """Long form for a file: encoder or pair, figure, value, ends of the interval, people."""
    rows: list[dict[str, object]] = []

    def add(what: str, figure: str, value: Interval) -> None:
        rows.append({"what": what, "figure": figure, "value": value.value, "low": value.low, "high": value.high, "people": value.n})

    for one in comparison.encoders:
        add(one.title, "auc", one.auc.auc)
        for name, value in (one.rebuilt or {}).items():
            add(one.title, f"hidden minutes {name}", value)
        for block, value in enumerate(one.entropy):
            add(one.title, f"attention entropy block {block + 1}", value)
    for way, figures in comparison.simple.items():
        for name, value in figures.items():
            add(WAYS[way], f"hidden minutes {name}", value)
    for pair in comparison.pairs:
        add(f"{pair.first} less {pair.second}", "auc", pair.auc)
        if pair.mse is not None:
            add(f"{pair.first} less {pair.second}", "hidden minutes mse", pair.mse)
    return pd.DataFrame(rows)


def as_plain(comparison: EncoderComparison) -> dict[str, object]:
    """The whole as plain values, for a JSON file."""
    return json.loads(json.dumps(asdict(comparison), default=float))


def as_json(comparison: EncoderComparison) -> str:
    return json.dumps(as_plain(comparison), indent=1)


def as_text(comparison: EncoderComparison) -> str:
    """For the command line."""
    lines = []
    for one in comparison.encoders:
        mse = _with_interval(one.rebuilt, "mse")
        entropy = ", ".join(f"{figure.value:.3f}" for figure in one.entropy)
        lines.append(f"{one.title}: AUC {with_interval(one.auc.auc)}; error on hidden minutes {mse}; attention entropy by block {entropy}.")
    for way, figures in comparison.simple.items():
        lines.append(f"{WAYS[way]}: error on hidden minutes {_with_interval(figures, 'mse')}.")
    return "\n".join([*lines, *answers(comparison), HOW_TO_READ])
