"""Zips and folders: the layout with group folders, what is joined, what is refused, and nothing lost."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.errors import Cancelled, RecordingError
from pat_core.progress import Silent
from pat_core.recordings import format_registry
from pat_core.recordings.format_registry import FORMATS
from pat_core.recordings.person_names import match
from pat_core.recordings.reading import read
from pat_core.recordings.tables.people_table import read_labels
from pat_core.records import COUNTS
from tests.shared import real_study, shared_file


def _person(start: str = "2009-02-23 16:00:00", minutes: int = 90) -> str:
    stamps = pd.date_range(start, periods=minutes, freq="60s")
    frame = pd.DataFrame({"timestamp": stamps, "date": stamps.date, "activity": np.arange(minutes)})
    return frame.to_csv(index=False)


STUDY = {
    "control/control_1.csv": _person(), "control/control_2.csv": _person(), "ill/ill_1.csv": _person(),
    "control-info.csv": "number,gender,age\ncontrol_1,2,25-29\ncontrol_2,1,NA\n",
    "ill-info.csv": "number;gender;madrs\nill_1;1;19\nill_9;2;3\n",
    "__MACOSX/control/._control_1.csv": "junk", ".DS_Store": "junk",
}  # fmt: skip


def _zip(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def _folder(path: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("make", [_zip, _folder])
def test_group_folders_and_their_tables_become_labels(tmp_path: Path, make) -> None:
    reading = read(make(tmp_path / "study.zip", STUDY))
    people = {r.participant: r for r in reading.recordings}
    assert set(people) == {"control_1", "control_2", "ill_1"}
    assert dict(people["control_1"].labels) == {"group": "control", "gender": 2.0, "age": "25-29"}
    assert dict(people["control_2"].labels) == {"group": "control", "gender": 1.0, "age": None}
    assert dict(people["ill_1"].labels) == {"group": "ill", "gender": 1.0, "madrs": 19.0}
    assert people["ill_1"].unit == COUNTS and "ill/ill_1.csv" in people["ill_1"].source
    (absent,) = reading.refused
    assert "ill-info.csv" in absent.what and "ill_9" in absent.reason


def test_one_broken_file_costs_one_person(tmp_path: Path) -> None:
    broken = {"ill/ill_2.csv": "", "ill/ill_3.csv": b"\x00\x01\x02" * 99, "ill/read me.pdf": b"%PDF-1.4 \x00", "ill/more.zip": _bytes()}
    reading = read(_zip(tmp_path / "a.zip", STUDY | broken))
    assert len(reading.recordings) == 3
    why = {refusal.what.rsplit("/", 1)[-1]: refusal.reason for refusal in reading.refused}
    assert set(why) == {"ill_2.csv", "ill_3.csv", "read me.pdf", "more.zip", "a.zip: ill-info.csv: 1 person"}
    assert "empty" in why["ill_2.csv"] and "zip inside a zip" in why["more.zip"] and "No reader recognizes" in why["ill_3.csv"]


def _bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", _person())
    return stream.getvalue()


def test_a_person_who_comes_twice_is_refused_naming_both_files(tmp_path: Path) -> None:
    reading = read(_zip(tmp_path / "a.zip", {"x/p.csv": _person(), "y/p.csv": _person()}))
    assert len(reading.recordings) == 1
    assert "x/p.csv" in reading.refused[0].reason and "y/p.csv" in reading.refused[0].reason


def test_a_container_of_any_formats_reads_them_all(tmp_path: Path) -> None:
    array = io.BytesIO()
    np.savez(array, weeks=np.ones((2, 100)), participants=np.array(["u", "v"]))
    frame = pd.DataFrame({"participant": "w", "timestamp": pd.date_range("2024-01-01", periods=80, freq="60s"), "mims": 1.5})
    files = {"a.npz": array.getvalue(), "b.parquet": frame.to_parquet(), "who.csv": "code,score\nu,1\nv,2\nw,3\n"}
    reading = read(_zip(tmp_path / "a.zip", files))
    assert {r.participant: r.labels["score"] for r in reading.recordings} == {"u": 1.0, "v": 2.0, "w": 3.0} and not reading.refused


def test_recordings_in_a_file_named_like_a_table_of_people_still_come_in(tmp_path: Path) -> None:
    table = _person().replace("timestamp", "id,timestamp", 1).replace("\n2009", "\nz,2009")
    assert [r.participant for r in read(_zip(tmp_path / "a.zip", {"participants.csv": table})).recordings] == ["z"]


@pytest.mark.parametrize("name", ["../up.csv", "/root.csv", "a/../../b.csv", "C:\\x.csv", "..\\up.csv"])
def test_names_that_point_out_of_the_zip_are_refused(tmp_path: Path, name: str) -> None:
    reading = read(_zip(tmp_path / "a.zip", {name: _person(), "fine.csv": _person()}))
    assert [r.participant for r in reading.recordings] == ["fine"] and "points out" in reading.refused[0].reason


def test_a_member_without_a_name_is_refused_and_the_others_come_in(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"x.csv": "nothing", "fine.csv": _person()})
    path.write_bytes(path.read_bytes().replace(b"x.csv", b"\0.csv"))
    reading = read(path)
    assert [made.participant for made in reading.recordings] == ["fine"] and "no name" in reading.refused[0].reason


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": _person()})
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    content[content.index(b"PK\x03\x04") + 6] |= 1
    path.write_bytes(content)
    assert "encrypted" in read(path).refused[0].reason


def test_a_zip_that_declares_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAT_MAX_IMPORT_GB", "0.000001")
    reading = read(_zip(tmp_path / "a.zip", {"a.csv": _person()}))
    assert not reading.recordings and "PAT_MAX_IMPORT_GB" in reading.refused[0].reason


def test_a_member_that_unfolds_beyond_what_it_declares_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", {"a.csv": _person(minutes=5000)})
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (400).to_bytes(4, "little")
    path.write_bytes(content)
    reading = read(path)
    assert not reading.recordings and len(reading.refused) == 1


def test_a_member_that_unfolds_a_thousandfold_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.csv", "w") as member:
        for _ in range(300):
            member.write(b"0" * 1024**2)
    assert "which no recording does" in read(path).refused[0].reason


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not really", b"PK\x05\x06"])
def test_a_damaged_zip_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.zip").write_bytes(content)
    assert read(tmp_path / "a.zip").refused


def test_cut_and_flipped_zips_never_crash_and_never_lose_a_file(tmp_path: Path) -> None:
    whole = _zip(tmp_path / "a.zip", STUDY).read_bytes()
    rng = np.random.default_rng(0)
    for position in rng.integers(4, len(whole), 60):
        flipped = bytearray(whole)
        flipped[position] ^= 0xFF
        for content in (whole[:position], bytes(flipped)):
            (tmp_path / "b.zip").write_bytes(content)
            reading = read(tmp_path / "b.zip")
            assert len(reading.recordings) + len(reading.refused) >= 1


@given(
    st.binary(max_size=300),
    st.sampled_from(["csv", "npy", "npz", "parquet", "xpt", "zip", "txt"]),
    st.sampled_from(
        [
            b"",
            b"\x93NUMPY\x01\x00",
            b"PAR1",
            b"PK\x03\x04",
            b"PK\x05\x06",
            b"timestamp,activity\n",
            b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!",
        ]
    ),
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_noise_is_refused_and_never_crashes(tmp_path: Path, noise: bytes, ending: str, magic: bytes) -> None:
    path = tmp_path / f"a.{ending}"
    path.write_bytes(magic + noise)
    reading = read(path)
    assert reading.recordings or reading.refused
    assert all(len(refusal.reason) > 20 and refusal.what for refusal in reading.refused)


@pytest.mark.parametrize("cut", [0.02, 0.3, 0.9, 0.999])
def test_a_truncated_parquet_file_is_refused(tmp_path: Path, cut: float) -> None:
    pd.DataFrame({"timestamp": pd.date_range("2024-01-01", periods=500, freq="60s"), "activity": 1}).to_parquet(tmp_path / "a.parquet")
    content = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(content[: int(len(content) * cut)])
    reading = read(tmp_path / "a.parquet")
    assert not reading.recordings and "damaged" in reading.refused[0].reason


def test_a_parser_that_fails_in_its_own_way_costs_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(source, progress):
        raise ZeroDivisionError("inside")

    csv = FORMATS[-1]
    monkeypatch.setattr(format_registry, "FORMATS", (format_registry.Format(csv.name, csv.recognises, broken),))
    reading = read(_zip(tmp_path / "a.zip", {"a.csv": _person()}))
    assert "ZeroDivisionError" in reading.refused[0].reason


def test_a_path_that_is_not_there_raises_and_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no file or folder"):
        read(tmp_path / "nowhere")
    assert "no files in it" in read(tmp_path).refused[0].reason


def test_cancelling_stops_the_reading(tmp_path: Path) -> None:
    class Stop(Silent):
        def at(self, fraction: float, message: str) -> None:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        read(_zip(tmp_path / "a.zip", STUDY), Stop())


def test_progress_runs_from_nothing_to_nearly_all(tmp_path: Path) -> None:
    class Heard(Silent):
        seen: list[float] = []

        def at(self, fraction: float, message: str) -> None:
            self.seen.append(fraction)

    read(_zip(tmp_path / "a.zip", STUDY), Heard())
    assert Heard.seen == sorted(Heard.seen) and Heard.seen[0] >= 0 and Heard.seen[-1] <= 1 and len(Heard.seen) >= 3


def test_a_raw_recording_that_is_a_zip_itself_is_not_opened_as_a_folder(tmp_path: Path) -> None:
    reading = read(_zip(tmp_path / "a.gt3x", {"log.bin": b"\x1e" * 99}))
    assert [refusal.what for refusal in reading.refused] == ["a.gt3x"] and "holds info.txt and log.bin" in reading.refused[0].reason


def test_labels_are_read_by_the_column_of_people(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age;subject id;site\n30;007;north\n;008;NA\n")
    assert read_labels(tmp_path / "a.csv") == {"007": {"age": 30.0, "site": "north"}, "008": {"age": None, "site": None}}
    (tmp_path / "b.csv").write_text("id,age\nx,1\nx,2\n")
    with pytest.raises(RecordingError, match="twice"):
        read_labels(tmp_path / "b.csv")


@pytest.mark.parametrize("column", ["Probandennummer", "patient_no", "VP-Code", "filename", "Recording"])
def test_a_table_of_people_names_them_or_their_files(tmp_path: Path, column: str) -> None:
    (tmp_path / "people.csv").write_text(f"age,{column}\n30,S01.csv\n40,S02.csv\n")
    assert read_labels(tmp_path / "people.csv") == {"S01.csv": {"age": 30.0}, "S02.csv": {"age": 40.0}}
    assert match(["S01.csv", "S02.csv"], ["S01", "S02"]).pairs == {"S01.csv": "S01", "S02.csv": "S02"}


@pytest.mark.shared
def test_everyone_of_a_real_study_comes_in_with_group_and_scales() -> None:
    path, reading = shared_file("data/obf_psychiatric_dev.zip"), real_study()
    assert len(reading.recordings) == 109 and not reading.refused
    groups = pd.Series([r.labels["group"] for r in reading.recordings]).value_counts().to_dict()
    assert groups == {"adhd": 32, "clinical": 24, "control": 22, "depression": 16, "schizophrenia": 15}
    with zipfile.ZipFile(path) as archive:
        for recording in reading.recordings:
            assert recording.unit == COUNTS and "gender" in recording.labels and recording.start is not None
            frame = pd.read_csv(archive.open(recording.source.split(": ")[1])).drop_duplicates("timestamp").sort_values("timestamp")
            assert np.array_equal(recording.values[~np.isnan(recording.values)], frame.activity)


@pytest.mark.shared
def test_real_tables_of_people_join_the_recordings_beside_them() -> None:
    labels = read_labels(shared_file("data/DEMO_C.XPT"))
    assert labels["21005"]["RIAGENDR"] in (1.0, 2.0) and len(labels) > 9000
