"""Whether standardized values can be standardized values, and the standardizer itself: the gate's checks of what a model reads.

Limits were set by looking at real weeks. Of weeks standardized by their own device's people, mean |z| lies between 0.3 and 1.2 and the
99th percentile below 12; through another device's standardizer up to 3.4 and 20; values twenty times too large give 4 and more, and 45.
The size of activity over that of the deviations (root mean squares) is near 1, in quiet weeks 0.2; logarithms of counts give 0.01.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pat_core.plurals import counted
from pat_core.records import Finding, Standardizer, Week
from pat_core.settings import MINIMUM_PEOPLE_FOR_STANDARDIZER
from pat_core.wear import flat_at_an_edge
from pat_core.weeks.findings import MISSING_REFUSE, MISSING_WARN, percent, refuse, shuffled, warn
from pat_core.weeks.standardizer import apply
from pat_core.weeks.wear_checks import FILLED_WARN
from pat_core.weeks.week_time import in_days, span

TYPICAL_WARN, TYPICAL_REFUSE = 2.0, 4.0
HIGH_WARN, HIGH_REFUSE = 15.0, 40.0
EXTREME = 50.0
FAINT_WARN, FAINT_REFUSE = 0.15, 0.05
SKEW_WARN = 0.5
"""Skewness of real standardized weeks is 1.4 and more on the wrist, 3 on the hip; of their logarithms about 0."""
ONE_SCALE = 0.01
"""Share of the minutes that hold the lowest value, from which all minutes had one mean: still minutes are then all alike. Standardized
minute by minute no real or simulated week has more than .001; by one mean and deviation .2 and more in 95 of 100."""
FEW_PEOPLE = 50
SPREADLESS_WARN, SPREADLESS_REFUSE = 0.05, 0.5


def check_standardized(z: np.ndarray) -> tuple[Finding, ...]:
    """Findings on (minutes,) values that are said to be standardized already: length, gaps, and whether their scale can be that of z."""
    z = np.asarray(z, np.float64)
    if z.ndim != 1 or not z.size:
        shape_words = counted(z.size, "minute") if z.ndim == 1 else f"an array of shape {z.shape}"
        return (refuse("length", f"One window of minutes was expected; this is {shape_words}.", float(z.size)),)
    finite = np.isfinite(z)
    missing = float(1 - finite.mean())
    if missing > MISSING_REFUSE:
        return (refuse("missing", f"{percent(missing)} of the {span(z.size)} has no value.", missing),)
    present = z[finite]
    if np.ptp(present) == 0:
        return (refuse("constant", f"Every minute has the same value ({present[0]:g}): there is nothing to see in this {span(z.size)}."),)
    findings = list(_high(present)) or list(shuffled(z))
    if not any(finding.severity == "refuse" for finding in findings):
        findings.extend(_one_scale(present))
        findings.extend(_filled_up(z))
    if missing > MISSING_WARN:
        findings.append(warn("missing", f"{percent(missing)} of the {span(z.size)} has no value; those minutes count as average.", missing))
    highest = float(present.max())
    if highest < 1.0:
        findings.append(
            refuse(
                "scale_faint",
                f"No minute lies even one deviation above the average (highest {highest:.2f}); a real week has minutes five and more "
                "above it. Probably logarithms, another unit, or a device that was off were standardized.",
                highest,
            )
        )
    elif (skewness := float(np.mean((present - present.mean()) ** 3) / present.std() ** 3)) < SKEW_WARN:
        findings.append(
            warn(
                "scale_even",
                "High and low minutes are spread evenly around the average. Activity has many quiet minutes and few very active ones; "
                "this evenness is what logarithms leave. PAT learned from activity without logarithms.",
                skewness,
            )
        )
    return tuple(findings)


def _one_scale(z: np.ndarray) -> Iterator[Finding]:
    """Values made with one mean and one deviation for the whole week. z: (minutes,) finite."""
    share = float(np.mean(z == z.min()))
    if share > ONE_SCALE:
        yield refuse(
            "one_scale",
            f"{percent(share)} of the minutes share the same lowest value ({z.min():.3g}): the {span(z.size)} was scaled by one mean for "
            "all minutes, or not at all. PAT expects each minute standardized on its own, over many people; use the activity and have it "
            "standardized here.",
            share,
        )


def _filled_up(z: np.ndarray) -> Iterator[Finding]:
    length, begins = flat_at_an_edge(z)
    if length >= FILLED_WARN:
        where = "first" if begins == 0 else "last"
        yield warn(
            "filled_up",
            f"The {where} {in_days(length)} hold one value ({z[begins]:.3g}): a shorter recording was padded, or nothing was measured "
            "then. The model reads them like all other minutes; use only what was recorded.",
            float(length),
        )


def of_standardizer(week: Week, standardizer: Standardizer, cohort_fitted: bool) -> Iterator[Finding]:
    """Whether the standardizer itself can be used."""
    people = standardizer.people
    if not standardizer.reads(week.values.size):
        yield refuse(
            "standardizer_length",
            f"The standardization has {standardizer.mean.size} minutes, the {span(week.values.size)} {week.values.size}. They do not "
            "belong together.",
        )
        return
    if people < MINIMUM_PEOPLE_FOR_STANDARDIZER:
        yield refuse(
            "standardizer_people",
            f"The standardization was made from {people} people; at least {MINIMUM_PEOPLE_FOR_STANDARDIZER} are needed for a usable "
            "average of each minute.",
            float(people),
        )
    elif people < FEW_PEOPLE:
        yield warn(
            "standardizer_people",
            f"The standardization was made from only {people} people. Each minute's average depends on a few of them; with another group "
            "the answer may change.",
            float(people),
        )
    pairs = np.stack([standardizer.mean, standardizer.scale])
    same = np.concatenate(([False], np.all(pairs[:, 1:] == pairs[:, :-1], axis=0))) | (standardizer.scale == 1)
    share = float(same.mean())
    if share > SPREADLESS_WARN:
        text = f"For {percent(share)} of the minutes the standardization has no average and spread of its own. "
        if share > SPREADLESS_REFUSE:
            yield refuse("standardizer_spread", text + "PAT expects each minute standardized on its own, over many people.", share)
        else:
            yield warn("standardizer_spread", text + "Probably none of its people moved then; movement there counts far too much.", share)
    if cohort_fitted:
        yield Finding(
            "cohort_standardizer",
            "note",
            f"Standardized by your own cohort ({people} people), as PAT's authors do for every data set: "
            "the values say how a minute compares with these people, not with everybody.",
            float(people),
        )


def of_week(week: Week, standardizer: Standardizer, z: np.ndarray | None = None) -> Iterator[Finding]:
    """Whether the standardized week has the size of a standardized week."""
    present = np.isfinite(week.values)
    z = (apply(standardizer, week.values[None], [week.start])[0] if z is None else z).astype(np.float64)[present]
    yield from _high(z)
    # Over the whole week, not minute by minute: at night a spread near zero would make even logarithms look strong.
    scale = standardizer.laid_out(week.values.size, week.start)[1]
    strength = _size(week.values[present]) / _size(scale[present])
    if strength < FAINT_WARN:
        name, usual = span(week.values.size), f"{strength:.2f} of their usual spread"
        text = f"The activity of this {name} is weak next to that of the people in the standardization ({usual}). "
        if strength < FAINT_REFUSE:
            yield refuse("scale_faint", text + "Probably logarithms, or another unit, or a device that was off.", strength)
        else:
            yield warn("scale_faint", text + f"A very quiet {name}, another kind of device, or another unit.", strength)


def _size(values: np.ndarray) -> float:
    """Root mean square of (n,) values."""
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def _high(z: np.ndarray) -> Iterator[Finding]:
    """Standardized values that are too large. z: (minutes,) finite."""
    size = np.abs(z)
    typical, high, highest = float(size.mean()), float(np.percentile(size, 99)), float(size.max())
    if typical > TYPICAL_REFUSE or high > HIGH_REFUSE:
        yield refuse(
            "scale_large",
            f"The values are far too large for standardized ones: typically {typical:.3g} deviations from the average, "
            f"where 0.5 to 1 is usual, and one minute in a hundred beyond {high:.0f}. The unit differs, or they were never standardized.",
            typical,
        )
    elif typical > TYPICAL_WARN or high > HIGH_WARN:
        yield warn(
            "scale_large",
            f"After standardization this {span(z.size)} is larger than usual (typically {typical:.1f} deviations from the average, one "
            f"minute in a hundred beyond {high:.0f}). Another device or an unusual person; interpret the answer with care.",
            typical,
        )
    elif highest > EXTREME:
        count = int((size > EXTREME).sum())
        yield warn(
            "scale_extreme",
            f"{counted(count, 'minute lies', 'minutes lie')} more than {EXTREME:.0f} deviations from the average: hardly "
            "any of the people behind the standardization moved then. They may weigh too much in the answer.",
            highest,
        )
