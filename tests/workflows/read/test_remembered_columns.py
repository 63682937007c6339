"""Remembered columns without the app: found by the files' columns, chosen by name, forgotten, and refused in sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pat_core.__main__ import main
from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.records import COUNTS
from pat_core.workflows.read import column_mapping
from tests.workflows.read.test_column_mapping import said, ward


@pytest.fixture
def known(workspace) -> Workspace:
    """A workspace that remembers the columns of first.csv."""
    column_mapping.remember(workspace, said(ward()), "first.csv")
    return workspace


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_files_with_remembered_columns_are_found_in_folders_and_others_are_not(known, tmp_path) -> None:
    written(tmp_path / "next.csv", ward(("C",)))
    written(tmp_path / "other.csv", ward(light=3))
    (used,) = column_mapping.for_paths(known, [tmp_path / "next.csv", tmp_path / "other.csv", tmp_path / "gone.csv"])
    assert used.files == ("next.csv",) and used.mapping == said(ward())
    assert used.words.startswith("next.csv: read by the columns remembered from first.csv. Participant from Proband, time from Zeitpunkt")
    assert column_mapping.for_paths(known, [tmp_path / "next.csv"], "none") == ()


@pytest.mark.parametrize("name", ["first.csv", "first"])
def test_one_is_chosen_by_the_file_that_it_was_made_for_or_by_its_key(known, tmp_path, name) -> None:
    file = written(tmp_path / "next.csv", ward())
    (entry,) = column_mapping.remembered(known)
    assert column_mapping.for_paths(known, [file], name) == column_mapping.for_paths(known, [file], entry.key[:6])


@pytest.mark.parametrize(
    ("name", "words"), [("second", "No columns are remembered under “second”"), ("first", "none of the files has them")]
)
def test_a_name_that_is_not_there_and_one_that_does_not_fit_are_refused(known, tmp_path, name, words) -> None:
    with pytest.raises(RecordingError, match=words):
        column_mapping.for_paths(known, [written(tmp_path / "other.csv", ward(light=3))], name)


def test_several_of_one_name_are_told_apart_by_their_keys(known) -> None:
    column_mapping.remember(known, said(ward(light=3)), "first.csv")
    with pytest.raises(RecordingError, match="Several remembered tables"):
        column_mapping.named(known, "first.csv")
    keys = [entry.key for entry in column_mapping.remembered(known)]
    assert [column_mapping.named(known, key[:8]).key for key in keys] == keys


def test_a_damaged_one_is_said_before_anything_is_read_and_can_be_forgotten(known, tmp_path) -> None:
    kept = known.setting(column_mapping.KEY)
    (key,) = kept
    kept[key]["mapping"]["unit"] = "furlongs"
    known.keep_setting(column_mapping.KEY, kept)
    with pytest.raises(RecordingError, match=rf"next.csv: .*furlongs.*mappings forget {key[:8]}"):
        column_mapping.for_paths(known, [written(tmp_path / "next.csv", ward())])
    assert column_mapping.forget_named(known, key[:8]).key == key and column_mapping.remembered(known) == ()


def test_an_empty_memory_is_said() -> None:
    class Nothing:
        def setting(self, key, default=None):
            return default

    with pytest.raises(RecordingError, match="remembers none"):
        column_mapping.named(Nothing(), "first")


def test_the_command_line_uses_what_is_remembered_and_says_so(known, tmp_path, capsys) -> None:
    file, where = str(written(tmp_path / "next.csv", ward(("C", "D")))), ["--workspace", str(known.folder)]
    assert main(["import", file, "--cohort", "one", *where]) == 0
    out = capsys.readouterr().out
    assert "2 people with 2 full weeks" in out and "next.csv: read by the columns remembered from first.csv." in out
    assert known.cohort("one").unit == COUNTS and known.import_record("one")["mappings"][0]["activity"] == "Bewegung"
    assert main(["import", file, "--cohort", "two", "--mapping", "first", "--zone", "Europe/Berlin", "--json", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["mappings"][0]["files"] == ["next.csv"] and told["clocks"]["zone"] == "Europe/Berlin"
    assert main(["import", file, "--cohort", "three", "--mapping", "other", *where]) == 1
    assert "No columns are remembered under “other”" in capsys.readouterr().err
    assert main(["import", file, "--cohort", "three", "--mapping", "none", *where]) == 1, "no format knows these columns"
    assert main(["import", file, "--cohort", "three", "--zone", "Berlin", *where]) == 1
    assert "Europe/Berlin" in capsys.readouterr().err and known.cohorts()[-1].name == "two"


def test_the_command_line_cuts_or_refuses_weeks_over_a_change(workspace, tmp_path, capsys) -> None:
    from tests.workflows.read.test_clock_changes import ward as over

    file, where = str(over(tmp_path / "w.csv", "2024-03-25", 2)), ["--workspace", str(workspace.folder), "--zone", "Europe/Berlin"]
    assert main(["import", file, "--cohort", "cut", *where]) == 0
    assert "2 weeks span a clock change and lasted 10,020 minutes: they were cut" in (out := capsys.readouterr().out)
    assert [line.strip() for line in out.splitlines() if "week 1" in line] == [f"{who}, week 1: 2024-03-31, 10,020 minutes" for who in "ab"]
    assert main(["import", file, "--cohort", "refused", "--over-change", "refuse", "--clock", "steady", *where]) == 0
    out = capsys.readouterr().out
    assert "2 people with 2 full weeks" in out and "a, week 1: It lasted 10,020 minutes" in out


def test_a_clock_without_a_zone_is_wrong_usage(workspace, tmp_path, capsys) -> None:
    for ran in ("utc", "steady"):
        assert main(["import", str(tmp_path), "--cohort", "x", "--clock", ran, "--workspace", str(workspace.folder)]) == 2
        assert f"--clock {ran} goes with --zone" in capsys.readouterr().err


def test_the_list_of_cohorts_says_how_each_was_read(known, tmp_path, capsys) -> None:
    where = ["--workspace", str(known.folder)]
    assert main(["import", str(written(tmp_path / "next.csv", ward(("C",)))), "--cohort", "one", *where]) == 0
    capsys.readouterr()
    assert main(["cohorts", *where]) == 0
    first, columns, *others = capsys.readouterr().out.splitlines()
    assert first.startswith("one: 1 people, 1 week") and columns.startswith("  Columns: Participant from Proband, time from Zeitpunkt")
    assert any("PAT Explorer" in line for line in others)
    assert main(["cohorts", "--json", *where]) == 0
    assert json.loads(capsys.readouterr().out)[0]["imported"]["mappings"][0]["activity"] == "Bewegung"


def test_remembered_columns_are_listed_and_forgotten_by_name(known, capsys) -> None:
    where = ["--workspace", str(known.folder)]
    assert main(["mappings", *where]) == 0 and "first.csv (" in capsys.readouterr().out
    assert main(["mappings", "forget", *where]) == 2
    assert main(["mappings", "forget", "first", *where]) == 0
    assert column_mapping.remembered(known) == () and main(["mappings", *where]) == 0
    assert "No columns are remembered" in capsys.readouterr().out
