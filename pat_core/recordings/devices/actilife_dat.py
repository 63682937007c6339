"""ActiLife's .dat files (ActiGraph 7164, GT1M, GT3X): the header of every ActiLife export, then numbers alone, ten a line as a rule.

The bits of the header's mode say which numbers an epoch has; they stand one after another, lines have no meaning. Axis1 is the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

import numpy as np

from pat_core.errors import RecordingError
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import BLOCK, MOST_EPOCHS, check_length
from pat_core.recordings.devices.actilife_header import AGAIN, ActilifeHeader, channels_of, header_of
from pat_core.recordings.devices.device_rows import lines
from pat_core.recordings.source import Format, Source, refuse_unless, required
from pat_core.records import COUNTS, Reading, Recording

MOST_STEPS, MOST_INCLINATION = 6, 4
"""Steps a second, and the peak code of a posture: more shows that the numbers are not what the mode says."""
_NUMBERS = re.compile(r"\s*\d+(?:[ \t,;]+\d+)*[\s,;]*")


def recognises(head: bytes, filename: str) -> bool:
    """ActiLife's header above a line of numbers with blanks between them; with any sign between them where the name ends in .dat."""
    top = header_of(head)
    if top is None or not _NUMBERS.fullmatch(top.following):
        return False
    return filename.lower().endswith(".dat") or bool(re.fullmatch(r"\d+( +\d+)+", top.following))


def read(source: Source, progress: Progress) -> Reading:
    """The one person of a .dat. Raises RecordingError where the header does not say how to read the numbers, or they contradict it."""
    top = required(header_of(source.head()), f"The header of an ActiLife export was expected; there is none. {AGAIN}")
    start, _, notes = top.start()
    epoch = top.epoch
    if start is None or epoch is None:
        raise RecordingError(f"The header of a .dat was expected to give start and epoch period, as its numbers have no times. {AGAIN}")
    names = _channels(top)
    numbers = np.concatenate([np.zeros(0), *_numbers(source, top, progress)])
    refuse_unless(numbers.size > 0, f"The file ends after its header, without a single epoch. {AGAIN}")
    refuse_unless(
        numbers.size % len(names) == 0,
        f"Mode = {top.mode} means {len(names)} numbers an epoch ({', '.join(names)}); the file holds {numbers.size:,}, which is not a "
        "whole number of epochs. Export the recording as CSV or .agd.",
    )
    epochs = numbers.reshape(-1, len(names))
    check_length(epochs.shape[0], epoch)
    _refuse_others(epochs, names, epoch, top.mode)
    return Reading((_recording(source, top, epochs[:, 0], start, epoch, notes),))


def _channels(top: ActilifeHeader) -> list[str]:
    """The names of an epoch's numbers."""
    if top.mode is None or top.mode >= 64:
        raise RecordingError(
            "The header of a .dat was expected to say “Mode = ” and a number below 64, which tells what is stored beside the counts"
            f"{'; there is none' if top.mode is None else f'; it says {top.mode}'}. Export the recording as CSV or .agd."
        )
    names = channels_of(top.mode)
    refuse_unless(
        "heart rate" not in names,
        f"Mode = {top.mode} means that heart rate was recorded too. Such files also hold workouts, and nothing shows where: export the "
        "recording as CSV or .agd.",
    )
    return names


def _numbers(source: Source, top: ActilifeHeader, progress: Progress) -> Iterator[np.ndarray]:
    """The numbers below the header, a block at a time. Only the last line may hold fewer than the first."""
    pending: list[str] = []
    taken, wide, short = 0, 0, 0
    for number, line in lines(source, progress, top.encoding):
        if number <= top.lines or not line.strip():
            continue
        if not _NUMBERS.fullmatch(line):
            raise RecordingError(f"Line {number} was expected to hold only whole numbers and spaces; it does not. {AGAIN}")
        row = re.findall(r"\d+", line)
        wide = wide or len(row)
        refuse_unless(
            not short and len(row) <= wide,
            f"Line {short or number} has a different number of counts than the lines before it ({wide}): some ran together or are gone, "
            "and all that follow would be shifted. Export the recording as CSV or .agd.",
        )
        short = number if len(row) < wide else 0
        pending.extend(row)
        if len(pending) >= BLOCK:
            taken += len(pending)
            refuse_unless(taken <= 7 * MOST_EPOCHS, "The file holds more numbers than a recording has. Export it in longer epochs.")
            yield _block(pending)
            pending.clear()
    if pending:
        yield _block(pending)


def _block(pending: list[str]) -> np.ndarray:
    refuse_unless(max(map(len, pending)) <= 9, f"A number has more digits than a count can have. {AGAIN}")
    return np.array(pending, np.float64)


def _refuse_others(epochs: np.ndarray, names: list[str], epoch: int, mode: int | None) -> None:
    """Raise RecordingError where steps or postures are more than there can be: then the numbers stand in another order."""
    most = {"steps": MOST_STEPS * epoch, "inclination": MOST_INCLINATION}
    for name, limit in most.items():
        if name in names and (peak := epochs[:, names.index(name)].max()) > limit:
            raise RecordingError(
                f"Mode = {mode} means that an epoch holds {', '.join(names)}; read that way, {name} would reach {peak:.0f} in {epoch} s. "
                "The numbers do not fit the mode: export the recording as CSV or .agd."
            )


def _recording(source: Source, top: ActilifeHeader, values: np.ndarray, start: datetime, epoch: int, notes: tuple[str, ...]) -> Recording:
    return Recording(
        participant=source.stem,
        values=values.astype(np.float32),
        start=start,
        epoch_seconds=epoch,
        unit=COUNTS,
        device=top.device,
        labels=top.labels("Axis1 (vertical)"),
        source=source.name,
        notes=notes,
    )


FORMAT = Format("ActiGraph .dat (ActiLife 5 and older)", recognises, read, ".dat")
