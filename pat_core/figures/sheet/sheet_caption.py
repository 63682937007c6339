"""The week sheet in words: its caption, which is also its alternative text."""

from __future__ import annotations

import numpy as np

from pat_core.figures.palette import figures, signed
from pat_core.figures.sheet import strips as strip
from pat_core.figures.sheet.lanes import BIN
from pat_core.figures.sheet.sheet_plan import BY_HAND, ONE_SCALE, Sheet, compared_words, gaps, reference_words
from pat_core.records import Attribution
from pat_core.weeks import span

WIDE_GAP = 0.05
"""Share of the change of the score beyond which a gap is no rounding: then both sums are told."""


def sheet_caption(sheet: Sheet, shape: str) -> str:
    """What is drawn, what the colours mean, by which method and how exactly, and what is missing; what is flagged comes first.

    shape: the subject of the first sentence about the picture.
    """
    sentences = [*sheet.flags, _first(sheet, shape), *_absent(sheet)]
    sentences += [strip_words(each, label) for each, label in zip(sheet.strips, sheet.labels, strict=True)]
    if strip.of_kind(sheet.strips, "attribution"):
        if compared_words(sheet):
            sentences.append("Not all attributions have the same baseline, so equal colours in two strips need not mean the same.")
        sentences.append(_scale_words(sheet))
        sentences.append(_strongest(sheet))
    if sheet.strips:
        sentences.append(f"The strips describe the model's response to this {span(sheet.week.values.size)}, not the person's health.")
    return " ".join(sentence for sentence in sentences if sentence)


def _scale_words(sheet: Sheet) -> str:
    unit = sheet.strips[strip.of_kind(sheet.strips, "attribution")[0]].unit
    ends = f"Attribution colours end at {figures(sheet.attribution_limit)} {unit} per {BIN} minutes on both sides"
    line = "the thin line over the strip shows the same: up raises, down lowers."
    if sheet.attribution_range == ONE_SCALE:
        return f"{ends}, one scale for all that is shown together; {line}"
    least = f"this {span(sheet.week.values.size)}'s 99th percentile, at least {figures(strip.LEAST_LIMIT)}"
    return f"{ends} ({least}), so two {span(sheet.week.values.size)}s compare by the figures, not by the colours; {line}"


def strip_words(each: Attribution, label: str) -> str:
    """One strip in a sentence or two, with its method and, where it has one, its gap."""
    note = f" {each.note.rstrip('.')}." if each.note else ""
    if each.kind == "attention":
        return (
            f"Amber shows where the model attended ({label}): one colour for each patch of {each.patch} minutes, "
            f"none at the background colour, 1 is the uniform level.{note}"
        )
    if each.kind == "sensitivity":
        return (
            f"Green shows how strongly the score would respond to a small change of the activity ({label}): 1 is the "
            f"{span(each.values.size)}'s mean, none at "
            f"the background colour. It has no sign, and compares within this {span(each.values.size)} only.{_steps(each)}{note}"
        )
    reference = reference_words(each)
    against = f", compared with {reference}" if reference and reference not in label else ""
    return f"Blue lowered the score, red raised it ({label}{against}).{_steps(each)}{_gap_words(each)}{note}"


def _steps(each: Attribution) -> str:
    """What shares one value, where it is more than a minute."""
    shared = {60: "hour", 1440: "day"}.get(each.resolution, f"{each.resolution} minutes")
    return f" Each {shared} has one value." if each.resolution > 1 else ""


def _gap_words(each: Attribution) -> str:
    gap = each.relative_gap
    if gap is None or each.delta is None or each.completeness_gap is None:
        return " This method does not promise that its values add up to the change of the score."
    if gap > WIDE_GAP:
        total = each.delta + each.completeness_gap
        return f" Its values sum to {signed(total)} {each.unit}, while the score changed by {signed(each.delta)} {each.unit}."
    if abs(each.delta) < 1:
        return (
            f" It sums to within {figures(abs(each.completeness_gap), 1)} {each.unit} of the change of the score, "
            f"{signed(each.delta)} {each.unit}."
        )
    return f" It sums to within {figures(100 * gap, 1)} % of the change of the score, {signed(each.delta)} {each.unit}."


def _first(sheet: Sheet, shape: str) -> str:
    week = sheet.week
    unit = "in an unknown unit" if week.unit == "unknown" else f"in {week.unit}"
    clock = "" if week.start else " The start time is unknown, so there is no clock."
    return (
        f"{shape} of {week.participant}, {span(week.values.size)} {week.index + 1}: activity {unit} on a square-root scale, "
        f"full height {figures(sheet.peak, 3)}.{clock}"
    )


def _absent(sheet: Sheet) -> list[str]:
    missing, nonwear = gaps(sheet)
    sentences = []
    if sheet.sleep is not None:
        hours = _hours(np.asarray(sheet.sleep, bool).sum())
        sentences.append(
            f"Shaded minutes are the main rest periods, estimated from the activity ({hours} in the {span(sheet.week.values.size)})."
        )
    if nonwear.any():
        sentences.append(f"Hatching marks {_hours(nonwear.sum())} when the device was not worn; nothing is drawn there.")
    if missing.any():
        sentences.append(f"A dotted base marks {_hours(missing.sum())} without data; they are not zero.")
    if sheet.marks is not None:
        sentences.append(f"Violet bars above the activity: {sheet.marks_label} ({_hours(np.asarray(sheet.marks, bool).sum())}).")
    if sheet.week.marks:
        marks = [f"{BY_HAND[mark.kind]}, {sheet.lanes.when(mark.first, mark.end)}" for mark in sheet.week.marks]
        sentences.append(f"Brackets above the activity show what was marked by hand: {'; '.join(marks)}.")
    if sheet.diary:
        nights = [sheet.lanes.when(night.first, night.end) for night in sheet.diary]
        sentences.append(f"Grey bars above the activity show the times in bed by the sleep diary: {'; '.join(nights)}.")
    return sentences


def _strongest(sheet: Sheet) -> str:
    index = strip.of_kind(sheet.strips, "attribution")[0]
    values, unit = np.asarray(sheet.strips[index].values, float), sheet.strips[index].unit
    whole = len(values) // 60 * 60
    hours = np.nan_to_num(values[:whole]).reshape(-1, 60).sum(1)
    if not hours.size or not hours.any():
        return ""
    parts = []
    if hours.max() > 0:
        first = int(hours.argmax()) * 60
        parts.append(f"raised most in the hour from {sheet.lanes.when(first)} ({signed(hours.max())} {unit})")
    if hours.min() < 0:
        first = int(hours.argmin()) * 60
        parts.append(f"lowered most in the hour from {sheet.lanes.when(first)} ({signed(hours.min())} {unit})")
    return f"The score was {' and '.join(parts)}, by {sheet.labels[index]}."


def _hours(minutes: float) -> str:
    return f"{int(minutes)} minutes" if minutes < 120 else f"{minutes / 60:.0f} hours"
