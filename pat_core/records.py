"""Frozen records that cross rooms. NumPy only: nothing here knows torch, files or screens.

Units: activity is per minute unless a record says otherwise; NaN marks a missing minute; times are wall-clock as recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np

Alignment = Literal["start", "midnight"]
Days = int | Literal["all"]
"""How long the windows of a cohort are: so many full days each, or all full days of each person."""
Severity = Literal["refuse", "warn", "note"]
StandardizeBy = Literal["model", "cohort", "cohort_day"]
"""Whose people each minute is compared with: those the model was trained on, or the cohort's own, by minute of the window or of the day."""
StandardizePer = Literal["window", "day"]
"""What a mean and a deviation are of: each minute of the window, or each minute of the day."""

COUNTS, MIMS, MG, STEPS, UNKNOWN_UNIT = "counts/min", "MIMS/min", "mg", "steps/min", "unknown"
"""The units a recording can have. They are not interchangeable."""

SITES = {
    "wrist": "wrist", "handgelenk": "wrist", "poignet": "wrist", "pols": "wrist", "polso": "wrist", "mu\u00f1eca": "wrist",
    "punho": "wrist", "handled": "wrist", "hip": "hip", "waist": "hip", "belt": "hip", "h\u00fcft": "hip", "huefte": "hip",
    "taille": "hip", "hanche": "hip", "heup": "hip", "cadera": "hip", "cintura": "hip", "h\u00f6ft": "hip", "thigh": "thigh",
    "ankle": "ankle", "foot": "ankle", "chest": "chest", "arm": "arm",
}  # fmt: skip
"""Where on the body, by the words that files use for it: left and right, dominant or not, make no device another one."""


def body_site(placement: str | None) -> str | None:
    """Where on the body a device was worn ("wrist", "hip", ...), by what its file says of it; None where that is not known."""
    text = (placement or "").casefold()
    return next((site for word, site in SITES.items() if word in text), None)


@dataclass(frozen=True, eq=False)
class Recording:
    """One person's activity from one device.

    values: (epochs,) float32, NaN where missing, in `unit`.
    start: wall clock of the first epoch, or None where the file does not say.
    date_known: False where weekday and clock are real but the calendar date is not (NHANES).
    labels: what the file says of the person (group, sex, scales, ...), as read.
    source: the file, and the member inside a container, that it came from.
    zone: IANA time zone of the wall clock, None where the file does not say. in_utc: start is universal time, and no zone is known.
    offsets: from UTC, that the file's times end in, as +HH:MM.
    worn: (epochs,) bool by the device's own sensor or flags, or by how still raw acceleration lay; None where nothing says. False is not
    worn; values there stay as recorded.
    notes: sentences for the reader on what was found or corrected on the way in (gaps, repeated times, corrupt blocks, epochs summed).
    """

    participant: str
    values: np.ndarray
    start: datetime | None = None
    epoch_seconds: int = 60
    unit: str = UNKNOWN_UNIT
    device: str | None = None
    placement: str | None = None
    date_known: bool = True
    labels: Mapping[str, str | float | None] = field(default_factory=dict)
    source: str = ""
    zone: str | None = None
    worn: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    in_utc: bool = False
    offsets: tuple[str, ...] = ()


@dataclass(frozen=True)
class Refusal:
    """Something that did not come in: whose or which file, and why, in a sentence."""

    what: str
    reason: str


@dataclass(frozen=True)
class Note:
    """Something that was found or corrected in a recording as it was read, in a sentence."""

    what: str
    sentence: str


@dataclass(frozen=True)
class Reading:
    """What `recordings.reading.read` made of a path: everything in it is in one of the two lists."""

    recordings: tuple[Recording, ...]
    refused: tuple[Refusal, ...] = ()


SET_KINDS: tuple[str, ...] = ("sleep", "wake")
"""What a person can set over the sleep score: these minutes were slept, or spent awake."""
MARK_KINDS: tuple[str, ...] = ("non-wear", "rest", "exclude", *SET_KINDS)
"""What a person can mark by hand: the device was off the body, the person rested, these minutes are not to be used, or what stands in place
of the score."""


@dataclass(frozen=True)
class Period:
    """Minutes [first, end) of a week. kind: what they are (a mark's kind, a rule's name); "" where the place says it."""

    first: int
    end: int
    kind: str = ""

    @property
    def minutes(self) -> int:
        """How long it is."""
        return self.end - self.first


@dataclass(frozen=True)
class WeekReport:
    """Quality of one week.

    minutes_missing: minutes without a value. longest_flat_minutes: longest run of one repeated value (zeros included). longest_flat_from:
    minute of the week where it begins. zero_share, nonwear_share: shares of the week, 0 to 1; nonwear_share is None where nothing tells
    when the device was worn, and so are valid_days. mean, maximum: in `unit`. flat_tail_minutes: minutes from the one after which the value
    never changes again, to the end; 0 where it does. saturated_share: share of the minutes with a value that lie at the device's ceiling.
    valid_days: days of enough wear (see wear.QualitySettings). The last three are None in weeks that came in before they were
    measured.
    """

    minutes: int
    minutes_missing: int
    longest_flat_minutes: int
    longest_flat_from: int
    zero_share: float
    nonwear_share: float | None
    mean: float
    maximum: float
    unit: str
    flat_tail_minutes: int | None = None
    saturated_share: float | None = None
    valid_days: int | None = None


@dataclass(frozen=True)
class WornDay:
    """One day of 24 hours from the week's first minute (or from the same clock time of a later day).

    first: its first minute of the week. hours_worn, hours_missing: of its 24; what is left was not worn. valid: worn long enough. Where
    nothing tells when the device was worn, hours_worn is None and valid False.
    """

    first: int
    hours_worn: float | None
    hours_missing: float
    valid: bool


@dataclass(frozen=True)
class QualityReport:
    """What can be said of the quality of one week, by which rule and with which settings.

    days: in order; valid_days: how many of them are valid, None where nothing tells when the device was worn: no rule of non-wear holds for
    the unit, and the device says nothing. days_needed: by the settings. nonwear: periods off the body, kind: by which
    rule, by the device, or by hand. still: periods that the rule took for non-wear, but that are probably quiet sleep: counted as worn.
    gaps: periods without a value. excluded: by hand. flat_tail_from: the minute from which the value never changes again, None where it
    does. saturated_share: of the minutes with a value, at `ceiling` (in `unit`; None where there is none). unit: as the file says;
    unit_guess: what the values look like, UNKNOWN_UNIT where that cannot be told. sentences: all this for a reader, the gravest first.
    settings: what it was made with, plain values.
    """

    days: tuple[WornDay, ...]
    valid_days: int | None
    days_needed: int
    nonwear: tuple[Period, ...]
    still: tuple[Period, ...]
    gaps: tuple[Period, ...]
    excluded: tuple[Period, ...]
    flat_tail_from: int | None
    saturated_share: float
    ceiling: float | None
    unit: str
    unit_guess: str
    sentences: tuple[str, ...]
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def enough(self) -> bool:
        """Whether the week is known to have as many valid days as are needed."""
        return self.valid_days is not None and self.valid_days >= self.days_needed


@dataclass(frozen=True, eq=False)
class Week:
    """A window of full days of one person, seven unless others were asked for: values (minutes,) float32 in `unit`, NaN where missing.

    index: 0 for the person's first window in this recording. alignment: where the window was cut from. worn, notes, placement (where on the
    body), zone: as in Recording.
    marks: what was marked by hand; excluded minutes and those of non-wear are missing in `values` already.
    """

    participant: str
    index: int
    values: np.ndarray
    start: datetime | None
    date_known: bool
    unit: str
    device: str | None
    alignment: Alignment
    report: WeekReport
    worn: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    marks: tuple[Period, ...] = ()
    placement: str | None = None
    zone: str | None = None


@dataclass(frozen=True, eq=False)
class Standardizer:
    """Per-minute mean and deviation over people: z = (x - mean) / scale (paper: StandardScaler over participants).

    mean, scale: (minutes,) float32, scale > 0. people: how many it was fitted on. source: on whom. unit: of the fitted weeks. per: "window"
    as in the paper, or "day": (1440,) over people and days by the clock, which reads windows of any length that begin at any time.
    """

    mean: np.ndarray
    scale: np.ndarray
    people: int
    source: str
    unit: str = UNKNOWN_UNIT
    per: StandardizePer = "window"

    def reads(self, minutes: int) -> bool:
        """Whether it has a mean and a deviation for each minute of a window of so many."""
        return self.per == "day" or self.mean.size == minutes

    def laid_out(self, minutes: int, start: datetime | int | None) -> tuple[np.ndarray, np.ndarray]:
        """Mean and scale, (minutes,) each, of a window that begins then: wall clock, minute of the day, or None where it is not known and
        the first minute stands for midnight. One per minute of the window does not look at it."""
        if self.per != "day":  # one that was kept before there was a choice says nothing
            return self.mean, self.scale
        begin = start.hour * 60 + start.minute if isinstance(start, datetime) else start or 0
        clock = (begin + np.arange(minutes)) % self.mean.size
        return self.mean[clock], self.scale[clock]


@dataclass(frozen=True)
class WeekQuestion:
    """Which week is asked about, and how it is to be read.

    cohort, participant: by name. index: 0 for the person's first week. standardize_by: None for the model's own people where its file has
    them, else the cohort's.
    """

    cohort: str
    participant: str
    index: int = 0
    standardize_by: StandardizeBy | None = None


@dataclass(frozen=True)
class Finding:
    """One finding of the input gate. code: stable name; message: a reader's words; value: the measured figure, if any."""

    code: str
    severity: Severity
    message: str
    value: float | None = None


@dataclass(frozen=True)
class Interval:
    """An estimate with its interval (default 95 %). n: people behind it."""

    value: float
    low: float
    high: float
    n: int = 0


@dataclass(frozen=True)
class Prediction:
    """A model's answer for one week.

    logit: the model's raw output. probability_raw: its sigmoid, at the 50/50 prior that class weights train.
    probability: corrected to `prevalence` by adding its log-odds; None where no prevalence is known.

    Of another target than two classes: outputs: all numbers of the head (see `pat_core.models.outputs.Outputs`), () of two classes; logit:
    the score, of a value the value itself; probabilities: of each class in order, corrected where prevalences are known, () of a value.
    There is no one probability: probability_raw is NaN.
    """

    participant: str
    week_index: int
    logit: float
    probability_raw: float
    probability: float | None
    prevalence: float | None
    outputs: tuple[float, ...] = ()
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, eq=False)
class Attribution:
    """One explanation of one week.

    kind: "attention" (>= 0, 1 = the uniform level, mean over whole patches 1), "attribution" (signed, in logits, one value a minute; sums
    to delta up to the gap), or "sensitivity" (>= 0, how strongly the score answers a small change there; mean 1, within one week only).
    values: (minutes,) float32, NaN on minutes that no whole patch covers. resolution: minutes that share one value (a patch, an hour, a
    day); it is never drawn finer. evaluations: passes through the network, forward or gradient, a week counted once each.
    delta: logit of the week minus logit of the baseline. completeness_gap: sum(values) - delta, in logits; both None where the method
    has none. settings: what the result depends on (method, baseline, steps, ...), plain JSON values. note: what the reader must know, in
    words. flag: a sentence that goes wherever the map goes, "" where there is none: a missed tolerance, a week that was refused.
    """

    method: str
    kind: Literal["attention", "attribution", "sensitivity"]
    values: np.ndarray
    patch: int
    delta: float | None = None
    completeness_gap: float | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    note: str = ""
    resolution: int = 1
    evaluations: int | None = None
    flag: str = ""

    @property
    def unit(self) -> str:
        """What an attribution's values add up in: logits, or the unit of the value that is explained."""
        return str(self.settings.get("unit", "logits"))

    @property
    def relative_gap(self) -> float | None:
        """|gap| / max(|delta|, 1 logit): 0.01 is the target; None where the method has no gap."""
        if self.completeness_gap is None or self.delta is None:
            return None
        return abs(self.completeness_gap) / max(abs(self.delta), 1.0)

    @property
    def gap_share(self) -> float | None:
        """|gap| / sum of |values|: how much of what is drawn the error could be; None without a gap, 0 where nothing is drawn."""
        if self.completeness_gap is None:
            return None
        drawn = float(np.nansum(np.abs(self.values), dtype=np.float64))
        return abs(self.completeness_gap) / drawn if drawn else 0.0


@dataclass(frozen=True, eq=False)
class SimulatedCohort:
    """Simulated people whose truth is known.

    weeks: (people, 10080) float32 counts/min. start: common wall clock of minute 0 (a midnight, Monday).
    traits: name -> (people,) bool, who carries it. evidence: name -> (people, 10080) bool, the minutes where it shows.
    distractors: name -> (people,) bool, planted things that carry no label. label: the trait (or "none") that the label follows.
    positive: (people,) bool, the label. seed: what made them.
    """

    participants: tuple[str, ...]
    weeks: np.ndarray
    start: datetime
    traits: Mapping[str, np.ndarray]
    evidence: Mapping[str, np.ndarray]
    distractors: Mapping[str, np.ndarray]
    label: str
    positive: np.ndarray
    seed: int


@dataclass(frozen=True)
class RhythmFigures:
    """Rest-activity rhythm of one week.

    interdaily_stability (0 to 1), intradaily_variability, relative_amplitude (0 to 1): no unit.
    l5, m10, mesor, amplitude: in the week's unit a minute. l5_start, m10_start, acrophase: minutes after midnight
    (after the first minute where the start is unknown). sri: sleep regularity index, -100 to 100, None where it does not apply.
    """

    interdaily_stability: float
    intradaily_variability: float
    relative_amplitude: float
    l5: float
    l5_start: float
    m10: float
    m10_start: float
    mesor: float
    amplitude: float
    acrophase: float
    sri: float | None = None
