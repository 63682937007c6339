"""Raw acceleration written as the makers' programs write it as text: from (n,) seconds since 1970 and (n, 3) g."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

HEAD = """------------ Data File Created By ActiGraph GT3X+ ActiLife v6.13.3 Firmware v3.2.1 date format {form} at {rate} Hz  Filter Normal -----------
Serial Number: NEO1A00000001
Start Time {start:%H:%M:%S}
Start Date {date}
Epoch Period (hh:mm:ss) 00:00:00
Download Time 09:00:00
Download Date {downloaded}
Current Memory Address: 0
Current Battery Voltage: 4.05     Mode = 12
--------------------------------------------------
"""  # noqa: E501
FORMS = {
    "M/d/yyyy": "{0.month}/{0.day}/{0.year}", "dd/MM/yyyy": "{0:%d/%m/%Y}", "dd.MM.yyyy": "{0:%d.%m.%Y}", "yyyy-MM-dd": "{0:%Y-%m-%d}",
    "d-M-yy": "{0.day}-{0.month}-{0:%y}",
}  # fmt: skip

DOWNLOADED = datetime(2025, 12, 31, 9)


def clock(times: np.ndarray, digits: int = 3, sign: str = ".", rounded: bool = False, half: bool = False) -> pd.Series:
    """HH:MM:SS.fff of each time, cut off or rounded."""
    units = np.floor(times * 10**digits + (0.5 if rounded else 1e-4)).astype(np.int64)
    part, whole = units % 10**digits, units // 10**digits % 86400
    hours = whole // 3600
    shown = np.where(hours % 12 == 0, 12, hours % 12) if half else hours
    made = pd.Series(shown).astype(str).str.zfill(1 if half else 2)
    for number in (whole // 60 % 60, whole % 60):
        made += ":" + pd.Series(number).astype(str).str.zfill(2)
    if digits:
        made += sign + pd.Series(part).astype(str).str.zfill(digits)
    return made + np.where(hours >= 12, " PM", " AM") if half else made


def dates(times: np.ndarray, form: str) -> pd.Series:
    days = pd.Series(np.floor(times / 86400 + 1e-10).astype(np.int64))
    shown = {day: FORMS[form].format(datetime.fromtimestamp(86400 * day + 43200)) for day in days.unique()}
    return days.map(shown)


def table(columns: Sequence[Iterable[object]], separator: str = ",", decimal: str = ".", end: str = "\n") -> bytes:
    frame = pd.DataFrame(dict(enumerate(columns)))
    return frame.to_csv(index=False, header=False, sep=separator, decimal=decimal, lineterminator=end).encode()


def numbers(xyz: np.ndarray, digits: int = 3) -> list[np.ndarray]:
    return [np.round(xyz[:, axis].astype(np.float64), digits) for axis in range(3)]


def actilife(
    times: np.ndarray,
    xyz: np.ndarray,
    rate: int = 30,
    form: str = "M/d/yyyy",
    stamped: bool = True,
    names: bool = True,
    separator: str = ",",
    decimal: str = ".",
    half: bool = False,
    digits: int = 3,
) -> bytes:
    """ActiLife's RAW export."""
    start = datetime(1970, 1, 1) + pd.Timedelta(seconds=float(np.floor(times[0])))
    head = HEAD.format(form=form, rate=rate, start=start, date=FORMS[form].format(start), downloaded=FORMS[form].format(DOWNLOADED))
    axes = ["Accelerometer X", "Accelerometer Y", "Accelerometer Z"]
    head += separator.join(["Timestamp", *axes] if stamped else axes) + "\n" if names else ""
    stamp = [dates(times, form) + " " + clock(times, digits, half=half)] if stamped else []
    return head.encode() + table([*stamp, *numbers(xyz)], separator, decimal)


def omgui(
    times: np.ndarray, xyz: np.ndarray, names: str | None = None, digits: int = 3, more: Sequence[Iterable[object]] = (), figures: int = 6
) -> bytes:
    """Axivity's, by OmGui or omconvert: without names as a rule, times rounded."""
    stamp = dates(times, "yyyy-MM-dd") + " " + clock(times, digits, rounded=True)
    return ((names + "\n") if names else "").encode() + table([stamp, *numbers(xyz, figures), *more])


def geneactiv(times: np.ndarray, xyz: np.ndarray, rate: float = 100.0, more: dict[str, str] | None = None) -> bytes:
    """GENEActiv's raw CSV: seven columns below a hundred lines."""
    stamp = dates(times, "yyyy-MM-dd") + " " + clock(times, sign=":")
    count = times.size
    return preamble(f"{rate:g} Hz", times[0], more) + table(
        [stamp, *numbers(xyz, 4), np.zeros(count, int), np.zeros(count, int), np.full(count, 21.5)]
    )


def preamble(frequency: str | None, start: float, more: dict[str, str] | None = None, separator: str = ",") -> bytes:
    began = datetime(1970, 1, 1) + pd.Timedelta(seconds=round(start, 3))
    said = {
        1: ("Device Type", "GENEActiv"),
        2: ("Device Model", "1.1"),
        3: ("Device Unique Serial Code", "068006"),
        4: ("Device Firmware Version", "Ver06.17 15June23"),
        5: ("Calibration Date", "2024-01-09 10:12:00:000"),
        6: ("Application name & version", "GENEActiv 1.1"),
        11: ("Measurement Frequency", frequency or ""),
        12: ("Start Time", f"{began:%Y-%m-%d %H:%M:%S}:{began.microsecond // 1000:03d}"),
        14: ("Device Location Code", "left wrist"),
        15: ("Time Zone", "GMT +01:00"),
        21: ("Subject Code", "4001"),
        23: ("Sex", "female"),
        51: ("Sensor type", "MEMS accelerometer x-axis"),
        52: ("Range", "-8 to 8"),
        53: ("Resolution", "0.0039"),
        54: ("Units", "g"),
        76: ("Sensor type", "Linear active thermistor"),
    }
    changed = {number: (name, (more or {}).get(name, value)) for number, (name, value) in said.items()}
    return "".join(separator.join(changed[i]) + "\r\n" if i in changed else "\r\n" for i in range(1, 101)).encode()
