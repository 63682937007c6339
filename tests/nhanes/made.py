"""Small files in the CDC's layouts, written by an independent library (pyreadstat), and what is in them."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat

WEEK = 10080
PEOPLE = tuple(range(62161, 62173))


def activity(seed: int, minutes: int, decimals: int = 0) -> np.ndarray:
    """Values that a transport file and float32 hold exactly."""
    drawn = np.random.default_rng(seed).integers(0, 4000, minutes)
    return drawn / 8 if decimals else drawn.astype(float)


def paxraw(number: int, minutes: int = WEEK, first_day: int = 3, **constant: float) -> pd.DataFrame:
    """PAXRAW's rows of a person, from midnight on: first_day 1 is Sunday."""
    clock = (first_day - 1) * 1440 + np.arange(minutes)
    return pd.DataFrame(
        {
            "SEQN": number,
            "PAXSTAT": 1,
            "PAXCAL": 1,
            "PAXDAY": clock // 1440 % 7 + 1,
            "PAXN": np.arange(minutes) + 1,
            "PAXHOUR": clock % 1440 // 60,
            "PAXMINUT": clock % 60,
            "PAXINTEN": activity(number, minutes),
            **constant,
        }
    ).astype(float)


def paxmin(number: int, minutes: int = 8 * 1440 + 60, first_minute: int = 870, first_weekday: int = 7) -> pd.DataFrame:
    """PAXMIN's rows of a person whose monitor began at first_minute of the day; 1 is Sunday. As in the CDC's files, codes are text."""
    clock = first_minute + np.arange(minutes)
    day = clock // 1440
    x, y, z = (activity(number + axis, minutes, 3) for axis in range(3))
    return pd.DataFrame(
        {
            "SEQN": float(number),
            "PAXDAYM": (day + 1).astype(str),
            "PAXDAYWM": ((first_weekday - 1 + day) % 7 + 1).astype(str),
            "PAXSSNMP": np.arange(minutes) * 4800.0,
            "PAXTSM": 60.0,
            "PAXAISMM": 0.0,
            "PAXMTSM": x + y + z,
            "PAXMXM": x,
            "PAXMYM": y,
            "PAXMZM": z,
            "PAXPREDM": np.where(clock % 1440 < 420, "2", "1"),
            "PAXTRANM": "0",
            "PAXLXMM": 12.5,
            "PAXLXSDM": 0.25,
            "PAXQFM": 0.0,
            "PAXFLGSM": "",
        }
    )


def week_of(rows: pd.DataFrame) -> np.ndarray:
    """The seven days after the first midnight of a person's PAXMIN rows."""
    return rows.PAXMTSM[rows.PAXDAYM.astype(int).between(2, 8)].to_numpy(np.float32)


def write(frames: pd.DataFrame | Sequence[pd.DataFrame], path: Path) -> Path:
    frame = frames if isinstance(frames, pd.DataFrame) else pd.concat(frames, ignore_index=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame = frame.astype(dict.fromkeys(frame.columns[frame.dtypes == "str"], object))  # which is walked through much faster
    pyreadstat.write_xport(frame, str(path), file_format_version=5, table_name=path.stem.upper()[:8])
    return path


def zipped(path: Path) -> Path:
    """path in a zip of the same name; the plain file goes."""
    with zipfile.ZipFile(path.with_suffix(".zip"), "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.write(path, path.name.lower())
    path.unlink()
    return path.with_suffix(".zip")


def tables(folder: Path, letter: str, people: Sequence[int] = PEOPLE) -> None:
    """DEMO, RXQ_RX, DPQ and SLQ: the first person takes a benzodiazepine, the second an SSRI, the third is depressed, the fourth has a
    sleep disorder, the fifth sleeps for four hours; the last one refused everything."""
    count = len(people)
    number = np.array(people, float)
    sex, age = np.arange(count) % 2 + 1.0, 20.0 + np.arange(count)
    write(pd.DataFrame({"SEQN": number, "RIAGENDR": sex, "RIDAGEYR": age}), folder / f"DEMO_{letter}.xpt")
    drugs = pd.DataFrame({"SEQN": number, "RXDUSE": 2.0, "RXDDRUG": "", "RXDDRGID": ""})
    drugs.loc[0, ["RXDUSE", "RXDDRUG", "RXDDRGID"]] = 1.0, "ALPRAZOLAM", "d00168"
    drugs.loc[1, ["RXDUSE", "RXDDRUG", "RXDDRGID"]] = 1.0, "SERTRALINE", "d00880"
    drugs.loc[count - 1, "RXDUSE"] = 7.0
    more = pd.DataFrame({"SEQN": number[:1], "RXDUSE": 1.0, "RXDDRUG": "METFORMIN", "RXDDRGID": "d03807"})
    write(pd.concat([drugs, more], ignore_index=True), folder / f"RXQ_RX_{letter}.xpt")
    depression = pd.DataFrame({"SEQN": number, **{f"DPQ0{i}0": 0.0 for i in range(1, 10)}})
    depression.loc[2, ["DPQ010", "DPQ020", "DPQ030", "DPQ040"]] = 3.0, 3.0, 3.0, 1.0
    depression.loc[3, ["DPQ010", "DPQ020", "DPQ030"]] = 3.0
    depression.loc[count - 1, "DPQ090"] = 7.0
    write(depression, folder / f"DPQ_{letter}.xpt")
    sleep = pd.DataFrame({"SEQN": number, "SLD010H": 8.0, "SLQ060": 2.0})
    sleep.loc[3, "SLQ060"] = 1.0
    sleep.loc[4, "SLD010H"] = 4.0
    sleep.loc[count - 1, ["SLD010H", "SLQ060"]] = 99.0, 9.0
    write(sleep, folder / f"SLQ_{letter}.xpt")
