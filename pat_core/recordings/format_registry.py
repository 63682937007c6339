"""The formats that are read, in the order in which they are tried, and a word on well-known ones that are not.

A new device is one file in devices/ with a Format in it, and one line here; CONTRIBUTING.md shows a whole one.
"""

from __future__ import annotations

import logging
import lzma
import zipfile
import zlib
from dataclasses import replace

import numpy as np

from pat_core.errors import Cancelled, PatError, RecordingError
from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings import raw, unsupported
from pat_core.recordings.clock.grid import FIRST_YEAR, LAST_YEAR
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices import (
    actical,
    actilife_csv,
    actilife_dat,
    actiware_csv,
    actiwatch_awd,
    agd,
    condor_txt,
    daqtometer_csv,
    geneactiv_csv,
    motionwatch_mtn,
    tempatilumi_txt,
)
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.source import Format, Reader, Source
from pat_core.recordings.studies import ggir_csv, mesa_csv, nhanes_files, oxford_timeseries
from pat_core.recordings.tables import csv_table, excel, numpy_arrays, parquet_table
from pat_core.recordings.tables.missing_and_worn import without_codes
from pat_core.recordings.tables.text_shape import is_text
from pat_core.recordings.unsupported import UNREAD
from pat_core.recordings.wearables import apple_health, fitbit_csv, fitbit_json, garmin, step_exports
from pat_core.recordings.wearables.step_records import zeros_left_out
from pat_core.records import Reading, Recording, Refusal
from pat_core.wear.nonwear import to_minutes

FORMATS: tuple[Format, ...] = (
    raw.GT3X,
    raw.CWA,
    raw.GENEACTIV,
    raw.TEXT,
    geneactiv_csv.FORMAT,
    nhanes_files.XPT,
    nhanes_files.TEXT,
    numpy_arrays.NPY,
    numpy_arrays.NPZ,
    parquet_table.FORMAT,
    agd.FORMAT,
    actilife_dat.FORMAT,
    actilife_csv.FORMAT,
    actical.FORMAT,
    actiware_csv.FORMAT,
    ggir_csv.FORMAT,
    motionwatch_mtn.FORMAT,
    condor_txt.FORMAT,
    tempatilumi_txt.FORMAT,
    daqtometer_csv.FORMAT,
    mesa_csv.FORMAT,
    oxford_timeseries.FORMAT,
    actiwatch_awd.FORMAT,
    apple_health.FORMAT,
    garmin.FORMAT,
    fitbit_csv.FORMAT,
    fitbit_json.FORMAT,
    step_exports.GOOGLE,
    step_exports.SAMSUNG,
    step_exports.WITHINGS,
    csv_table.FORMAT,  # any text, so the last
)

SPREADSHEETS = (*excel.ENDINGS, ".xls")
"""Endings that programs also give to tables of plain text, so that Excel opens them."""

DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
"""What a packed file fails with where its bytes are damaged, or packed in a way that is not known here."""

_MOST = float(np.finfo(np.float32).max) / 60
"""Above any activity; sixty epochs of it still have a sum."""
_log = logging.getLogger(__name__)


def read_source(source: Source, progress: Progress, reader: Reader | None = None) -> Reading:
    """Read one file by the first format that recognises it, or by `reader`; whatever goes wrong becomes a Refusal, but for Cancelled."""
    try:
        if is_gzip(source.head()) and _ending(source) not in UNREAD:
            source = unfolded(source)
        return (reader or _by_format)(source, progress)
    except Cancelled:
        raise
    except PatError as error:
        return Reading((), (Refusal(source.name, str(error)),))
    except DAMAGED:
        return Reading((), (Refusal(source.name, "Its compressed data are damaged. Download or compress the file again."),))
    except Exception as error:  # a parser may fail in ways of its own; the rest of an import must come in
        _log.exception("Reading %s failed", source.name)
        reason = f"The file could not be read and is probably damaged ({type(error).__name__}). Export it again."
        return Reading((), (Refusal(source.name, reason),))


def _by_format(source: Source, progress: Progress) -> Reading:
    head = source.head()
    if not head:
        raise RecordingError("The file is empty. Export or download it again.")
    ending = _ending(source)
    closed = UNREAD | dict.fromkeys(excel.ENDINGS, excel.NO_WORKBOOK)  # whole workbooks came in as their sheets
    opens = ending not in closed or (ending in SPREADSHEETS and is_text(head))
    chosen = next((form for form in FORMATS if form.recognises(head, source.filename)), None) if opens else None
    if chosen is None or chosen is FORMATS[-1]:
        # A table of text is any text; of this one it is known that it is none.
        reason = closed.get(ending) if not opens else unsupported.by_content(head)
        if chosen is None:
            raise RecordingError(reason or _unknown(head, ending))
        if reason:
            raise RecordingError(reason)
    return in_minutes(chosen.read(source, progress))


def _ending(source: Source) -> str:
    return "." + source.filename.lower().rsplit(".", 1)[-1]


def _unknown(head: bytes, ending: str) -> str:
    if head.startswith(b"PK"):
        return "This is a zip inside a zip (or an Office file), which is not opened. Unpack it and import its contents."
    known = ", ".join(form.name for form in FORMATS)
    return unsupported.by_ending(ending) or (
        f"No reader recognizes this file. Supported are {known}, and zips or folders of them. Export the recording as CSV."
    )


def in_minutes(reading: Reading) -> Reading:
    """What holds for every format: minutes, no negative activity, what is no number or endless is missing, at least one value."""
    recordings: list[Recording] = []
    refused = list(reading.refused)
    for recording in reading.recordings:
        try:
            recordings.append(zeros_left_out(_with_minutes(to_minutes(with_known_date(_sound(recording))), recording)))
        except RecordingError as error:
            refused.append(Refusal(f"{recording.source}: {recording.participant}", str(error)))
    return Reading(tuple(recordings), tuple(refused))


def _with_minutes(minutes: Recording, recording: Recording) -> Recording:
    if not np.isfinite(minutes.values).any():
        raise RecordingError(
            f"There is not one whole minute among {recording.values.size:,} epochs of {recording.epoch_seconds} s: every minute is cut "
            "short or has gaps. Export the recording again; if a single time in it is wrong, correct that row."
        )
    return minutes


def _sound(recording: Recording) -> Recording:
    if not recording.participant:
        raise RecordingError("The participant's name is empty. Give every person a name or number.")
    if recording.start is not None and not FIRST_YEAR <= recording.start.year <= LAST_YEAR:
        raise RecordingError(
            f"A start from {FIRST_YEAR} to {LAST_YEAR} was expected; the recording says {recording.start:%Y-%m-%d %H:%M}. Correct the date."
        )
    with np.errstate(over="ignore"):
        values, codes = without_codes(np.asarray(recording.values, np.float32))
    recording = replace(recording, notes=(*recording.notes, *codes))
    negative = values < 0
    if negative.any():
        at = int(negative.argmax())
        raise RecordingError(
            f"Activity is never negative, but epoch {at + 1} is {values[at]:g} ({counted(int(negative.sum()), 'negative value')} in all). "
            "If these are standardized values, import the activity they were made from; if the number marks missing minutes, leave those "
            "cells empty."
        )
    endless = values > _MOST
    count = int(endless.sum())
    if not np.isfinite(values[~endless]).any():
        missing = f"missing minutes and {counted(count, 'infinite number')}" if count else "missing minutes"
        raise RecordingError(f"This recording has no values, only {missing}. Check that the right column is named activity.")
    if not count:
        return replace(recording, values=values)
    message = (
        f"{counted(count, 'value is', 'values are')} infinite or larger than any activity, first in epoch {int(endless.argmax()) + 1:,}: "
        "counted as missing."
    )
    return replace(recording, values=np.where(endless, np.float32(np.nan), values), notes=(*recording.notes, message))
