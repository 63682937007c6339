"""Files as people bring them, through upload and import: a bad one is a sentence with what and where, a good one beside it comes in."""

from __future__ import annotations

import gzip
import io
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.workflows.read import uploaded_files
from pat_core.workflows.read.cohort_import import import_recordings
from tests.recordings.devices import device_files as files
from tests.recordings.fuzz_seeds import zipped
from tests.recordings.test_fuzz import BOMB, HEADER, _array, _claim, _npz, _parquet, _repeated

MINUTES = 10_080


@cache
def _table(start: str = "2024-03-05 10:00:00", **more: object) -> pd.DataFrame:
    stamps = pd.date_range(start, periods=MINUTES, freq="min").strftime("%Y-%m-%d %H:%M:%S")
    return pd.DataFrame({"timestamp": stamps, "counts": np.arange(MINUTES) % 251, **more})


def _csv(frame: pd.DataFrame) -> bytes:
    return frame.to_csv(index=False).encode()


def _with(cell: str, line: int = 40) -> bytes:
    """The good table with this in one cell of activity."""
    lines = _csv(_table()).split(b"\n")
    lines[line - 1] = lines[line - 1].split(b",")[0] + b"," + cell.encode()
    return b"\n".join(lines)


def _named(*people: str, **more: object) -> bytes:
    parts = [_table().assign(participant=person, **more) for person in people]
    return _csv(pd.concat(parts))


GOOD = files.awd([i % 251 for i in range(MINUTES)])
NOISE = np.random.default_rng(0).integers(0, 256, 50_000, np.uint8).tobytes()
FORMULA = "=cmd|' /C calc'!A1"

REFUSED = {
    "truncated table": ("bad.csv", lambda: _csv(_table())[:150_000], "A full week of 7 days was expected"),
    "truncated array": ("bad.npy", lambda: _array(bytes(9_000), HEADER.format("<f4", f"(2, {MINUTES})")), "incomplete"),
    "truncated Parquet": ("bad.parquet", lambda: _parquet(_repeated(500, "x"))[:-40], "damaged or incomplete"),
    "truncated gzip": ("bad.csv.gz", lambda: gzip.compress(_csv(_table()))[:-900], "gzip file is incomplete"),
    "truncated zip": ("bad.zip", lambda: zipped({"a.csv": _csv(_table())})[:-30], "list of files is missing"),
    "empty": ("bad.csv", lambda: b"", "The file is empty"),
    "a header and nothing else": ("bad.csv", lambda: b"timestamp,counts\n", "not one row"),
    "a picture called table": ("bad.csv", lambda: b"\x89PNG\r\n\x1a\n" + NOISE, "This is a picture"),
    "a workbook": ("bad.xlsx", lambda: zipped({"xl/workbook.xml": b"<x/>"}), "save its sheet as CSV"),
    "a pickle": ("bad.pkl", lambda: b"\x80\x04N.", "can run programs"),
    "wrong encoding": ("bad.csv", lambda: _csv(_table()).decode().encode("utf-16-le"), "No reader recognizes this file"),
    **{f"noise under {ending}": (f"bad{ending}", lambda: NOISE, "No reader recognizes this") for ending in (".csv", ".AWD")},
    "noise under .cwa": ("bad.cwa", lambda: NOISE, "does not start as Axivity's"),
    "noise under .xpt": ("bad.xpt", lambda: NOISE, "not a SAS transport file"),
    "noise after a database's first bytes": ("bad.agd", lambda: b"SQLite format 3\x00" + NOISE, "database is damaged"),
    "a billion rows claimed": ("bad.npy", lambda: _claim(10**9), "shape (1000000000, 10080)"),
    "a billion rows claimed in a zip": ("bad.npz", lambda: _npz("weeks.npy", _claim(10**9)), "array"),
    "millions of rows out of nothing": ("bad.parquet", lambda: _parquet(_repeated(3_000_000, "x").drop(["minute"])), "3,000,000 rows"),
    "zip bomb": ("bad.zip", lambda: zipped({"a.csv": BOMB}), "MB to 34 MB"),
    "gzip bomb": ("bad.csv.gz", lambda: gzip.compress(BOMB, 6), "which no recording does"),
    "path traversal": ("bad.zip", lambda: zipped({"../../evil.csv": _csv(_table())}), "points outside the zip"),
    "a formula for a count": ("bad.csv", lambda: _with(FORMULA), "first in line 40"),
    "no finite number": ("bad.csv", lambda: _csv(_table().assign(counts="inf")), "recording has no values"),
    "negative counts": ("bad.csv", lambda: _with("-5"), "epoch 39 is -5"),
    "two devices": ("bad.csv", lambda: _named("p1", device=np.repeat(["w1", "w2"], MINUTES // 2)), "w1 (5,040 rows) and w2 (5,040 rows)"),
    "years that are none": ("bad.csv", lambda: _csv(_table()).replace(b"2024-", b"9024-"), "imes"),
}  # fmt: skip
"""What is wrong -> file name, its bytes, and words of the sentence."""


def _brought(workspace: Workspace, *brought: tuple[str, bytes]) -> list[Path]:
    """Uploads as the page keeps them."""
    streams = []
    for name, content in brought:
        stream = io.BytesIO(content)
        stream.name = name
        streams.append(stream)
    return list(uploaded_files.keep(workspace, streams)[1])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "workspace")


@pytest.mark.parametrize("wrong", REFUSED)
def test_a_bad_file_is_refused_by_name_and_the_good_one_beside_it_comes_in(workspace: Workspace, tmp_path: Path, wrong: str) -> None:
    name, make, words = REFUSED[wrong]
    bad = make()
    done = import_recordings(workspace, _brought(workspace, (name, bad), ("good.AWD", GOOD)), "ward")
    (refusal,) = done.refused
    assert words in refusal.reason and refusal.reason.endswith(".") and len(refusal.reason) > 40, refusal.reason
    assert any(named in refusal.what for named in ("bad", "p1")), refusal.what
    assert (done.people, done.weeks) == (1, 1) and workspace.refusals("ward") == done.refused
    assert workspace.weeks_array("ward")[0].tolist() == [i % 251 for i in range(MINUTES)]
    workspace.delete_cohort("ward")
    with pytest.raises(RecordingError, match="Nothing was imported"):
        import_recordings(workspace, _brought(workspace, (name, bad)), "ward")
    assert workspace.cohorts() == () and not list(tmp_path.rglob("evil.csv"))


def test_a_file_under_another_ending_is_read_for_what_it_is(workspace: Workspace) -> None:
    array = io.BytesIO()
    np.savez(array, weeks=np.ones((1, MINUTES)), participants=["u"])
    parquet = io.BytesIO()
    _table().assign(participant="v").to_parquet(parquet)
    brought = [("one.csv", GOOD), ("two.txt", parquet.getvalue()), ("three.dat", _named("w"))]
    done = import_recordings(workspace, _brought(workspace, *brought), "ward")
    assert done.people == 3 and not done.refused
    assert import_recordings(workspace, _brought(workspace, ("four.csv", array.getvalue())), "array").people == 1


@pytest.mark.parametrize("left", [1, 4, 6, 8, 9, 13, 15, 18])
def test_a_last_time_that_is_cut_makes_no_other_day(workspace: Workspace, left: int) -> None:
    whole = _csv(_table())
    begin = whole.rindex(b"\n", 0, -1) + 1
    done = import_recordings(workspace, _brought(workspace, ("a.csv", whole[: begin + left]), ("good.AWD", GOOD)), "ward")
    assert done.people == 1 and done.refused[0].what == "a" and "6 days 23 hours" in done.refused[0].reason


def test_infinite_counts_are_missing_and_the_rest_comes_in(workspace: Workspace) -> None:
    import_recordings(workspace, _brought(workspace, ("a.csv", _with("inf"))), "ward")
    (week,) = workspace.weeks_array("ward")
    assert np.flatnonzero(np.isnan(week)).tolist() == [38]


def test_dates_of_1970_come_in_as_not_known_and_it_is_said(workspace: Workspace) -> None:
    done = import_recordings(workspace, _brought(workspace, ("a.csv", _csv(_table("1970-01-01 00:00:00")))), "ward")
    (row,) = workspace.week_rows("ward")
    assert not row.date_known and any("clock was never set" in note.sentence for note in done.notes)


def test_formulas_as_names_of_people_and_labels_stay_text(workspace: Workspace) -> None:
    done = import_recordings(workspace, _brought(workspace, ("a.csv", _named(FORMULA, site="@SUM(1)"))), "ward")
    (person,) = workspace.people("ward")
    assert done.people == 1 and (person.participant, person.labels["site"]) == (FORMULA, "@SUM(1)")


def test_of_a_zip_with_good_and_bad_members_all_are_accounted_for(workspace: Workspace) -> None:
    members = {f"{i}/{entry[0]}": entry[1]() for i, entry in enumerate(REFUSED.values()) if not entry[0].endswith((".gz", ".zip"))}
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in {**members, "ward/good.AWD": GOOD}.items():
            archive.writestr(name, content)
    done = import_recordings(workspace, _brought(workspace, ("all.zip", stream.getvalue())), "ward")
    assert done.people == 1 and len(done.refused) == len(members)
