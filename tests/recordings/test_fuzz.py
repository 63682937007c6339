"""Damaged files of every format: an answer each time, the same each time. `benchmarks.fuzz` does the same for longer, and
watches the time and the memory that an answer takes."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import random
import re
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from benchmarks.fuzzing.targets import answers
from benchmarks.fuzzing.watch import Refused, Watch
from pages.components.data.formats_read import READ
from pat_core.progress import Silent
from pat_core.recordings.format_registry import FORMATS, UNREAD
from pat_core.recordings.reading import read
from pat_core.recordings.source import Source
from tests.recordings.devices import device_files as files
from tests.recordings.fuzz_seeds import VALUES, damaged, every_format, zipped

TARGETS = {f"{number} {name}": (seeds, answer) for number, (name, seeds, answer) in enumerate(answers())}
FEW = settings(
    max_examples=20, derandomize=True, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def test_every_format_has_seeds_which_it_recognises_and_reads() -> None:
    for seeds in every_format():
        form = next((form for form in FORMATS if form.name == seeds.name), None)
        assert form is not None or seeds.name in ("zip", "gzip"), seeds.name
        for content in map(seeds.pack, seeds.contents) if form else ():
            source = Source(seeds.filename, seeds.filename, len(content), lambda content=content: io.BytesIO(content))
            assert next(f for f in FORMATS if f.recognises(source.head(), source.filename)) is form, seeds.name
            assert form.read(source, Silent()).recordings, seeds.name
    assert {form.name for form in FORMATS} <= {seeds.name for seeds in every_format()}


@pytest.mark.parametrize("target", TARGETS)
def test_a_damaged_file_gives_recordings_or_sentences(tmp_path_factory: pytest.TempPathFactory, target: str) -> None:
    seeds, answer = TARGETS[target]
    folder = tmp_path_factory.mktemp("fuzz")

    @FEW
    @given(st.integers(0, len(seeds.contents) - 1), st.integers(0, 2**32))
    def damage(which: int, seed: int) -> None:
        with contextlib.suppress(Refused):
            answer(damaged(seeds.contents[which], random.Random(seed)), folder)

    damage()


def _array(content: bytes, header: str) -> bytes:
    """A .npy file with this header, whatever it says."""
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header.encode() + content


def _npz(name: str, content: bytes, version: int = 20) -> bytes:
    made = bytearray(zipped({name: content}))
    at = made.index(b"PK\x01\x02") + 6
    made[at : at + 2] = version.to_bytes(2, "little")
    return bytes(made)


def _parquet(table: pa.Table, **how: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, **how)
    return stream.getvalue()


def _far(year: int) -> pa.Table:
    days = (year - 1970) * 365 * 86_400_000
    return pa.table({"timestamp": pa.array([days + 60_000 * i for i in (1, 0, 2)], pa.timestamp("ms")), "activity": [1, 2, 3]})


def _repeated(rows: int, text: str) -> pa.Table:
    words = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array([text]))
    return pa.table({"participant": words, "minute": np.arange(rows), "activity": np.ones(rows)})


BOMB = b"timestamp,counts\n" + b"2024-03-05 10:00:00,1\n" * 1_600_000
HEADER = "{{'descr': '{}', 'fortran_order': False, 'shape': {}, }}\n"
ROWS = "\n".join(f"2019-03-04 21:58:{i:02},5" for i in range(20))


def _claim(people: int) -> bytes:
    """A .npy file of weeks of so many people, without a single value."""
    return _array(b"", HEADER.format("<f4", f"({people}, 10080)"))


FOUND = {
    "digits that are no numbers": ("a.csv", ("¹," * 70 + "¹\n").encode(), "first line"),
    "a header that breaks off": ("a.npy", _array(bytes(560), "{'descr': '<f4', 'shape': (2, 70"), "header is damaged"),
    "a type that is no type": ("a.npy", _array(bytes(560), HEADER.format("0001f4", "(2, 70)")), "header is damaged"),
    "brackets in brackets": ("a.npy", _array(bytes(560), "(" * 9000), "header is damaged"),
    "a negative shape": ("a.npy", _array(bytes(560), HEADER.format("<f4", "(-2, -70)")), "incomplete"),
    "two bytes short": ("a.npy", _array(bytes(558), HEADER.format("<f4", "(2, 70)")), "incomplete"),
    "a zip of the future": ("a.npz", _npz("weeks.npy", b"", 163), "damaged"),
    "an array in a folder": ("a.npz", _npz("deep/weeks.npy", _array(bytes(560), HEADER.format("<f4", "(2, 70)"))), "cannot be opened"),
    "no array under the name": ("a.npz", _npz("weeks.npy", b"weeks"), "is not an array"),
    "a claim of ten billion weeks": ("a.npz", _npz("weeks.npy", _claim(10**10)), "cannot be opened"),
    "arrays that unfold": ("a.npz", _npz("weeks.npy", bytes(40 << 20)), "which no recording does"),
    "what pandas says of itself": ("a.parquet", _parquet(_far(2024).replace_schema_metadata({"pandas": '{"index_columns": 7'})), "damaged"),
    "years that are none": ("a.parquet", _parquet(_far(134_392)), "1900 to 2199"),
    "the year 19": ("a.csv", b"timestamp,counts\n0019-03-04 10:00:00,1\n0019-03-04 10:01:00,1\n", "1900 to 2199|no readable time"),
    "rows that unfold": ("a.parquet", _parquet(_repeated(3_000_000, "x").drop(["minute"])), "as no recording does"),
    "words that unfold": ("a.parquet", _parquet(_repeated(600, "x" * 100_000)), "as no recording does"),
    "minutes with gaps alone": ("a.csv", f"timestamp,counts\n{ROWS}\n".encode(), "not one whole minute"),
    "a gzip that unfolds": ("a.csv.gz", gzip.compress(BOMB, 6, mtime=0), "which no recording does"),
}  # fmt: skip
"""What fuzzing found: file name, the bytes as small as they get, and a part of the sentence."""


@pytest.mark.parametrize("case", FOUND)
def test_what_fuzzing_found_is_a_sentence_now(tmp_path: Path, case: str, caplog: pytest.LogCaptureFixture) -> None:
    name, content, words = FOUND[case]
    (tmp_path / name).write_bytes(content)
    reading = read(tmp_path / name)
    assert not reading.recordings and len(reading.refused) == 1
    assert any(word in reading.refused[0].reason for word in words.split("|")), reading.refused[0].reason
    assert not caplog.records, "caught as an unexpected exception"


def test_columns_named_by_exotic_digits_are_numbers_where_they_are(tmp_path: Path) -> None:
    arabic = ",".join("٠١٢٣٤٥٦٧٨٩"[i % 10] for i in range(70))
    (tmp_path / "a.csv").write_text(f"{arabic}\n{arabic}\n")
    assert [recording.values.size for recording in read(tmp_path / "a.csv").recordings] == [70, 70]


def test_cells_beyond_the_header_are_not_lost_in_silence(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-05 10:{i:02}:00,{i},5\n" for i in range(60))
    (tmp_path / "a.csv").write_text("timestamp,counts\n" + rows)
    (refusal,) = read(tmp_path / "a.csv").refused
    assert "more cells than the 2 columns" in refusal.reason
    (tmp_path / "a.csv").write_text("timestamp,counts\n" + rows.replace(",5\n", ",\n"))
    assert read(tmp_path / "a.csv").recordings[0].values.tolist() == list(range(60))


def test_a_line_cut_in_its_time_is_left_out_and_said(tmp_path: Path) -> None:
    rows = "".join(f"2024-03-25 10:{i:02}:00,{i}\n" for i in range(60))
    (tmp_path / "a.csv").write_text("timestamp,counts\n" + rows + "2024-03-2")
    (recording,) = read(tmp_path / "a.csv").recordings
    assert recording.values.tolist() == list(range(60)) and "The last line (62) ends in the middle" in recording.notes[-1]


def test_a_file_that_folds_well_but_is_small_still_comes_in(tmp_path: Path) -> None:
    stamps = pd.date_range("2024-01-01", periods=40_000, freq="min")
    frame = pd.DataFrame({"participant": "p", "timestamp": stamps, "activity": 0})
    frame.to_csv(tmp_path / "a.csv.gz", index=False)
    frame.to_parquet(tmp_path / "a.parquet")
    for name in ("a.csv.gz", "a.parquet"):
        assert read(tmp_path / name).recordings[0].values.size == 40_000


def test_the_readme_and_the_page_tell_of_every_format_and_of_none_that_is_not_read() -> None:
    page = " ".join([*READ.keys(), *READ.values()])
    readme = (Path(__file__).resolve().parents[2] / "README.md").read_text()
    told = re.sub(r"!\[.*?\]\(.*?\)", "", readme[readme.index("It reads CSV") : readme.index("## Weights")])
    words = [form.found_by for form in FORMATS]
    assert [word for word in words if word not in page] == [] == [word for word in words if word not in told]
    for text in (page, told):
        assert not [ending for ending in (*UNREAD, ".sas7bdat", ".edf", ".mat", ".omx") if re.search(rf"{re.escape(ending)}\b", text)]


def test_a_zip_of_everything_accounts_for_every_file(tmp_path: Path) -> None:
    whole = {
        f"{i}/{seeds.filename}": seeds.pack(seeds.contents[0])
        for i, seeds in enumerate(every_format())
        if seeds.name not in ("zip", "gzip")
    }
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name, content in whole.items():
            archive.writestr(name, content)
    reading = read(tmp_path / "all.zip")
    named = " ".join([*(recording.source for recording in reading.recordings), *(refusal.what for refusal in reading.refused)])
    assert [name for name in whole if name not in named] == []
    assert files.START.year == 2019 and len(VALUES) == 70 and len(reading.recordings) >= 15


def test_a_target_of_the_fuzzer_ends_with_its_share_of_the_processor_and_has_told_how_it_went(tmp_path: Path) -> None:
    watch = Watch(lambda content: None, tmp_path)
    watch(b"one")
    watch(b"two")
    assert not watch.over(3600) and watch.over(0)
    assert json.loads((tmp_path / "watch.json").read_text())["inputs"] == 2
