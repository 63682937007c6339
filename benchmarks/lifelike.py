"""How simulated weeks differ from real ones: distributions over people, figure by figure.

    python -m benchmarks.lifelike ../shared/data [--people 100] [--seed 7]

Real people: OBF-Psychiatric (Actiwatch on the wrist) and NHANES 2003-04 (ActiGraph on the hip, off at night), the first full week of each
that the input check does not refuse, turned so that minute 0 is midnight where the recording began at another time. They are described;
nothing is trained on them here. Simulated people: those of before ("classroom") and lifelike ones (pat_core/simulate/lifelike.py). Each
figure of a week gives one number a person; the Kolmogorov-Smirnov distance says how far the simulated people's distribution is from the
real ones' (0 alike, 1 apart). Beside it stands what two halves of the real people reach, the mean over 20 random halvings, scaled to the
numbers of people: nothing can be nearer than that but by chance.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import ks_2samp

from benchmarks.machine import keep
from benchmarks.training.real_people import NHANES, PSYCHIATRIC, import_people
from pat_core.cohorts import WeekRow, Workspace
from pat_core.errors import PatError
from pat_core.records import COUNTS
from pat_core.rhythms import figures, nights
from pat_core.simulate import START, simulate, simulate_lifelike
from pat_core.workflows.week.cohort_weeks import first_weeks, unfit_rows

DAY = 1440
LAGS = {"1 min": 1, "5 min": 5, "30 min": 30, "60 min": 60, "1 day": DAY, "2 days": 2 * DAY}
MOVING = 50
"""Counts a minute from which a minute belongs to a bout of activity; a bout of rest is of zeros."""
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
HALVINGS = 20


def real_weeks(data: Path) -> dict[str, list[list[np.ndarray]]]:
    """Cohort -> of each person their full weeks (10080,), the first one first."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        import_people(workspace, data)
        return {cohort: list(fit_weeks(workspace, cohort).values()) for cohort in (PSYCHIATRIC, NHANES)}


def fit_weeks(workspace: Workspace, cohort: str) -> dict[str, list[np.ndarray]]:
    """Person -> the full weeks that the input check does not refuse, the first one first."""
    unfit, weeks = unfit_rows(workspace, cohort), workspace.weeks_array(cohort)
    rows = [row for row in workspace.week_rows(cohort) if row.row not in unfit]
    people = [row.participant for row in first_weeks(rows)]
    own = {person: sorted((row for row in rows if row.participant == person), key=lambda row: row.index) for person in people}
    return {person: [from_midnight(np.asarray(weeks[row.row]), row) for row in own[person]] for person in people}


def from_midnight(week: np.ndarray, row: WeekRow) -> np.ndarray:
    """The week's minutes, those of before its first midnight put last where they belong by the clock; a missing minute counts as 0."""
    minute = row.start.hour * 60 + row.start.minute if row.start else 0
    return np.roll(np.nan_to_num(week), minute)


def of_week(week: np.ndarray) -> dict[str, float]:
    """Figures of one week (10080,) counts a minute."""
    logs = np.log1p(week)
    moving = logs[week > 0]
    rhythm = figures(week)
    table = {"zero share": float(np.mean(week == 0)), "mean counts": float(week.mean())}
    table |= {"mean of log counts where not zero": float(moving.mean()), "deviation of log counts where not zero": float(moving.std())}
    table |= {"99th percentile of counts": float(np.percentile(week, 99))}
    for name, on in (("activity", week >= MOVING), ("rest", week == 0)):
        lengths = bouts(on)
        table |= {f"bouts of {name}, median minutes": float(np.median(lengths)), f"bouts of {name}, mean minutes": float(lengths.mean())}
        table |= {f"bouts of {name}, 95th percentile": float(np.percentile(lengths, 95)), f"bouts of {name} a day": len(lengths) / 7}
    table |= {f"autocorrelation, {name}": correlation(logs[:-lag], logs[lag:]) for name, lag in LAGS.items()}
    table |= {"IS": rhythm.interdaily_stability, "IV": rhythm.intradaily_variability, "RA": rhythm.relative_amplitude}
    table |= {"L5": rhythm.l5, "M10": rhythm.m10, "L5 begins, hours from noon": (rhythm.l5_start / 60 - 12) % 24}
    table |= {"M10 begins, hours": rhythm.m10_start / 60}
    days = week.reshape(7, DAY).mean(axis=1)
    return table | {"deviation between days of a day's mean, share": float(days.std() / max(days.mean(), 1e-9))}


def of_nights(week: np.ndarray) -> dict[str, float]:
    """Wake-ups and sleep of the nights of a week on the wrist, means over its whole nights; NaN where there is none."""
    try:
        counted = [night for night in nights(week, START, COUNTS).nights if night.counted]
    except PatError:
        counted = []
    names = {"wake-ups a night": "awakenings", "minutes awake a night": "waso", "hours asleep a night": "sleep"}
    divided = {"hours asleep a night": 60}
    return {
        name: float(np.mean([getattr(night, field) for night in counted])) / divided.get(name, 1) if counted else float("nan")
        for name, field in names.items()
    }


def bouts(on: np.ndarray) -> np.ndarray:
    """Lengths in minutes of the stretches of True; [0] where there is none."""
    edges = np.diff(np.concatenate([[0], on.astype(np.int8), [0]]))
    lengths = np.flatnonzero(edges < 0) - np.flatnonzero(edges > 0)
    return lengths if len(lengths) else np.zeros(1)


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one, other)[0, 1]) if one.std() > 0 and other.std() > 0 else float("nan")


def of_people(people: list[list[np.ndarray]], wrist: bool) -> dict[str, np.ndarray]:
    """Figure -> (people,) values; a week apart for those who have two weeks."""
    rows = [of_week(weeks[0]) | (of_nights(weeks[0]) if wrist else {}) for weeks in people]
    table = {name: np.array([row[name] for row in rows]) for name in rows[0]}
    pairs = [weeks for weeks in people if len(weeks) > 1]
    if pairs:
        table["autocorrelation, 7 days"] = np.array([correlation(*(np.log1p(week) for week in weeks[:2])) for weeks in pairs])
    return table


def by_clock(people: list[list[np.ndarray]]) -> dict[str, np.ndarray]:
    """(1440,) each: what varies between people at a minute of the day, over the means of their days of log counts; and how many zeros."""
    first = np.stack([weeks[0] for weeks in people]).reshape(len(people), 7, DAY)
    logs = np.log1p(first).mean(axis=1)
    return {"mean": logs.mean(0), "deviation between people": logs.std(0), "share of zeros": (first == 0).mean((0, 1))}


def distances(real: dict[str, np.ndarray], simulated: dict[str, np.ndarray]) -> dict[str, object]:
    """Figure -> quantiles of both, their KS distance, and that of halves of the real people."""
    table: dict[str, object] = {}
    for name, values in real.items():
        true, drawn = (some[np.isfinite(some)] for some in (values, simulated.get(name, np.empty(0))))
        if len(true) > 3 and len(drawn) > 3:
            table[name] = {
                "real": np.quantile(true, QUANTILES).round(3).tolist(),
                "simulated": np.quantile(drawn, QUANTILES).round(3).tolist(),
                "KS": round(float(ks_2samp(true, drawn).statistic), 3),
                "KS of halves": round(of_halves(true, len(drawn)), 3),
            }
    return table


def of_halves(true: np.ndarray, drawn: int) -> float:
    """The KS distance to expect between samples of these sizes from one distribution: of two halves, scaled by the sizes."""
    rng = np.random.default_rng(0)
    half = len(true) // 2
    apart = [ks_2samp(*np.split(rng.permutation(true)[: 2 * half], 2)).statistic for _ in range(HALVINGS)]
    return float(np.mean(apart) * np.sqrt((1 / len(true) + 1 / drawn) / (2 / half)))


def clock_ratios(real: list[list[np.ndarray]], simulated: list[list[np.ndarray]]) -> dict[str, object]:
    """Per quarter of the day: simulated over real, median over its minutes; of the share of zeros the difference."""
    table: dict[str, object] = {}
    true, drawn = by_clock(real), by_clock(simulated)
    for name, values in true.items():
        pairs = zip(np.split(values, 4), np.split(drawn[name], 4), strict=True)
        zeros = name == "share of zeros"
        table[name] = [round(float(np.median(b - a if zeros else b / np.maximum(a, 1e-6))), 3) for a, b in pairs]
    return table


def compared(real: list[list[np.ndarray]], simulated: list[list[np.ndarray]], wrist: bool) -> dict[str, object]:
    table = distances(of_people(real, wrist), of_people(simulated, wrist))
    means = {key: round(float(np.mean([row[key] for row in table.values()])), 3) for key in ("KS", "KS of halves")}  # type: ignore[index]
    return {"people": [len(real), len(simulated)], "mean over figures": means, "figures": table, "by clock": clock_ratios(real, simulated)}


WORN = {PSYCHIATRIC: "wrist", NHANES: "hip"}


def simulated(kind: str, worn: str, people: int, seed: int) -> list[list[np.ndarray]]:
    """Two weeks of each simulated person."""
    two = simulate(people, seed, "none", days=14) if kind == "classroom" else simulate_lifelike(people, seed, worn, days=14)
    return [list(np.split(person, 2)) for person in two.weeks]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--people", type=int, default=100, help="simulated, of each kind")
    parser.add_argument("--seed", type=int, default=7)
    chosen = parser.parse_args()
    result: dict[str, object] = {}
    for cohort, people in real_weeks(chosen.data).items():
        kinds = {kind: simulated(kind, WORN[cohort], chosen.people, chosen.seed) for kind in ("classroom", "lifelike")}
        result[cohort] = {kind: compared(people, drawn, WORN[cohort] == "wrist") for kind, drawn in kinds.items()}
    keep("lifelike", result)


if __name__ == "__main__":
    main()
