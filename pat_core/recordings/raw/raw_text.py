"""Raw acceleration as text (ActiLife RAW export, OmGui, omconvert, GENEActiv CSV and their like), read a few megabytes at a time.

A week at 100 Hz has sixty million rows: Arrow turns blocks of the text into columns, and only their minutes are kept.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO

import numpy as np
import pyarrow as pa
from pyarrow import compute, csv

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.zones import UTC_NOTE
from pat_core.recordings.raw.stamps import seconds_of
from pat_core.recordings.raw.stream import Blocks, RawFile
from pat_core.recordings.raw.text_layout import Layout, layout_of
from pat_core.recordings.source import Source, refuse_unless, required

BYTES_AT_ONCE = 4 * 1024**2
FASTEST = 2000.0
"""More rows a second are no samples of movement."""
MOST_G, _ENDLESS = 100.0, 1e6
"""A sample beyond this is damage, once it is known that the file is in g."""
AT_REST = (0.5, 2.0)
"""g between which the median length of the acceleration lies, whatever is done: gravity is always there."""
MOST_LOST = 0.1
"""Share of rows that may be unreadable."""
_ASCII = bytes(min(byte, 0x7F) for byte in range(256))
"""Damaged bytes that are no UTF-8 make Arrow give up a whole piece, not the row alone; no number or time has such."""
MOST_PARTS = 500
"""Stretches without a pause in one block of text, above which the rows' own times are taken as they are."""


def recognises(head: bytes, filename: str) -> bool:
    """A text with three axes of acceleration, many rows a second."""
    return layout_of(head) is not None


@contextmanager
def opened(source: Source, progress: Progress) -> Iterator[RawFile]:
    """The file with its rows still to be read. Raises RecordingError where they cannot be."""
    layout = required(layout_of(source.head()), "Rows of time, x, y and z were expected; this holds none. Export the recording again.")
    refuse_unless(layout.refusal is None, str(layout.refusal))
    refuse_unless(
        0 < layout.rate <= FASTEST,
        f"Neither the header nor the first rows show how many samples a second the file holds ({layout.rate:g}). Export it again, with a "
        "time in every row.",
    )
    with source.open() as stream:
        file = RawFile(
            device=layout.device,
            rate=layout.rate,
            blocks=iter(()),
            serial=layout.serial,
            placement=layout.placement,
            utc_offset=layout.utc_offset,
            vertical=layout.vertical,
            in_utc=layout.in_utc,
            wrist=layout.wrist,
            notes=list(layout.notes),
        )
        if layout.in_utc:
            file.notes.append(UTC_NOTE)
        file.blocks = _blocks(stream, layout, file, source.size, progress)
        yield file


@dataclass
class _Met:
    """What the rows held: rows in all, of another width, without three numbers, without a time, with no acceleration at all; lengths of
    the acceleration, a median for each block of text; the participants named."""

    rows: int = 0
    wrong: int = 0
    empty: int = 0
    timeless: int = 0
    zero: int = 0
    lengths: list[float] = field(default_factory=list)
    people: set[str] = field(default_factory=set)

    def sentences(self) -> list[str]:
        sentences = []
        if self.wrong:
            sentences.append(f"{counted(self.wrong, 'row')} left out: another number of cells than the first (damaged or incomplete).")
        if self.empty:
            sentences.append(f"{counted(self.empty, 'row')} left out: without three numbers of acceleration.")
        if self.timeless:
            sentences.append(f"{counted(self.timeless, 'row')} left out: no readable time.")
        if self.zero:
            sentences.append(
                f"{counted(self.zero, 'row was', 'rows were')} 0 on every axis, where gravity alone gives more: nothing was measured there."
            )
        return sentences


def _blocks(stream: IO[bytes], layout: Layout, file: RawFile, size: int, progress: Progress) -> Iterator[Blocks]:
    met, rows = _Met(), _Rows(layout)
    done = 0
    for piece in _pieces(_plain(stream, layout)):
        xyz, times, asleep = _samples(_batch(piece, layout, met), layout, met)
        done += len(piece)
        _refuse_people(met.people)
        if times.size:
            yield rows.blocks(xyz, times, asleep)
        progress.at(min(done / max(size, 1), 1.0), "Reading samples")
    if (last := rows.rest()) is not None:
        yield last
    lost = met.wrong + met.empty + met.timeless
    refuse_unless(met.rows > lost + met.zero, "The file has no row of acceleration with its time. Export the recording again.")
    refuse_unless(
        lost <= MOST_LOST * met.rows,
        f"{lost:,} of {met.rows:,} rows cannot be read ({met.wrong:,} of another width, {met.empty:,} without three numbers, "
        f"{met.timeless:,} without a time). Export the recording again.",
    )
    _refuse_unit(met.lengths)
    file.participant = next(iter(met.people), None)
    file.notes.extend(met.sentences())


def _plain(stream: IO[bytes], layout: Layout) -> IO[bytes] | _Recoded:
    """The rows as UTF-8, without what stands above them."""
    if layout.encoding == "utf-16":
        text = _Recoded(io.TextIOWrapper(stream, encoding="utf-16", errors="replace", newline=""))
        for _ in range(layout.skip):
            text.text.readline()
        return text
    for _ in range(layout.skip):
        stream.readline()
    return stream


@dataclass
class _Recoded:
    text: io.TextIOWrapper

    def read(self, size: int = -1) -> bytes:
        return self.text.read(size).encode()


def _pieces(stream: IO[bytes] | _Recoded) -> Iterator[bytes]:
    """The text in pieces that end with a line. (Arrow's own reading in blocks would read far ahead.)"""
    rest = b""
    while data := stream.read(BYTES_AT_ONCE):
        refuse_unless(len(rest) < BYTES_AT_ONCE, f"A line is longer than {BYTES_AT_ONCE // 1024**2} MB, which no row is. Export it again.")
        cut = data.rfind(b"\n") + 1
        if cut:
            yield rest + data[:cut]
        rest = data[cut:] if cut else rest + data
    if rest.strip():
        yield rest


def _batch(piece: bytes, layout: Layout, met: _Met) -> pa.Table:
    """The wanted columns, named by their places; rows of another width are counted and left out."""

    def odd(row: csv.InvalidRow) -> str:
        met.wrong += 1
        met.rows += 1
        return "skip"

    kinds: dict[str, pa.DataType] = {str(at): pa.float64() for at in layout.axes}
    kinds |= {str(at): pa.float64() if layout.counting else pa.binary() for at in layout.time}
    if layout.who is not None:
        kinds[str(layout.who)] = pa.binary()
    try:
        return csv.read_csv(
            pa.BufferReader(piece.translate(_ASCII) if layout.who is None else piece.decode("utf-8", "replace").encode()),
            csv.ReadOptions(column_names=[str(at) for at in range(layout.width)]),
            csv.ParseOptions(delimiter=layout.separator, invalid_row_handler=odd),
            csv.ConvertOptions(
                check_utf8=False,
                column_types=kinds,
                include_columns=list(kinds),
                decimal_point=layout.decimal,
                null_values=["", "NaN", "nan", "NA", "-nan", "null", "NULL", "-", "."],
                strings_can_be_null=False,
            ),
        ).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowKeyError, pa.ArrowNotImplementedError) as error:
        after = f" after about {met.rows:,} rows" if met.rows else ""
        raise RecordingError(
            f"Rows of numbers were expected in the columns of time and acceleration; something else is there{after}. Export the recording "
            "again, or remove what is not a row."
        ) from error


def _column(batch: pa.Table, at: int) -> pa.Array:
    column = batch.column(str(at))
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _samples(batch: pa.Table, layout: Layout, met: _Met) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(n, 3) g, (n,) seconds since 1970 of the rows that hold both, and (n,) bool: rows of nothing but zeros stood before it."""
    wide = np.stack([_column(batch, at).to_numpy(zero_copy_only=False) for at in layout.axes], axis=1) * layout.factor
    times = _times(batch, layout, met.rows)
    met.rows += batch.num_rows
    with np.errstate(invalid="ignore"):
        present = (np.abs(wide) <= _ENDLESS).all(axis=1)
        zero = (wide == 0).all(axis=1)
    some = wide[present & ~zero]
    if some.shape[0]:
        met.lengths.append(float(np.median(np.sqrt((some[:: max(1, some.shape[0] // 5000)] ** 2).sum(axis=1)))))
        _refuse_unit(met.lengths[:1])
    with np.errstate(invalid="ignore"):
        present &= (np.abs(wide) <= MOST_G).all(axis=1)
    timed = np.isfinite(times)
    met.empty += int((~present).sum())
    met.timeless += int((present & ~timed).sum())
    met.zero += int(zero.sum())
    if layout.who is not None:
        met.people |= {bytes(person.as_py()).decode("utf-8", "replace").strip()[:100] for person in _column(batch, layout.who).unique()}
    usable = present & timed & ~zero
    asleep = np.diff(np.concatenate(([0], np.cumsum(zero)[usable]))) > 0
    return wide[usable].astype(np.float32), times[usable], asleep


def _times(batch: pa.Table, layout: Layout, before: int) -> np.ndarray:
    """(rows,) seconds since 1970, NaN where a time cannot be read; before: how many rows stood above these."""
    if not layout.time:
        return float(layout.start or 0.0) + (before + np.arange(batch.num_rows)) / layout.rate
    if layout.counting:
        scale, plus = layout.counting
        return (_column(batch, layout.time[0]).to_numpy(zero_copy_only=False) + plus) * scale
    texts = _column(batch, layout.time[0])
    if len(layout.time) > 1:
        texts = compute.binary_join_element_wise(texts, _column(batch, layout.time[1]), pa.scalar(b" ", pa.binary()))
    return seconds_of(texts, layout.order)


class _Rows:
    """Makes blocks of one row each, which keep the rows' own times; where the clock is coarser than the samples, of rows with one time."""

    def __init__(self, layout: Layout) -> None:
        self.rate, self.step, self.timed = layout.rate, layout.step, bool(layout.time)
        self.actigraph = layout.vertical is not None
        self.coarse = self.timed and layout.counting is None and layout.step > 0.9 / layout.rate
        self.held: tuple[np.ndarray, np.ndarray, np.ndarray] | None = None

    def blocks(self, xyz: np.ndarray, times: np.ndarray, asleep: np.ndarray) -> Blocks:
        """Of (n, 3) g at (n,) seconds; asleep: (n,) bool, rows of zeros stood before, which in an ActiGraph's export are its idle sleep."""
        if not self.coarse:
            times = self._even(times) if self.timed else times
            return Blocks(times, np.ones(times.size, np.int64), xyz, asleep & self.actigraph)
        if self.held is not None:
            xyz, times, asleep = (np.concatenate(both) for both in zip(self.held, (xyz, times, asleep), strict=True))
        whole = int(np.flatnonzero(np.diff(times, prepend=np.nan) != 0)[-1])
        self.held = (xyz[whole:], times[whole:], asleep[whole:])
        return self._alike(xyz[:whole], times[:whole], asleep[:whole])

    def rest(self) -> Blocks | None:
        """What waits for more rows."""
        return None if self.held is None else self._alike(*self.held)

    def _alike(self, xyz: np.ndarray, times: np.ndarray, asleep: np.ndarray) -> Blocks:
        starts = np.flatnonzero(np.diff(times, prepend=np.nan) != 0)
        return Blocks(times[starts], np.diff(starts, append=times.size), xyz, asleep[starts] & self.actigraph)

    def _even(self, times: np.ndarray) -> np.ndarray:
        """(n,) times, written in thousandths, brought back to the even steps they were before, where they are no further from them.

        Devices sample on the full second; a stretch without a pause that lies so near to it lies on it.
        """
        steps = np.diff(times, prepend=-np.inf)
        at = np.flatnonzero((steps > 1.6 / self.rate + self.step) | (steps < -2 * self.step))
        even = times.copy()
        if at.size <= MOST_PARTS:
            for begin, end in zip(at, [*at[1:], times.size], strict=True):
                even[begin:end] = self._on_grid(times[begin:end])
        back = np.flatnonzero((np.diff(even) < 0) & (np.diff(even) > -2 * self.step))
        even[back + 1] = even[back]
        return even

    def _on_grid(self, times: np.ndarray) -> np.ndarray:
        ideal = np.arange(times.size) / self.rate
        low, high = float((times - ideal).min()), float((times - ideal).max())
        if high - low > 1.1 * self.step + 1e-6:
            return times
        middle = (low + high) / 2
        full = round(middle * self.rate) / self.rate
        return ideal + (full if abs(full - middle) <= self.step else middle)


def _refuse_people(people: set[str]) -> None:
    refuse_unless(
        len(people) <= 1,
        "The file holds the raw acceleration of more than one person. Write each person's rows to a separate file and import those.",
    )


def _refuse_unit(lengths: list[float]) -> None:
    """Raise RecordingError where the acceleration is not in g: its length at rest is 1."""
    if not lengths or AT_REST[0] <= (length := float(np.median(lengths))) <= AT_REST[1]:
        return
    known = "metres per second squared (divide by 9.80665)" if 7 < length < 13 else "mg (divide by 1000)" if 500 < length < 2000 else None
    looks = f"They look like {known}." if known else "They may be raw steps of the device's converter, or gravity was removed."
    raise RecordingError(
        f"Acceleration in g was expected, with a length of about 1 at rest; here it is usually {length:.3g}. {looks} Export the recording "
        "in g."
    )
