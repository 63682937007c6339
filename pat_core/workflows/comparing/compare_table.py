"""A comparison as lines to be read: each model's AUC at each training size, its mean over sizes, and that beside the floors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pat_core.cohorts import Workspace
from pat_core.errors import WeightsError
from pat_core.evaluation.discrimination import auc_parts, rows_of_folds
from pat_core.evaluation.resampling import sample_of
from pat_core.models.baselines import baseline_of
from pat_core.records import Interval
from pat_core.weights.parameter_shapes import parameters
from pat_core.workflows.comparing.compare_cells import CellResult, Comparison
from pat_core.workflows.comparing.compare_request import ALL, FLOORS, Groups
from pat_core.workflows.comparing.paper_results import paper_figure
from pat_core.workflows.models.model_entries import resolve, titles

NORMAL = 1.959964
"""Of a two-sided interval of 95 %."""


Results = dict[tuple[int, int], CellResult]
"""(size, seed) -> result, of one model on one pair of groups."""


@dataclass(frozen=True)
class SizePoint:
    """One training size. people: trained on, validation included. mean, lowest, highest: of the AUC over `seeds` repetitions."""

    size: int
    people: int
    mean: float
    lowest: float
    highest: float
    seeds: int


@dataclass(frozen=True)
class Line:
    """One model, trained in one way, on one pair of groups.

    points: by rising size. mean: of the AUC over sizes and repetitions; its interval is over the people tested and over repetitions.
    difference: of that mean from the better floor's, over the same people; None of a floor. whole: every cell is done. paper: its figure.
    """

    groups: Groups
    model: str
    style: str
    title: str
    parameters: int | None
    points: tuple[SizePoint, ...]
    mean: Interval
    difference: Interval | None
    whole: bool
    paper: float | None = None

    @property
    def floor(self) -> bool:
        return self.model in FLOORS


def lines(workspace: Workspace, comparison: Comparison) -> list[Line]:
    """The lines of what is done, group by group, the floors first, then the models as they were asked for."""
    request, called = comparison.request, titles(workspace)
    abouts = {model: about(workspace, model, called) for model in (*FLOORS, *request.models)}
    return [
        _line(comparison, (groups, model, style), results, abouts[model])
        for groups in request.groups
        for model in (*FLOORS, *request.models)
        for style in request.styles_of(model)
        if (results := _results(comparison, groups, model, style))
    ]


def _line(comparison: Comparison, which: tuple[Groups, str, str], results: Results, of_model: tuple[str, int | None, str]) -> Line:
    groups, model, style = which
    title, count, in_paper = of_model
    points = [
        _point(size, [done for (own, _), done in results.items() if own == size]) for size in dict.fromkeys(size for size, _ in results)
    ]
    return Line(
        groups=groups,
        model=model,
        style=style,
        title=f"{title}, linear probe" if style == "linear_probe" else title,
        parameters=count,
        points=tuple(sorted(points, key=lambda point: point.people)),
        mean=mean_auc(results),
        difference=None if model in FLOORS else difference(results, _better_floor(comparison, groups)),
        whole=not any((cell.groups, cell.model, cell.style) == which for cell in comparison.missing),
        paper=paper_figure(in_paper, groups.label) if comparison.request.paper else None,
    )


def _results(comparison: Comparison, groups: Groups, model: str, style: str = "") -> Results:
    which = groups, model, style
    return {(cell.size, cell.seed): done for cell, done in comparison.results.items() if (cell.groups, cell.model, cell.style) == which}


def about(workspace: Workspace, model: str, called: Mapping[str, str]) -> tuple[str, int | None, str]:
    """(title, parameters with the head, what the paper's table calls it); parameters None for a floor or what is not here any more.
    called: model -> its title on every page; a model without one is called as it was asked for."""
    if model in FLOORS:
        return FLOORS[model], None, ""
    if baseline := baseline_of(model):
        return baseline.title, parameters(baseline), model
    try:
        config = resolve(workspace, model).config
    except WeightsError:
        return model, None, ""
    return called.get(model, model), parameters(config, True), f"{config.size} conv" if config.embedding == "conv" else config.size


def _point(size: int, done: Sequence[CellResult]) -> SizePoint:
    values = [one.auc.value for one in done]
    return SizePoint(size, sum(done[0].train), float(np.mean(values)), min(values), max(values), len(done))


def _better_floor(comparison: Comparison, groups: Groups) -> Results:
    """The floor with the higher mean over the cells that it has."""
    each = [_results(comparison, groups, floor) for floor in FLOORS]
    return max(each, key=lambda of_one: float(np.mean([done.auc.value for done in of_one.values()])) if of_one else -1.0)


def mean_auc(results: Results) -> Interval:
    """Mean AUC over cells that were tested on the same people. Its variance: DeLong's of the mean over people, and that of the mean over
    repetitions; on the log-odds scale. Where every order is perfect, which tells nothing of its own variance, the widest interval of a
    cell."""
    value, people = _mean(results)
    spread = np.sqrt(_variance(people, results))
    tested = len(people.influence)
    if not (0 < value < 1 and spread > 0):
        return Interval(value, min(done.auc.low for done in results.values()), max(done.auc.high for done in results.values()), tested)
    reach = NORMAL * spread / (value * (1 - value))
    low, high = (1 / (1 + np.exp(-(np.log(value / (1 - value)) + sign * reach))) for sign in (-1, 1))
    return Interval(value, float(low), float(high), tested)


def difference(results: Results, floor: Results) -> Interval | None:
    """Mean AUC less that of the floor, over the cells that both have; None where they share none. Its ends are NaN where both are perfect:
    nothing tells then how much it varies."""
    both = [key for key in results if key in floor]
    if not both:
        return None
    ours, theirs = ({key: of_one[key] for key in both} for of_one in (results, floor))
    (first, one), (second, other) = _mean(ours), _mean(theirs)
    moved = _Influence(one.influence - other.influence, one.positive)
    gaps = {key: ours[key].auc.value - theirs[key].auc.value for key in both}
    perfect = first == second and first in (0.0, 1.0)
    reach = float("nan") if perfect else NORMAL * float(np.sqrt(_over_people(moved) + _over_seeds(gaps)))
    return Interval(first - second, first - second - reach, first - second + reach, len(moved.influence))


@dataclass(frozen=True, eq=False)
class _Influence:
    """(people,) how much each person moves a mean, and who is positive."""

    influence: np.ndarray
    positive: np.ndarray


def _mean(results: Results) -> tuple[float, _Influence]:
    parts, labels = [], np.empty(0, dtype=bool)
    for done in results.values():
        labels = done.positive.astype(bool)
        parts.append(auc_parts(labels, done.logits, sample_of(len(labels), None, labels), rows_of_folds(None, len(labels))))
    influence = np.mean([part.influence for part in parts], axis=0)
    return float(np.mean([part.value for part in parts])), _Influence(influence, labels)


def _variance(people: _Influence, results: Results) -> float:
    return _over_people(people) + _over_seeds({key: done.auc.value for key, done in results.items()})


def _over_people(people: _Influence) -> float:
    """DeLong's variance of a mean, each kind by itself."""
    kinds = (people.positive, ~people.positive)
    return float(sum(np.sum(people.influence[kind] ** 2) * kind.sum() / max(kind.sum() - 1, 1) for kind in kinds))


def _over_seeds(values: dict[tuple[int, int], float]) -> float:
    """Variance of the mean over repetitions, each the mean over its sizes; 0 of one repetition, which tells nothing of it."""
    seeds = sorted({seed for _, seed in values})
    means = [np.mean([value for (_, own), value in values.items() if own == seed]) for seed in seeds]
    return float(np.var(means, ddof=1) / len(means)) if len(means) > 1 else 0.0


def size_words(size: int) -> str:
    """A training size for a table's head."""
    return "all" if size == ALL else f"{size:,}"
