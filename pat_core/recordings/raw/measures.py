"""From an open raw file to one value a minute: which measure, which sentences about it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress, Silent
from pat_core.recordings.raw import cwa, geneactiv, gt3x, raw_text
from pat_core.recordings.raw.counts import LEAST_SECONDS, LOWEST_RATE, CountMinutes, EnmoMinutes
from pat_core.recordings.raw.stillness import SAID, TOO_SHORT, StillBlocks
from pat_core.recordings.raw.stream import BRIDGED_SECONDS, Pauses, RawFile, Run, runs
from pat_core.recordings.source import Source, refuse_unless
from pat_core.records import COUNTS, MG, Reading, Recording

Measure = Literal["vertical counts", "vector magnitude counts", "enmo"]
MEASURES: tuple[Measure, ...] = ("vertical counts", "vector magnitude counts", "enmo")
Opener = Callable[[Source, Progress], AbstractContextManager[RawFile]]
OPENERS: tuple[tuple[Callable[[bytes, str], bool], Opener], ...] = tuple(
    (form.recognises, form.opened) for form in (gt3x, cwa, geneactiv, raw_text)
)
_SAID = {
    "vertical counts": "Counts were made from the raw acceleration by the maker's published method (Neishabouri 2022), of the vertical "
    "axis (Axis1), as PAT's training weeks have them.",
    "vector magnitude counts": "Counts were made from the raw acceleration by ActiGraph's published method (Neishabouri 2022): the vector "
    "magnitude of three axes, which is larger than the vertical axis that PAT's training weeks hold.",
    "enmo": "Activity is ENMO in mg, the acceleration beyond 1 g averaged by minute, made from the raw acceleration without calibrating "
    "the sensor to gravity. It is not counts.",
}


def read_raw(source: Source, progress: Progress | None = None, measure: Measure | None = None) -> Reading:
    """The one person of a raw accelerometer file (.gt3x, .cwa, .bin, or acceleration as text), one value a clock minute.

    measure: "vertical counts" (counts/min of Axis1), "vector magnitude counts" (counts/min, root of the three axes' squared minute counts),
    or "enmo" (mg); by default vertical counts where the maker says which axis is vertical (ActiGraph), ENMO for the others, which are worn
    on the wrist. Idle sleep is filled with the reading it began with; other pauses beyond BRIDGED_SECONDS are missing minutes; both are
    said in the notes. Wear is what the device's own sensor says, else what the acceleration shows (stillness.py). Raises RecordingError
    where the file is none of these, is damaged throughout, or holds no whole minute, and Cancelled from progress.
    """
    head = source.head()
    opener = next((opened for recognises, opened in OPENERS if recognises(head, source.filename)), None)
    if opener is None:
        raise RecordingError(
            "A raw ActiGraph (.gt3x), Axivity (.cwa) or GENEActiv (.bin) file, or acceleration as text, was expected; this is none of them."
        )
    with opener(source, progress or Silent()) as file:
        chosen: Measure = measure or ("enmo" if file.vertical is None else "vertical counts")
        _refuse_unfit(file, chosen)
        collector = EnmoMinutes(file.rate) if chosen == "enmo" else CountMinutes(file.rate)
        pauses, stillness = Pauses(), StillBlocks(file.rate)
        for part in runs(file.blocks, file.rate, pauses):
            for sums in (collector, stillness):
                sums.run(part) if isinstance(part, Run) else sums.hold(part)
        first, minutes = collector.finished()
        refuse_unless(
            2 * pauses.repeated <= pauses.samples,
            f"{pauses.repeated} of {pauses.samples} samples have times before those of earlier samples: the device's clock ran backwards. "
            "Download the recording again, or export it as 60-second epochs with the maker's software.",
        )
        refuse_unless(
            minutes.shape[0] > 0,
            f"The file holds {pauses.samples} samples ({pauses.samples / file.rate:.0f} s at {file.rate:g} Hz) but no whole clock minute "
            f"(at least {LEAST_SECONDS:g} s measured). Download the recording from the device again."
            + "".join(f" {note}" for note in file.notes),
        )
        start = datetime(1970, 1, 1) + timedelta(seconds=pauses.origin + 60 * first + file.shift_seconds)
        recording = _recording(source, file, chosen, minutes, start, _sentences(file, chosen, pauses))
        worn = _sensed(file.worn, pauses.origin + 60 * first, minutes.shape[0])
        return Reading((_judged(recording, stillness.worn(first, minutes.shape[0])) if worn is None else replace(recording, worn=worn),))


def _refuse_unfit(file: RawFile, measure: Measure) -> None:
    if measure not in MEASURES:
        raise RecordingError(f"The measure was expected to be one of {', '.join(MEASURES)}; it is “{measure}”.")
    refuse_unless(
        measure != "vertical counts" or file.vertical is not None,
        f"{file.device} does not say which axis is vertical. Choose vector magnitude counts or ENMO.",
    )
    refuse_unless(
        measure == "enmo" or file.rate >= LOWEST_RATE,
        f"Counts need at least {LOWEST_RATE:g} samples a second; this recording has {file.rate:g}. Choose ENMO.",
    )


def _recording(source: Source, file: RawFile, measure: Measure, minutes: np.ndarray, start: datetime, notes: tuple[str, ...]) -> Recording:
    labels: dict[str, str | float | None] = {}
    if measure == "vertical counts":
        values, labels["axis"] = minutes[:, file.vertical], "Axis1 (vertical)"
    elif measure == "enmo":
        values = minutes[:, 0]
    else:
        values, labels["axis"] = np.sqrt((minutes**2).sum(axis=1)), "vector magnitude"
    if file.serial:
        labels["serial"] = file.serial
    if file.utc_offset:
        labels["utc_offset"] = file.utc_offset
    return Recording(
        participant=file.participant or source.stem,
        values=values.astype(np.float32),
        start=start,
        epoch_seconds=60,
        unit=MG if measure == "enmo" else COUNTS,
        device=file.device,
        placement=file.placement,
        labels=labels,
        source=source.name,
        notes=notes,
        in_utc=file.in_utc,
    )


def _judged(recording: Recording, worn: np.ndarray | None) -> Recording:
    """The recording with wear as the acceleration shows it, (minutes,) bool, and what is to be said of that."""
    if worn is None:
        return replace(recording, notes=(*recording.notes, TOO_SHORT))
    worn = worn | np.isnan(recording.values)
    return replace(recording, worn=worn, notes=(*recording.notes, SAID.format(minutes=worn.size, off=int((~worn).sum()))))


def _sensed(changes: list[tuple[int, bool]], start: float, minutes: int) -> np.ndarray | None:
    """(minutes,) bool, worn for at least half the minute, from the device's changes of state; a state holds until the next one."""
    if not changes:
        return None
    times, states = np.array([time for time, _ in changes], np.float64), np.array([state for _, state in changes])
    edges = start + 60.0 * np.arange(minutes + 1)
    knots = np.maximum.accumulate(np.concatenate(([min(edges[0], times[0])], times, [max(edges[-1], times.max())])))
    seconds = np.concatenate(([0.0], np.cumsum(np.diff(knots) * np.concatenate((states[:1], states)))))
    return np.diff(np.interp(edges, knots, seconds)) >= 30


def _sentences(file: RawFile, measure: Measure, pauses: Pauses) -> tuple[str, ...]:
    sentences = [_SAID[measure]]
    if measure == "enmo" and file.vertical is None:
        sentences.append(
            f"{file.device} is usually worn on the wrist, where ENMO is the usual measure; PAT was trained on other units."
            if file.wrist
            else "Nothing in the file shows which axis is vertical, so counts cannot be made; PAT was trained on other units."
        )
    if measure == "vertical counts" and file.placement and not {"hip", "waist"} & set(file.placement.split()):
        sentences.append(f"The device was worn at the {file.placement}, where Axis1 is not vertical: counts differ from those at the hip.")
    if pauses.held:
        sentences.append(
            f"Idle sleep, while the device lay still ({counted(pauses.held, 'time')}, {_long(pauses.held_seconds)} in all), repeats the "
            "last reading, which is no movement."
        )
    if pauses.missing:
        since = datetime(1970, 1, 1) + timedelta(seconds=round(pauses.origin + pauses.longest_from) + file.shift_seconds)
        sentences.append(
            f"Pauses without samples ({pauses.missing}, {_long(pauses.missing_seconds)} in all; the longest {_long(pauses.longest)} from "
            f"{since:%Y-%m-%d %H:%M:%S}) are missing minutes."
        )
    if pauses.bridged:
        sentences.append(
            f"Short pauses ({pauses.bridged}, {_long(pauses.bridged_seconds)} in all, none over {BRIDGED_SECONDS:g} s) were bridged by "
            "straight lines."
        )
    if pauses.repeated:
        sentences.append(f"{counted(pauses.repeated, 'sample')} left out: time before those of earlier samples.")
    return (*sentences, *file.notes)


def _long(seconds: float) -> str:
    """A length of time in words."""
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"
