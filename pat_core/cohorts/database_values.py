"""What goes into the database and comes out: names, JSON, times."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np

from pat_core.cohorts.cohort_records import Label
from pat_core.errors import WorkspaceError, WorkspaceTrouble

LONGEST_NAME = 80
_UNPRINTABLE = {"Cc", "Cs", "Zl", "Zp"}
_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
"""Signs that turn the direction of what follows: with them a name shows another than it is (Unicode Technical Report 36)."""
_UNSEEN = ("C", "Z", "M")
"""What has no look of its own: controls, blanks, marks on other signs."""
_DOUBLES = str.maketrans("авекмнорстухѕіјԁһӏԛԝɡαβεζηικμνορτυχıɑ", "abekmhopctyxsijdhlqwgabezhikmvoptyxia")
"""Small Cyrillic and Greek letters -> the Latin ones that they, or their capitals, are taken for."""


def valid_name(name: str, of: str) -> str:
    """The name without blanks around it, in composed form; WorkspaceError where it is empty, too long or unprintable."""
    text = unicodedata.normalize("NFC", str(name)).strip()
    if not text:
        raise WorkspaceError(f"Expected a name for the {of}, got none. Type one of 1 to {LONGEST_NAME} characters.")
    if len(text) > LONGEST_NAME:
        raise WorkspaceError(f"Expected a name of at most {LONGEST_NAME} characters for the {of}, got {len(text)}. Shorten it.")
    bad = [character for character in text if unicodedata.category(character) in _UNPRINTABLE]
    bad += [character for character in text if unicodedata.bidirectional(character) in _TURNING]
    if bad:
        raise WorkspaceError(f"Expected a name on one line for the {of}, got the unprintable character U+{ord(bad[0]):04X}. Leave it out.")
    if all(unicodedata.category(character).startswith(_UNSEEN) for character in text):
        raise WorkspaceError(f"Expected a visible name for the {of}, got only blanks and invisible characters. Type another.")
    return text


def looks(name: str) -> str:
    """What a reader tells two names apart by: names that differ in capitals, blanks, dashes, width, unseen characters or letters of other
    alphabets that look like Latin ones look alike."""
    visible = "".join(character for character in unicodedata.normalize("NFKC", name) if unicodedata.category(character) != "Cf").casefold()
    visible = visible.translate(_DOUBLES)
    dashed = "".join("-" if unicodedata.category(character) == "Pd" or character == "_" else character for character in visible)
    return " ".join(dashed.split())


def to_json(value: object) -> str:
    """JSON of plain values, NumPy scalars and arrays, records, paths and dates; WorkspaceError for anything else."""
    try:
        return json.dumps(value, default=_plain, ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise WorkspaceError(f"Expected plain values (text, numbers, lists, tables) to store, got something else: {error}.") from error


def _plain(value: object) -> object:
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, np.ndarray):
        return value.tolist()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} has no plain form")


def from_json(text: str | None) -> Any:
    """The plain value that `to_json` stored. WorkspaceTrouble where it is none any more."""
    try:
        return None if text is None else json.loads(text)
    except (ValueError, TypeError) as error:
        raise WorkspaceTrouble(
            "The database of the workspace is damaged: a value in it cannot be read. Put back a copy of the workspace folder, or choose "
            "another folder as workspace.",
            "damaged",
        ) from error


def label_value(value: object) -> Label:
    """A label as text, number or None (missing: None and every number that is not finite)."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return int(value)
    if value is None or type(value).__name__ in ("NAType", "NaTType") or (isinstance(value, float) and not math.isfinite(value)):
        return None
    return value if isinstance(value, str | int | float) else str(value)


def moment(seconds: float | None) -> datetime | None:
    """Seconds since 1970, as stored, in wall clock. Stored that way because wall clocks jump in spring and autumn."""
    return None if seconds is None else datetime.fromtimestamp(seconds)
