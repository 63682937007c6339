"""What a column is, from its name: who, when, how much, and in which unit. Names are compared without case, spaces and signs.

Units come only from what the file says: a `unit` column, or the activity column's name (counts, axis, MIMS, mg, steps). A plain
`activity` column of whole numbers is taken as counts/min, as Actiwatch exports write it; ENMO without "mg" may be g or mg and
stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from pat_core.errors import RecordingError
from pat_core.recordings.tables import numbers
from pat_core.recordings.tables.coded_text import coded
from pat_core.recordings.tables.text_shape import MISSING
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT

PARTICIPANT = (
    "participant", "participantid", "subject", "subjectid", "person", "personid", "patient", "patientid", "subjid", "usubjid",
    *(f"{who}{what}" for who in ("subj", "subject", "participant", "patient", "person", "proband", "respondent", "pseudonym", "volunteer",
                                 "case", "member", "child", "client", "teilnehmer", "versuchsperson", "vp", "probanden", "patienten",
                                 "versuchspersonen")
      for what in ("id", "no", "nr", "num", "number", "nummer", "code", "kode", "key", "name", "identifier", "ident", "kennung")),
    "proband", "respondent", "pseudonym", "volunteer", "teilnehmer", "versuchsperson", "vpn", "sujet", "paziente", "paciente", "deelnemer",
    "deltager", "deltagare", "mrn", "eid", "id", "pid", "seqn", "studyid", "studyno", "studynumber", "studycode",
    "number", "user", "userid", "username", "recordid", "code", "subj", "ppt",
)  # fmt: skip
FILE = ("file", "filename", "recording", "recordingname", "datafile", "datei", "dateiname")
"""Columns of a table of people that name each one's recording, where none names the person."""
TIME = ("timestamp", "datetime", "time", "datetimelocal", "localtime", "datestamp", "timestamplocal", "dateandtime", "clock", "minutestart")
DATE = ("date", "day", "calendardate", "localdate")
MINUTE, HOUR, SECOND = ("minute", "minuteindex", "minutes"), ("hour", "hours"), ("second", "seconds")
COUNTER = ("epoch", "epochindex", "epochnumber", "epochno", "epochnum", "epochid", "index")
"""Numbers of epochs, whose length their name does not tell."""
EPOCH_LENGTH = {
    "epochseconds": 1, "epochsec": 1, "epochsecs": 1, "epochlengthseconds": 1, "epochlengthsec": 1, "epochlengths": 1, "secondsperepoch": 1,
    "epochdurationseconds": 1, "epochminutes": 60, "epochlengthminutes": 60, "epochlengthmin": 60, "minutesperepoch": 60,
    "epochlength": None, "epochduration": None, "epochperiod": None,
}  # fmt: skip
"""Columns that say how long an epoch is, and the seconds of their unit; None where the cell has to name it (30 s, 1 min)."""
ACTIVITY = (
    "activity", "counts", "count", "activitycounts", "activitycount", "axis1", "vm", "vectormagnitude", "mims", "mimsunit", "mimsunits",
    "paxmtsm", "paxinten", "enmo", "enmomg", "mg", "acc", "acceleration", "steps", "value", "values", "intensity", "zcm", "pim",
)  # fmt: skip
UNIT, DEVICE, PLACEMENT = ("unit", "units"), ("device", "devicename", "devicemodel"), ("placement", "wornat", "location", "bodysite")
_NO_LABEL = (MISSING - {"kz"}) | {"<na>", "nat"}
START = ("start", "starttime", "startdatetime", "starttimestamp")


class Unclear(RecordingError):
    """A table whose columns its owner has to tell the meaning of."""


def key(name: object) -> str:
    """A column's name reduced to letters and digits, lower case."""
    return re.sub(r"[^0-9a-z]", "", str(name).lower())


def find(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    """Index of the column whose name comes first in `wanted`, or None."""
    keys = [key(name) for name in names]
    for name in wanted:
        if name in keys:
            return keys.index(name)
    return None


def find_activity(names: Sequence[str], taken: Sequence[int | None]) -> int | None:
    """Index of the activity column: a known name, or else the only column whose name holds one of the telling words."""
    column = find(["" if i in taken else name for i, name in enumerate(names)], ACTIVITY)
    if column is not None:
        return column
    telling = [i for i, name in enumerate(names) if i not in taken and re.search("activity|counts?|mims|enmo|axis1|steps", key(name))]
    return telling[0] if len(telling) == 1 else None


def unit_named(text: str) -> str:
    """The unit that a word of the file names ("counts/min", "MIMS", "mg", "steps", ...), else unknown."""
    word = key(text)
    if "mims" in word or word.startswith("paxmtsm"):
        return MIMS
    if "step" in word:
        return STEPS
    if word.endswith("mg") or word.startswith("mg"):
        return MG
    if re.match(r"(.*counts?|axis\d?|vm|vectormagnitude|paxinten)", word):
        return COUNTS
    return UNKNOWN_UNIT


def unit_of(column: str, values: np.ndarray) -> str:
    """The unit of an activity column, from its name; a plain `activity` column of whole numbers >= 0 is counts/min."""
    named = unit_named(column)
    if named != UNKNOWN_UNIT or key(column) != "activity":
        return named
    present = values[np.isfinite(values)]
    whole = present.size > 0 and bool(np.all((present >= 0) & (present == np.rint(present))))
    return COUNTS if whole else UNKNOWN_UNIT


def label(value: object) -> str | float | None:
    """One cell as a label: a number ("12,5" is 12.5), a word, or None where it is empty or stands for a missing value.

    What may be thousands or decimals (1,234) stays as written: `labels` asks the whole column.
    """
    if value is None:
        return None
    text = str(value).strip()
    if text.lower() in _NO_LABEL:
        return None
    if "," in text or "'" in text:
        number = numbers.certain(text)
        return text if number is None else number
    try:
        number = float(text)
    except ValueError:
        return text
    return number if np.isfinite(number) else text


def labels(cells: Sequence[object]) -> list[str | float | None]:
    """A column's cells as labels. Where all of them are numbers the column tells what commas and points mean; what it does not tell stays
    as written. Beside words, numbers with a comma stay as written: "1,3" may be two answers."""
    labelled = [label(cell) for cell in cells]
    texts = pd.Series(["" if known is None else str(cell).strip() for cell, known in zip(cells, labelled, strict=True)], dtype="str")
    if not texts.str.contains(r"[,.'\s]", regex=True).any():
        return labelled
    column = coded(texts)
    try:
        values, words, _ = numbers.numbers_of(column, np.arange(len(texts)), "")
    except RecordingError:
        return [text if "," in text and isinstance(known, float) else known for text, known in zip(texts, labelled, strict=True)]
    if words.any():
        return [text if "," in text and known is not None else known for text, known in zip(texts, labelled, strict=True)]
    return [known if known is None or not np.isfinite(value) else float(value) for value, known in zip(values, labelled, strict=True)]


def take(labels: dict[str, str | float | None], keys: Sequence[str]) -> str | None:
    """Take a fact that has a place of its own (unit, device, ...) out of the labels."""
    for name in list(labels):
        if key(name) in keys and labels[name] is not None:
            return str(labels.pop(name))
    return None
