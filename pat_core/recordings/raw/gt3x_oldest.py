"""The oldest .gt3x (firmware up to 2.5, as in NHANES 2011-14): activity.bin holds every sample in its order and no time.

Three numbers of 12 bits a sample, in the order y, x, z, one after another without a gap; lux.bin holds a number a second. The first sample
was taken at the start that info.txt gives. Layout and scale as the maker publishes them for NHANES.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import IO

import numpy as np

from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.raw.gt3x_log import twelve_bits
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.recordings.source import refuse_unless

SCALE = 341.0
"""Steps per g of every device of that time, whose info.txt does not say it."""
SECONDS_AT_ONCE = 1800
TICKS, FIRST_TICK = 10_000_000, 62_135_596_800
"""Ticks a second, and seconds from the year 1 to 1970."""
SAID = "The file is of the oldest kind, whose samples have no times: they follow one another from the start that info.txt gives."


def start_of(facts: Mapping[str, str]) -> float:
    """Seconds since 1970 of the first sample, by the device's clock. Raises RecordingError where info.txt does not say."""
    ticks = facts.get("start date", "")
    refuse_unless(
        ticks.isdigit() and len(ticks) < 20 and int(ticks) > FIRST_TICK * TICKS,
        f"info.txt was expected to give the start as ticks since the year 1; it says “{ticks[:30]}”. The samples have no times: open the "
        "file in ActiLife and export 60-second epochs.",
    )
    return int(ticks) / TICKS - FIRST_TICK


def blocks(
    part: tuple[IO[bytes], int], file: RawFile, scale: float, start: float, light_seconds: int | None, progress: Progress
) -> Iterator[Blocks]:
    """A block a second. Seconds of nothing but 0 or -1 on every axis were never written: gravity alone gives more.

    part: activity.bin and its bytes. scale: steps per g. light_seconds: how many seconds lux.bin holds, None where there is none.
    """
    (stream, size), rate = part, int(file.rate)
    pair = 9 * rate  # bytes of two seconds, which end on a whole byte whatever the rate
    second, empty, rest, cut = 0, 0, b"", False
    while True:
        try:
            data = rest + stream.read(SECONDS_AT_ONCE // 2 * pair)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            data, cut = rest, True
        whole = len(data) // pair * pair
        last = cut or whole == 0
        numbers = twelve_bits(data if last else data[:whole])
        rest = b"" if last else data[whole:]
        count = numbers.size // (3 * rate)
        raw = numbers[: count * 3 * rate].reshape(count, rate, 3)[..., [1, 0, 2]]
        written = ~np.isin(raw, (0, -1)).all(axis=(1, 2))
        empty += int(count - written.sum())
        if written.any():
            xyz = np.round(raw[written].reshape(-1, 3) / scale, 3).astype(np.float32)
            starts = start + second + np.flatnonzero(written).astype(np.float64)
            yield Blocks(starts, np.full(starts.size, rate), xyz, np.zeros(starts.size, bool))
        second += count
        progress.at(min(second * pair / 2 / max(size, 1), 1.0), "Reading samples")
        if last:
            break
    refuse_unless(second > empty, "activity.bin does not hold one second of samples. Download the file from the device again.")
    file.notes.append(SAID)
    if empty:
        file.notes.append(
            f"{counted(empty, 'second of activity.bin was', 'seconds of activity.bin were')} never written (no gravity): counted as "
            "missing."
        )
    if cut:
        file.notes.append("activity.bin is incomplete; what came before the break was read.")
    elif light_seconds is not None and abs(light_seconds - second) > 60:
        file.notes.append(
            f"lux.bin holds {light_seconds} seconds, activity.bin {second} at {rate} Hz: one of them is cut short, or the rate is "
            "different. Compare the end of the recording with what you know."
        )
