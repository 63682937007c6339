"""Every real file that can be had, through the readers: what each is read as, and whether an independent reading says the same.

    python -m benchmarks.formats ../shared/data [--wheel pyActigraphy-1.2.2-py3-none-any.whl]

Files: those of ../shared/data, and the samples inside the published wheel of pyActigraphy, which pip fetches into a temporary folder where
--wheel does not name it. Nothing of the files is kept, only figures. A file is checked against its own rows, read here by plain csv
and sqlite3 without the engine, or against the oracle that lies beside it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sqlite3
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.machine import keep
from pat_core.progress import Silent
from pat_core.recordings.format_registry import FORMATS
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.reading import read
from pat_core.recordings.source import Source, file_source
from pat_core.records import Reading

WHEEL, INSIDE = "pyActigraphy==1.2.2", "pyActigraphy/tests/data/"
DAYS = {
    "example_01.AWD": 12.8, "example_01_mask.AWD": 12.8, "example_02.AWD": 12.8, "example_03.AWD": 14.9, "example_04.AWD": 21.7,
    "example_05.AWD": 15.1, "test_sample.AWD": 8.1, "test_sample_aw4.AWD": 22.1, "test_sample_awl.AWD": 8.9, "test_sample_awmk2.AWD": 10.4,
    "test_sample.csv": 8.0, "test_sample_rpx_fr.csv": 8.0, "test_sample_tal.txt": 7.0, "test_sample_awlp.AWD": 7.02,
    "test_sample_rpx_eng.csv": 7.0, "test_sample_rpx_ger_with_light.csv": 7.0, "test_sample_rpx_ger_no_light.csv": 7.0,
    "sample-timeSeries.csv.gz": 5.85, "test_sample_aw7.AWD": 5.3, "test_sample_awi.AWD": 4.3, "test_sample_awt.AWD": 2.7,
    "test_sample_aws.AWD": 1.1, "test_sample_atr.txt": 4.0, "test_sample.agd": 0.6, "test_sample.mtn": 0.35, "test_sample_dqt.csv": 0.5,
    "test_sample_mesa.csv": 0.001,
}  # fmt: skip
"""Days in each sample, found by reading them independently."""
PAIR = ("test_sample.csv", "test_sample_rpx_fr.csv")
"""One recording, exported in two languages."""


def row(path: Path) -> dict[str, object]:
    """One file: what it is recognised as, what came of it, and whether another reading agrees."""
    format_name, native = _native(path)
    reading = read(path)
    minutes = sum(recording.values.size for recording in reading.recordings)
    first = reading.recordings[0] if reading.recordings else None
    told: dict[str, object] = {"file": path.name, "format": format_name, "people": len(reading.recordings), "refused": len(reading.refused)}
    if first is not None:
        missing = sum(int(np.isnan(recording.values).sum()) for recording in reading.recordings)
        told |= {
            "minutes": minutes,
            "days": round(minutes / 1440 / told["people"], 2),
            "missing": missing,
            "unit": first.unit,
            "epoch s": native.recordings[0].epoch_seconds if native else 60,
            "device": first.device,
            "notes": list(first.notes),
        }
    if reading.refused:
        told["sentence"] = reading.refused[0].reason
    return told | {"checked": _checks(path, native, reading)}


def _native(path: Path) -> tuple[str, Reading | None]:
    """The format's name and what it reads, in the file's own epochs; zips and folders have none."""
    source: Source = file_source(path)
    head = source.head()
    if is_gzip(head):
        source = unfolded(source)
        head = source.head()
    form = next((form for form in FORMATS if form.recognises(head, source.filename)), None)
    if form is None:
        return ("zip of files" if zipfile.is_zipfile(path) else "none"), None
    try:
        return form.name, form.read(source, Silent())
    except Exception:  # noqa: BLE001
        return form.name, None


def _checks(path: Path, native: Reading | None, reading: Reading) -> dict[str, object]:
    """Name of an independent reading -> whether it agrees, or the figures that do not."""
    checks: dict[str, object] = {}
    values = native.recordings[0].values if native and native.recordings else None
    for pattern, name, rows in ROWS:
        if re.search(pattern, path.name) and values is not None:
            try:
                there = rows(path)
            except (ValueError, LookupError, StopIteration) as error:
                checks[name] = f"could not be read independently ({type(error).__name__}: {str(error)[:60]})"
                continue
            present = values[~np.isnan(values)]
            same = present.size == there.size and bool(np.allclose(present, there, rtol=1e-5))
            checks[name] = same or f"{present.size} values, {there.size} rows there, sums {present.sum():.6g} and {there.sum():.6g}"
    if path.suffix in (".gt3x", ".cwa") and reading.recordings:
        checks["the same minutes from a text of its samples"] = _twin(path, reading)
    if path.name in DAYS and reading.recordings:
        days = values.size * native.recordings[0].epoch_seconds / 86400 if values is not None else 0
        checks["days known"] = abs(days - DAYS[path.name]) < 0.051 or f"{days:.2f}, {DAYS[path.name]} known"
    if path.name == "actigraph_day.agd":
        checks["oracle: 60 s sums by another program"] = _agd_oracle(path, reading)
    if path.name in PAIR:
        others = [read(path.parent / name).recordings[0].values for name in PAIR]
        checks["same in both languages"] = bool(np.array_equal(*others, equal_nan=True))
    if path.name.startswith("nhanes_2003_paxraw"):
        checks["people of the list beside it"] = len(reading.recordings) + len(reading.refused) == _people(path)
    if path.name == "obf_psychiatric_dev.zip":
        checks["every row by csv"] = _every_row(path, reading)
    return checks


def _twin(path: Path, reading: Reading) -> bool | str:
    """Minutes of the file's samples written as ActiLife and OmGui write them, idle sleep written out, against those of the file."""
    from pat_core.recordings.raw import cwa, gt3x, read_raw
    from pat_core.recordings.raw.stream import Hold, Pauses, runs
    from tests.recordings.raw import text_writers, writers

    module = gt3x if path.suffix == ".gt3x" else cwa
    with module.opened(file_source(path), Silent()) as file:
        pauses, times, xyz = Pauses(), [], []
        for part in runs(file.blocks, file.rate, pauses):
            held = isinstance(part, Hold)
            times.append(part.start + np.arange(round((part.end - part.start) * file.rate)) / file.rate if held else part.times)
            xyz.append(np.repeat(part.xyz[None], times[-1].size, axis=0) if held else part.xyz)
    laid, samples = np.concatenate(times) + pauses.origin + file.shift_seconds, np.concatenate(xyz)
    text = text_writers.actilife(laid, samples, int(file.rate)) if module is gt3x else text_writers.omgui(laid, samples)
    (made,) = read_raw(writers.source(text, "twin.csv")).recordings
    same = np.array_equal(made.values, reading.recordings[0].values, equal_nan=True)
    return bool(same) or f"sums {np.nansum(made.values):.6g} and {np.nansum(reading.recordings[0].values):.6g}"


def _people(path: Path) -> int:
    with (path.parent / "nhanes_2003_dev_people.csv").open(newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def _every_row(path: Path, reading: Reading) -> bool | str:
    """Every row of every person's file in the zip against the minutes read."""
    wrong = 0
    with zipfile.ZipFile(path) as archive:
        for recording in reading.recordings:
            with archive.open(recording.source.split(": ")[1]) as file:
                seen: dict[str, float] = {}
                for line in csv.DictReader(io.TextIOWrapper(file)):
                    seen.setdefault(line["timestamp"], float(line["activity"]))
            values = [seen[stamp] for stamp in sorted(seen)]
            wrong += not np.array_equal(recording.values[~np.isnan(recording.values)], np.array(values, np.float32))
    return wrong == 0 or f"{wrong} of {len(reading.recordings)} people differ"


def _agd_oracle(path: Path, reading: Reading) -> bool | str:
    """Minutes of the vertical axis against another program's reading of the same database."""
    table = pd.read_csv(path.with_name("actigraph_day.reference.10sec60sec.csv"))
    column = next(name for name in table.columns if name.lower() == "axis1")
    values = reading.recordings[0].values
    wanted = table[column].to_numpy(np.float32)
    same = np.array_equal(values, wanted[: values.size]) and wanted.size - values.size in (0, 1)
    return bool(same) or f"{values.size} minutes, {wanted.size} there"


def _agd_rows(path: Path) -> np.ndarray:
    with sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True) as database:
        return np.array([row[0] for row in database.execute("SELECT axis1 FROM data ORDER BY dataTimestamp")], np.float64)


def _awd_rows(path: Path) -> np.ndarray:
    lines = path.read_bytes().decode("latin-1").splitlines()[7:]
    return np.array([float(found[0]) for line in lines if (found := re.match(r"\s*\d+", line))], np.float64)


def _after(word: str, column: str, separator: str, encoding: str = "utf-8", starts: bool = False) -> Callable[[Path], np.ndarray]:
    """The numbers of a column below the first line that holds `word`."""

    def rows(path: Path) -> np.ndarray:
        lines = path.read_bytes().decode(encoding, "replace").splitlines()
        at = next(i for i, line in enumerate(lines) if word in line)
        names = [cell.strip().strip('"') for cell in lines[at].split(separator)]
        where = names.index(column)
        cells = [line.split(separator)[where].strip().strip('"') for line in lines[at + 1 :] if line.count(separator) >= where]
        return np.array([float(cell.replace(",", ".")) for cell in cells if re.fullmatch(r"\d+([.,]\d+)?", cell)], np.float64)

    return rows


def _quoted(column: str) -> Callable[[Path], np.ndarray]:
    """The numbers of an Actiware export's column, cells quoted, comma or semicolon; rows begin with a line number."""

    def rows(path: Path) -> np.ndarray:
        text = path.read_bytes()
        lines = text.decode("utf-8-sig", "replace").splitlines()
        sign = ";" if sum(line.count('";"') for line in lines) > sum(line.count('","') for line in lines) else ","
        cells = list(csv.reader(lines, delimiter=sign))
        at = next(i for i, line in enumerate(cells) if column in line and len(line) > 6)
        where = cells[at].index(column)
        excluded = ("EXCLUDED", "EXCLU", "AUSGESCHLOSSEN")
        found = [line[where] for line in cells[at + 1 :] if len(line) > where and line[0].isdigit() and not set(line) & set(excluded)]
        return np.array([float(cell.replace(",", ".")) for cell in found if re.fullmatch(r"\d+([.,]\d+)?", cell)], np.float64)

    return rows


def _oxford(path: Path) -> np.ndarray:
    with gzip.open(path, "rt") as file:
        rows = list(csv.DictReader(file))
    return np.array([float(row["acc"]) for row in rows if float(row.get("imputed") or 0) != 1 and row["acc"]], np.float64)


def _mtn(path: Path) -> np.ndarray:
    text = path.read_bytes().decode("utf-8", "replace")
    channel = next(part for part in text.split("<channel>")[1:] if "<name>motion" in part.lower() or "<epoch>" in part)
    data = re.search(r"<data[^>]*>(.*?)</data>", channel, re.DOTALL)
    return np.array([float(cell) for cell in re.findall(r"[\d.]+", data[1])], np.float64) if data else np.zeros(0)


def _column(below: int, column: int) -> Callable[[Path], np.ndarray]:
    """The numbers of a column of the rows below so many lines, cells split at commas."""

    def rows(path: Path) -> np.ndarray:
        lines = [line.split(",") for line in path.read_text("latin-1").splitlines()[below:]]
        return np.array([float(line[column]) for line in lines if len(line) > column and line[column].strip()], np.float64)

    return rows


def _mesa(path: Path) -> np.ndarray:
    with path.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["interval"] != "EXCLUDED" and row["activity"]]
    return np.array([float(row["activity"]) for row in rows], np.float64)


ROWS: tuple[tuple[str, str, Callable[[Path], np.ndarray]], ...] = (
    (r"\.agd$", "every row by sqlite3", _agd_rows),
    (r"\.AWD$", "every row by regular expression", _awd_rows),
    (r"_tal\.txt$", "every row, split at semicolons", _after("Atividade", "Atividade", ";")),
    (r"_atr\.txt$", "every row, split at semicolons", _after("DATE/TIME", "PIM", ";")),
    (r"^test_sample(_rpx_fr)?\.csv$", "every row by csv", _quoted("Activité")),
    (r"_rpx_eng\.csv$", "every row by csv", _quoted("Activity")),
    (r"_rpx_ger.*\.csv$", "every row by csv", _quoted("Aktivität")),
    (r"timeSeries\.csv\.gz$", "every row, split at commas", _oxford),
    (r"^actical\.csv$", "every row, split at commas", _column(31, 5)),
    (r"^actigraph_60s_week\.csv$", "every row, split at commas", _column(11, 0)),
    (r"_dqt\.csv$", "every row, split at commas", _column(15, 1)),
    (r"_mesa\.csv$", "every row by csv", _mesa),
    (r"\.mtn$", "every number by regular expression", _mtn),
)  # fmt: skip


def samples(wheel: Path | None, folder: Path) -> list[Path]:
    """The sample files of the wheel, unpacked: no program of it. Raises SystemExit, saying how to go on, where it cannot be fetched."""
    if wheel is None:
        line = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", WHEEL, "-d", str(folder)]
        if subprocess.run(line, check=False, timeout=300).returncode:
            raise SystemExit(f"{WHEEL} could not be fetched; is this machine offline? Fetch the wheel elsewhere and name it with --wheel.")
        wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith(INSIDE) and not name.endswith(("/", ".py")):
                (folder / Path(name).name).write_bytes(archive.read(name))
    return sorted(path for path in folder.iterdir() if path.suffix != ".whl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--wheel", type=Path)
    chosen = parser.parse_args()
    beside = [path for folder in (chosen.data, chosen.data / "devices") for path in sorted(folder.iterdir()) if path.is_file()]
    beside = [path for path in beside if path.suffix != ".md" and ".reference." not in path.name and not path.name.endswith("_people.csv")]
    with tempfile.TemporaryDirectory() as folder:
        rows = [row(path) for path in beside] + [row(path) | {"from": WHEEL} for path in samples(chosen.wheel, Path(folder))]
    agree = [check is True for one in rows for check in one["checked"].values()]
    keep(
        "formats",
        {
            "files": len(rows),
            "read": sum(bool(one["people"]) for one in rows),
            "formats seen": len({one["format"] for one in rows if one["people"]}),
            "checks": len(agree),
            "that agree": sum(agree),
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main()
