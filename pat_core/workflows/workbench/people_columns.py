"""The columns that a table of people can have: what each is called, in which unit, and how its values are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

Kind = Literal["number", "clock", "text"]
ColumnGroup = Literal["Person", "Labels", "Answer", "Rhythm", "Sleep", "Wear"]
COLUMN_GROUPS: tuple[ColumnGroup, ...] = ("Labels", "Answer", "Rhythm", "Sleep", "Wear", "Person")
PARTICIPANT, REVIEW = "participant", "review"
LABEL = "label:"
"""Before the name of a label, so that a label called `score` is not taken for the model's."""


@dataclass(frozen=True)
class PeopleColumn:
    """One column. key: as addresses and kept filters have it. kind: numbers are float64, NaN where missing; texts "" there; a clock is a
    number of hours after `opens`, the hour at which hardly anyone's time lies, so that 23:50 and 00:10 are near one another.

    digits: after the point. about: one sentence on what it is.
    """

    key: str
    title: str
    group: ColumnGroup
    kind: Kind = "number"
    unit: str = ""
    digits: int = 0
    opens: int = 0
    about: str = ""

    @property
    def called(self) -> str:
        """Its title with its unit."""
        return f"{self.title} ({self.unit})" if self.unit else self.title

    def words(self, value: float | str) -> str:
        """A value as it is read: "7.4", "23:40"; "" where it is missing."""
        if self.kind == "text":
            return str(value)
        if value is None or not np.isfinite(float(value)):
            return ""
        if self.kind == "clock":
            return clock_words(float(value), self.opens)
        return f"{float(value):,.{self.digits}f}"

    def hours(self, clock_hour: float) -> float:
        """A time of the clock, in hours after midnight, as a value of this column."""
        return (clock_hour - self.opens) % 24


def clock_words(hours: float, opens: int) -> str:
    """Hours after `opens` as a time of the clock: "23:40"."""
    minutes = round((opens + hours) * 60) % 1440
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def label_column(name: str, values: Sequence[float | None]) -> PeopleColumn:
    """The column of a label. values: its numbers, None for a value that is none; texts where hardly any is one, or few differ."""
    numbers = {value for value in values if value is not None}
    numeric = len(numbers) > MOST_CATEGORIES and all(value is not None for value in values)
    digits = 0 if all(float(value).is_integer() for value in numbers) else 2
    return PeopleColumn(f"{LABEL}{name}", name, "Labels", "number" if numeric else "text", digits=digits, about="As it was brought in.")


MOST_CATEGORIES = 12
"""Different numbers of a label that are still values to choose from; more are a scale."""

OF_PEOPLE = (
    PeopleColumn(PARTICIPANT, "Participant", "Person", "text", about="The identifier as it was brought in."),
    PeopleColumn(REVIEW, "Review", "Person", "text", about="What was last written down of who has looked at them."),
    PeopleColumn("windows", "Windows", "Person", about="How many windows of full days this person has; all else is of the first."),
    PeopleColumn("device", "Device", "Person", "text", about="As the file says it, with where on the body where that is known."),
    PeopleColumn("begins", "Begins", "Person", "text", about="The first day of the first window, where the date is known."),
)
OF_ANSWERS = (
    PeopleColumn("answer", "Answer", "Answer", about="As the list gives it: of 100, a probability in percent, or the rank."),
    PeopleColumn("answer_words", "Answer in words", "Answer", "text", about="The answer of a model of several classes or a value."),
    PeopleColumn("score", "Score", "Answer", "number", "logits", 2, about="The model's raw output."),
    PeopleColumn("scored_lower", "Scored lower", "Answer", "number", "%", about="Of the people whom the model was tested on."),
    PeopleColumn("quality", "Quality", "Answer", "text", about="What was found before the model read the window."),
    PeopleColumn("part", "Part in training", "Answer", "text", about="Whether this model has learned from this person."),
    PeopleColumn("distance", "Distance from those learned from", "Answer", "number", "", 1,
                 about="Mahalanobis distance of the embedding from the people the model learned from, or from the cohort's."),
    PeopleColumn("nearer", "Share who lie nearer", "Answer", "number", "%",
                 about="Of the people it is compared with, how many lie nearer to their middle."),
)  # fmt: skip
OF_WEAR = (
    PeopleColumn("valid_days", "Valid days", "Wear", about="Days with enough hours of wear, by the settings of this workspace."),
    PeopleColumn("not_worn", "Not worn", "Wear", "number", "%", about="Share of the first window, by the settings of this workspace."),
    PeopleColumn("missing", "Missing", "Wear", "number", "%", 1, about="Share of the minutes without any value."),
    PeopleColumn("zeros", "Zeros", "Wear", "number", "%", 1, about="Share of the minutes with a value that are exactly zero."),
)


@dataclass(frozen=True)
class FigureColumn:
    """A column out of `week_figures`. figure: its name there. scale: how its value becomes that of the column; "noon": it is in hours after
    noon."""

    column: PeopleColumn
    figure: str
    scale: Literal["", "logarithm", "hours", "percent", "hour shift", "noon"] = ""

    def values(self, figures: np.ndarray) -> np.ndarray:
        """(people,) of the column from (people,) of the figure."""
        if self.scale == "logarithm":
            return np.expm1(figures)
        if self.scale == "noon":
            return (figures + 12 - self.column.opens) % 24
        return {"": figures, "hours": figures / 60, "percent": 100 * figures, "hour shift": (figures + 12) % 24}[self.scale]


def _rhythm(figure: str, key: str, title: str, unit: str = "", digits: int = 2, scale: str = "", about: str = "") -> FigureColumn:
    return FigureColumn(PeopleColumn(key, title, "Rhythm", "number", unit, digits, about=about), figure, scale)  # type: ignore[arg-type]


def _sleep(figure: str, key: str, title: str, unit: str = "", digits: int = 0, scale: str = "", about: str = "") -> FigureColumn:
    return FigureColumn(PeopleColumn(key, title, "Sleep", "number", unit, digits, about=about), figure, scale)  # type: ignore[arg-type]


def _clock(figure: str, key: str, title: str, group: ColumnGroup, opens: int, scale: str = "", about: str = "") -> FigureColumn:
    column = PeopleColumn(key, title, group, "clock", opens=opens, about=about)
    return FigureColumn(column, figure, scale)  # type: ignore[arg-type]


_NIGHTS = "Mean over the nights that are whole and plausible, by the sleep score made for the device."
_UNIT = "unit of the cohort"
OF_FIGURES = (
    _rhythm("interdaily_stability", "stability", "Interdaily stability", about="How alike the days are: 1 is all the same."),
    _rhythm("intradaily_variability", "variability", "Intradaily variability", about="How broken up rest and activity are."),
    _rhythm("relative_amplitude", "amplitude_relative", "Relative amplitude", about="Most active 10 hours against least active 5."),
    _rhythm("log_m10", "m10", "Most active 10 hours", _UNIT, 1, "logarithm", "Mean activity of the most active 10 hours."),
    _rhythm("log_l5", "l5", "Least active 5 hours", _UNIT, 1, "logarithm", "Mean activity of the least active 5 hours."),
    _clock("m10_from_3h", "m10_begins", "Most active 10 hours begin", "Rhythm", 3),
    _clock("l5_from_15h", "l5_begins", "Least active 5 hours begin", "Rhythm", 15),
    _rhythm("log_mesor", "mesor", "Mesor", _UNIT, 1, "logarithm", "Level of the cosine fitted to the week."),
    _rhythm("log_amplitude", "amplitude", "Amplitude", _UNIT, 1, "logarithm", "Half the height of the cosine fitted to the week."),
    _clock("acrophase_from_15h", "acrophase", "Acrophase", "Rhythm", 3, "hour shift", "When the cosine fitted to the week peaks."),
    _rhythm("sri", "sri", "Sleep regularity index", "", 0, about="100: asleep at the same minutes every day. Of counts alone."),
    _rhythm("log_mean", "mean_activity", "Mean activity", _UNIT, 1, "logarithm"),
    _clock("bedtime_after_noon", "bedtime", "Bedtime", "Sleep", 12, "noon", _NIGHTS),
    _clock("onset_after_noon", "onset", "Falls asleep", "Sleep", 12, "noon", _NIGHTS),
    _clock("offset_after_noon", "offset", "Wakes up", "Sleep", 18, "noon", _NIGHTS),
    _clock("rise_after_noon", "rise", "Gets up", "Sleep", 18, "noon", _NIGHTS),
    _clock("midpoint_after_noon", "midpoint", "Midpoint of sleep", "Sleep", 16, "noon", _NIGHTS),
    _sleep("midpoint_sd", "midpoint_sd", "Midpoint, SD over nights", "min"),
    _sleep("time_in_bed_mean", "in_bed", "Time in bed", "h", 1, "hours", _NIGHTS),
    _sleep("sleep_mean", "sleep", "Sleep a night", "h", 1, "hours", _NIGHTS),
    _sleep("sleep_sd", "sleep_sd", "Sleep, SD over nights", "h", 1, "hours"),
    _sleep("efficiency_mean", "efficiency", "Sleep efficiency", "%", 0, "", _NIGHTS),
    _sleep("latency_mean", "latency", "Sleep latency", "min", 0, "", "A lower bound: lying still before sleep looks like sleep."),
    _sleep("waso_mean", "waso", "Awake after sleep onset", "min", 0, "", _NIGHTS),
    _sleep("awakenings_mean", "awakenings", "Awakenings a night", "", 1, "", _NIGHTS),
    _sleep("nap_minutes", "naps", "Naps a day", "min", 0, "", "An upper bound: sitting still looks like sleep."),
    _sleep("social_jetlag", "jetlag", "Social jetlag", "min", 0, "", "Between the midpoints before free days and before work days."),
    _sleep("nights", "nights", "Nights counted", "", 0, "", "Whole and plausible ones."),
)
"""Every figure of rhythm and sleep that a table of people offers, of the first window of each."""


def of_unit(column: PeopleColumn, unit: str) -> PeopleColumn:
    """The column with the cohort's unit of activity in its place."""
    return replace(column, unit=unit) if column.unit == _UNIT else column


def empty(column: PeopleColumn, rows: int) -> pd.Series:
    """Nothing known of anybody."""
    return pd.Series([""] * rows, dtype=object) if column.kind == "text" else pd.Series(np.full(rows, np.nan))
