"""Rows of minutes to one week a person: the values that were written, whatever the order of rows, people and blocks."""

from __future__ import annotations

import zipfile
from datetime import datetime

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core import weeks as weeks_module
from pat_core.errors import RecordingError, WeekError
from pat_core.nhanes import Rows, Tapes, collect, cut_weeks, transport_file, transport_files
from pat_core.nhanes import tapes as tapes_module
from pat_core.nhanes.minute_rows import FLAGS
from pat_core.progress import Silent
from pat_core.recordings.reading import read
from pat_core.recordings.tables import xpt
from pat_core.recordings.tables.nhanes_days import WIDTHS
from pat_core.records import MIMS
from tests.nhanes.made import WEEK, paxmin, paxraw, week_of, write
from tests.shared import shared_file


def cut(path, kind, folder, flagged="keep", **settings):
    """What `cut_weeks` says, and the weeks."""
    with Tapes(folder / "tapes", WIDTHS[kind]) as tapes:
        collected = collect(transport_file(path, path.stem.upper()), kind, tapes, Silent(), flagged)
        made = cut_weeks(collected, tapes, folder, Silent(), **settings)
    return made, np.load(folder / "weeks.npy", allow_pickle=False)


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """Three people of each layout, whole weeks."""
    folder = tmp_path_factory.mktemp("three")
    raw, minutes = [paxraw(number) for number in (31, 30, 32)], [paxmin(number) for number in (31, 30, 32)]
    return {"PAXRAW": (write(raw, folder / "PAXRAW_C.xpt"), raw), "PAXMIN": (write(minutes, folder / "PAXMIN_G.xpt"), minutes)}


def expected(kind, frame):
    return frame.PAXINTEN.to_numpy(np.float32) if kind == "PAXRAW" else week_of(frame)


@pytest.mark.parametrize("kind", ["PAXRAW", "PAXMIN"])
def test_every_minute_of_every_week_is_the_files_in_the_order_of_numbers(three, kind, tmp_path):
    path, frames = three[kind]
    made, weeks = cut(path, kind, tmp_path)
    assert [week.number for week in made.weeks] == [30, 31, 32] and weeks.shape == (3, WEEK) and weeks.dtype == np.float32
    by_number = {int(frame.SEQN[0]): frame for frame in frames}
    for week, values in zip(made.weeks, weeks, strict=True):
        assert np.array_equal(values, expected(kind, by_number[week.number]))
        assert (week.missing, week.flagged, week.repeated) == (0, 0, 0)
    assert (made.in_file, made.in_week, made.refused) == (3, 3, ())


@pytest.mark.parametrize("kind", ["PAXRAW", "PAXMIN"])
@pytest.mark.parametrize("strips", [1, 2, 256])
def test_people_in_any_order_and_spread_over_blocks_give_the_same_weeks(three, kind, strips, tmp_path, monkeypatch):
    path, frames = three[kind]
    monkeypatch.setattr(tapes_module, "STRIPS_IN_MEMORY", strips)
    monkeypatch.setattr(xpt, "BLOCK_BYTES", 100_000)
    pieces = [frame.iloc[begin : begin + 1500] for frame in frames for begin in range(0, len(frame), 1500)]
    mixed = [pieces[i] for i in np.random.default_rng(3).permutation(len(pieces))]
    _, plain = cut(path, kind, tmp_path)
    _, weeks = cut(write(mixed, tmp_path / path.name), kind, tmp_path)
    assert np.array_equal(weeks, plain)


@settings(max_examples=8, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(500, 200_000))
def test_shuffled_rows_give_the_same_weeks(three, tmp_path_factory, random, block_bytes):
    folder = tmp_path_factory.mktemp("shuffled")
    frame = pd.concat(three["PAXMIN"][1][:2]).sample(frac=1, random_state=random.randrange(1000))
    before, xpt.BLOCK_BYTES = xpt.BLOCK_BYTES, max(block_bytes, 50_000)
    try:
        _, weeks = cut(write(frame, folder / "PAXMIN_G.xpt"), "PAXMIN", folder)
    finally:
        xpt.BLOCK_BYTES = before
    assert np.array_equal(weeks[1], week_of(three["PAXMIN"][1][0])) and np.array_equal(weeks[0], week_of(three["PAXMIN"][1][1]))


@pytest.mark.parametrize(("first_minute", "first_weekday"), [(870, 7), (1439, 1), (0, 4), (1, 6)])
def test_a_wrist_week_begins_at_the_first_midnight_with_its_weekday(tmp_path, first_minute, first_weekday):
    frame = paxmin(7, 9 * 1440 - first_minute, first_minute, first_weekday)
    made, weeks = cut(write(frame, tmp_path / "PAXMIN_G.xpt"), "PAXMIN", tmp_path)
    start = made.weeks[0].start
    assert np.array_equal(weeks[0], week_of(frame))
    assert (start.hour, start.minute, start.isoweekday() % 7 + 1) == (0, 0, first_weekday % 7 + 1)
    made, weeks = cut(tmp_path / "PAXMIN_G.xpt", "PAXMIN", tmp_path, alignment="start")
    start = made.weeks[0].start
    assert np.array_equal(weeks[0], frame.PAXMTSM.to_numpy(np.float32)[:WEEK])
    assert (start.hour * 60 + start.minute, start.isoweekday() % 7 + 1) == (first_minute, first_weekday)


def test_a_hip_week_keeps_its_weekday(tmp_path):
    made, _ = cut(write(paxraw(9, first_day=3), tmp_path / "PAXRAW_C.xpt"), "PAXRAW", tmp_path)
    assert made.weeks[0].start == datetime(2003, 1, 7)


def test_minutes_that_could_not_be_computed_are_missing_and_flagged_ones_stay_unless_asked_otherwise(tmp_path):
    frame = paxmin(7)
    first = int((frame.PAXDAYM == "2").argmax())
    frame.loc[first + 5, "PAXMTSM"] = -0.01
    frame.loc[[first + 10, first + 11], "PAXQFM"] = 2.0
    frame.loc[first + 11, "PAXMTSM"] = 22408.25
    frame.loc[first + 20 : first + 49, "PAXPREDM"] = "3"
    path = write(frame, tmp_path / "PAXMIN_G.xpt")
    made, weeks = cut(path, "PAXMIN", tmp_path)
    assert np.flatnonzero(np.isnan(weeks[0])).tolist() == [5] and weeks[0][11] == 22408.25
    assert (made.weeks[0].missing, made.weeks[0].flagged, made.weeks[0].not_worn) == (1, 2, 30)
    assert np.flatnonzero(~np.load(tmp_path / "worn.npy")[0]).tolist() == list(range(20, 50))
    made, weeks = cut(path, "PAXMIN", tmp_path, flagged="drop")
    assert np.flatnonzero(np.isnan(weeks[0])).tolist() == [5, 10, 11] and (made.weeks[0].missing, made.weeks[0].flagged) == (3, 2)


def test_wear_is_kept_for_those_who_have_a_week_and_only_where_the_cdc_tells_of_it(three, tmp_path):
    short, one, two = paxmin(5, 3 * 1440), paxmin(6), paxmin(7, 570 + 8 * 1440)
    one.loc[600:700, "PAXPREDM"], two.loc[570 + 7 * 1440 :, "PAXPREDM"] = "3", "4"
    path = write([short, two, one], tmp_path / "PAXMIN_G.xpt")
    cut(path, "PAXMIN", tmp_path)
    worn = np.load(tmp_path / "worn.npy", allow_pickle=False)
    assert worn.shape == (2, WEEK) and worn.dtype == bool and np.flatnonzero(~worn[0]).tolist() == list(range(30, 131)) and worn[1].all()
    assert np.array_equal(Rows(tmp_path / "worn.npy", FLAGS)[np.array([1, 0])], worn[::-1])
    (tmp_path / "hip").mkdir()
    cut(three["PAXRAW"][0], "PAXRAW", tmp_path / "hip")
    cut(write(one.drop(columns="PAXPREDM"), tmp_path / "untold" / "PAXMIN_G.xpt"), "PAXMIN", tmp_path / "untold")
    assert not list(tmp_path.glob("*/worn.npy"))


@pytest.mark.parametrize(("kind", "made", "lasts"), [
    ("PAXRAW", lambda number: paxraw(number, WEEK - 1), "6 days 23 hours 59 minutes"),
    ("PAXRAW", lambda number: paxraw(number, 3 * 1440), "3 days"),
    ("PAXMIN", lambda number: paxmin(number, 570 + 5 * 1440), "5 days"),
    ("PAXMIN", lambda number: paxmin(number).drop(index=range(570 + WEEK - 30, 8 * 1440 + 60)), "6 days 23 hours 30 minutes"),
])  # fmt: skip
def test_a_short_recording_is_refused_by_name_or_kept_with_its_missing_minutes(kind, made, lasts, tmp_path):
    path = write([made(5), paxraw(6) if kind == "PAXRAW" else paxmin(6)], tmp_path / f"{kind}_G.xpt")
    found, weeks = cut(path, kind, tmp_path)
    (refusal,) = found.refused
    assert refusal.what == "5" and f"covers {lasts} of it" in refusal.reason and len(weeks) == 1
    assert (found.in_file, found.in_week) == (2, 2)
    found, weeks = cut(path, kind, tmp_path, short=True)
    assert [week.number for week in found.weeks] == [5, 6]
    assert np.isnan(weeks[0]).any() and not np.any(weeks[0] == -1) and found.weeks[0].missing == np.isnan(weeks[0]).sum()
    assert np.array_equal(weeks[0][: WEEK - found.weeks[0].missing], expected(kind, made(5))[: WEEK - found.weeks[0].missing])


def test_gaps_inside_a_week_stay_missing_and_do_not_refuse_it(tmp_path):
    frame = paxmin(7)
    gone = range(570 + 3 * 1440, 570 + 3 * 1440 + 90)
    made, weeks = cut(write(frame.drop(index=gone), tmp_path / "PAXMIN_G.xpt"), "PAXMIN", tmp_path)
    assert np.flatnonzero(np.isnan(weeks[0])).tolist() == list(range(3 * 1440, 3 * 1440 + 90)) and not made.refused
    kept = ~np.isnan(weeks[0])
    assert np.array_equal(weeks[0][kept], week_of(frame)[kept])


def test_a_gap_at_midnight_is_bridged_by_the_day_after(tmp_path):
    frame = paxmin(7)
    made, weeks = cut(write(frame.drop(index=[568, 569, 571]), tmp_path / "PAXMIN_G.xpt"), "PAXMIN", tmp_path)
    assert made.weeks[0].start.hour == 0 and np.flatnonzero(np.isnan(weeks[0])).tolist() == [1]


def test_where_midnight_lies_is_never_guessed(tmp_path):
    frame = paxmin(7)
    gone = [*range(560, 580), *range(570 + 1440 - 5, 570 + 1440 + 5)]
    path = write([frame.drop(index=gone), paxmin(8)], tmp_path / "PAXMIN_G.xpt")
    made, _ = cut(path, "PAXMIN", tmp_path)
    assert made.refused[0].what == "7" and "--alignment start" in made.refused[0].reason
    made, weeks = cut(path, "PAXMIN", tmp_path, alignment="start")
    assert made.weeks[0].start is None and np.array_equal(weeks[0][:560], frame.PAXMTSM[:560].to_numpy(np.float32))


def test_a_minute_that_comes_twice_keeps_its_first_value(tmp_path):
    frame = paxraw(5)
    twice = frame.iloc[[100, 200, 200]].assign(PAXINTEN=9999.0)
    made, weeks = cut(write([frame, twice], tmp_path / "PAXRAW_C.xpt"), "PAXRAW", tmp_path)
    assert made.weeks[0].repeated == 3 and np.array_equal(weeks[0], frame.PAXINTEN.to_numpy(np.float32))


@pytest.mark.parametrize(("kind", "column", "value", "says"), [
    ("PAXRAW", "PAXHOUR", 23.0, "contradict"), ("PAXRAW", "PAXN", 10081.0, "out of range"), ("PAXRAW", "PAXDAY", np.nan, "out of range"),
    ("PAXRAW", "PAXN", 0.0, "out of range"), ("PAXMIN", "PAXSSNMP", 13000 * 4800.0, "out of range"),
    ("PAXMIN", "PAXSSNMP", np.nan, "out of range"), ("PAXMIN", "PAXDAYM", "", "out of range"), ("PAXMIN", "PAXDAYWM", "8", "out of range"),
])  # fmt: skip
def test_rows_that_cannot_be_placed_cost_that_person_and_no_other(kind, column, value, says, tmp_path):
    make = {"PAXRAW": paxraw, "PAXMIN": paxmin}[kind]
    wrong = make(5)
    wrong.loc[700, column] = value
    made, weeks = cut(write([wrong, make(6)], tmp_path / f"{kind}_G.xpt"), kind, tmp_path)
    assert [week.number for week in made.weeks] == [6] and np.array_equal(weeks[0], expected(kind, make(6)))
    assert made.refused[0].what == "5" and says in made.refused[0].reason


def test_rows_without_a_number_are_counted(tmp_path):
    frame = pd.concat([paxraw(5), paxraw(6).iloc[:40].assign(SEQN=np.nan)])
    with Tapes(tmp_path / "tapes", WEEK) as tapes:
        found = collect(transport_file(write(frame, tmp_path / "PAXRAW_C.xpt"), "PAXRAW_C"), "PAXRAW", tapes, Silent())
    assert (found.rows, found.unnumbered, list(found.people)) == (WEEK + 40, 40, [5])


def test_reliability_and_calibration_of_the_hip_monitor_are_told(tmp_path):
    frames = [paxraw(5), paxraw(6, PAXSTAT=2), paxraw(7, PAXCAL=2), paxraw(8, PAXCAL=9)]
    made, _ = cut(write(frames, tmp_path / "PAXRAW_C.xpt"), "PAXRAW", tmp_path)
    assert [(week.reliable, week.calibrated) for week in made.weeks] == [(True, True), (False, True), (True, False), (True, None)]


def test_what_is_told_of_a_monitor_does_not_hang_on_where_blocks_end(tmp_path, monkeypatch):
    frames = [paxraw(5), paxraw(6), paxraw(7)]
    frames[0].loc[:10, "PAXCAL"], frames[1].loc[:10, "PAXCAL"], frames[2].loc[:10, "PAXSTAT"] = 9.0, 2.0, 2.0
    path = write(frames, tmp_path / "PAXRAW_C.xpt")
    for size in (64_000, xpt.BLOCK_BYTES):
        monkeypatch.setattr(xpt, "BLOCK_BYTES", size)
        made, _ = cut(path, "PAXRAW", tmp_path)
        assert [(week.reliable, week.calibrated) for week in made.weeks] == [(True, None), (True, False), (False, True)]


def test_a_file_that_breaks_off_gives_nothing(three, tmp_path):
    path = tmp_path / "PAXRAW_C.xpt"
    path.write_bytes(three["PAXRAW"][0].read_bytes()[:-30_010])
    with pytest.raises(RecordingError, match="PAXRAW_C.xpt cannot be read.*ends inside a row"):
        cut(path, "PAXRAW", tmp_path)


def test_a_file_of_the_other_layout_or_without_rows_is_refused(three, tmp_path):
    with pytest.raises(RecordingError, match="needs the columns PAXN, PAXDAY"):
        cut(three["PAXMIN"][0], "PAXRAW", tmp_path)
    text = paxraw(5, 100).astype({"PAXINTEN": int}).astype({"PAXINTEN": str})
    with pytest.raises(RecordingError, match="needs the columns PAXINTEN"):  # not the first digit of each
        cut(write(text, tmp_path / "PAXRAW_C.xpt"), "PAXRAW", tmp_path)
    path = tmp_path / "PAXMIN_G.xpt"
    path.write_bytes(three["PAXMIN"][0].read_bytes()[: 80 * 8 + -(-16 * 140 // 80) * 80 + 80])
    with pytest.raises(RecordingError, match="no rows"):
        cut(path, "PAXMIN", tmp_path)


def test_a_full_disk_is_not_taken_for_a_damaged_file(three, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tapes_module, "STRIPS_IN_MEMORY", 1)
    monkeypatch.setattr(Tapes, "_put_away", full)
    with pytest.raises(OSError, match="No space left"):
        cut(three["PAXRAW"][0], "PAXRAW", tmp_path)


def test_where_nobody_has_a_week_the_first_reason_is_given(tmp_path):
    with pytest.raises(WeekError, match="Nobody has a week. The first: 5: A full week"):
        cut(write(paxraw(5, 1000), tmp_path / "PAXRAW_C.xpt"), "PAXRAW", tmp_path)


def test_rows_on_disk_are_read_like_an_array(three, tmp_path):
    _, weeks = cut(three["PAXRAW"][0], "PAXRAW", tmp_path)
    rows = Rows(tmp_path / "weeks.npy")
    assert (rows.shape, rows.ndim, len(rows)) == (weeks.shape, 2, 3)
    for chosen in (slice(1, 3), slice(5, 9), np.array([2, 0]), 1, -1):
        assert np.array_equal(rows[chosen], weeks[chosen])
    (tmp_path / "weeks.npy").write_bytes((tmp_path / "weeks.npy").read_bytes()[:-1])
    with pytest.raises(WeekError, match="is incomplete"):
        Rows(tmp_path / "weeks.npy")


@pytest.mark.shared
def test_real_people_come_in_minute_for_minute_as_an_independent_reader_has_them(tmp_path):
    path = shared_file("data/nhanes_2003_paxraw_c_dev.zip")
    file = transport_files(path.parent)["PAXRAW_C"]
    with Tapes(tmp_path / "tapes", WEEK) as tapes:
        made = cut_weeks(collect(file, "PAXRAW", tapes, Silent()), tapes, tmp_path, Silent())
    with zipfile.ZipFile(path) as archive:
        archive.extract("paxraw_c.xpt", tmp_path)
    frame, _ = pyreadstat.read_xport(str(tmp_path / "paxraw_c.xpt"), usecols=["SEQN", "PAXINTEN"])
    assert (made.in_file, made.in_week, made.refused) == (146, 146, ())
    assert [week.number for week in made.weeks] == sorted(frame.SEQN.unique().astype(int))
    weeks = np.load(tmp_path / "weeks.npy", allow_pickle=False)
    assert np.array_equal(weeks.ravel(), frame.sort_values("SEQN", kind="stable").PAXINTEN.to_numpy(np.float32))


def test_a_small_wrist_file_comes_in_as_recordings_with_the_cdcs_word_on_wear(tmp_path):
    one, two = paxmin(62161), paxmin(62162).drop(index=range(3000, 3010))
    one.loc[100:129, "PAXPREDM"], one.loc[200:204, "PAXPREDM"] = "3", "4"
    one.loc[300, "PAXMTSM"], one.loc[310, "PAXQFM"] = -0.01, 2.0
    first, second = read(write([one, two], tmp_path / "PAXMIN_G.xpt")).recordings
    assert (first.participant, first.unit, first.placement, first.date_known) == ("62161", MIMS, "wrist", False)
    assert f"{first.start:%A %H:%M}" == "Saturday 14:30"
    assert np.flatnonzero(~first.worn).tolist() == list(range(100, 130)) and second.worn.all()
    assert np.flatnonzero(np.isnan(first.values)).tolist() == [300]
    assert np.flatnonzero(np.isnan(second.values)).tolist() == list(range(3000, 3010))
    expected = one.PAXMTSM.to_numpy(np.float32)
    assert np.array_equal(np.delete(first.values, 300), np.delete(expected, 300))
    assert "For 5 minutes" in " ".join(first.notes) and "flags to 1 minute " in " ".join(first.notes)


@pytest.mark.parametrize("kind", ["PAXRAW", "PAXMIN"])
def test_import_and_the_command_give_the_same_weeks(kind, tmp_path):
    frames = [{"PAXRAW": paxraw, "PAXMIN": paxmin}[kind](number) for number in (5, 6, 7)]
    value = {"PAXRAW": "PAXINTEN", "PAXMIN": "PAXMTSM"}[kind]
    frames[0].loc[[700, 701], value] = -1.0
    frames[1] = pd.concat([frames[1].drop(index=[800]), frames[1].iloc[[900]].assign(**{value: 99.0})])
    if kind == "PAXMIN":
        frames[0].loc[900:999, "PAXPREDM"], frames[0].loc[950:1010, "PAXQFM"] = "3", 7.0
    frames[2].loc[3, {"PAXRAW": "PAXN", "PAXMIN": "PAXSSNMP"}[kind]] = np.nan
    path = write(frames, tmp_path / f"{kind}_G.xpt")
    made, weeks = cut(path, kind, tmp_path)
    reading = read(path)
    assert [refusal.what for refusal in made.refused] == ["7"] and f"{path.name}: 7" == reading.refused[0].what
    assert all("out of range" in refusal.reason for refusal in (*made.refused, *reading.refused))
    for row, recording in enumerate(reading.recordings):
        (week,) = weeks_module.cut(recording, "midnight")
        assert np.array_equal(week.values, weeks[row], equal_nan=True) and np.isnan(week.values).any()
        assert week.participant == str(made.weeks[row].number)
        assert f"{week.start:%A %H:%M}" == f"{made.weeks[row].start:%A %H:%M}"  # of an unknown date
        assert recording.labels.get("repeated_minutes", 0) == made.weeks[row].repeated == row
        if kind == "PAXMIN":
            assert np.array_equal(week.worn, np.load(tmp_path / "worn.npy")[row])


def test_a_wrist_file_without_the_cdcs_word_has_no_flags_and_a_whole_one_is_left_to_the_command(tmp_path, monkeypatch):
    path = write(paxmin(62161).drop(columns="PAXPREDM"), tmp_path / "PAXMIN_G.xpt")
    (recording,) = read(path).recordings
    assert recording.worn is None and recording.notes == ()
    (refused,) = read(write(paxmin(62161).assign(PAXDAYM="x"), tmp_path / "a.xpt")).refused
    assert "out of range" in refused.reason
    monkeypatch.setattr("pat_core.recordings.studies.nhanes_files.MOST_MIN_BYTES", 1000)
    (refused,) = read(path).refused
    assert "python -m pat_core nhanes" in refused.reason
