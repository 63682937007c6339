"""Mappings at work: what they make of a file before it is imported, the import, and the next file with the same columns."""

from __future__ import annotations

import dataclasses
import io
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import RecordingError
from pat_core.jobs import Task
from pat_core.progress import Silent
from pat_core.recordings.mapping.guessing import guess
from pat_core.recordings.mapping.mapping_record import Mapping, summary, to_json
from pat_core.recordings.source import Source
from pat_core.records import COUNTS
from pat_core.workflows.read import column_mapping as mapped
from pat_core.workflows.read.cohort_import import IMPORT, ImportSettings, import_recordings
from pat_core.workflows.read.column_mapping import Used, look
from pat_core.workflows.read.uploaded_files import start_import

DAYS = 8


def ward(people: tuple[str, ...] = ("A", "B"), days: int = DAYS, step: int = 60, **more: object) -> bytes:
    """Rows of several people in a table with columns that no format knows."""
    stamps = pd.date_range("2024-03-05 10:00", periods=days * 86400 // step, freq=f"{step}s")
    parts = [pd.DataFrame({"Proband": who, "Zeitpunkt": stamps, "Bewegung": np.arange(stamps.size) % 97, **more}) for who in people]
    return pd.concat(parts).to_csv(index=False).encode()


def source(content: bytes, name: str = "ward.csv") -> Source:
    return Source(name, name, len(content), lambda: io.BytesIO(content))


def upload(name: str, content: bytes) -> io.BytesIO:
    file = io.BytesIO(content)
    file.name = name
    return file


def said(content: bytes, **change: object) -> Mapping:
    return dataclasses.replace(guess(source(content)).mapping, **({"unit": COUNTS} | change))


def recalled(workspace, content: bytes, name: str = "ward.csv") -> Used | None:
    """What is remembered of a file's columns."""
    return next(iter(look([source(content, name)], mapped.remembered(workspace)).used), None)


def test_a_preview_says_who_how_long_how_often_and_what_is_odd() -> None:
    content = ward(days=2, step=30)
    seen = mapped.preview(source(content), said(content))
    assert (seen.people, seen.epoch_seconds, seen.unit, seen.days, seen.short) == (2, 30, COUNTS, 2.0, 2)
    assert seen.first == datetime(2024, 3, 5, 10) and seen.wrong == {}
    assert seen.rows[1] == mapped.Row("A", datetime(2024, 3, 5, 10, 0, 30), 1.0, None)
    assert seen.odd == ("2 people: Epochs of 30 seconds were summed to minutes.",)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"activity": "Zeitpunkt"}, "activity"),
        ({"order": "day"}, "order"),
        ({"unit": "unknown"}, "unit"),
        ({"time": "Proband"}, "participant"),
    ],
)
def test_a_preview_puts_what_is_wrong_to_its_field(change: dict[str, object], field: str) -> None:
    content = ward(("A",), 1, 30)
    seen = mapped.preview(source(content), said(content, **change))
    assert list(seen.wrong) == [field] and seen.people == 0 and seen.wrong[field].endswith(".")


def test_refusals_and_notes_of_many_people_are_counted_not_listed() -> None:
    content = ward(tuple("ABCDEFGHIJ"), 1) + b"A,2024-03-05 10:00:00,broken\n" * 2
    seen = mapped.preview(source(content), said(content))
    assert seen.people == 9 and "broken" not in seen.odd[0] and "The column Bewegung" in seen.odd[0]
    assert len(seen.odd) <= mapped.MOST_ODD + 1


def test_what_is_remembered_is_recalled_for_a_file_with_the_same_columns_until_it_is_forgotten(workspace) -> None:
    mapping = said(ward())
    mapped.remember(workspace, mapping, "ward.csv")
    found = recalled(workspace, ward(("C",), 3), "next.csv")
    assert found is not None and (found.mapping, found.entry.file, found.files) == (mapping, "ward.csv", ("next.csv",))
    assert recalled(workspace, ward(light=3)) is None
    mapped.forget(workspace, found.entry.key)
    assert recalled(workspace, ward()) is None and mapped.remembered(workspace) == ()


def test_a_second_mapping_for_the_same_columns_replaces_the_first_and_the_oldest_go(workspace) -> None:
    mapping = said(ward())
    mapped.remember(workspace, mapping, "first.csv")
    mapped.remember(workspace, dataclasses.replace(mapping, unit="mg"), "second.csv")
    (only,) = mapped.remembered(workspace)
    assert (only.file, only.mapping.unit) == ("second.csv", "mg")
    kept = {str(number): {"mapping": to_json(mapping), "file": "x"} for number in range(mapped.MOST_REMEMBERED + 5)}
    workspace.keep_setting(mapped.KEY, kept)
    mapped.remember(workspace, mapping, "last.csv")
    known = mapped.remembered(workspace)
    assert len(known) == mapped.MOST_REMEMBERED and known[0].file == "last.csv"


@pytest.mark.parametrize("damage", [{"order": "x"}, {"columns": []}, {"more": 1}])
def test_a_damaged_memory_is_said_for_its_file_and_can_be_forgotten(workspace, damage: dict[str, object]) -> None:
    mapped.remember(workspace, said(ward()), "ward.csv")
    kept = workspace.setting(mapped.KEY)
    for entry in kept.values():
        entry["mapping"] |= damage
    workspace.keep_setting(mapped.KEY, kept)
    found = recalled(workspace, ward())
    assert found is not None and found.entry.mapping is None and "Forget it" in found.entry.why
    mapped.forget(workspace, found.entry.key)
    assert mapped.remembered(workspace) == ()
    workspace.keep_setting(mapped.KEY, ["nonsense"])
    assert mapped.remembered(workspace) == () and recalled(workspace, ward()) is None


def test_an_import_with_a_mapping_brings_everybody_in_and_one_without_it_says_the_columns(workspace, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_bytes(ward())
    (tmp_path / "next.csv").write_bytes(ward(("C",)))
    files = [tmp_path / "ward.csv", tmp_path / "next.csv"]
    done = import_recordings(workspace, files, "ward", ImportSettings(mappings=[said(ward())]))
    assert (done.people, done.weeks, done.refused) == (3, 3, ()) and workspace.cohort("ward").unit == COUNTS
    np.testing.assert_array_equal(workspace.weeks_array("ward")[0], np.arange(10080) % 97)
    with pytest.raises(RecordingError, match="Zeitpunkt"):
        import_recordings(workspace, files, "plain")


def test_the_job_of_an_upload_reads_by_the_mappings_that_it_was_started_with(workspace, monkeypatch) -> None:
    monkeypatch.setattr(Task, "launch", lambda task, ws, request, title: ws.add_job(task.kind, title, request.as_spec()))
    job = workspace.job(start_import(workspace, "ward", [upload("ward.csv", ward())], settings=ImportSettings(mappings=[said(ward())])))
    assert IMPORT.work(workspace, job.spec, Silent())["people"] == 2
    assert IMPORT.work(workspace, {**job.spec, "mappings": []}, Silent())["people"] == 2, "a cohort that is written is not read again"


def test_only_the_mappings_by_which_somebody_came_in_are_kept_with_the_cohort(workspace, tmp_path: Path) -> None:
    (tmp_path / "ward.csv").write_bytes(ward())
    (tmp_path / "brief.csv").write_bytes(ward(("C",), days=2, light=3))
    mappings = [said(ward(light=3)), said(ward()), said(ward(heat=3))]
    import_recordings(workspace, [tmp_path], "ward", ImportSettings(mappings=mappings))
    assert workspace.import_record("ward")["mappings"] == [to_json(mappings[1])]


@pytest.mark.parametrize(("change", "words"), [
    ({}, "counts/min)."), ({"zone": "Europe/Berlin"}, "), times of Europe/Berlin."), ({"runs": "utc"}, "), times in UTC."),
    ({"zone": "Europe/Berlin", "runs": "utc"}, "), times in UTC, converted to Europe/Berlin."),
    ({"zone": "Europe/Berlin", "runs": "steady"}, "), times on a device's clock that was never changed, converted to Europe/Berlin."),
])  # fmt: skip
def test_the_summary_of_a_mapping_says_what_its_times_are(change: dict[str, object], words: str) -> None:
    assert summary(said(ward(), **change)).endswith(words)


def test_zones_to_choose_from_can_all_be_used() -> None:
    names = mapped.zone_names()
    assert {"UTC", "Europe/Berlin", "Australia/Adelaide"} <= set(names) and len(names) == len(set(names))
