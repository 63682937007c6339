"""NumPy files: .npy (people, minutes) or (minutes,), and .npz with such an array and, beside it, who and when.

Pickled objects are never opened. In .npz the array is called weeks, values, x or activity; participants (people,) text, start one time
or (people,), unit and device are read where they are; other text or number arrays of length people become labels.
"""

from __future__ import annotations

import tokenize
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath

import numpy as np

from pat_core import settings
from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source, is_bomb, quoted, refuse_unless, required
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.people_column import code_of
from pat_core.recordings.tables.wide_table import LEAST_MINUTES
from pat_core.records import UNKNOWN_UNIT, Reading, Recording

ARRAY_NAMES = ("weeks", "values", "x", "activity")
PEOPLE_NAMES = ("participants", "participant", "ids", "id", "people")
_DAMAGE = (ValueError, TypeError, LookupError, SyntaxError, RecursionError, MemoryError, OverflowError, tokenize.TokenError)
"""What reading an array fails with where its header, which is written as Python's own text, or its bytes are damaged."""


def recognises_npy(head: bytes, filename: str) -> bool:
    """An array by its magic letters."""
    return head.startswith(b"\x93NUMPY")


def recognises_npz(head: bytes, filename: str) -> bool:
    """A zip whose name ends in .npz."""
    return head.startswith(b"PK") and filename.lower().endswith(".npz")


def read_npy(source: Source, progress: Progress) -> Reading:
    """Recordings of a .npy file. Raises RecordingError for other shapes, types and damaged files."""
    with source.seekable() as stream:
        try:
            version = np.lib.format.read_magic(stream)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, kind = header(stream)
            begin = stream.tell()
        except _DAMAGE as error:
            raise RecordingError(f"The .npy file's header is damaged ({_said(error)}). Save the array again with numpy.save.") from error
        refuse_unless(
            not kind.hasobject, "The array holds Python objects, which are never opened here. Save plain numbers with numpy.save."
        )
        refuse_unless(
            min(shape, default=1) >= 0 and int(np.prod(shape, dtype=object)) * kind.itemsize <= source.size - begin,
            f"The header announces an array of shape {shape}, but the file has only {source.size} bytes: it is incomplete. Save it again.",
        )
        stream.seek(0)
        try:
            values = np.lib.format.read_array(stream, allow_pickle=False)
        except _DAMAGE as error:
            raise RecordingError(f"The .npy file is damaged ({_said(error)}). Save the array again with numpy.save.") from error
    return Reading(_recordings(values, {}, source))


def read_npz(source: Source, progress: Progress) -> Reading:
    """Recordings of a .npz file. Raises RecordingError where no array of activity is in it, and for arrays of objects."""
    with source.seekable() as stream:
        try:
            with zipfile.ZipFile(stream) as members:
                unfolded = sum(member.file_size for member in members.infolist())
                keys = {PurePosixPath(name).stem for name in members.namelist()}
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise RecordingError("The .npz file is incomplete or damaged. Save it again with numpy.savez.") from error
        limit = settings.upload_limit_bytes()
        refuse_unless(
            unfolded <= limit, f"The .npz file unpacks to {unfolded / 1024**3:.1f} GB; the limit is {limit / 1024**3:.1f} GB. Split it."
        )
        refuse_unless(
            not is_bomb(unfolded, source.size),
            f"The .npz file of {source.size / 1024**2:.1f} MB unpacks to {unfolded / 1024**2:.0f} MB, which no recording does. Save the "
            "array with numpy.save and import that, if you trust it.",
        )
        name = next((wanted for wanted in ARRAY_NAMES if wanted in keys), None)
        refuse_unless(
            name is not None,
            f"Expected an array named {', '.join(ARRAY_NAMES)}; the file holds {', '.join(sorted(keys)[:12]) or 'none'}. "
            "Save it under one of those names.",
        )
        stream.seek(0)
        try:
            with np.load(stream, allow_pickle=False) as file:
                values = file[name]
                facts = {key: fact for key in file.files if key != name and isinstance(fact := file[key], np.ndarray)}
        except (*_DAMAGE, zipfile.BadZipFile, NotImplementedError, OSError) as error:
            raise RecordingError(
                f"An array of the .npz file cannot be opened ({_said(error)}). Save plain numbers and text (no objects) with numpy.savez."
            ) from error
    refuse_unless(
        isinstance(values, np.ndarray), f"Expected an array named {name}; the file of that name is not an array. Save it with numpy.savez."
    )
    return Reading(_recordings(values, facts, source))


def _recordings(values: np.ndarray, facts: Mapping[str, np.ndarray], source: Source) -> tuple[Recording, ...]:
    refuse_unless(
        values.dtype.kind in "fiu",
        f"Numbers of activity were expected; the array holds {values.dtype}. Convert it to float32 and save it again.",
    )
    rows = values[None] if values.ndim == 1 else values
    refuse_unless(
        rows.ndim == 2 and rows.shape[0] > 0 and rows.shape[1] >= LEAST_MINUTES,
        f"Expected an array (people, minutes) or (minutes,) with at least {LEAST_MINUTES} minutes; its shape is {values.shape}. Transpose "
        "it so that one row is one person.",
    )
    rows = rows.astype(np.float32, copy=False)
    people = _participants(facts, len(rows), source.stem)
    starts = _starts(facts.get("start"), len(rows))
    unit, device = (_word(facts.get(key)) for key in ("unit", "device"))
    labels = {
        key: column
        for key, column in facts.items()
        if key not in (*PEOPLE_NAMES, "start", "unit", "device")
        and isinstance(column, np.ndarray)
        and column.shape == (len(rows),)
        and column.dtype.kind in "fiubU"
    }
    return tuple(
        Recording(
            participant=people[i],
            values=row,
            start=starts[i],
            unit=columns.unit_named(unit) if unit else UNKNOWN_UNIT,
            device=device,
            labels={key: columns.label(float(column[i]) if column.dtype.kind == "b" else column[i]) for key, column in labels.items()},
            source=f"{source.name}, row {i}" if values.ndim == 2 else source.name,
        )
        for i, row in enumerate(rows)
    )


def _participants(facts: Mapping[str, np.ndarray], count: int, stem: str) -> list[str]:
    names = next((facts[key] for key in PEOPLE_NAMES if key in facts), None)
    if names is None:
        return [stem] if count == 1 else [f"{stem}-{i + 1}" for i in range(count)]
    names = np.atleast_1d(names)
    refuse_unless(
        names.shape == (count,),
        f"{counted(count, 'person has', 'people have')} activity, but the array of participants has shape {names.shape}. "
        "Give each person one name.",
    )
    return [code_of(name) for name in names]


def _starts(start: np.ndarray | None, count: int) -> list[datetime | None]:
    if start is None:
        return [None] * count
    stamps = np.atleast_1d(start).ravel()
    refuse_unless(
        stamps.size in (1, count), f"Expected one start or {count}; the array start holds {stamps.size}. Give each person one start."
    )
    try:
        times = stamps.astype("datetime64[s]") if stamps.dtype.kind in "MU" else None
    except ValueError:
        times = None
    readable = required(times, f"The start {quoted(stamps[0])} is not a readable time. Write it as 2024-01-31T00:00:00.")
    starts: np.ndarray = np.resize(readable, count)
    return [None if np.isnat(time) else time.astype(datetime) for time in starts]


def _said(error: BaseException) -> str:
    return str(error).strip().rstrip(".")[:120] or type(error).__name__


def _word(fact: np.ndarray | None) -> str | None:
    return str(fact.ravel()[0]).strip() or None if fact is not None and fact.size == 1 else None


NPY = Format("NumPy array (.npy)", recognises_npy, read_npy)
NPZ = Format("NumPy arrays (.npz)", recognises_npz, read_npz)
