"""Targets that need no map of a planted week: exactness of attention, closed forms, the input gate, calibration after a prior shift."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np
import torch

from pat_core.cohorts import Workspace
from pat_core.evaluation import calibration, correct_logit, sigmoid, wilson
from pat_core.explain.methods.one_block import authors_map
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS, Interval, Standardizer, Week
from pat_core.simulate import simulate
from pat_core.wear import nonwear
from pat_core.weeks import apply, check, fit, report
from pat_core.weights import Model
from pat_core.workflows.explanations.planted_models import TEST_SEED
from pat_core.workflows.read.cohort_import import import_recordings
from tests.explain.closed_forms import CLOSED_FORMS
from tests.explain.numpy_statement import numpy_attention

ON_ALL = {"size": "", "task": "", "method": "", "variant": ""}


def exact_attention(sizes: Sequence[str]) -> list[Mapping[str, object]]:
    """Targets 1 and 2: the authors' map against a NumPy statement of it, and the largest deviation of the closed forms."""
    worst = 0.0
    for size in sizes:
        for seed in range(3):
            network = seeded(lambda size=size: Classifier(config_for(size)), seed).eval()
            z = np.random.default_rng(seed).normal(size=10080).astype(np.float32)
            last = network.config.blocks - 1
            stated = numpy_attention(network, z, last).mean(axis=(0, 1))  # (N,): mean over heads and queries
            shown = authors_map(network, z).values[:: network.config.patch][: stated.size] / stated.size
            worst = float(np.max([worst, np.abs(shown - stated).max()]))  # np.max keeps a NaN, max() would drop it
    forms = [form() for form in CLOSED_FORMS.values()]
    off = float(np.max(forms))
    return [
        _row(1, "authors' map against NumPy, largest difference", "1e-6", worst, 3 * len(sizes), worst <= 1e-6),
        _row(2, "closed forms, largest deviation", "1e-6", off, len(forms), off <= 1e-6),
    ]


def gate(archives: Sequence[Path], simulated: int = 200) -> list[Mapping[str, object]]:
    """Target 10: mistakes made on simulated and real weeks, caught or not; and unharmed weeks that are held up all the same.

    Caught: refused, or the reader is warned of the very thing (its scale, its unit, what the values look like).
    """
    caught: dict[str, list[bool]] = {}
    alarms: list[bool] = []
    for weeks, standardizer in (_simulated(simulated), *map(_imported, archives)):
        alarms += [_caught(week, standardizer) for week in weeks]
        rng = np.random.default_rng(0)
        for name, mistake in MISTAKES.items():
            caught.setdefault(name, []).extend(_caught(mistake(week, rng), standardizer) for week in weeks)
    rows = [_counted(f"input gate: {name}, share caught", ".95", found, np.mean(found) >= 0.95) for name, found in caught.items()]
    return [*rows, _counted("input gate: good weeks held up", ".05 at most", alarms, np.mean(alarms) <= 0.05)]


OF_THE_VALUES = ("scale_large", "scale_faint", "scale_extreme", "looks_transformed", "not_whole", "implausible_mean", "unit")


def _changed(week: Week, values: np.ndarray) -> Week:
    values = values.astype(np.float32)
    return Week(week.participant, 0, values, week.start, True, week.unit, week.device, "start", report(values, week.unit))


def _shelved(week: Week, rng: np.random.Generator) -> Week:
    """The device lay on a table for all but half a day."""
    values = np.zeros_like(week.values)
    first = int(rng.integers(0, values.size - 720))
    values[first : first + 720] = week.values[first : first + 720]
    return _changed(week, values)


MISTAKES: dict[str, Callable[[Week, np.random.Generator], Week]] = {
    "not worn": _shelved,
    "logarithms": lambda week, rng: _changed(week, np.log1p(week.values)),
    "a unit 30 times as fine": lambda week, rng: _changed(week, 30 * week.values),
    "a unit 30 times as coarse": lambda week, rng: _changed(week, np.rint(week.values / 30)),
    "shuffled minutes": lambda week, rng: _changed(week, rng.permutation(week.values)),
    "six days": lambda week, rng: _changed(week, week.values[: 6 * 1440]),
    "half-minute epochs": lambda week, rng: _changed(week, np.repeat(week.values, 2) / 2),
}


def _caught(week: Week, standardizer: Standardizer) -> bool:
    found = check(week, standardizer, COUNTS)
    return any(one.severity == "refuse" or (one.severity == "warn" and one.code in OF_THE_VALUES) for one in found)


def _simulated(people: int) -> tuple[list[Week], Standardizer]:
    made, behind = simulate(people, TEST_SEED), simulate(500, TEST_SEED + 1)
    start = datetime(2024, 1, 1)
    weeks = [
        Week(who, 0, values, start, True, COUNTS, None, "start", report(values, COUNTS))
        for who, values in zip(made.participants, made.weeks, strict=True)
    ]
    return weeks, fit(behind.weeks, "simulated people", COUNTS)


def _imported(path: Path) -> tuple[list[Week], Standardizer]:
    """First weeks of a real archive, worn for at least half of the time (others are rightly refused), and its own standardizer."""
    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(folder)
        import_recordings(space, [path], "real")
        rows = [row for row in space.week_rows("real") if row.index == 0]
        weeks = [space.week("real", row.participant, 0) for row in rows]
        values = np.stack([week.values for week in weeks])
    return [week for week in weeks if nonwear(week.values).mean() < 0.5], fit(values, path.name, COUNTS)


def prior_shift(model: Model, size: str, people: int = 3000, prevalences: Sequence[float] = (0.08, 0.2)) -> list[Mapping[str, object]]:
    """Target 11: a model trained at a 50/50 prior, its logits moved to another prevalence, on new people who have that prevalence."""
    rows = []
    for prevalence in prevalences:
        cohort = simulate(people, TEST_SEED + 77, model.card["label"], prevalence)
        with torch.no_grad():
            parts = np.array_split(apply(model.standardizer, cohort.weeks), people // 10)
            logits = np.concatenate([model.network(torch.from_numpy(part)).numpy() for part in parts])
        found = calibration(cohort.positive, sigmoid(correct_logit(logits, prevalence)))
        mean = abs(found.mean_error)
        about = f"prevalence {prevalence:.2f}"
        rows += [
            _row(11, f"calibration slope, {about}", ".9 to 1.1", found.slope, people, 0.9 <= found.slope <= 1.1, size),
            _row(11, f"mean probability less share of positives, {about}", ".01 at most", mean, people, mean <= 0.01, size),
            _row(0, f"error of a bin, mean over people, {about}", "", found.expected_error, people, None, size),
        ]
    return rows


def _row(number: int, measure: str, target: str, value: float, n: int, met: bool | None, size: str = "", interval: Interval | None = None):
    low, high = (interval.low, interval.high) if interval else (value, value)
    values = {"value": float(f"{value:.4g}"), "low": float(f"{low:.4g}"), "high": float(f"{high:.4g}")}
    told = {"number": number, "measure": measure, "target": target, **ON_ALL, "size": size}
    return told | values | {"n": n, "met": None if met is None else bool(met)}


def _counted(measure: str, target: str, found: Sequence[bool], met: bool) -> Mapping[str, object]:
    interval = wilson(sum(found), len(found))
    return _row(10, measure, target, float(np.mean(found)), len(found), met, interval=interval)
