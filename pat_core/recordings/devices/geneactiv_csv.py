"""GENEActiv epoch exports ("epoch compressed" CSV): below the preamble a row an epoch, with a sum over its samples beyond gravity.

Columns by the maker's manual: time, mean x, y, z, mean light, button, mean temperature, the sum of vector magnitudes (SVMgs, the sum of
| |a| - 1 g | over the samples), deviations of x, y, z, peak light. Divided by the number of samples the sum is a mean in mg.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import Epochs, empty_note, on_grid
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices.device_rows import Amounts, Column, Table, gather, lines
from pat_core.recordings.devices.geneactiv_preamble import Preamble, preamble_of, stamps
from pat_core.recordings.source import Format, Source, required
from pat_core.recordings.tables import columns
from pat_core.records import COUNTS, MG, UNKNOWN_UNIT, Reading, Recording
from pat_core.wear.nonwear import to_minutes

SUM_AT, WIDEST = 7, 12
"""Place of the sum where the columns have no names, and how many columns there are at most."""
SUM_NAMES = ("svm", "svmgs", "svmg", "svmgsum", "sumvectormagnitudes", "sumofvectormagnitudes", "svmsum")
_MEAN = (
    "Activity is the sum of vector magnitudes (SVMgs) divided by its {samples:g} samples, the mean distance of the acceleration from 1 g "
    "in mg; below 1 g counts as well, so it is larger than ENMO. It is not counts."
)
_SUM = (
    "Activity is the sum of vector magnitudes (SVMgs) as the file has it. Its preamble gives no measurement frequency, so it cannot be "
    "divided by the number of samples and its unit stays unknown."
)
_ENDS = "The times are the ends of epochs, as the maker's manual says; each epoch was placed where it began."


def recognises(head: bytes, filename: str) -> bool:
    """The maker's preamble above rows that are no samples."""
    preamble = preamble_of(head)
    return preamble is not None and not preamble.samples


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an epoch export, one value a minute. Raises RecordingError naming the line, or what is missing."""
    preamble = required(
        preamble_of(source.head()), "The preamble of a GENEActiv export was expected; there is none. Export the recording again."
    )
    table = _rows(source, preamble, progress)
    epochs, placed_notes = _placed(table, preamble)
    step = epochs.grid.epoch_seconds
    samples = None if preamble.frequency is None else preamble.frequency * step
    values = epochs.grid.values if samples is None else (1000.0 * epochs.grid.values / samples).astype(np.float32)
    unit, meaning = (UNKNOWN_UNIT, _SUM) if samples is None else (MG, _MEAN.format(samples=samples))
    facts = preamble.facts
    named = {"serial": facts.get("device unique serial code"), "utc_offset": preamble.utc_offset, "subject code": facts.get("subject code")}
    recording = with_known_date(
        Recording(
            participant=source.stem,
            values=values,
            start=epochs.grid.start,
            epoch_seconds=step,
            unit=unit,
            device="GENEActiv",
            placement=facts.get("device location code", "").lower() or None,
            labels={name: value for name, value in named.items() if value},
            source=source.name,
            notes=(meaning, *placed_notes, *table.notes, *epochs.notes, *empty_note(table.columns["sum"])),
        )
    )
    # A sum is summed further, whatever its unit.
    return Reading((replace(to_minutes(replace(recording, unit=COUNTS)), unit=unit) if unit == UNKNOWN_UNIT else recording,))


def _rows(source: Source, preamble: Preamble, progress: Progress) -> Table:
    width = len(preamble.rows[0])
    at = required(
        columns.find(preamble.names, SUM_NAMES) if preamble.names else SUM_AT if SUM_AT < width <= WIDEST else None,
        f"A GENEActiv epoch export has up to {WIDEST} columns, of which the eighth holds the sum of vector magnitudes (SVMgs); the rows "
        f"here have {width}. Means of the axes alone show posture, not movement: export the epochs with all columns, or import the .bin.",
    )
    return gather(
        _body(source, preamble, progress),
        preamble.separator,
        width,
        {"time": Column((0,), _times), "sum": Column((at,), Amounts("SVMgs", "fractions"))},
    )


def _body(source: Source, preamble: Preamble, progress: Progress) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in lines(source, progress, preamble.encoding) if number > preamble.lines)


def _times(cells: list[str], at: np.ndarray) -> np.ndarray:
    """A parser of times with thousandths behind a colon: (rows,) datetime64[ms], NaT where one cannot be read (see `on_grid`)."""
    seconds = stamps([cell.strip().strip('"') for cell in cells])
    return np.where(np.isnan(seconds), np.datetime64("NaT", "ms"), (1000 * np.nan_to_num(seconds)).round().astype("datetime64[ms]"))


def _placed(table: Table, preamble: Preamble) -> tuple[Epochs, tuple[str, ...]]:
    """The sums at the times at which their epochs began, and what to say of it."""
    epochs = on_grid(table.columns["time"], table.columns["sum"], lines=table.lines)
    length = timedelta(seconds=epochs.grid.epoch_seconds)
    match = re.match(r"[\d-]+ [\d:.]+", preamble.facts.get("start time", ""))
    begun = stamps([match[0]])[0] if match else np.nan
    first = (epochs.grid.start - datetime(1970, 1, 1)).total_seconds()
    if np.isfinite(begun) and abs(first - begun) < epochs.grid.epoch_seconds / 2:
        return epochs, ()
    return replace(epochs, grid=replace(epochs.grid, start=epochs.grid.start - length)), (_ENDS,)


FORMAT = Format("GENEActiv epochs (CSV)", recognises, read)
