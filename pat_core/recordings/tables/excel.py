"""Excel workbooks (.xlsx, .xlsm): every sheet becomes a table of text, which the readers of text then take as if it had been saved as CSV.

Sheets are streamed row by row by openpyxl (MIT), formulas by the values that Excel kept with them; macros never run. Damage and hostile
XML end in a sentence.
"""

from __future__ import annotations

import csv
import logging
import re
import tempfile
import zipfile
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path, PurePosixPath

from pat_core import settings
from pat_core.errors import RecordingError
from pat_core.recordings.source import Source, is_bomb, opener
from pat_core.recordings.tables.numbers import unmistakable
from pat_core.records import Refusal

ENDINGS = (".xlsx", ".xlsm")
MOST_TEXT = 256 * 1024**2
"""Bytes of text that the sheets of a workbook may give."""
MOST_SHEETS = 1_000
NO_WORKBOOK = (
    "This is not an Excel workbook that can be opened; it may be protected by a password. Save it without one, or save its sheet as CSV "
    "and import that."
)
_log = logging.getLogger(__name__)
_NO_VALUE = ("#N/A", "#NULL!")
_UNNAMED = re.compile(r"(sheet|tabelle|feuil|hoja|foglio|planilha|blad|ark|taul|arkusz)\s?\d*", re.IGNORECASE)
"""Names that Excel gives to sheets by itself."""


def is_workbook(head: bytes, filename: str) -> bool:
    """Whether a file is a workbook, from its first bytes and its ending. One with a password is none: it is no zip."""
    return head.startswith(b"PK\x03\x04") and PurePosixPath(filename).suffix.lower() in ENDINGS


def only_sheet(source: Source, opened: ExitStack, what: str) -> Source:
    """The one sheet that has content. what: it should hold, for the sentence of a RecordingError where there are several."""
    there, _ = sheets(source, opened)
    if len(there) != 1:
        raise RecordingError(f"One sheet was expected, with {what}; {len(there)} have content. Hide the others.")
    return there[0]


def sheets(source: Source, opened: ExitStack) -> tuple[list[Source], list[Refusal]]:
    """The sheets that hold anything, as sources of CSV for as long as `opened` holds, and refusals of hidden ones.

    A single sheet is named by the file, so that it is the participant where no column names one. Raises RecordingError where the workbook
    is damaged, empty, or larger than recordings are.
    """
    folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="pat-sheets-")))
    try:
        with source.seekable() as stream:
            _refuse_bomb(stream, source)
            return _written(stream, source, folder)
    except RecordingError:
        raise
    except Exception as error:  # openpyxl fails in many ways at a file that breaks off or was written by hand; the rest must come in
        _log.info("%s is not a complete workbook", source.name, exc_info=True)
        raise RecordingError(
            f"The Excel workbook is damaged, or another program wrote it in an unusual way ({type(error).__name__}). Open it in Excel and "
            "save it again, or save its sheet as CSV and import that."
        ) from error


def _refuse_bomb(stream, source: Source) -> None:
    with zipfile.ZipFile(stream) as parts:
        members = parts.infolist()
    limit, declared = settings.upload_limit_bytes(), sum(member.file_size for member in members)
    if declared > limit or any(is_bomb(member.file_size, member.compress_size) for member in members):
        raise RecordingError(
            f"The Excel workbook of {source.size / 1024**2:.1f} MB would unpack to {declared / 1024**2:.0f} MB, which no recording does. "
            "Save its sheet as CSV and import that, if you trust it."
        )
    stream.seek(0)


def _written(stream, source: Source, folder: Path) -> tuple[list[Source], list[Refusal]]:
    from openpyxl import load_workbook  # a second to import, for those alone who have a workbook

    book = load_workbook(stream, read_only=True, data_only=True, keep_links=False)
    sheets, refused, room = [], [], MOST_TEXT
    try:
        if len(book.worksheets) > MOST_SHEETS:
            raise RecordingError(f"The workbook has {len(book.worksheets):,} sheets; at most {MOST_SHEETS:,} are read. Split it.")
        for number, sheet in enumerate(book.worksheets):
            if sheet.sheet_state != "visible":
                why = "This sheet is hidden in the workbook and was not read. Show it in Excel and import again if it should come in."
                refused.append(Refusal(f"{source.name}: {sheet.title}", why))
                continue
            path = folder / f"{number}.csv"
            size = _write(sheet, path, room)
            room -= size
            if size:
                sheets.append(Source(f"{source.name}: {sheet.title}", sheet.title, size, opener(path)))
    finally:
        book.close()
    if not sheets and not refused:
        raise RecordingError("The Excel workbook has only empty cells. Export the recording again.")
    return [replace(sheet, path=_path(source, sheet.path, alone=len(sheets) == 1)) for sheet in sheets], refused


def _path(source: Source, title: str, alone: bool) -> str:
    """Where a sheet stands in its container: in the workbook's folder, under its own name, or the workbook's where that says more."""
    title = re.sub(r"[/\\]", "-", title)
    name = source.stem if alone else f"{source.stem} {title}" if _UNNAMED.fullmatch(title) else title
    return str(PurePosixPath(source.path).with_name(f"{name}.csv"))


def _write(sheet, path: Path, most: int) -> int:
    """Write a sheet as CSV, a row a line, so that a line's number is the row's in Excel. The bytes written, 0 where all cells are empty."""
    sheet.reset_dimensions()  # what a file declares of them need not be true
    width, anything = 0, False
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        for cells in sheet.iter_rows(values_only=True):
            row = [_text(cell) for cell in cells]
            while row and not row[-1]:
                row.pop()
            anything = anything or bool(row)
            width = max(width, len(row))
            writer.writerow(row + [""] * (width - len(row)))
            if file.tell() > most:
                raise RecordingError(
                    f"The workbook holds more than {MOST_TEXT // 1024**2} MB of cells. Save each sheet as CSV, or split it by people."
                )
    return path.stat().st_size if anything else 0


def _text(cell: object) -> str:
    """A cell as it would stand in CSV: numbers with a decimal point and no sign between thousands, times as YYYY-MM-DD HH:MM:SS."""
    if cell is None or cell in _NO_VALUE:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else unmistakable(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(" ", "milliseconds" if cell.microsecond else "seconds")
    if isinstance(cell, time):
        return cell.isoformat("milliseconds" if cell.microsecond else "seconds")
    if isinstance(cell, timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).strip()
