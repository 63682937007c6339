"""Ways of writing times met in the wild: each read as what was written, in long tables and in mapped ones; counters that are no minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.mapping.mapping_record import MappingError
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source

START = datetime(2024, 3, 4, 22)
STAMPS = [START + timedelta(minutes=i) for i in range(1500)]


def _days(t: datetime) -> float:
    return (t - datetime(1899, 12, 30)).total_seconds() / 86_400


def _half(t: datetime, words: tuple[str, str]) -> tuple[str, str]:
    return f"{t.hour % 12 or 12}:{t:%M:%S}", words[t.hour >= 12]


def _midnight(day: str, clock: str) -> Callable[[datetime], str]:
    return lambda t: t.strftime(day if t.hour == t.minute == 0 else f"{day} {clock}")


FORMS: dict[str, Callable[[datetime], str]] = {
    "dots": lambda t: f"{t:%d.%m.%Y %H.%M}", "dots and seconds": lambda t: f"{t:%d.%m.%Y %H.%M.%S}",
    "Finnish": lambda t: f"{t.day}.{t.month}.{t.year} {t.hour}.{t:%M}", "dots after ISO": lambda t: f"{t:%Y-%m-%d %H.%M.%S}",
    "ms after a colon": lambda t: f"{t:%Y-%m-%d %H:%M:%S}:000", "ms after a comma": lambda t: f"{t:%Y-%m-%d %H:%M:%S},000",
    "day first, ms after a colon": lambda t: f"{t:%d/%m/%Y %H:%M:%S}:250", "SAS": lambda t: f"{t:%d%b%Y:%H:%M:%S}".upper(),
    "SAS, ms": lambda t: f"{t:%d%b%Y:%H:%M:%S}.000".upper(), "SAS, year of two": lambda t: f"{t:%d%b%y:%H:%M:%S}",
    "German month": lambda t: f"{t.day}. März {t.year} {t:%H:%M}", "German abbreviation": lambda t: f"{t:%d}-Mrz-{t:%Y %H:%M:%S}",
    "Excel": lambda t: f"{_days(t):.8f}", "Excel, 4 digits": lambda t: f"{_days(t):.4f}",
    "Excel, comma": lambda t: f"{_days(t):.6f}".replace(".", ","),
    "MATLAB": lambda t: f"{_days(t) + 693_960:.7f}", "midnight alone": _midnight("%Y-%m-%d", "%H:%M:%S"),
    "midnight alone, day first": _midnight("%d/%m/%Y", "%H:%M"), "midnight alone, half days": _midnight("%m/%d/%Y", "%I:%M:%S %p"),
    "Korean": lambda t: f"{t.year}. {t.month}. {t.day}. {' '.join(_half(t, ('오전', '오후'))[::-1])}",
    "Chinese": lambda t: f"{t.year}/{t.month}/{t.day} {' '.join(_half(t, ('上午', '下午'))[::-1])}",
    "Greek": lambda t: f"{t.day}/{t.month}/{t.year} {' '.join(_half(t, ('πμ', 'μμ')))}",
    "Spanish": lambda t: f"{t.day}/{t.month}/{t.year} {' '.join(_half(t, ('a. m.', 'p. m.')))}",
    "Hungarian": lambda t: f"{t:%Y. %m. %d. %H:%M}",
    "digits": lambda t: f"{t:%Y%m%d%H%M%S}", "letters of a zone": lambda t: f"{t:%Y-%m-%d %H:%M:%S} CET",
    "clock first": lambda t: f"{t:%H:%M %d/%m/%Y}",
    "dash": lambda t: f"{t:%Y-%m-%d-%H:%M:%S}", "T and Z": lambda t: f"{t:%Y-%m-%dT%H:%M:%S}Z",
    "comma and Z": lambda t: f"{t:%Y-%m-%dT%H:%M:%S},000Z",
}  # fmt: skip


def _table(path: Path, texts: list[str], time: str, what: str) -> Path:
    pd.DataFrame({time: texts, what: np.arange(len(texts)) % 97}).to_csv(path, index=False)
    return path


@pytest.mark.parametrize("form", FORMS)
def test_times_of_every_form_are_read_in_long_and_in_mapped_tables(tmp_path: Path, form: str) -> None:
    texts = [FORMS[form](stamp) for stamp in STAMPS]
    (plain,) = read(_table(tmp_path / "a.csv", texts, "timestamp", "activity")).recordings
    source = file_source(_table(tmp_path / "b.csv", texts, "Zeitpunkt", "Bewegung"))
    (mapped,) = read_mapped(source, guess(source).mapping).recordings
    for recording in (plain, mapped):
        assert recording.start.replace(microsecond=0) == START and recording.epoch_seconds == 60
        assert recording.values.tolist() == [i % 97 for i in range(1500)]
    assert any("Excel counts" in note for note in plain.notes) == form.startswith("Excel")
    assert any("Excel counts" in note for note in mapped.notes) == form.startswith("Excel")


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("45355", "0.{}"),
        ("%d%b%Y", "%H:%M:%S"),
        ("%d%b%Y", "{}:%M:%S"),
        ("%d.%m.%Y", "%H.%M"),
        ("%Y-%m-%d", "1899-12-30 %H:%M:%S"),
        ("%Y-%m-%d 00:00:00", "%H:%M:%S"),
        ("%Y-%m-%d", "%H:%M:%S:000"),
        ("45355.0", "%H:%M"),
        ("%d/%m/%Y", "0.{}"),
    ],
)
def test_dates_beside_clock_times_are_read_in_every_form(tmp_path: Path, date: str, clock: str) -> None:
    dates = [str(int(_days(t))) + date[5:] if date.startswith("45355") else t.strftime(date) for t in STAMPS]
    fractions = [f"{(t.hour * 60 + t.minute) / 1440:.6f}" for t in STAMPS]
    clocks = fractions if clock == "0.{}" else [t.strftime(clock.replace("{}", str(t.hour))) for t in STAMPS]
    for names in (("Date", "Time", "Activity"), ("Tag (Datum)", "Uhrzeit", "Bewegung")):
        frame = pd.DataFrame(dict(zip(names, (dates, clocks, np.arange(1500) % 97), strict=True)))
        frame.to_csv(tmp_path / "a.csv", index=False)
        source = file_source(tmp_path / "a.csv")
        (recording,) = (read(tmp_path / "a.csv") if names[0] == "Date" else read_mapped(source, guess(source).mapping)).recordings
        assert recording.start == START and recording.values.tolist() == [i % 97 for i in range(1500)], names
        assert any("Excel counts" in note for note in recording.notes) == date.startswith("45355")


def test_days_in_numbers_with_a_bad_cell_keep_the_others(tmp_path: Path) -> None:
    texts = [f"{_days(stamp):.8f}" for stamp in STAMPS]
    texts[700] = "#####"
    (recording,) = read(_table(tmp_path / "a.csv", texts, "timestamp", "activity")).recordings
    assert recording.values.tolist() == [i % 97 for i in range(1500)] and "line 702" in " ".join(recording.notes)


@pytest.mark.parametrize("text", ["45355", "12345.5", "99999.5", "1709251200.5", "0.5", "-45355.5"])
def test_numbers_that_are_no_days_of_our_time_are_no_times(text: str) -> None:
    assert np.isnat(parse_times(pd.Series([text] * 5))).all()


def test_seconds_since_1970_are_asked_about(tmp_path: Path) -> None:
    for scale, word in ((1, "seconds"), (1000, "milliseconds")):
        path = _table(tmp_path / "a.csv", [str(1_709_510_400 * scale + 60 * scale * i) for i in range(200)], "timestamp", "activity")
        assert "plain numbers" in read(path).refused[0].reason
        assert why_unknown(file_source(path)) == f"its times are counted in {word} since 1970."


@pytest.mark.parametrize("name", ["epoch", "index", "Epoch Number", "epoch_index"])
def test_numbers_of_epochs_are_minutes_only_where_the_file_says_so(tmp_path: Path, name: str) -> None:
    frame = pd.DataFrame({name: np.arange(1, 2881), "activity": np.arange(2880) % 97})
    frame.to_csv(tmp_path / "a.csv", index=False)
    (refused,) = read(tmp_path / "a.csv").refused
    assert "counts epochs" in refused.reason and "epoch_seconds" in refused.reason
    for column, cell, minutes in (("epoch_seconds", 30, 1440), ("epoch length", "60 s", 2880), ("epochlength", "1 min", 2880)):
        frame.assign(**{column: cell}).to_csv(tmp_path / "a.csv", index=False)
        (recording,) = read(tmp_path / "a.csv").recordings
        assert recording.values.size == minutes and recording.start is None
    frame.assign(epochlength=30).to_csv(tmp_path / "a.csv", index=False)
    assert "counts epochs" in read(tmp_path / "a.csv").refused[0].reason
    frame.assign(timestamp=pd.date_range(START, periods=2880, freq="30s")).to_csv(tmp_path / "a.csv", index=False)
    (recording,) = read(tmp_path / "a.csv").recordings
    assert recording.start == START and recording.values.size == 1440 and name not in recording.labels


def test_minutes_count_minutes_and_stand_beside_dates_and_hours(tmp_path: Path) -> None:
    stamps = [datetime(2024, 3, 4) + timedelta(minutes=i) for i in range(2880)]
    minute, values = np.arange(2880), np.arange(2880) % 97
    date, hour = [f"{stamp:%Y-%m-%d}" for stamp in stamps], minute % 1440 // 60
    tables = {
        "counts on": {"minute": minute},
        "of the day": {"date": date, "minute": minute % 1440},
        "hour": {"date": date, "hour": hour, "minute": minute % 60},
        "no date": {"hour": minute // 60, "minute": minute % 60},
        "seconds": {"date": date, "hour": hour, "minute": minute % 60, "second": 0},
        "day by number": {"day": 1 + minute // 1440, "hour": hour, "minute": minute % 60},
    }
    for what, columns in tables.items():
        pd.DataFrame({**columns, "activity": values}).to_csv(tmp_path / "a.csv", index=False)
        (recording,) = read(tmp_path / "a.csv").recordings
        assert recording.values.tolist() == values.tolist(), what
        assert recording.start == (stamps[0] if "date" in columns else None), what


def test_a_zone_beside_each_time_is_that_of_the_recording(tmp_path: Path) -> None:
    path = _table(tmp_path / "a.csv", [f"{stamp:%Y-%m-%dT%H:%M:%S}+01:00[Europe/Berlin]" for stamp in STAMPS], "timestamp", "activity")
    (recording,) = read(path).recordings
    assert recording.zone == "Europe/Berlin" and recording.start == START


def test_what_the_mapping_says_of_the_order_is_true(tmp_path: Path) -> None:
    texts = [f"{datetime(2024, 3, 4) + timedelta(minutes=i):%d/%m/%Y %H:%M}" for i in range(4 * 1440)]
    source = file_source(_table(tmp_path / "a.csv", texts, "Zeitpunkt", "Bewegung"))
    mapping = guess(source).mapping
    with pytest.raises(MappingError, match="days are a month apart, while with the day first they follow each other"):
        read_mapped(source, replace(mapping, order="month"))
    assert read_mapped(source, replace(mapping, order="day")).recordings[0].start == datetime(2024, 3, 4)
    source = file_source(_table(tmp_path / "b.csv", [f"04/03/2024 at {i} o'clock" for i in range(9)], "Zeitpunkt", "Bewegung"))
    with pytest.raises(MappingError, match="No cell of Zeitpunkt reads as a date and clock time"):
        read_mapped(source, replace(mapping, order="day"))


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("45355.5", datetime(2024, 3, 4, 12)),
        ("45355", datetime(2024, 3, 4)),
        ("04MAR2024:10:00:00", datetime(2024, 3, 4, 10)),
        ("13.03.2024 10.00", datetime(2024, 3, 13, 10)),
    ],
)
def test_the_start_of_a_persons_row_is_read_in_these_forms_too(tmp_path: Path, text: str, start: datetime) -> None:
    names = ["participant", "start", *(f"minute_{i}" for i in range(90))]
    (tmp_path / "a.csv").write_text(",".join(names) + "\n" + ",".join(["p1", text, *(str(i) for i in range(90))]) + "\n")
    (recording,) = read(tmp_path / "a.csv").recordings
    assert recording.start == start and any("Excel counts" in note for note in recording.notes) == text.startswith("45355")
