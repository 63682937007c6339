"""Times of rows, told by those around them: one that is bad, empty or far off, and days taken for months, in every reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.recordings.clock.row_times import exchanged_days, settled
from pat_core.recordings.reading import read

START = datetime(2024, 3, 4)
WEEK = np.datetime64(START, "ms") + np.arange(8 * 1440) * np.timedelta64(60_000, "ms")


@settings(max_examples=60, deadline=None)
@given(st.integers(21, 2950), st.integers(1, 20), st.sampled_from([None, -3_456_000, -10_800, 18_000, 2_592_000]), st.integers(0, 3))
def test_bad_times_return_to_their_place_and_nothing_else_moves(at: int, many: int, off: int | None, pauses: int) -> None:
    times = WEEK[:3000] + (np.arange(3000) // 900 * pauses * 3600 * 1000).astype("timedelta64[ms]")
    bad = times.copy()
    touched = slice(at, at + many)
    bad[touched] = np.datetime64("NaT") if off is None else bad[touched] + np.timedelta64(off, "s")
    beside = pauses and any(touched.start - many <= edge <= touched.stop + many for edge in (900, 1800, 2700))
    if not beside:
        found, notes = settled(bad)
        assert np.array_equal(found, times) and len(notes) == 1 and f"row{'s' if touched.stop - at > 1 else ''} {at + 1}" in notes[0]
    elif off is None and at not in (899, 1799, 2699) and any(touched.start <= edge <= touched.stop for edge in (900, 1800, 2700)):
        with pytest.raises(RecordingError, match=f"first in row {at + 1}"):
            settled(bad)


@settings(max_examples=40, deadline=None)
@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), st.integers(2, 12), st.booleans())
def test_exchanged_days_are_put_right_and_true_ones_stay(begin: datetime, days: int, all_days: bool) -> None:
    begin = begin.replace(hour=0, minute=0, second=0, microsecond=0)
    true = [begin + timedelta(hours=6 * i) for i in range(4 * days)]
    wrong = [t.replace(month=t.day, day=t.month) if t.day <= 12 else t for t in true]
    stamps = np.array(wrong, "datetime64[ms]")
    assert np.array_equal(settled(np.array(true, "datetime64[ms]"))[0], np.array(true, "datetime64[ms]"))
    if sum(a.day != b.day for a, b in zip(true, true[1:], strict=False) if a.day <= 12 and b.day <= 12) == 0:
        return  # no two such days follow each other: nothing shows it
    found, notes = settled(stamps)
    if exchanged_days(stamps):
        assert np.array_equal(found, np.array(true, "datetime64[ms]")) and "month apart" in notes[0]
    else:
        assert np.array_equal(stamps, np.array(true, "datetime64[ms]"))


def test_a_pause_of_a_month_is_a_pause() -> None:
    for pause in (29, 30, 31, 61):
        times = np.concatenate([WEEK[:2000], WEEK[:2000] + np.timedelta64(pause, "D")])
        assert np.array_equal(settled(times)[0], times) and settled(times)[1] == ()


def test_a_lone_row_far_from_all_others_is_refused_with_its_line() -> None:
    for at, far in ((0, -30), (2999, 40), (1500, 500)):
        times = WEEK[:3000].copy()
        times[at] += np.timedelta64(far, "D")
        if at == 1500:
            times = np.delete(times, 1499)
            at -= 1
        with pytest.raises(RecordingError, match=f"line {at + 2}, .*more than a day"):
            settled(times, np.arange(2, times.size + 2))


def test_sparse_rows_may_be_alone() -> None:
    times = WEEK[np.random.default_rng(0).choice(7000, 300, replace=False)]
    times = np.append(np.sort(times), WEEK[-1] + np.timedelta64(9, "D"))
    assert np.array_equal(settled(times)[0], times)


def test_many_bad_times_are_a_form_that_is_not_known() -> None:
    bad = WEEK[:1000].copy()
    bad[5:995:50] = np.datetime64("NaT")
    with pytest.raises(RecordingError, match="20 rows have no readable time, first in row 6"):
        settled(bad)


def test_rows_put_into_one_another_stay_as_they_are() -> None:
    swapped = WEEK[:100].copy()
    swapped[[40, 41]] = swapped[[41, 40]]
    blocks = np.concatenate([WEEK[:40], WEEK[60:80], WEEK[40:60], WEEK[80:100]])
    repeated = np.concatenate([WEEK[:40], WEEK[39:]])
    for times in (swapped, blocks, repeated, WEEK[:100][::-1]):
        assert np.array_equal(settled(times)[0], times) and settled(times)[1] == ()


def _table(times: list[str]) -> str:
    return "timestamp,counts\n" + "".join(f"{time},{i % 90}\n" for i, time in enumerate(times))


def _ggir(times: list[str]) -> str:
    return "timestamp,anglez,ENMO,invalidepoch\n" + "".join(f"{time},1,{i % 90 / 1000},0\n" for i, time in enumerate(times))


def _oxford(times: list[str]) -> str:
    return "time,acc,imputed,sleep\n" + "".join(f"{time},{i % 90},0,1\n" for i, time in enumerate(times))


def _condor(times: list[str]) -> str:
    return "Condor Instruments Report\nDATE/TIME;PIM\n" + "".join(f"{time};{i % 90}\n" for i, time in enumerate(times))


def _tempatilumi(times: list[str]) -> str:
    return "Data;Hora;Atividade\n" + "".join(f"{';'.join((time + ' ').split(' ')[:2])};{i % 90}\n" for i, time in enumerate(times))


def _actiware(times: list[str]) -> str:
    rows = "".join(f'"{i + 1}","{(time + " ").split(" ")[0]}","{(time + " ").split(" ")[1]}","{i % 90}"\n' for i, time in enumerate(times))
    return '"Actiware Export File"\n\n"Line","Date","Time","Activity"\n' + rows


def _two_people(times: list[str]) -> str:
    both = "".join(f"b,{time},{i % 90}\na,2020-01-{i // 1440 + 1:02} {i // 60 % 24:02}:{i % 60:02},5\n" for i, time in enumerate(times))
    return "participant,timestamp,counts\n" + both


READERS = {
    "long": _table,
    "two people": _two_people,
    "ggir": _ggir,
    "oxford": _oxford,
    "condor": _condor,
    "tempatilumi": _tempatilumi,
    "actiware": _actiware,
}


@pytest.mark.parametrize("bad", ["soon", "", "{:%Y-%m-%d} 25:61:00", "2031-01-01 00:00:00", "{:%Y-%m-%d} 00:00:01"])
@pytest.mark.parametrize("reader", READERS)
def test_one_bad_time_moves_nothing_in_any_reader(tmp_path: Path, reader: str, bad: str) -> None:
    stamps = [START + timedelta(minutes=i + 180 * (i >= 500)) for i in range(1000)]
    texts = [f"{stamp:%Y-%m-%d %H:%M:%S}" for stamp in stamps]
    texts[800] = bad.format(stamps[800])
    (tmp_path / "b.csv").write_text(READERS[reader](texts))
    reading = read(tmp_path / "b.csv")
    if reading.refused:
        assert "line" in reading.refused[0].reason and not [one for one in reading.recordings if one.participant == "b"]
        return
    recording = next(one for one in reading.recordings if one.participant == "b")
    assert recording.start == START and recording.values.size == 1180, reading
    assert np.isnan(recording.values).sum() == 180
    assert np.allclose(recording.values[[499, 680, 980, 1179]], [499 % 90, 500 % 90, 800 % 90, 999 % 90])
    assert any("wrong or unreadable" in note for note in recording.notes)


@pytest.mark.parametrize("block", [720, 5000])
def test_a_device_that_writes_the_month_first_is_told_by_its_days_though_no_block_tells(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("pat_core.recordings.devices.device_rows.BLOCK", block)
    stamps = [START + timedelta(minutes=i) for i in range(3000)]
    (tmp_path / "a.txt").write_text(_condor([f"{stamp:%m/%d/%Y %H:%M:%S}" for stamp in stamps]))
    reading = read(tmp_path / "a.txt")
    if block == 5000:  # of two days the order can be told, and it is not this device's
        assert "month/day/year" in reading.refused[0].reason
        return
    (recording,) = reading.recordings
    assert recording.start == START and recording.values.size == 3000 and "month apart" in " ".join(recording.notes)


@pytest.mark.parametrize("names", ["year,month,day,hour,minute", "Day,Month,Year,Hour,Minute", "id,year,month,day,time"])
def test_a_date_in_three_columns_is_one_date(tmp_path, names):
    times = [datetime(2024, 2, 28) + timedelta(minutes=minute) for minute in range(4 * 1440)]
    cells = {"year": "%Y", "month": "%m", "day": "%d", "hour": "%H", "minute": "%M", "time": "%H:%M", "id": "S1"}
    rows = [",".join(when.strftime(cells[name.lower()]) for name in names.split(",")) + f",{at % 90}" for at, when in enumerate(times)]
    (tmp_path / "a.csv").write_text("\n".join([f"{names},counts", *rows]) + "\n")
    (recording,) = read(tmp_path / "a.csv").recordings
    assert recording.start == times[0] and recording.values.tolist() == [at % 90 for at in range(len(times))]
    assert recording.labels == {}
