"""`--people` and `--filter` in a terminal: who is asked about, what files say of that, and what is refused."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pat_core.__main__ import main
from pat_core.cohorts import Workspace
from pat_core.cohorts.cohort_records import people_sha256
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo

WHO = ["sim-0001", "sim-0003", "sim-0004", "sim-0013"]
SHA = people_sha256(WHO)


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    workspace = Workspace(folder / "workspace")
    ensure_demo(workspace)
    workspace.keep_filter(COHORT, "four", [{"column": "participant", "values": WHO}])
    (folder / "who.txt").write_text("\n".join(WHO[::-1]))
    return folder


def run(space: Path, verb: str, *words: object) -> int:
    on = ["--model", MODEL, "--cohort", COHORT, "--workspace", space / "workspace"]
    return main([verb, *map(str, [*on, *words])])


@pytest.mark.parametrize("chosen", [("--people", "who.txt"), ("--filter", "four")])
def test_only_the_people_who_are_asked_for_are_written_and_the_file_says_so(space, tmp_path, chosen, capsys):
    asked = (chosen[0], space / chosen[1] if chosen[0] == "--people" else chosen[1])
    assert run(space, "predict", *asked, "--out", tmp_path / "a.csv") == 0
    assert f"Only 4 of 40 people: {'named in who.txt' if chosen[0] == '--people' else 'filter “four”: '}" in capsys.readouterr().out
    table = pd.read_csv(tmp_path / "a.csv")
    assert table["participant"].tolist() == WHO and set(table["chosen_sha256"]) == {SHA}
    assert run(space, "predict", *asked, "--internals", "--out", tmp_path / "a.npz") == 0
    assert run(space, "explain", *asked, "--method", "rollout", "--out", tmp_path / "b.npz") == 0
    with np.load(tmp_path / "a.npz") as answers, np.load(tmp_path / "b.npz") as maps:
        assert answers["tokens"].shape[0] == len(answers["logit"]) == len(maps["attribution"]) == 4 and maps["participant"].tolist() == WHO
        assert json.loads(str(answers["about"]))["chosen"]["sha256"] == json.loads(str(maps["about"]))["chosen"]["sha256"] == SHA


def test_a_test_and_reports_of_some_people_carry_who_they_are(space, tmp_path):
    assert run(space, "evaluate", "--filter", "four", "--out", tmp_path / "out") == 0
    kept = json.loads((tmp_path / "out" / "evaluation.json").read_text())["people"]
    assert kept["chosen"] == {"people": 4, "chosen by": kept["chosen"]["chosen by"], "filter": "four", "sha256": SHA}
    assert sorted(pd.read_csv(tmp_path / "out" / "predictions.csv")["participant"]) == WHO
    assert any("36 people are left out: not among the 4 who were chosen (filter “four”" in sentence for sentence in kept["left_out"])
    assert run(space, "report", "--people", space / "who.txt", "--sections", "nights", "--out", tmp_path / "all.zip") == 0
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        assert sum(name.endswith(".pdf") for name in archive.namelist()) == 4 and SHA[:12] in archive.read("people.txt").decode()


def test_what_does_not_go_together_or_is_not_here_is_refused(space, tmp_path, capsys):
    np.save(tmp_path / "w.npy", np.zeros((1, 10080), np.float32))
    on = ["--workspace", str(space / "workspace"), "--model", MODEL, "--out", str(tmp_path / "a.csv")]
    assert main(["predict", "--weeks", str(tmp_path / "w.npy"), "--filter", "four", *on]) == 2
    assert "--people and --filter go with --cohort" in capsys.readouterr().err
    assert run(space, "predict", "--filter", "five", "--out", tmp_path / "a.csv") == 1 and "no filter 'five'" in capsys.readouterr().err
    assert run(space, "explain", "--filter", "four", "--participant", "sim-0001", "--method", "rollout", "--out", tmp_path / "b.npz") == 2
    assert not (tmp_path / "a.csv").exists()
