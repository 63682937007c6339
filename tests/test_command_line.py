"""The command line as a person uses it: a process of its own, an exit code, answers on stdout, reasons on stderr."""

from __future__ import annotations

import argparse
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from pat_core.__main__ import main, parser, shown
from pat_core.cohorts import Workspace
from pat_core.commands import verbs, verbs_training
from pat_core.explain.attention_reading import encode
from pat_core.progress import Silent
from pat_core.simulate import simulate
from pat_core.workflows.people.simulated_people import store_simulated
from tests.cohorts.made import three_people
from tests.commands import COMMAND, PATIENCE, ROOT, answer, command, refusal
from tests.weights.keras_files import lively, write_keras


@pytest.fixture(scope="module")
def people():
    return simulate(26, seed=8, prevalence=0.5)


@pytest.fixture(scope="module")
def archive(people, tmp_path_factory) -> Path:
    """A zip as studies publish them, a folder for each group and tables about the people: 24 full weeks, one of six days, one empty."""
    path = tmp_path_factory.mktemp("study") / "study.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for number, (person, values) in enumerate(zip(people.participants, people.weeks, strict=True)):
            group = "late" if people.positive[number] else "early"
            minutes = 6 * 1440 if number == 24 else 0 if number == 25 else 10080
            stamps = pd.date_range("2023-05-01 09:00", periods=minutes, freq="min")
            frame = pd.DataFrame({"timestamp": stamps, "date": stamps.date, "activity": values[:minutes].astype(int)})
            zipped.writestr(f"{group}/{person}.csv", frame.to_csv(index=False))
        for group, positive in (("late", True), ("early", False)):
            members = [person for person, is_late in zip(people.participants, people.positive, strict=True) if is_late == positive]
            table = pd.DataFrame({"number": members, "age": range(30, 30 + len(members))})
            zipped.writestr(f"{group}-info.csv", table.to_csv(index=False))
    return path


@pytest.fixture(scope="module")
def imported(archive, tmp_path_factory) -> tuple[Path, dict]:
    """A workspace with the study in it, and what the import answered."""
    workspace = tmp_path_factory.mktemp("command") / "workspace"
    return workspace, answer("import", archive, "--cohort", "study", workspace=workspace)


@pytest.fixture(scope="module")
def trained(imported) -> tuple[Path, dict]:
    """The workspace after a linear probe on the group, and what the run answered."""
    workspace, _ = imported
    recipe = ("--style", "linear_probe", "--max-epochs", 30, "--learning-rate", 0.01, "--recipe", "paper")
    asked = ("--cohort", "study", "--label", "group", "--positive", "late", "--model", "pat-s-simulated", "--name", "late group")
    return workspace, answer("finetune", *asked, *recipe, workspace=workspace)


def test_an_import_takes_the_groups_as_labels_and_refuses_by_name_with_the_reason(imported, people):
    workspace, told = imported
    assert (told["people"], told["weeks"], told["cohort"]["unit"]) == (24, 24, "counts/min")
    why = {name: one["reason"] for one in told["refused"] for name in people.participants if name in one["what"]}
    assert set(why) == {"sim-0025", "sim-0026"} and "6 days" in why["sim-0025"] and "not one row" in why["sim-0026"]
    kept = Workspace(workspace)
    np.testing.assert_array_equal(kept.weeks_array("study")[:, :100].sum(), people.weeks[:24, :100].sum())
    labels = {person.participant: person.labels for person in kept.people("study")}
    late = dict(zip(people.participants, people.positive, strict=True))
    assert set(labels) == set(people.participants[:24])
    assert all(values["group"] == ("late" if late[person] else "early") and values["age"] >= 30 for person, values in labels.items())


def test_an_import_says_in_words_what_came_in_and_what_did_not(archive, tmp_path):
    done = command("import", archive, "--cohort", "study", workspace=tmp_path)
    assert done.returncode == 0 and done.stderr == ""
    first, *rest = done.stdout.splitlines()
    assert first == "Imported 24 people with 24 full weeks into 'study'."
    assert any(line.strip().startswith("sim-0025: A full week of 7 days was expected") for line in rest)


def test_an_import_of_nothing_usable_fails_with_every_reason_and_makes_no_cohort(tmp_path):
    (tmp_path / "brief.csv").write_text("timestamp,activity\n2024-01-01 00:00,1\n2024-01-01 00:01,2\n")
    (tmp_path / "notes.txt").write_text("nothing to read here")
    said = refusal("import", tmp_path / "brief.csv", tmp_path / "notes.txt", "--cohort", "none", workspace=tmp_path / "workspace")
    assert "brief" in said and "notes.txt" in said
    assert answer("cohorts", workspace=tmp_path / "workspace") == []


def test_a_name_that_is_taken_and_a_file_that_is_not_there_are_refused(imported, archive):
    assert "study" in refusal("import", archive, "--cohort", "study", workspace=imported[0])
    assert "nowhere.zip" in refusal("import", "/nowhere.zip", "--cohort", "other", workspace=imported[0])


def test_the_cohorts_are_listed_in_words_and_as_json(imported):
    told = answer("cohorts", workspace=imported[0])
    assert [(one["name"], one["people"], one["simulated"]) for one in told] == [("study", 24, False)]
    assert command("cohorts", workspace=imported[0]).stdout.startswith("study: 24 people, 24 weeks, counts/min, case-control")
    assert verbs.wrong_usage(parser().parse_args(["cohorts", "--sampling", "population"])) is not None


def test_a_run_answers_with_its_interval_and_its_model_is_in_the_list(trained):
    workspace, told = trained
    auc = told["test"]["auc"]
    assert told["run"] == "late group" and 0 <= auc["low"] <= auc["value"] <= auc["high"] <= 1
    entries = {entry["reference"]: entry for entry in answer("models", workspace=workspace)}
    assert entries["late group"]["has_head"] and entries["late group"]["card"]["test"]["auc"] == auc


def test_a_cohort_is_predicted_into_a_table_and_explained_within_one_percent(trained, people, tmp_path):
    workspace, _ = trained
    told = answer("predict", "--model", "late group", "--cohort", "study", "--out", tmp_path / "out.csv", workspace=workspace)
    table = pd.read_csv(tmp_path / "out.csv")
    assert told["weeks"] == 24 and set(table["participant"]) == set(people.participants[:24])
    assert table["probability"].between(0, 1).all() and table["part_in_training"].isin(["train", "validation", "test"]).all()

    asked = ("--model", "late group", "--cohort", "study", "--participant", "sim-0003", "--method", "integrated_gradients")
    told = answer("explain", *asked, "--out", tmp_path / "out.npz", workspace=workspace)
    with np.load(tmp_path / "out.npz") as out:
        assert out["attribution"].shape == (1, 10080) and list(out["participant"]) == ["sim-0003"]
        np.testing.assert_allclose(np.nansum(out["attribution"], axis=1) - out["delta"], out["completeness_gap"], atol=1e-4)
    assert told["weeks"] == 1 and told["relative_gaps"][0] <= 0.01

    options = ("--tolerance", "1", "--most", "5", "--baseline", "non-wear")
    coarse = answer("explain", *asked, "--out", tmp_path / "out.npz", *options, workspace=workspace)
    with np.load(tmp_path / "out.npz") as out:
        (settings,) = json.loads(str(out["settings"]))
    assert (settings["baseline"], settings["steps"]) == ("non-wear", 5) and coarse["weeks"] == 1
    why = refusal("explain", *asked, "--out", tmp_path / "no.npz", "--head", "2", workspace=workspace)
    assert "no setting called head" in why and not (tmp_path / "no.npz").exists()


def test_the_methods_are_listed_with_what_each_needs(tmp_path):
    told = {one["name"]: one for one in answer("methods", workspace=tmp_path)}
    assert told["integrated_gradients"]["needs_head"] and "baseline" in told["integrated_gradients"]["settings"]
    assert not told["rollout"]["needs_head"]


def test_what_to_know_of_a_model_stands_on_stderr_or_in_the_json(trained, tmp_path):
    workspace, told = trained
    few = next(one for one in told["cautions"] if "tested on only" in one)
    asked = ("predict", "--model", "late group", "--cohort", "study", "--out", tmp_path / "out.csv")
    done = command(*asked, workspace=workspace)
    assert few in done.stderr and few not in done.stdout and done.stdout.startswith("24 weeks written to")
    assert few in answer(*asked, workspace=workspace)["cautions"]
    shown = command(
        "explain",
        "--model",
        "random-small",
        "--cohort",
        "study",
        "--participant",
        "sim-0003",
        "--method",
        "rollout",
        "--out",
        tmp_path / "map.npz",
        workspace=workspace,
    )
    assert "random and untrained" in shown.stderr and "Random (untrained)" in shown.stdout


def test_a_refused_run_leaves_its_name_free(imported):
    asked = ("--cohort", "study", "--label", "group", "--model", "random-small", "--name", "again")
    asked += ("--style", "linear_probe")
    assert "late" in refusal("finetune", *asked, "--positive", "lat", workspace=imported[0])
    told = answer("finetune", *asked, "--positive", "late", workspace=imported[0])
    assert told["run"] == "again" and any("random and untrained" in one for one in told["cautions"])


def test_a_person_or_a_cohort_is_forgotten_only_when_it_is_confirmed(tmp_path, capsys):
    space = Workspace(tmp_path)
    space.create_cohort("ward", three_people(), {})
    asked = ["forget", "--workspace", str(tmp_path), "--cohort", "ward"]
    assert main([*asked, "--participant", "p2"]) == 2 and "would delete p2 of cohort ward: 2 windows" in capsys.readouterr().out
    assert main(asked) == 2 and "would delete cohort ward (3 people): 4 windows" in capsys.readouterr().out
    assert main([*asked, "--participant", "p4"]) == 1 and "no participant 'p4'" in capsys.readouterr().err
    assert main([*asked, "--participant", "p4", "--yes"]) == 1 and "no participant 'p4'" in capsys.readouterr().err
    assert len(space.people("ward")) == 3
    assert main([*asked, "--participant", "p2", "--yes", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"cohort": "ward", "participant": "p2", "weeks": 2, "deleted": True}
    assert [one.participant for one in space.people("ward")] == ["p1", "p3"]
    assert main([*asked, "--yes"]) == 0 and "Deleted: cohort ward (2 people), 2 windows." in capsys.readouterr().out
    assert space.cohorts() == () and main([*asked, "--yes"]) == 1


def test_a_run_whose_cohort_is_deleted_meanwhile_still_answers(people, tmp_path):
    workspace = Workspace(tmp_path)
    store_simulated(workspace, "gone", people)
    asked = "finetune --cohort gone --positive planted --model random-small --name g --style linear_probe --max-epochs 3 --recipe paper"
    words = [*asked.split(), "--label", "late wake"]

    class Deletes(Silent):
        def metric(self, step: int, values) -> None:
            if workspace.cohorts():
                workspace.delete_cohort("gone")

    told = verbs_training.finetune(parser().parse_args([*words, "--workspace", str(tmp_path)]), Deletes())
    assert workspace.cohorts() == () and workspace.run("g").state == "done" and "test AUC" in told.text
    assert any("simulated people only" in one for one in told.cautions) and any("random" in one for one in told.cautions)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("finetune --style full --model random-small --seed 99999999999999999999999", "seed"),
        ("finetune --style full --model random-small-seed99999999999999999999999", "seed"),
        ("finetune --style full --model random-small --device tpu", "device"),
        ("pretrain --batch 0 --out o.safetensors", "batch"),
        ("pretrain --learning-rate -1 --out o.safetensors", "learning rate"),
        ("pretrain --seed 99999999999999 --out o.safetensors", "seed"),
        ("pretrain --epochs 0 --out o.safetensors", "epoch"),
        ("pretrain --minutes nan --out o.safetensors", "minutes"),
        ("pretrain --device tpu --out o.safetensors", "device"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused_before_anything_is_made(imported, tmp_path, words, said, capsys):
    asked = "--cohort study --label group --positive late --name senseless" if words.startswith("finetune") else ""
    assert main([*words.split(), *asked.split(), "--workspace", str(imported[0])]) == 1
    shown = capsys.readouterr()
    assert said in shown.err and shown.out == ""
    assert "senseless" not in [run.name for run in Workspace(imported[0]).runs()]


@pytest.fixture(scope="module")
def keras(tmp_path_factory) -> dict[str, Path]:
    """Weight files as Keras writes them, and standardized weeks."""
    folder = tmp_path_factory.mktemp("keras")
    np.save(folder / "z.npy", np.random.default_rng(3).normal(size=(2, 10080)).astype(np.float32))
    network = lively("small", seed=6)
    return {
        "finetuned": write_keras(folder / "finetuned.h5", network, "finetuned_full", "_1"),
        "encoder": write_keras(folder / "encoder.h5", network, "encoder_weights"),
        "weeks": folder / "z.npy",
    }


def test_a_keras_file_predicts_what_its_network_says(keras, tmp_path):
    weeks = ("--weeks", keras["weeks"], "--standardized")
    answer("predict", "--model", keras["finetuned"], *weeks, "--internals", "--out", tmp_path / "out.npz", workspace=tmp_path / "w")
    network, z = lively("small", seed=6), np.load(keras["weeks"])
    tokens, attention = encode(network.encoder, z)
    with np.load(tmp_path / "out.npz") as out, torch.no_grad():
        np.testing.assert_allclose(out["logit"], network(torch.from_numpy(z)).numpy(), atol=1e-5)
        np.testing.assert_allclose(out["probability_raw"], 1 / (1 + np.exp(-out["logit"])), atol=1e-6)
        np.testing.assert_allclose(out["tokens"], tokens, atol=1e-4)
        np.testing.assert_allclose(out["attention_received"], attention, atol=1e-5)


def test_an_encoder_gives_tokens_and_attention_and_never_a_probability(keras, tmp_path):
    asked = ("--model", keras["encoder"], "--weeks", keras["weeks"], "--standardized")
    assert "no trained head" in refusal("predict", *asked, "--out", tmp_path / "no.npz", workspace=tmp_path / "w")
    said = refusal("explain", *asked, "--method", "integrated_gradients", "--out", tmp_path / "no.npz", workspace=tmp_path / "w")
    assert "no trained head" in said and not (tmp_path / "no.npz").exists()
    answer("predict", *asked, "--internals", "--out", tmp_path / "yes.npz", workspace=tmp_path / "w")
    with np.load(tmp_path / "yes.npz") as out:
        assert set(out.files) == {"person", "part_in_training", "tokens", "attention_received", "refused", "findings", "about"}
        assert out["tokens"].shape == (2, 560, 96)
    answer("explain", *asked, "--method", "rollout", "--out", tmp_path / "map.npz", workspace=tmp_path / "w")
    with np.load(tmp_path / "map.npz") as out:
        assert out["attribution"].shape == (2, 10080) and "completeness_gap" not in out.files


@pytest.mark.parametrize(
    ("change", "said"),
    [({"--model": "nothing"}, "nothing"), ({"--weeks": "/nowhere.npy"}, "nowhere.npy"), ({"--out": "answers.txt"}, "answers.txt")],
)
def test_what_cannot_be_done_is_said_in_a_sentence(keras, tmp_path, change, said):
    asked = {"--model": keras["finetuned"], "--weeks": keras["weeks"], "--out": tmp_path / "out.npz"} | change
    words = [word for pair in asked.items() for word in pair]
    assert said in refusal("predict", *words, "--standardized", workspace=tmp_path / "w")


@pytest.mark.parametrize("words", ["predict --out o.txt", "explain --method rollout --out o.csv"])
def test_the_ending_of_out_is_looked_at_before_anything_else(words, tmp_path):
    said = refusal(*words.split(), "--model", "nothing", "--cohort", "nobody", workspace=tmp_path / "w")
    assert "--out" in said and not (tmp_path / "w").exists()


@pytest.mark.parametrize("words", [
    "simulate --people 2 --out {file}/made", "simulate --people 2 --cohort c --workspace {file}/w",
    "predict --model {model} --weeks {weeks} --standardized --out {file}/out.csv",
    "explain --model {model} --weeks {weeks} --standardized --method rollout --out {file}/out.npz",
])  # fmt: skip
def test_what_cannot_be_written_is_a_sentence(keras, tmp_path, words):
    (tmp_path / "file").touch()
    said = words.format(file=tmp_path / "file", model=keras["finetuned"], weeks=keras["weeks"])
    assert str(tmp_path / "file") in refusal(*said.split(), workspace=None if "--workspace" in words else tmp_path / "w")


def test_a_reader_who_goes_away_is_no_error(tmp_path):
    asked = ["models", "--json", "--workspace", str(tmp_path / "w")]
    listing = subprocess.Popen([*COMMAND, *asked], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    listing.stdout.close()
    assert "Traceback" not in listing.stderr.read() and listing.wait(PATIENCE) == 1


@pytest.mark.parametrize(
    "words",
    [
        "",
        "frobnicate",
        "import a.zip",
        "predict --model m --out o.npz",
        "predict --model m --out o.npz --cohort c --weeks w.npy",
        "explain --model m --cohort c --out o.npz",
        "finetune --cohort c --label l --positive p --model m --name n --style half",
        "simulate --people many",
        "simulate --people 3",
        "models add",
        "models download",
        "simulate --people 3 --seed -1 --cohort c",
        "predict --model m --cohort c --out o.csv --internals",
        "predict --model m --cohort c --out o.npz --standardized",
        "predict --model m --weeks w.npy --out o.npz --standardized --standardizer model",
        "explain --model m --weeks w.npy --participant p --method rollout --out o.npz",
    ],
)
def test_wrong_usage_is_2_and_says_what_is_wrong(words, tmp_path):
    done = command(*words.split(), workspace=tmp_path if words else None)
    assert done.returncode == 2 and done.stdout == "" and done.stderr.strip() and "Traceback" not in done.stderr


def test_help_needs_no_workspace_and_names_every_verb():
    done = command("--help")
    assert done.returncode == 0
    asked = "import cohorts models finetune predict explain simulate pretrain nights quality marks app"
    for verb in asked.split():
        assert f"\n    {verb} " in done.stdout, f"--help does not tell of {verb}"


def test_simulated_people_go_to_files_that_can_be_imported_again(tmp_path):
    answer("simulate", "--people", 4, "--seed", 2, "--out", tmp_path / "made", "--cohort", "direct", workspace=tmp_path / "w")
    asked = (tmp_path / "made" / "people.npz", "--cohort", "by file", "--labels", tmp_path / "made" / "labels.csv")
    assert answer("import", *asked, workspace=tmp_path / "w")["people"] == 4
    workspace = Workspace(tmp_path / "w")
    np.testing.assert_array_equal(workspace.weeks_array("by file"), workspace.weeks_array("direct"))
    assert workspace.cohort("direct").simulated


def test_an_added_model_goes_by_its_name(keras, tmp_path):
    info = answer("models", "add", keras["finetuned"], workspace=tmp_path)
    assert info["name"] == "finetuned" and info["has_head"]
    lines = command("models", workspace=tmp_path).stdout.splitlines()
    assert any(line.startswith("finetuned: own, small, linear, with a trained head") for line in lines)
    assert any(line.startswith("random-small: random") for line in lines)


def test_a_name_out_of_a_file_cannot_command_the_terminal():
    assert shown("a\x1b[31mb\x07\u202ec\r\n\td é 研究") == "a\ufffd[31mb\ufffd\ufffdc\ufffd\n\td é 研究"


def test_every_option_says_what_it_is():
    verbs = next(action for action in parser()._actions if isinstance(action, argparse._SubParsersAction)).choices
    silent = [f"{name} {action.dest}" for name, verb in verbs.items() for action in verb._actions if not action.help]
    assert silent == []
