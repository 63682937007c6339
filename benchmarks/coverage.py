"""Whether intervals keep their promise: how often the 95 % intervals of simulated people hold the truth, and on which side they miss.

    python -m benchmarks.coverage [--simulations 300] [--resamples 500] [--only FIGURE]

Test sets: scores of positives and negatives from two normal distributions, so that the true AUC, average precision and sensitivity are
known. Cross-validation: in each simulation people with five features are drawn, a classifier (difference of means) is trained in each of
five folds, and each fold model's true AUC is known; the truth is the mean of these models ("models") or the mean over all trainings
("recipe"). Weeks: three weeks of a person, which share a part of their scores. Too high: the whole interval lies above the truth, which
flatters the model; too low: below it. Percentages supported: how often `supports_percentage` allows right and too extreme
ones. With 300 simulations a share of 95 % is known to about 2.5 points either way.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from scipy.special import expit, logit, ndtri
from scipy.stats import norm

from benchmarks.machine import RESULTS, keep
from pat_core.evaluation import (
    average_precision,
    corrected_interval,
    paired_aucs,
    probability_figures,
    repeated_auc,
    sensitivity_at_specificity,
    supports_percentage,
    within_folds_auc_interval,
)
from pat_core.evaluation.discrimination import auc_parts, checked
from pat_core.evaluation.resampling import bca_intervals, drawn, percentile_interval, resampled, sample_of
from pat_core.evaluation.thresholds import FallingScores
from pat_core.records import Interval

AREAS = (0.6, 0.8, 0.95)
PREVALENCES = (0.1, 0.3, 0.5)
PEOPLE = (20, 40, 100, 200, 400)
FOLDS, FEATURES = 5, 5
DRAWS_FROM = 100_000
"""Added to a simulation's seed, so that people are not drawn by the numbers that made them."""
RULE, RULE_AREA = "percentages supported", 0.85
Bounds = tuple[float, float]
Methods = dict[str, Bounds]


def main() -> None:
    """Run all simulations and keep the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=300)
    parser.add_argument("--resamples", type=int, default=500)
    parser.add_argument("--only", metavar="FIGURE", help="run this figure alone, and take the others from the last result")
    chosen = parser.parse_args()
    last = kept() if chosen.only else {"cases": [], "percentages_supported": []}
    rows = [row for row in last["cases"] if row["figure"] != chosen.only]
    for figure, case, draw in cases(chosen.resamples):
        if chosen.only not in (None, figure):
            continue
        rows.append({"figure": figure, **case, "methods": coverage(draw, chosen.simulations)})
        print(figure, case, {name: row["covered"] for name, row in rows[-1]["methods"].items()}, flush=True)
    rule = supported(chosen.simulations) if chosen.only in (None, RULE) else last["percentages_supported"]
    asked = {"simulations": chosen.simulations, "resamples": chosen.resamples}
    keep("coverage", asked | {"summary": summary(rows), "percentages_supported": rule, "cases": rows})


def kept() -> dict[str, list[dict]]:
    """The last result."""
    return json.loads(max(RESULTS.glob("*-coverage.json")).read_text())["result"]


def supported(simulations: int) -> list[dict[str, float]]:
    """How often the rule allows percentages: right ones, and ones whose log-odds are too large by a factor. Half of the people positive."""
    rows = []
    for people in (60, 100, 140, 200):
        for factor in (1.0, 1.4, 2.0):
            passed = 0
            for seed in range(simulations):
                labels, scores = two_normals(people, 0.5, RULE_AREA, np.random.default_rng(seed))
                apart = np.sqrt(2) * norm.ppf(RULE_AREA)
                figures = probability_figures(labels, expit(factor * (apart * scores - apart**2 / 2)), None, 200, seed + DRAWS_FROM)
                passed += supports_percentage(figures)[0]
            rows.append({"people": people, "log_odds_times": factor, "supported": round(100 * passed / simulations, 1)})
            print(RULE, rows[-1], flush=True)
    return rows


def cases(resamples: int) -> Iterator[tuple[str, dict[str, float], Callable[[int], tuple[dict[str, float], dict[str, Methods]]]]]:
    """Figure, what is simulated, and a function of the seed that gives truths and intervals by truth and method."""
    for people in PEOPLE:
        for prevalence in PREVALENCES[:: 1 if people < 400 else 2]:
            for area in AREAS:
                yield "AUC of a test set", facts(people, prevalence, area), partial(test_set, people, prevalence, area, resamples)
    for people in (40, 100, 200):
        for prevalence in (0.1, 0.3, 0.5)[people < 100 :]:
            for area in AREAS:
                yield "AUC of five folds", facts(people, prevalence, area), partial(cross_validated, people, prevalence, area, resamples)
    for area in AREAS:
        yield "AUC of three weeks a person", facts(60, 0.3, area), partial(three_weeks, 60, 0.3, area, resamples)
    for people in (40, 100, 400):
        for prevalence in (0.1, 0.5):
            for area in AREAS[::2]:
                draw = partial(curve_figures, people, prevalence, area, resamples // 2)
                yield "average precision and sensitivity", facts(people, prevalence, area), draw
    for people in (50, 200):
        for slope in (1.0, 0.5):
            yield "probabilities", {"people": people, "slope": slope}, partial(probabilities, people, slope, resamples // 2)
    for people in (50, 200):
        yield "difference of two AUCs", {"people": people}, partial(difference, people, resamples)


def facts(people: int, prevalence: float, area: float) -> dict[str, float]:
    return {"people": people, "prevalence": prevalence, "true_auc": area}


def coverage(draw: Callable[[int], tuple[dict[str, float], dict[str, Methods]]], simulations: int) -> dict[str, dict[str, float]]:
    """By truth and method: covered, too high, too low (percent), mean width."""
    results: dict[str, list[tuple[float, Bounds]]] = defaultdict(list)
    truths: dict[str, list[float]] = defaultdict(list)
    for seed in range(simulations):
        truth, intervals = draw(seed)
        for name, value in truth.items():
            truths[name].append(value)
            for method, bounds in intervals[name].items():
                results[f"{name}: {method}"].append((value, bounds))
    if "recipe" in truths:  # known from all simulations alone
        mean = float(np.mean(truths["recipe"]))
        results |= {name: [(mean, bounds) for _, bounds in held] for name, held in results.items() if name.startswith("recipe")}
    table = {}
    for name, held in results.items():
        truth_each = np.array([value for value, _ in held])
        low, high = np.array([bounds for _, bounds in held]).T
        known = np.isfinite(low)
        too_high, too_low = np.mean(low[known] > truth_each[known]), np.mean(high[known] < truth_each[known])
        table[name] = {
            "covered": round(100 * float(1 - too_high - too_low), 1),
            "too_high": round(100 * float(too_high), 1),
            "too_low": round(100 * float(too_low), 1),
            "width": round(float(np.mean((high - low)[known])), 3),
        }
    return table


def two_normals(people: int, prevalence: float, area: float, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    labels = np.arange(people) < max(2, round(people * prevalence))
    return labels, rng.normal(size=people) + np.sqrt(2) * norm.ppf(area) * labels


def test_set(people: int, prevalence: float, area: float, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """The AUC of people who were all scored by one model."""
    labels, scores = two_normals(people, prevalence, area, np.random.default_rng(seed))
    fold = np.zeros(people)
    intervals = engine_intervals(labels, scores, None, fold, resamples, seed)
    intervals["bootstrap-t"] = bootstrap_t(labels, scores, resamples, seed)
    intervals["logit, normal quantile (DeLong)"] = delong(labels, scores)
    return {"truth": area}, {"truth": intervals}


def engine_intervals(
    labels: np.ndarray, scores: np.ndarray, people: np.ndarray | None, fold: np.ndarray, resamples: int, seed: int
) -> Methods:
    def one(method: str) -> Bounds:
        return bounds(within_folds_auc_interval(labels, scores, people, fold, resamples, seed + DRAWS_FROM, method=method)[0])

    return {method: one(method) for method in ("percentile", "bca", "logit")}


def bounds(interval: Interval) -> Bounds:
    return interval.low, interval.high


def delong(labels: np.ndarray, scores: np.ndarray) -> Bounds:
    """DeLong's variance on the log-odds scale with the normal quantile; Newcombe where there is none."""
    parts = auc_parts(labels, scores, sample_of(len(labels), None, labels), [np.arange(len(labels))])
    if not parts.varies:
        return bounds(within_folds_auc_interval(labels, scores, None, np.zeros(len(labels)))[0])
    reach = ndtri(0.975) * np.sqrt(sum(parts.variances)) / (parts.value * (1 - parts.value))
    return float(expit(logit(parts.value) - reach)), float(expit(logit(parts.value) + reach))


def bootstrap_t(labels: np.ndarray, scores: np.ndarray, resamples: int, seed: int) -> Bounds:
    """Studentized by DeLong's variance in each draw, on the log-odds scale (Davison & Hinkley 1997, chapter 5); a draw in perfect order
    counts as half a pair away from it, with the variance of Hanley & McNeil (1982) there."""
    labels, scores = checked(labels, scores)
    sample = sample_of(len(labels), None, labels)
    parts = auc_parts(labels, scores, sample, [np.arange(len(labels))])
    if not parts.varies:
        return delong(labels, scores)
    order = np.argsort(scores, kind="stable")
    y, (m, n) = labels[order], parts.counts
    statistics = []
    for weights in drawn(sample, resamples, seed + DRAWS_FROM):
        w = weights[:, order]
        below, above = np.cumsum(w * ~y, axis=1), m - np.cumsum(w * y, axis=1)
        wins = np.where(y, below / n, above / m)
        value = (w * wins)[:, y].sum(1) / m
        away = w * (wins - value[:, None]) ** 2
        variance = away[:, y].sum(1) / (m * (m - 1)) + away[:, ~y].sum(1) / (n * (n - 1))
        inside = np.clip(value, 0.5 / (m * n), 1 - 0.5 / (m * n))
        first, second = inside / (2 - inside), 2 * inside**2 / (1 + inside)
        hanley = (inside * (1 - inside) + (m - 1) * (first - inside**2) + (n - 1) * (second - inside**2)) / (m * n)
        variance = np.where((value <= 0) | (value >= 1) | (variance < 1e-12), hanley, variance)
        statistics.append((logit(inside) - logit(parts.value)) * inside * (1 - inside) / np.sqrt(variance))
    low, high = np.quantile(np.concatenate(statistics), [0.025, 0.975])
    spread = np.sqrt(sum(parts.variances)) / (parts.value * (1 - parts.value))
    return float(expit(logit(parts.value) - high * spread)), float(expit(logit(parts.value) - low * spread))


def cross_validated(people: int, prevalence: float, area: float, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """The AUC within five folds, each with a model of its own, once and repeated five times; true_auc is that of a perfect model."""
    rng = np.random.default_rng(seed)
    direction = np.zeros(FEATURES)
    direction[0] = np.sqrt(2) * norm.ppf(area)
    labels = np.arange(people) < round(people * prevalence)
    x = rng.normal(size=(people, FEATURES)) + labels[:, None] * direction
    scores, folds, areas = [], [], []
    for _ in range(5):
        fold = np.empty(people, dtype=int)
        for kind in (labels, ~labels):
            fold[kind] = rng.permutation(np.arange(kind.sum()) % FOLDS)
        score = np.empty(people)
        true, pairs = [], []
        for number in range(FOLDS):
            tested = fold == number
            train_x, train_y = x[~tested], labels[~tested]
            weight = train_x[train_y].mean(0) - train_x[~train_y].mean(0)
            score[tested] = x[tested] @ weight
            true.append(norm.cdf(weight @ direction / (np.sqrt(2) * np.linalg.norm(weight))))
            pairs.append(labels[tested].sum() * (~labels[tested]).sum())
        scores.append(score)
        folds.append(fold)
        areas.append(np.average(true, weights=pairs))
    one = engine_intervals(labels, scores[0], None, folds[0], resamples, seed)
    who, turn = np.tile(np.arange(people), 5), np.repeat(np.arange(5), people)
    repeated = repeated_auc(np.tile(labels, 5), np.concatenate(scores), who, np.concatenate(folds), turn)
    resampled_t = corrected_interval(np.concatenate(repeated.folds), 1 / FOLDS)
    several = {
        "five repeats": bounds(repeated.auc),
        "five repeats, corrected": bounds(repeated.corrected),
        "five repeats, corrected t of folds": bounds(resampled_t),
    }
    once = repeated_auc(labels, scores[0], None, folds[0], np.zeros(people))
    one_corrected = {"logit, corrected": bounds(once.corrected)}
    truths = {"models": float(areas[0]), "recipe": float(np.mean(areas)), "models of all repeats": float(np.mean(areas))}
    return truths, {"models": one, "recipe": one | one_corrected | several, "models of all repeats": several}


def three_weeks(people: int, prevalence: float, area: float, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """Three weeks of each person, of which seven tenths of the variance is the person's."""
    rng = np.random.default_rng(seed)
    labels, common = two_normals(people, prevalence, area, rng)
    shift = np.sqrt(2) * norm.ppf(area) * labels
    scores = np.concatenate([shift + np.sqrt(0.7) * (common - shift) + np.sqrt(0.3) * rng.normal(size=people) for _ in range(3)])
    who = np.tile(np.arange(people), 3)
    return {"truth": area}, {"truth": engine_intervals(np.tile(labels, 3), scores, who, np.zeros(3 * people), resamples, seed)}


def curve_figures(people: int, prevalence: float, area: float, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """Average precision, and the sensitivity at a specificity of 90 %."""
    rng = np.random.default_rng(seed)
    labels, scores = two_normals(people, prevalence, area, rng)
    shift, share = np.sqrt(2) * norm.ppf(area), labels.mean()
    cuts = np.linspace(9, -9, 4001)
    recall = norm.sf(cuts - shift)
    precision = share * recall / (share * recall + (1 - share) * norm.sf(cuts))
    truths = {"average precision": float(np.trapezoid(precision, recall)), "sensitivity": float(norm.sf(norm.ppf(0.9) - shift))}
    curve, sample = FallingScores(labels, scores), sample_of(people, None, labels)

    def both(weights: np.ndarray) -> np.ndarray:
        return np.column_stack([curve.precision(weights), curve.reached(weights, 0.9)[1]])

    draws, bca = resampled(both, sample, resamples, seed + DRAWS_FROM), bca_intervals(both, sample, resamples, seed + DRAWS_FROM)
    intervals: dict[str, Methods] = {}
    for number, name in enumerate(truths):
        percentile = percentile_interval(bca[number].value, draws[:, number], people)
        intervals[name] = {"percentile": bounds(percentile), "bca": bounds(bca[number])}
    intervals["average precision"]["logit"] = bounds(average_precision(labels, scores))
    intervals["sensitivity"]["wilson"] = bounds(
        sensitivity_at_specificity(labels, scores, 0.9, None, resamples, seed + DRAWS_FROM).sensitivity
    )
    return truths, intervals


def probabilities(people: int, slope: float, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """Calibration slope, Brier score and ICI of probabilities whose log-odds are 1 / slope times the true ones."""
    rng = np.random.default_rng(seed)
    true = np.random.default_rng(0).normal(-0.5, 1.5, 20_000)
    away = expit(true / slope) - expit(true)
    brier = float(np.mean(away**2 + expit(true) * (1 - expit(true))))
    logits = rng.normal(-0.5, 1.5, people)
    labels = rng.random(people) < expit(logits)
    figures = probability_figures(labels, expit(logits / slope), None, resamples, seed + DRAWS_FROM)
    truths = {"slope": slope, "in the large": 0.0, "Brier": brier, "ICI": float(np.abs(away).mean())}
    if slope != 1:
        del truths["in the large"]  # not known in closed form
    else:
        del truths["ICI"]  # 0, which nothing that is estimated can be below
    each = {"slope": figures.slope, "in the large": figures.in_the_large, "Brier": figures.brier, "ICI": figures.ici}
    return truths, {name: {"engine": bounds(each[name])} for name in truths}


def difference(people: int, resamples: int, seed: int) -> tuple[dict[str, float], dict[str, Methods]]:
    """Two models of AUC 0.85 and 0.75 that share half of their noise."""
    rng = np.random.default_rng(seed)
    labels = np.arange(people) < round(people * 0.4)
    common = rng.normal(size=people)
    first, second = (
        np.sqrt(0.5) * common + np.sqrt(0.5) * rng.normal(size=people) + np.sqrt(2) * norm.ppf(area) * labels for area in (0.85, 0.75)
    )
    made = paired_aucs(labels, first, second, resamples=resamples, seed=seed + DRAWS_FROM)
    spread = made.difference.value / made.z if made.z else 0.0
    wald = made.difference.value - 1.959964 * spread, made.difference.value + 1.959964 * spread
    return {"truth": 0.1}, {"truth": {"bca": bounds(made.difference), "DeLong": wald}}


def summary(rows: list[dict]) -> dict[str, dict[str, dict[str, float]]]:
    """By figure and method: mean and least coverage, and the largest share of misses on either side."""
    collected: dict[str, dict[str, list[dict[str, float]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        for method, measured in row["methods"].items():
            collected[row["figure"]][method].append(measured)
    return {
        figure: {
            method: {
                "mean_covered": round(float(np.mean([one["covered"] for one in held])), 1),
                "least_covered": min(one["covered"] for one in held),
                "most_too_high": max(one["too_high"] for one in held),
                "most_too_low": max(one["too_low"] for one in held),
            }
            for method, held in methods.items()
        }
        for figure, methods in collected.items()
    }


if __name__ == "__main__":
    main()
