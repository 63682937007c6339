"""ActiGraph .agd files: SQLite databases of ActiLife with the epochs in a table `data` and the settings in a table `settings`.

A database from elsewhere is not trusted: a copy is opened read-only, views and virtual tables are refused, no statement but reading two
tables is allowed, and its work is bounded in time, rows and length of a cell.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import time
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

import numpy as np

from pat_core.errors import RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import MOST_EPOCHS, Epochs, check_epoch, on_grid
from pat_core.recordings.source import Format, Source, quoted, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.records import COUNTS, Reading, Recording

MAGIC = b"SQLite format 3\x00"
_TICKS_1970 = 62_135_596_800_000
"""Milliseconds from the first tick of .NET (0001-01-01) to 1970."""
_EARLIEST, _LATEST = np.datetime64("1990-01-01", "ms"), np.datetime64("2100-01-01", "ms")
_SECONDS, _BYTES_A_SECOND = 4.0, 4 * 1024**2
"""How long a database may work: so long, and a second more for so many of its bytes. Sound ones are read four times as fast and more."""
_CELL_BYTES, _BLOCK, _MOST_SETTINGS = 1_000_000, 50_000, 1_000
_AGAIN = "Export it from ActiLife again."
_UNTYPED = ("", "0", "undefined", "null", "none", "n/a", "na")
_LABELS = ("sex", "age", "height", "mass", "dominance", "filter")


def recognises(head: bytes, filename: str) -> bool:
    """SQLite whose schema speaks of dataTimestamp; the ending decides only where the schema lies beyond the first bytes."""
    return head.startswith(MAGIC) and (b"datatimestamp" in head.lower() or filename.lower().endswith(".agd"))


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an .agd file: counts of the vertical axis. Raises RecordingError for anything that is no such database."""
    with tempfile.TemporaryDirectory(prefix="pat-") as folder:
        copy = Path(folder) / "copy.agd"
        with source.open() as stream, copy.open("wb") as target:
            refuse_unless(
                stream.read(len(MAGIC)) == MAGIC, f"An ActiLife database (SQLite) was expected; its first 16 bytes are different. {_AGAIN}"
            )
            target.write(MAGIC)
            shutil.copyfileobj(stream, target, 1 << 20)
        try:
            with closing(_connect(copy)) as database:
                _refuse_schema(database)
                settings = _settings(database)
                ticks, counts = _data(database, source, progress)
        except (sqlite3.Error, UnicodeError) as error:  # a message of SQLite's may quote the damage
            refuse_unless(
                str(error) != "interrupted",
                f"Reading the database of {source.size / 1024**2:.1f} MB took more than {_longest(copy):.0f} s, longer than any recording "
                f"needs, and was stopped. {_AGAIN}",
            )
            raise RecordingError(
                f"The database is damaged, incomplete, or not ActiLife's ({str(error)[:120]}). Copy or export it again."
            ) from error
    return Reading((_recording(source, settings, ticks, counts),))


def _connect(path: Path) -> sqlite3.Connection:
    """A read-only connection that can do nothing but read the tables `data` and `settings`."""
    database = sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)
    database.text_factory = lambda raw: raw.decode("utf-8", "replace")
    for setting in ("trusted_schema = OFF", "cell_size_check = ON", "query_only = ON", "mmap_size = 0", "temp_store = MEMORY"):
        database.execute(f"PRAGMA {setting}")
    database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _CELL_BYTES)
    database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    database.set_authorizer(_allowed)
    end = time.monotonic() + _longest(path)
    database.set_progress_handler(lambda: int(time.monotonic() > end), 100_000)
    return database


def _longest(path: Path) -> float:
    """Seconds that a database of this size may work."""
    return _SECONDS + path.stat().st_size / _BYTES_A_SECOND


def _allowed(action: int, first: str | None, second: str | None, _database: str | None, _trigger: str | None) -> int:
    """What a statement may do: select, read the two tables and the schema, list their columns."""
    reads = action == sqlite3.SQLITE_READ and str(first).lower() in ("data", "settings", "sqlite_master", "sqlite_schema")
    lists = action == sqlite3.SQLITE_PRAGMA and first == "table_xinfo"
    return sqlite3.SQLITE_OK if reads or lists or action == sqlite3.SQLITE_SELECT else sqlite3.SQLITE_DENY


def _refuse_schema(database: sqlite3.Connection) -> None:
    """Refuse databases in which `data` or `settings` is anything but a plain table with plain columns."""
    kinds = {
        str(name).lower(): (kind, str(sql or ""))
        for kind, name, sql in database.execute("SELECT type, name, sql FROM sqlite_master LIMIT 1000")
        if kind in ("table", "view")
    }
    for name in ("data", "settings"):
        kind, sql = kinds.get(name, ("", ""))
        refuse_unless(
            bool(kind),
            f"An ActiLife database has a table “{name}”; the tables here are {', '.join(sorted(kinds))[:200] or 'none'}. {_AGAIN}",
        )
        plain = kind == "table" and not sql.lower().split("table", 1)[0].strip().endswith("virtual")
        refuse_unless(
            plain and not any(column[6] for column in database.execute(f"PRAGMA table_xinfo({name})")),
            f"“{name}” was expected to be a plain table; here it is computed (a view or the like) and is not run. {_AGAIN}",
        )


def _columns(database: sqlite3.Connection, table: str) -> dict[str, str]:
    """A table's columns: lower-case name -> quoted name as written."""
    rows = database.execute(f"PRAGMA table_xinfo({table})")
    return {str(row[1]).lower(): '"' + str(row[1]).replace('"', '""') + '"' for row in rows}


def _settings(database: sqlite3.Connection) -> dict[str, str]:
    """The settings as name (lower case) -> value."""
    names = _columns(database, "settings")
    refuse_unless(
        {"settingname", "settingvalue"} <= set(names),
        f"The table “settings” needs settingName and settingValue; it has {', '.join(names)[:200]}. {_AGAIN}",
    )
    rows = database.execute(f"SELECT {names['settingname']}, {names['settingvalue']} FROM settings LIMIT {_MOST_SETTINGS}")
    return {str(name).strip().lower(): str(value).strip() for name, value in rows if value is not None}


def _data(database: sqlite3.Connection, source: Source, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Ticks (n,) float64 and vertical counts (n,) float64, in the order of the table."""
    names = _columns(database, "data")
    refuse_unless(
        {"datatimestamp", "axis1"} <= set(names),
        f"The table “data” needs dataTimestamp and axis1 (vertical counts); it has {', '.join(names)[:200] or 'no columns'}. {_AGAIN}",
    )
    rows = database.execute(f"SELECT {names['datatimestamp']}, {names['axis1']} FROM data LIMIT {MOST_EPOCHS + 1}")
    ticks, counts, done = [], [], 0
    while block := rows.fetchmany(_BLOCK):
        for which, (stamp, value) in enumerate(block):
            fine = isinstance(stamp, int | float) and (value is None or isinstance(value, int | float))
            refuse_unless(fine, f"Row {done + which + 1} of the table “data” holds text or bytes in place of a time and a count. {_AGAIN}")
        ticks.append(np.array([row[0] for row in block], np.float64))
        counts.append(np.array([row[1] for row in block], np.float64))
        done += len(block)
        refuse_unless(done <= MOST_EPOCHS, f"At most {MOST_EPOCHS} epochs are read; the database has more. Export it in 60-second epochs.")
        progress.at(min(done * 60 / max(source.size, 1), 1.0), f"Reading {source.filename}")
    refuse_unless(done > 0, f"The table “data” is empty: the database has no epochs. {_AGAIN}")
    return np.concatenate(ticks), np.concatenate(counts)


def _recording(source: Source, settings: Mapping[str, str], ticks: np.ndarray, counts: np.ndarray) -> Recording:
    epochs = _epochs(settings, ticks, counts)
    name, subject = settings.get("devicename", ""), settings.get("subjectname", "")
    labels: dict[str, str | float | None] = {"axis": "Axis1 (vertical)"}
    # ActiLife writes 0 where nothing was typed.
    labels |= {label: columns.label(settings[label]) for label in _LABELS if settings.get(label, "").lower() not in _UNTYPED}
    if settings.get("deviceserial"):
        labels["serial"] = settings["deviceserial"]
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    notes = list(epochs.notes)
    stated = settings.get("epochcount", "")
    if stated.isdecimal() and len(stated) < 12 and int(stated) != ticks.size:
        notes.append(f"The settings announce {int(stated)} epochs; the table holds {ticks.size}.")
    side, limb = settings.get("side", "").lower(), settings.get("limb", "").lower()
    # ActiLife writes the device's own name where none was typed for the wearer.
    named = subject and columns.key(subject) != columns.key(name)
    return Recording(
        participant=subject if named else source.stem,
        values=epochs.grid.values,
        start=epochs.grid.start,
        epoch_seconds=epochs.grid.epoch_seconds,
        unit=COUNTS,
        device=f"ActiGraph {name}".strip(),
        placement=f"{side} {limb}".strip() or None,
        labels=labels,
        source=source.name,
        notes=tuple(notes),
    )


def _epochs(settings: Mapping[str, str], ticks: np.ndarray, counts: np.ndarray) -> Epochs:
    """The counts on a regular grid of the clock."""
    stated = settings.get("epochlength", "")
    refuse_unless(
        stated.isdecimal() and len(stated) < 7,
        f"The setting epochlength was expected as a whole number of seconds; it says {quoted(stated)}. {_AGAIN}",
    )
    epoch = check_epoch(int(stated), "the setting epochlength")
    milliseconds = ticks / 10_000 - _TICKS_1970
    fine = np.isfinite(milliseconds) & (np.abs(milliseconds) < 1e14)
    times = np.where(fine, milliseconds, 0).astype(np.int64).astype("datetime64[ms]")
    fine &= (times >= _EARLIEST) & (times < _LATEST)
    refuse_unless(
        bool(fine.all()),
        f"Times were expected in .NET ticks between 1990 and 2100; row {int((~fine).argmax()) + 1} of the table “data” says "
        f"{ticks[int((~fine).argmax())]:.0f}. {_AGAIN}",
    )
    infinite = np.isinf(counts)
    epochs = on_grid(times, np.where(infinite, np.nan, counts), None, epoch)
    if not infinite.any():
        return epochs
    return Epochs(epochs.grid, None, (*epochs.notes, f"{counted(int(infinite.sum()), 'count is', 'counts are')} infinite: left empty."))


FORMAT = Format("ActiLife database (ActiGraph .agd)", recognises, read, ".agd")
