"""Well-known files that are not read: a sentence that says what to export instead, and nothing of what they hold."""

from __future__ import annotations

import gzip
import io
import json
import sqlite3
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.reading import read
from pat_core.recordings.source import file_source
from pat_core.recordings.unsupported import OTHERS, UNREAD

SECRET = "Erika Mustermann 1970"
PLAIN = SECRET.encode()


def _zip(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, SECRET)
    return out.getvalue()


def _refused(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    reading = read(path)
    assert not reading.recordings and len(reading.refused) == 1
    said = reading.refused[0].reason
    assert said.endswith(".") and len(said) > 40 and not any(word in said for word in SECRET.split())
    return said


@pytest.mark.parametrize(
    "content",
    [b"\x00\x01\x02" * 50, f"{SECRET};{SECRET}\n".encode() * 30, _zip("a.xml"), gzip.compress(PLAIN)],
    ids=["binary", "text", "zip", "gzip"],
)
def test_a_file_of_a_known_ending_is_refused_with_what_to_do(tmp_path: Path, content: bytes) -> None:
    said = {ending: _refused(tmp_path / f"a{ending.upper()}", content) for ending in UNREAD}
    if content.startswith(PLAIN):  # text under Excel's ending is a table
        assert "no column names" in said.pop(".xls")
    assert said == {ending: UNREAD[ending] for ending in said} and len(said) > 80


@pytest.mark.parametrize("ending", OTHERS)
def test_a_device_s_ending_without_the_device_s_bytes_says_so(tmp_path: Path, ending: str) -> None:
    assert _refused(tmp_path / f"a{ending}", b"\x07\x00\x01" * 50 + PLAIN) == OTHERS[ending]


def _sqlite(path: Path) -> bytes:
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE people (name)")
        database.execute("INSERT INTO people VALUES (?)", (SECRET,))
    database.close()
    return path.read_bytes()


CONTENTS = {
    "pdf": (b"%PDF-1.7\n" + PLAIN, "a document"), "png": (b"\x89PNG\r\n\x1a\n\x00\x00" + PLAIN, "a picture"),
    "jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + PLAIN, "a picture"), "rtf": (b"{\\rtf1 " + PLAIN + b"}", "a document"),
    "spss": (b"$FL2@(#) IBM SPSS\x00" + PLAIN, "SPSS"), "stata": (b"<stata_dta><header>\x00" + PLAIN, "Stata"),
    "sas": (b"\x00" * 12 + b"\xc2\xea\x81\x60" + bytes(300), "SAS"), "rds": (gzip.compress(b"X\n\x00\x00\x00\x03\x00\x04" + PLAIN), " R."),
    "rda": (gzip.compress(b"RDX3\nX\n\x00\x00\x00\x03" + PLAIN), " R."), "matlab": (b"MATLAB 5.0 MAT-file, " + bytes(200), "MATLAB"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(200), "HDF5"), "edf": (b"0       " + PLAIN + bytes(300), "EDF"),
    "fit": (b"\x0e\x10\x01\x00\x00\x00\x00\x00.FIT" + bytes(60), "single workouts"), "tcx": (
        f"<?xml version='1.0'?>\n<TrainingCenterDatabase><Name>{SECRET}</Name>".encode(), "single workouts"),
    "gpx": (f"<?xml version='1.0'?><gpx><name>{SECRET}</name></gpx>".encode(), "single workouts"),
    "html": (f"<!DOCTYPE html><title>{SECRET}</title>".encode(), "a web page"),
    "xml": (f"<people><p>{SECRET}</p></people>".encode(), "XML is of an unknown kind"),
    "json": (json.dumps({"name": SECRET, "rows": [1, 2]}).encode(), "JSON is of an unknown kind"),
    "json list": (json.dumps([[SECRET, 1]]).encode(), "JSON is of"),
    "old office": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "password"),
    "pickle": (b"\x80\x04\x95\x00\x00" + PLAIN, "never opened"),
    "7z": (b"7z\xbc\xaf\x27\x1c\x00" + PLAIN, "archive"), "tar": (PLAIN.ljust(257, b"\x00") + b"ustar\x00" + bytes(300), "archive"),
    "wav": (b"RIFF\x00\x00\x00\x00WAVEfmt " + bytes(100), "audio"), "program": (b"MZ\x90\x00" + bytes(200), "a program"),
    "arrow": (b"ARROW1\x00\x00" + bytes(100), "Arrow"),
}  # fmt: skip


@pytest.mark.parametrize("kind", CONTENTS)
@pytest.mark.parametrize("name", ["a.csv", "a", "a.dat"])
def test_what_a_file_is_shows_in_its_first_bytes_whatever_its_name(tmp_path: Path, kind: str, name: str) -> None:
    content, word = CONTENTS[kind]
    assert word in _refused(tmp_path / name, content)


def test_a_database_of_another_program_and_office_files_are_named(tmp_path: Path) -> None:
    assert "not from ActiLife" in _refused(tmp_path / "b.csv", _sqlite(tmp_path / "a.sqlite"))
    assert _refused(tmp_path / "a.docx", _zip("word/document.xml")) == UNREAD[".docx"]


@pytest.mark.parametrize("content", [
    f"Dear {SECRET},\nyour password is\n".encode(), f"-----BEGIN KEY-----\n{SECRET}\n".encode(),
    f"root:x:0:0:{SECRET}:/root\n".encode() * 3,
    f"{SECRET},1970-01-01,0221 445\n".encode() * 3, PLAIN, SECRET.encode("utf-16"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["a.csv", "a.txt", "a"])
def test_a_text_that_is_no_recording_is_never_quoted(tmp_path: Path, content: bytes, name: str) -> None:
    _refused(tmp_path / name, content)


def test_columns_are_not_asked_of_what_is_no_table(tmp_path: Path) -> None:
    rows = "\n".join(f'{{"when": "2024-03-05 10:{i:02}:00", "value": {i}}},' for i in range(60))
    track = "\n".join(f"<trkpt><time>2024-03-05 10:{i:02}:00</time>,<ele>{i}</ele></trkpt>" for i in range(60))
    for text in (f"[\n{rows}\n]", f"<?xml version='1.0'?>\n<gpx>{track}</gpx>"):
        (tmp_path / "a.csv").write_text(text)
        assert why_unknown(file_source(tmp_path / "a.csv")) is None and len(read(tmp_path / "a.csv").refused) == 1


def test_letters_that_also_begin_other_files_still_begin_tables(tmp_path: Path) -> None:
    for name in ("MZ", "ORC", "BZh", "RDA", "RDX", "0       "):
        rows = "".join(f"{i},2024-03-05 10:{i:02}:00,{i}\n" for i in range(60))
        (tmp_path / "a.csv").write_text(f"{name}1,timestamp,counts\n" + rows)
        assert read(tmp_path / "a.csv").recordings[0].values.tolist() == list(np.arange(60.0))
