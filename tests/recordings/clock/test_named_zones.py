"""Zones in programs' words, and files whose zone and times contradict one another or the reader."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pat_core.recordings.clock.named_zones import minutes_of, place_of
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapped_table import read_mapped
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.workflows.read.clock_changes import Clocks, placed

WORDS = {
    "(UTC+10:00) Canberra, Melbourne, Sydney": "Australia/Canberra", "(UTC-05:00) Eastern Time (US & Canada)": "America/New_York",
    "(UTC+01:00) Amsterdam, Berlin, Berne, Rome, Stockholm, Vienne": "Europe/Amsterdam", "(UTC) Dublin, Edinburgh, London": "Europe/Dublin",
    "(GMT+01:00) Brussels, Copenhagen, Madrid, Paris": "Europe/Brussels", "(UTC+10:00) Brisbane": "Australia/Brisbane",
    "(UTC-03:00) Brasilia": "America/Sao_Paulo", "(UTC-07:00) Arizona": "America/Phoenix",
    "(UTC+09:00) Osaka, Sapporo, Tokyo": "Asia/Tokyo",
    "(UTC+05:30) Chennai, Kolkata, Mumbai, New Delhi": "Asia/Kolkata", "W. Europe Standard Time": "Europe/Berlin",
    "AUS Eastern Standard Time": "Australia/Sydney", "Pacific/Auckland": "Pacific/Auckland", "nowhere": None, "(UTC+01:00) Sydney": None,
}  # fmt: skip


@pytest.mark.parametrize("words", WORDS)
def test_a_zone_in_words_is_that_of_its_cities(words: str) -> None:
    assert place_of(words) == WORDS[words]


def test_offsets_are_minutes() -> None:
    assert [minutes_of(text) for text in ("+10:00", "-5", "5:30", "-0330", "ten", "99")] == [600, -300, 330, -210, None, None]


def _actiware(path: Path, zone: str, offset: str, begin: datetime, days: int = 8) -> Path:
    rows = [f'"{i + 1}","{(t := begin + timedelta(minutes=i)):%d/%m/%Y}","{t:%H:%M:%S}","{i % 90}"' for i in range(days * 1440)]
    head = ['"Actiware Export File"', f'"Time Zone:","{zone}"', f'"Time Zone Offset:","{offset}","hours:minutes"']
    head.append('"Line","Date","Time","Activity"')
    path.write_text("\n".join([*head, *rows]) + "\n")
    return path


@pytest.mark.parametrize(("zone", "offset", "begin", "place", "day"), [
    ("(UTC+10:00) Canberra, Melbourne, Sydney", "+10:00", datetime(2016, 9, 28, 9), "Australia/Canberra", "2016-10-02"),
    ("(UTC-05:00) Eastern Time (US & Canada)", "-05:00", datetime(2023, 3, 8, 9), "America/New_York", "2023-03-12"),
    ("(GMT+01:00) Brussels, Copenhagen, Madrid, Paris", "+01:00", datetime(2023, 10, 25), "Europe/Brussels", "2023-10-29"),
])  # fmt: skip
def test_a_zone_in_the_preamble_whose_clocks_changed_is_said(
    tmp_path: Path, zone: str, offset: str, begin: datetime, place: str, day: str
) -> None:
    (recording,) = read(_actiware(tmp_path / "a.csv", zone, offset, begin)).recordings
    (note,) = recording.notes
    assert f"--zone {place} --clock steady" in note and day in note and zone in note and recording.zone is None
    moved = placed(recording, Clocks(place, "steady"))
    assert moved.zone == place and abs(moved.values.size - recording.values.size) == 60 or moved.values.size == recording.values.size
    assert not any("--clock steady" in said for said in moved.notes) and not any("One of the two is wrong" in said for said in moved.notes)
    elsewhere = placed(recording, Clocks("Asia/Tokyo"))
    assert any("One of the two is wrong" in said for said in elsewhere.notes)


def test_a_zone_without_a_change_within_the_recording_is_a_label_alone(tmp_path: Path) -> None:
    zone = "(UTC+10:00) Canberra, Melbourne, Sydney"
    (recording,) = read(_actiware(tmp_path / "a.csv", zone, "+10:00", datetime(2016, 7, 1))).recordings
    assert recording.notes == () and recording.labels["time_zone"] == zone and recording.labels["utc_offset"] == "+10:00"


@pytest.mark.parametrize(("end", "zone", "clock", "odd"), [
    ("+10:00", "Europe/Berlin", "wall", True), ("+01:00", "Europe/Berlin", "wall", False), ("+02:00", "Europe/Berlin", "wall", True),
    ("-05:00", "America/New_York", "wall", False), ("+01:00", "Europe/Berlin", "steady", False), ("Z", "Europe/Berlin", "wall", False),
    ("+0530", "Asia/Kolkata", "wall", False), ("+05:00", "Asia/Kolkata", "wall", True),
])  # fmt: skip
def test_offsets_that_contradict_the_chosen_zone_are_said(tmp_path: Path, end: str, zone: str, clock: str, odd: bool) -> None:
    rows = "".join(f"{datetime(2024, 2, 5) + timedelta(minutes=i):%Y-%m-%dT%H:%M:%S}{end},{i % 90}\n" for i in range(1500))
    (tmp_path / "a.csv").write_text("timestamp,counts\n" + rows)
    (recording,) = read(tmp_path / "a.csv").recordings
    notes = placed(recording, Clocks(zone, clock)).notes
    assert any("the zone or the times are wrong" in note for note in notes) == odd
    (tmp_path / "b.csv").write_text("timestamp,counts,timezone\n" + rows.replace("\n", f",{zone}\n"))
    (recording,) = read(tmp_path / "b.csv").recordings
    assert any("the zone or the times are wrong" in note for note in recording.notes) == odd
    (tmp_path / "c.csv").write_text("Zeitpunkt,Bewegung,timezone\n" + rows.replace("\n", f",{zone}\n"))
    source = file_source(tmp_path / "c.csv")
    (recording,) = read_mapped(source, guess(source).mapping).recordings
    assert any("the zone or the times are wrong" in note for note in recording.notes) == odd
