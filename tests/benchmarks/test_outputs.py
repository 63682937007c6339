"""The comparison of outputs sees one changed figure wherever it stands, tells a change of wording from it, and is blind to nothing else."""

from __future__ import annotations

import json
import time
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from benchmarks.outputs.canonical import Form
from benchmarks.outputs.comparison import compare


def form_of(path) -> Form:
    form = Form({str(path.parent): "<workspace>"}, time.time())
    form.file("file", path)
    return form


def written(folder, ending: str, value: float, words: str):
    """A file of that kind which holds the number among others and the sentence."""
    path = folder / f"made{ending}"
    if ending == ".npz":
        large = np.arange(5000, dtype=np.float32)
        large[4000] = value
        np.savez(path, large=large, about=np.array(json.dumps({"note": words})))
    elif ending == ".safetensors":
        save_file({"weight": np.full((30, 40), value, np.float32)}, path, {"note": words})
    elif ending == ".json":
        path.write_text(json.dumps({"nested": [{"value": value, "note": words}]}))
    else:
        table = pd.DataFrame({"value": [1.0, value], "note": ["", words]})
        table.to_csv(path, index=False) if ending == ".csv" else table.to_parquet(path)
    return path


@pytest.mark.parametrize("ending", [".npz", ".safetensors", ".json", ".csv", ".parquet"])
def test_one_figure_is_seen_and_wording_told_from_it(ending, tmp_path):
    first = form_of(written(tmp_path, ending, 2.0, "It has 3 weeks."))
    again = form_of(written(tmp_path, ending, 2.0, "It has 3 weeks."))
    assert first.full == again.full and first.figures == again.figures
    changed = form_of(written(tmp_path, ending, np.nextafter(np.float32(2), np.float32(3)).item(), "It has 3 weeks."))
    assert changed.full != first.full and changed.figures != first.figures
    worded = form_of(written(tmp_path, ending, 2.0, "There are 3 weeks."))
    assert worded.full != first.full and worded.figures == first.figures
    counted = form_of(written(tmp_path, ending, 2.0, "It has 4 weeks."))
    assert counted.figures != first.figures


def test_printed_lines_count_by_their_digits_however_they_are_broken():
    first, second, third = (Form({}, time.time()) for _ in range(3))
    first.text("stdout", "12 people came in.\n3 refused.")
    second.text("stdout", "12 people were\nimported, and 3\nwere not.")
    third.text("stdout", "12 people came in.\n4 refused.")
    assert first.full != second.full and first.figures == second.figures != third.figures


def test_what_must_differ_is_left_out_and_what_must_not_is_kept(tmp_path):
    form = Form({str(tmp_path): "<workspace>"}, time.time())
    now = {"made": datetime.now().isoformat(), "created": time.time(), "id": "0123456789ab", "file": f"{tmp_path}/cohorts/0123456789ab/x"}
    form.value("now", now)
    form.value("then", {"start": "2024-03-04T00:00:00", "sum": 123456789012, "share": 1.5e9})
    assert form.full == [
        "now: {4}",
        "now.made: <now>",
        "now.created: <now>",
        "now.id: <random>",
        "now.file: <workspace>/cohorts/<random>/x",
        "then: {3}",
        "then.start: 2024-03-04T00:00:00",
        "then.sum: 123456789012",
        "then.share: 1500000000.0",
    ]


def test_a_comparison_names_what_differs_what_is_gone_and_what_is_new(tmp_path, capsys):
    def run(name: str, outputs: dict[str, str]):
        path = tmp_path / name
        raw = tmp_path / f"{name}.raw"
        raw.mkdir()
        for output, text in outputs.items():
            (raw / f"{output}.all.txt").write_text(text)
        path.write_text(json.dumps({"stages": ["a"], "outputs": {output: {"stage": "a", "all": text} for output, text in outputs.items()}}))
        return path

    first = run("first", {"same": "a: 1", "other": "a: 1", "gone": ""})
    assert compare(first, first, False) == 0
    assert compare(first, run("second", {"same": "a: 1", "other": "a: 2", "new": ""}), False) == 1
    told = capsys.readouterr().out
    assert "== gone: no longer there" in told and "== new: new" in told and "-a: 1\n+a: 2" in told and "3 of 4 outputs differ" in told
