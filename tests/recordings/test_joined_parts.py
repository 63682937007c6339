"""One person in several files: joined where nothing contradicts, refused by name where something does, never two people in one."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from pat_core.recordings.joined_parts import core_of, gathered
from pat_core.recordings.reading import read
from pat_core.records import COUNTS, MIMS, Reading, Recording

START = datetime(2024, 3, 4)
DAY = 1440


def part(name: str, first: int, minutes: int, seed: int = 0, source: str = "", **facts) -> Recording:
    """Minutes [first, first + minutes) of one long recording of a person."""
    whole = np.random.default_rng(seed).integers(0, 999, 40 * DAY).astype(np.float32)
    facts = {"unit": COUNTS, "source": source or f"{name}.csv", "start": START + timedelta(minutes=first)} | facts
    return Recording(participant=name, values=whole[first : first + minutes], **facts)


def together(*parts: Recording) -> Reading:
    return gathered(Reading(parts))


def write(path: Path, recording: Recording, who: str = "") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{recording.start + timedelta(minutes=i):%Y-%m-%d %H:%M},{value:g}" for i, value in enumerate(recording.values)]
    rows = [f"{who},{row}" for row in rows] if who else rows
    path.write_text("\n".join([f"{'id,' if who else ''}timestamp,counts", *rows]) + "\n")


def test_parts_that_name_the_same_person_are_joined_in_the_order_of_their_times_and_the_gap_is_missing():
    reading = together(part("S01", 5 * DAY, 4 * DAY, source="b.csv"), part("S01", 0, 5 * DAY - 30, source="a.csv"))
    (whole,) = reading.recordings
    assert not reading.refused and whole.start == START and whole.values.size == 9 * DAY
    expected = part("S01", 0, 9 * DAY).values.copy()
    expected[5 * DAY - 30 : 5 * DAY] = np.nan
    assert np.array_equal(whole.values, expected, equal_nan=True)
    assert whole.notes[0] == "Joined from 2 files of one person, a.csv to b.csv; 30 minutes between them have no value."


def test_parts_that_overlap_with_equal_values_are_joined_and_those_with_others_refused():
    good = together(part("S01", 0, 5 * DAY, source="a.csv"), part("S01", 4 * DAY, 5 * DAY, source="b.csv"))
    assert np.array_equal(good.recordings[0].values, part("S01", 0, 9 * DAY).values) and not good.refused
    bad = together(part("S01", 0, 5 * DAY, source="a.csv"), part("S01", 4 * DAY, 5 * DAY, seed=1, source="b.csv"))
    assert bad.recordings[0].values.size == 5 * DAY
    assert "a.csv" in bad.refused[0].reason and "disagree on 1,4" in bad.refused[0].reason


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"unit": MIMS}, "their units differ"),
        ({"device": "B"}, "their devices differ"),
        ({"labels": {"serial": "2"}}, "two devices (serial 1 and 2)"),
        ({"zone": "Europe/Berlin"}, "their time zones differ"),
        ({"notes": ("Epochs of 30 seconds were summed to minutes.",)}, "their epochs differ"),
        ({"start": None}, "do not say when they began"),
        ({"start": START + timedelta(days=60)}, "they are 55 days apart"),
    ],
)
def test_parts_of_another_device_unit_epoch_clock_or_time_are_refused_in_a_sentence(facts, says):
    stated = {"device": "A", "labels": {"serial": "1"}, "zone": "Europe/Rome"}
    reading = together(part("S01", 0, 5 * DAY, source="a.csv", **stated), part("S01", 5 * DAY, 4 * DAY, source="b.csv", **(stated | facts)))
    kept = [one for one in reading.recordings if one.values.size == 5 * DAY] or reading.recordings
    assert len(reading.recordings) == 1 and kept and says in reading.refused[0].reason


def test_a_copy_of_a_person_counts_once_and_is_said():
    reading = together(part("S01", 0, 8 * DAY, source="a.csv"), part("S01", 0, 8 * DAY, source="b.csv"))
    assert reading.recordings[0].values.size == 8 * DAY and not reading.refused
    assert reading.recordings[0].notes == ("The same recording was imported 2 times, also from b.csv; it counts once.",)


def test_labels_that_parts_say_alike_stay_and_others_go():
    one = part("S01", 0, 5 * DAY, source="a.csv", labels={"sex": "f", "room": 1.0, "repeated_minutes": 2.0})
    other = part("S01", 5 * DAY, 5 * DAY, source="b.csv", labels={"sex": "f", "room": 2.0, "age": 40.0, "repeated_minutes": 3.0})
    third = part("S01", 10 * DAY, 5 * DAY, source="c.csv", labels={"room": 3.0})
    assert together(one, other, third).recordings[0].labels == {"sex": "f", "age": 40.0, "repeated_minutes": 5.0}


@pytest.mark.parametrize(
    ("name", "core"),
    [
        ("S01_part1", "S01"),
        ("S01-Teil-02", "S01"),
        ("S01 part 1 of 2", "S01"),
        ("S01_2024-03-04", "S01"),
        ("20240304_S01", "S01"),
        ("S01_04.03.2024", "S01"),
        ("STUDY_041 (2024-03-04)60sec", "STUDY_041 60sec"),
        ("S01_day3", "S01"),
        ("2024-03-04", ""),
        ("day1", ""),
        ("S01", None),
        ("S01_1", None),
        ("partner7", None),
        ("S20240399", None),
        ("12345678901234", None),
        ("holiday3", None),
    ],
)
def test_a_date_or_a_part_s_number_is_told_from_the_rest_of_a_name(name, core):
    assert core_of(name) == core


@pytest.mark.parametrize("form", ["S01_part{}", "S01 Tag {}", "S01_2024-03-{:02d}", "{:02d}.03.2024 S01", "day{}_S01"])
def test_daily_files_of_one_person_become_one_person(form):
    reading = together(*(part(form.format(day + 4), day * DAY, DAY) for day in range(8)), part("S02", 0, 8 * DAY, seed=2))
    assert [one.participant for one in reading.recordings] == ["S01", "S02"] and not reading.refused
    assert np.array_equal(reading.recordings[0].values, part("S01", 0, 8 * DAY).values)


def test_visits_a_year_apart_stay_two_people_and_say_so():
    first, second = part("S01_2024-03-04", 0, 8 * DAY), part("S01_2025-03-04", 0, 8 * DAY, seed=3, start=START + timedelta(days=365))
    reading = together(first, second)
    assert len(reading.recordings) == 2 and not reading.refused
    assert all("look like parts of S01, but they are 357 days apart" in one.notes[0] for one in reading.recordings)


def test_short_parts_that_contradict_are_refused_with_the_reason_and_not_as_short():
    reading = together(part("S01_part1", 0, 3 * DAY), part("S01_part2", 2 * DAY, 3 * DAY, seed=1))
    assert not reading.recordings and len(reading.refused) == 2
    assert all("look like parts of S01, but they disagree on" in one.reason for one in reading.refused)


def test_numbers_alone_may_be_people_so_short_ones_in_turn_are_asked_about_and_others_left_alone():
    asked = together(*(part(f"S_{day + 1}", day * DAY, DAY) for day in range(3)))
    assert not asked.recordings and len(asked.refused) == 3 and "name them S_part1, S_part2" in asked.refused[0].reason
    abreast = together(*(part(f"S_{person}", 0, 3 * DAY, seed=person) for person in range(3)))
    weeks = together(*(part(f"S_{week}", week * 7 * DAY, 7 * DAY, seed=week) for week in range(3)))
    assert len(abreast.recordings) == len(weeks.recordings) == 3 and not abreast.refused and not weeks.refused


def test_a_folder_with_a_person_s_daily_files_is_one_person_and_lies_in_a_group(tmp_path):
    for seed, person in enumerate(("S01", "S02")):
        for day in range(7):
            write(tmp_path / "study" / "control" / person / f"2024-03-{day + 4:02d}.csv", part("x", day * DAY, DAY, seed))
    reading = read(tmp_path / "study")
    assert [one.participant for one in reading.recordings] == ["S01", "S02"] and not reading.refused
    assert all(one.values.size == 7 * DAY and one.labels["group"] == "control" for one in reading.recordings)


def test_daily_files_at_the_top_of_a_folder_are_of_the_person_after_whom_it_is_called(tmp_path):
    for day in range(7):
        write(tmp_path / "S07" / f"2024-03-{day + 4:02d}.csv", part("x", day * DAY, DAY))
    assert [(one.participant, one.values.size) for one in read(tmp_path / "S07").recordings] == [("S07", 7 * DAY)]


def test_files_of_one_name_in_folders_of_their_own_are_of_the_folders_people(tmp_path):
    for seed, person in enumerate(("S01", "S02")):
        write(tmp_path / "all" / person / "activity.csv", part("x", 0, DAY, seed))
    assert [one.participant for one in read(tmp_path / "all").recordings] == ["S01", "S02"]


def test_equal_names_in_two_groups_are_never_joined(tmp_path):
    write(tmp_path / "all" / "control" / "01.csv", part("x", 0, 4 * DAY))
    write(tmp_path / "all" / "patient" / "01.csv", part("x", 4 * DAY, 4 * DAY, seed=1))
    reading = read(tmp_path / "all")
    assert [one.values.size for one in reading.recordings] == [4 * DAY] and "patient/01.csv" in reading.refused[0].reason


def test_a_week_a_folder_is_joined(tmp_path):
    for week in range(2):
        write(tmp_path / "all" / f"week{week + 1}" / "S01.csv", part("x", week * 7 * DAY, 7 * DAY), who="S01")
    reading = read(tmp_path / "all")
    assert [(one.participant, one.values.size) for one in reading.recordings] == [("S01", 14 * DAY)] and not reading.refused
