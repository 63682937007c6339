"""Two encoders beside one another and beside untrained ones of the same shape: what pretraining bought, each figure with its interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.evaluation import paired_aucs
from pat_core.evaluation.repeated_folds import RepeatedAuc, repeated_auc
from pat_core.jobs import Task
from pat_core.progress import Progress, Share, Silent
from pat_core.records import Interval
from pat_core.workflows.learn.encoder_reading import (
    FEWEST_REBUILT,
    FIGURES,
    READING,
    EncoderReading,
    EncoderRequest,
    Side,
    held_out_rows,
    own_errors,
    reading,
    reading_question,
    rebuilt_people,
    sides_of,
)
from pat_core.workflows.learn.rebuilt_weeks import LINE, MEAN_DAY, WAYS

DRAWS = 2000


@dataclass(frozen=True)
class EncoderFigures:
    """One encoder. auc: of the probe on people left out. rebuilt: figure -> mean over people with its interval, None without a decoder or
    people to measure on. entropy: of each block, the mean over people. seen: how many of the people tested its pretraining has seen, None
    where that is not known."""

    title: str
    untrained: bool
    auc: RepeatedAuc
    rebuilt: Mapping[str, Interval] | None
    entropy: tuple[Interval, ...]
    seen: int | None


@dataclass(frozen=True)
class EncoderPair:
    """Two encoders on the same people. auc, mse: first minus second, with the interval over people; mse None where one cannot rebuild.
    bought: the second is the untrained one in the shape of the first, so the difference is what pretraining bought."""

    first: str
    second: str
    bought: bool
    auc: Interval
    p: float
    mse: Interval | None


@dataclass(frozen=True)
class EncoderComparison:
    """people: tested, positive and negative. rebuilt_on: people on whom rebuilding was measured. simple: ways without a network -> figure
    -> mean over them."""

    request: EncoderRequest
    people: tuple[int, int]
    encoders: tuple[EncoderFigures, ...]
    pairs: tuple[EncoderPair, ...]
    rebuilt_on: int
    simple: Mapping[str, Mapping[str, Interval]]
    simulated: bool


def compare_encoders(workspace: Workspace, request: EncoderRequest, progress: Progress | None = None) -> EncoderComparison:
    """Read every encoder that is not kept yet, and compare. TrainingError or WeightsError, before anything is read, where a label or an
    encoder is none."""
    from pat_core.training.device import pick_device

    progress = progress or Silent()
    pick_device(request.device)
    sides, _ = sides_of(workspace, request), held_out_rows(workspace, request)
    rebuilt, readings = rebuilt_people(workspace, request, sides), []
    for number, side in enumerate(sides):
        part = _Of(Share(progress, number / len(sides), 1 / len(sides)), side.title)
        readings.append(reading(workspace, request, side, rebuilt, part))
    return _compared(workspace, request, sides, readings)


COMPARE_ENCODERS = Task("compare_encoders", EncoderRequest, compare_encoders, lambda done: {"encoders": len(done.encoders)})


def kept_comparison(workspace: Workspace, request: EncoderRequest) -> EncoderComparison | None:
    """The comparison where every encoder was read before; None where one was not. Raises as `compare_encoders`."""
    sides = sides_of(workspace, request)
    held_out_rows(workspace, request)
    rebuilt = rebuilt_people(workspace, request, sides)
    readings = [workspace.kept(reading_question(workspace, request, side, rebuilt), READING) for side in sides]
    there = [one for one in readings if one is not None]
    return _compared(workspace, request, sides, there) if len(there) == len(sides) else None


def _compared(workspace: Workspace, request: EncoderRequest, sides: list[Side], readings: list[EncoderReading]) -> EncoderComparison:
    tested, measured = held_out_rows(workspace, request)[0], readings[0].errors.shape[1]
    rebuilds = [measured >= FEWEST_REBUILT and bool(np.isfinite(own_errors(one.errors, "mse")).all()) for one in readings]
    labels = dict(zip(map(str, tested["people"].tolist()), tested["positive"].tolist(), strict=True))
    encoders = tuple(
        EncoderFigures(
            side.title,
            side.untrained,
            repeated_auc(tested["positive"], one.logits, tested["people"], tested["fold"], tested["repeat"]),
            _rebuilt(one.errors[0], request.seed) if can else None,
            tuple(mean_over_people(block, request.seed) for block in one.entropy),
            None if side.learned is None else len(side.learned & set(labels)),
        )
        for side, one, can in zip(sides, readings, rebuilds, strict=True)
    )
    decoded = next((one.errors for one, can in zip(readings, rebuilds, strict=True) if can), None)
    ways = {} if decoded is None else {way: decoded[place] for place, way in enumerate(WAYS) if way in (LINE, MEAN_DAY)}
    return EncoderComparison(
        request=request,
        people=(sum(labels.values()), len(labels) - sum(labels.values())),
        encoders=encoders,
        pairs=tuple(_pair(request, tested, sides, readings, (a, b), rebuilds[a] and rebuilds[b]) for a, b in _pairs(sides)),
        rebuilt_on=measured,
        simple={way: _rebuilt(errors, request.seed) for way, errors in ways.items()},
        simulated=workspace.cohort(request.cohort).simulated,
    )


def _pairs(sides: list[Side]) -> list[tuple[int, int]]:
    """The two encoders, then each trained one beside the untrained one of its shape."""
    untrained = {side.config: place for place, side in enumerate(sides) if place > 1}
    return [(0, 1), *((place, untrained[sides[place].config]) for place in (0, 1) if not sides[place].untrained)]


def _pair(
    request: EncoderRequest,
    tested: Mapping[str, np.ndarray],
    sides: list[Side],
    readings: list[EncoderReading],
    places: tuple[int, int],
    rebuild: bool,
) -> EncoderPair:
    """places: of the two among the sides. rebuild: whether both can."""
    first, second = (readings[place] for place in places)
    fold = tested["repeat"] * request.folds + tested["fold"]
    aucs = paired_aucs(tested["positive"], first.logits, second.logits, tested["people"], fold, seed=request.seed)
    gaps = own_errors(first.errors, "mse") - own_errors(second.errors, "mse")
    mse = mean_over_people(gaps, request.seed) if rebuild else None
    return EncoderPair(sides[places[0]].title, sides[places[1]].title, places[1] > 1, aucs.difference, aucs.p, mse)


def _rebuilt(errors: np.ndarray, seed: int) -> dict[str, Interval]:
    """Figure -> mean over the people (people, figures) that have it."""
    columns = {name: errors[:, place] for place, name in enumerate(FIGURES)}
    return {name: mean_over_people(values[np.isfinite(values)], seed) for name, values in columns.items() if np.isfinite(values).any()}


def mean_over_people(values: np.ndarray, seed: int) -> Interval:
    """Mean of (people,) values, with the percentiles of `DRAWS` bootstrap samples of people."""
    drawn = np.random.default_rng(seed).integers(0, len(values), (DRAWS, len(values)))
    low, high = np.percentile(values[drawn].mean(axis=1), [2.5, 97.5]).tolist()
    return Interval(float(values.mean()), low, high, len(values))


class _Of:
    """A progress whose messages begin with the encoder that is read."""

    def __init__(self, whole: Progress, title: str) -> None:
        self.whole, self.title = whole, title

    def at(self, fraction: float, message: str) -> None:
        self.whole.at(fraction, f"{self.title}. {message}")

    def metric(self, step: int, values: Mapping[str, Any]) -> None:
        """There is no curve of it."""
