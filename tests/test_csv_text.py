"""Every CSV that we write: no cell is a formula, numbers are numbers, and our own files come back as they were."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pat_core.csv_text import as_meant, as_text, csv_text
from pat_core.recordings.tables.people_table import read_labels

ROOT = Path(__file__).resolve().parents[1]
FORMULAS = [
    "=1+1", "\n=1", "+49 30 1234", "-3", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x";"y")', "＝1", "＋1", "－1", "＠x", "'=1", "''-",
]  # fmt: skip
PLAIN = ["p1", "1-2", "a=b", "", " =1", "'quoted", "x@y.de", "Zoë", "3.5", "#N/A"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_text_that_a_spreadsheet_would_compute_is_marked_as_text(text):
    assert as_text(text) == f"'{text}" and as_meant(as_text(text)) == text


@pytest.mark.parametrize("value", [*PLAIN, -3.2, -3, 0, None, True, float("nan")])
def test_everything_else_stays(value):
    assert as_text(value) is value


@given(st.text(alphabet="'=+-@\t\r1a ＝"))
def test_every_text_comes_back(text):
    assert as_meant(as_text(text)) == text
    assert not re.match("[=+\\-@\t\r＝]", as_text(text))


def test_cells_names_of_columns_and_index_are_all_written_so():
    table = pd.DataFrame(
        {"=id": pd.Categorical(["-3", "p2"]), "x": [-3.2, 1.5], "n": [-1, 2], "mixed": pd.Series([-1.5, "=x"], dtype=object)}
    )
    assert csv_text(table) == "'=id,x,n,mixed\n'-3,-3.2,-1,-1.5\np2,1.5,2,'=x\n"
    table.index = pd.Index(["@a", "b"], name="-who")
    assert csv_text(table[["x"]], index=True) == "'-who,x\n'@a,-3.2\nb,1.5\n"
    assert csv_text(pd.DataFrame({"a": [1, 2], "b": pd.to_datetime(["2024-03-04", None])})) == "a,b\n1,2024-03-04\n2,\n"
    twice = pd.DataFrame([["=1", "-2"]], columns=["a", "a"])
    assert csv_text(twice) == "a,a\n'=1,'-2\n"


def test_nothing_here_is_changed_but_text(tmp_path):
    table = pd.DataFrame({"participant": ["-3", "=x", "p1"], "-score": [-1.5, 2.0, None], "group": ["+late", "early", "'=odd"]})
    again = pd.read_csv(io.StringIO(csv_text(table)))
    assert again["'-score"].tolist()[:2] == [-1.5, 2.0]
    (tmp_path / "labels.csv").write_text(csv_text(table))
    found = read_labels(tmp_path / "labels.csv")
    assert set(found) == {"-3", "=x", "p1"} and found["-3"] == {"-score": -1.5, "group": "+late"} and found["p1"]["group"] == "'=odd"


def test_there_is_one_way_to_write_csv():
    others = [
        str(path.relative_to(ROOT))
        for path in [*ROOT.glob("pat_core/**/*.py"), *ROOT.glob("pages/**/*.py")]
        if path.name != "csv_text.py"
        and "recordings" not in path.relative_to(ROOT).parts  # readers make text of a sheet, for themselves alone
        and re.search(r"\.to_csv\(|csv\.writer|DictWriter", path.read_text())
    ]
    assert others == []
