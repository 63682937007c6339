"""Tables of device programs in blocks: the same cells whatever the block, and memory that follows the epochs and not the text."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Source, file_source
from pat_core.recordings.studies import ggir_csv
from pat_core.recordings.tables import report_table
from pat_core.recordings.tables.coded_text import coded

START = datetime(2024, 3, 14, 22)


def source(content: str) -> Source:
    return Source("a.csv", "a.csv", len(content), lambda: io.BytesIO(content.encode()))


def table(rows: list[str], **how) -> report_table.Cells:
    header = report_table.Header(["date", "clock", "value"], 1, [], ",", "utf-8")
    return report_table.cells(source("\n".join(["date,clock,value", *rows])), header, [0, 1, 2], Silent(), **how)


ROWS = st.lists(st.tuples(st.integers(0, 5 * 86400), st.sampled_from(["1", " 2.5", "3,25", "", "nan"])), min_size=1, max_size=25)


@settings(max_examples=10, deadline=None)
@given(ROWS, st.sampled_from([1, 4, 100]))
@pytest.mark.parametrize("form", ["%Y-%m-%d,%H:%M:%S", "%d.%m.%Y,%H:%M:%S", "%m/%d/%Y,%I:%M:%S %p", "%d-%b-%y,%H:%M:%S"])
def test_cells_read_once_each_or_block_by_block_are_those_of_each_row(form: str, rows: list[tuple[int, str]], block: int) -> None:
    times = [START + timedelta(seconds=seconds) for seconds, _ in rows]
    lines = [f'{time.strftime(form)},"{cell}"' for time, (_, cell) in zip(times, rows, strict=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report_table, "BLOCK", block)
        whole, parsed = table(lines), table(lines, parsers={2: report_table.NumberParser("value")})
    assert whole.joined(0, 1, parse_times).astype("datetime64[s]").tolist() == times
    expected = [{"": np.nan, "nan": np.nan}.get(cell) or float(cell.replace(",", ".")) for _, cell in rows]
    for values in (parsed.parsed[2], report_table.numbers(whole.texts[2], whole.lines, "value")[0]):
        assert np.array_equal(values, expected, equal_nan=True)
    assert whole.lines.tolist() == parsed.lines.tolist() == list(range(2, len(rows) + 2))


@pytest.mark.parametrize("cut", ["", "1", "10", "10:0", "10:07"])
def test_a_clock_that_breaks_off_is_not_taken_for_another(cut: str) -> None:
    stamps = table(["2024-03-05,10:05:00,1", "2024-03-05,10:06:00,1", f"2024-03-05,{cut},1"]).joined(0, 1, parse_times)
    assert np.isnat(stamps).tolist() == [False, False, True]


@pytest.mark.parametrize("parsers", [{}, {2: report_table.NumberParser("value")}])
def test_a_cell_that_is_no_number_is_named_with_its_line(parsers: dict) -> None:
    with pytest.raises(RecordingError, match="“soon”.*first in line 4"):
        rows = table(["a,b,1", "a,b,2", "a,b,soon", "a,b,never", "a,b,soon"], parsers=parsers)
        report_table.numbers(rows.texts[2], rows.lines, "value")


def test_infinite_numbers_are_missing_and_counted_over_all_blocks() -> None:
    values, notes = report_table.finite(np.array([1.0, np.inf, -np.inf]), "value")
    assert np.array_equal(values, [1, np.nan, np.nan], equal_nan=True) and notes[0].startswith("2 infinite values in the column value")
    texts = coded(pd.Series(["1.021", "7", "inf", "12.500"], dtype="str"))
    values, notes = report_table.numbers(texts, np.arange(4), "value", whole=True)
    assert np.array_equal(values, [1021, 7, np.nan, 12500], equal_nan=True)
    assert "thousands separators" in notes[0] and notes[1].startswith("1 infinite value in the column value")


def _ggir(path: Path, rows: int) -> Path:
    clock = pd.date_range(START, periods=rows, freq="s").strftime("%Y-%m-%dT%H:%M:%S")
    path.write_text("timestamp,anglez,ENMO\n" + "".join(f"{time}+0100,1.5,{i * 0.61803398875 % 1:.9f}\n" for i, time in enumerate(clock)))
    return path


def _mark() -> float:
    """MB of the most that was held since the last call."""
    status = Path("/proc/self/status").read_text()
    Path("/proc/self/clear_refs").write_text("5")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the system cannot forget how much was held")
def test_a_row_takes_less_than_two_hundred_bytes_at_the_most(tmp_path: Path) -> None:
    """Of the three million rows that are read at most, some 400 MB are ever held, though every time and every number is another one."""
    _ggir(tmp_path / "first.csv", 50_000)
    path = _ggir(tmp_path / "a.csv", 150_000)
    ggir_csv.FORMAT.read(file_source(tmp_path / "first.csv"), Silent())
    _mark()
    before = _mark()
    assert ggir_csv.FORMAT.read(file_source(path), Silent()).recordings[0].values.size == 150_000
    assert _mark() - before < 150_000 * 200 / 1024**2
