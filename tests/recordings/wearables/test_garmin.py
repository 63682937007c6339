"""Garmin epoch summaries: minutes in JSON and tables come back as written, quarter hours are refused."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import PatError
from pat_core.progress import Silent
from pat_core.recordings.source import file_source
from pat_core.recordings.wearables import garmin
from pat_core.records import STEPS
from tests.recordings.devices.device_files import recognised, refusal


def _epochs(steps: list[int], start: int = 1_519_679_700, offset: int = -21_600, step: int = 60, **more: object) -> list[dict]:
    return [
        {
            "userId": "u1",
            "userAccessToken": "secret",
            "summaryId": f"x{i}",
            "activityType": "WALKING",
            "steps": count,
            "durationInSeconds": step,
            "activeTimeInSeconds": 30,
            "startTimeInSeconds": start + i * step,
            "startTimeOffsetInSeconds": offset,
            "intensity": "ACTIVE",
            **more,
        }
        for i, count in enumerate(steps)
    ]


def _json(path: Path, epochs: list, form: str = "object", **style: object) -> Path:
    path.write_text(json.dumps({"epochs": epochs} if form == "object" else epochs, **style))  # type: ignore[arg-type]
    return path


def _csv(path: Path, epochs: list[dict], sign: str = ",") -> Path:
    with path.open("w", newline="") as file:
        rows = csv.DictWriter(file, list(epochs[0]), delimiter=sign)
        rows.writeheader()
        rows.writerows(epochs)
    return path


_read = partial(recognised, garmin.FORMAT)


_reason = partial(refusal, garmin.FORMAT)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 250), min_size=2, max_size=200),
    st.integers(1_200_000_000 // 60, 1_700_000_000 // 60),
    st.integers(-48, 56),
    st.sampled_from(["object", "list", "csv", "indented"]),
    st.sampled_from([60, 30, 15]),
    st.integers(30, 3000),
)
def test_what_is_written_is_read_back_on_the_wall_clock(
    tmp_path_factory, steps: list[int], minute: int, quarters: int, form: str, epoch: int, block: int
) -> None:
    path = tmp_path_factory.mktemp("g") / "epochs.json"
    epochs = _epochs(steps, minute * 60, quarters * 900, epoch)
    _csv(path, epochs) if form == "csv" else _json(path, epochs, form, indent=2 if form == "indented" else None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(garmin, "_BLOCK", block)
        (recording,) = garmin.read(file_source(path), Silent()).recordings
    assert np.array_equal(recording.values, steps)
    assert recording.start == datetime(1970, 1, 1) + timedelta(seconds=minute * 60 + quarters * 900)
    assert (recording.participant, recording.unit, recording.epoch_seconds, recording.device) == ("u1", STEPS, epoch, "Garmin")
    assert "not activity counts" in recording.notes[0] and "secret" not in str(recording)


@pytest.mark.parametrize("write", [_json, _csv])
def test_quarter_hours_are_refused_and_their_length_is_named(tmp_path: Path, write) -> None:
    assert "15 minutes" in _reason(write(tmp_path / "a", _epochs([93] * 20, step=900)))


def test_parts_of_one_minute_by_kind_of_activity_are_added_and_repeats_are_not(tmp_path: Path) -> None:
    walking = _epochs([10, 20, 30])
    running = _epochs([5], activityType="RUNNING")
    (recording,) = _read(_json(tmp_path / "a.json", [*walking, *running, *_epochs([99])])).recordings
    assert recording.values.tolist() == [15, 20, 30] and "1 epoch came twice" in " ".join(recording.notes)


def test_people_are_kept_apart_and_one_persons_quarter_hours_cost_that_person_only(tmp_path: Path) -> None:
    epochs = [*_epochs([1, 2, 3]), *_epochs([4, 5], userId="u2"), *_epochs([6] * 9, step=900, userId="u3")]
    reading = _read(_json(tmp_path / "a.json", epochs))
    assert {r.participant: r.values.tolist() for r in reading.recordings} == {"u1": [1, 2, 3], "u2": [4, 5]}
    assert "u3" in reading.refused[0].what and "15 minutes" in reading.refused[0].reason


def test_the_hour_that_came_twice_keeps_its_first_reading_and_the_skipped_one_is_missing(tmp_path: Path) -> None:
    zone = ZoneInfo("Europe/Berlin")
    for day, expected in ((datetime(2024, 10, 26, 23), [*range(120), *range(180, 240)]), (datetime(2024, 3, 30, 23), None)):
        begin = int(day.replace(tzinfo=UTC).timestamp())
        offsets = [int(datetime.fromtimestamp(begin + 60 * i, zone).utcoffset().total_seconds()) for i in range(240)]
        epochs = [_epochs([i], begin + 60 * i, offset)[0] for i, offset in enumerate(offsets)]
        (recording,) = _read(_json(tmp_path / "a.json", epochs[::-1])).recordings
        if expected:
            assert recording.values.tolist() == expected and recording.start == datetime(2024, 10, 27, 1)
        else:
            assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(120, 180)) and np.nansum(recording.values) == 239 * 120
        assert "offset from UTC changes 1 time:" in " ".join(recording.notes)


def test_without_an_offset_the_clock_stays_utc_and_a_note_says_so(tmp_path: Path) -> None:
    epochs = [{k: v for k, v in epoch.items() if k != "startTimeOffsetInSeconds"} for epoch in _epochs([1, 2])]
    (recording,) = _read(_json(tmp_path / "a.json", epochs)).recordings
    assert recording.start == datetime(2018, 2, 26, 21, 15) and "stay in UTC" in recording.notes[1]
    assert "2 of 3 epochs" in _reason(_json(tmp_path / "b.json", [*epochs, *_epochs([3], 1_519_679_820)]))


def test_a_few_long_epochs_are_left_out_with_a_note_and_missing_steps_are_missing(tmp_path: Path) -> None:
    epochs = _epochs([1, 2, 3, 4, 5])
    epochs[1]["durationInSeconds"], epochs[3]["steps"] = 900, None
    (recording,) = _read(_json(tmp_path / "a.json", epochs)).recordings
    assert np.array_equal(recording.values, [1, np.nan, 3, np.nan, 5], equal_nan=True) and "1 of 5 epochs longer" in recording.notes[1]


def test_a_person_without_a_name_is_named_by_the_file_and_a_clock_never_set_has_no_date(tmp_path: Path) -> None:
    (recording,) = _read(_csv(tmp_path / "p4.csv", _epochs([1, 2], 60, 0, userId=""), ";")).recordings
    assert recording.participant == "p4" and not recording.date_known and "never set" in recording.notes[-1]


@pytest.mark.parametrize(("change", "word"), [
    ({"steps": -1}, "Epoch 2"), ({"steps": float("nan")}, "Epoch 2"), ({"steps": "many"}, "many"), ({"steps": 1e30}, "Epoch 2"),
    ({"steps": True}, "True"), ({"startTimeInSeconds": -5}, "Epoch 2"), ({"startTimeInSeconds": 1e300}, "Epoch 2"),
    ({"durationInSeconds": 0}, "Epoch 2"), ({"durationInSeconds": None}, "Epoch 2"), ({"startTimeOffsetInSeconds": 9e6}, "Epoch 2"),
    ({"steps": [1]}, "number"), ({"startTimeInSeconds": 10**400}, "Epoch 2"), ({"startTimeInSeconds": 1_719_679_700}, "400 days"),
])  # fmt: skip
def test_fields_that_do_not_fit_name_their_epoch(tmp_path: Path, change: dict, word: str) -> None:
    epochs = _epochs([1, 2, 3])
    epochs[1].update(change)
    assert word in _reason(_json(tmp_path / "a.json", epochs))


def test_epochs_without_steps_are_refused(tmp_path: Path) -> None:
    assert "Steps were expected" in _reason(_json(tmp_path / "a.json", [{**epoch, "steps": None} for epoch in _epochs([1, 2])]))


@pytest.mark.parametrize("cut", [250, 400, -1, -2, -30])
def test_json_that_breaks_off_is_refused_with_its_place(tmp_path: Path, cut: int) -> None:
    path = _json(tmp_path / "a.json", _epochs([1, 2, 3]), "list")
    path.write_text(path.read_text()[:cut])
    assert "character" in _reason(path)


def test_nested_endless_and_foreign_json_is_refused(tmp_path: Path) -> None:
    begin = '[{"startTimeInSeconds": 1, "durationInSeconds": 60, "a": '
    for rest in ("[" * 60_000, '"' + "x" * 3_000_000, "1" * 9_000 + "}]"):
        (tmp_path / "a.json").write_text(begin + rest)
        assert "character 2" in _reason(tmp_path / "a.json")
    (tmp_path / "a.json").write_text('{"startTimeInSeconds": 1, "durationInSeconds": 60}')
    assert "epochs" in _reason(tmp_path / "a.json")
    (tmp_path / "a.json").write_text('["startTimeInSeconds", "durationInSeconds"]')
    assert "another value" in _reason(tmp_path / "a.json")
    (tmp_path / "a.json").write_bytes(json.dumps(_epochs([1, 2])).encode()[:-1] + b"\xe4]")
    assert "UTF-8" in _reason(tmp_path / "a.json")


def test_more_epochs_than_a_study_has_are_refused(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(garmin, "MOST_EPOCHS", 2)
    assert "Split it" in _reason(_json(tmp_path / "a.json", _epochs([1, 2, 3])))


@pytest.mark.parametrize("head", [b"", b"\x00\x01", b"{}", b"[1, 2]", b"timestamp,activity\n", b'{"dailies": []}'])
def test_other_files_are_not_taken(head: bytes) -> None:
    assert not garmin.recognises(head, "epochs.json")


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200), st.booleans())
def test_noise_after_a_true_beginning_is_a_sentence_or_a_reading(tmp_path_factory, noise: bytes, table: bool) -> None:
    path = tmp_path_factory.mktemp("n") / "a"
    whole = (_csv if table else _json)(path, _epochs([1, 2])).read_bytes()
    path.write_bytes(whole[: -2 if not table else None] + noise)
    try:
        reading = garmin.read(file_source(path), Silent())
    except PatError as error:
        assert len(str(error)) > 20
    else:
        assert reading.recordings
