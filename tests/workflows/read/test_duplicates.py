"""One recording under several names: counted once, on one side of every split, and known again by the models that learned from it."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError
from pat_core.records import COUNTS, WeekQuestion
from pat_core.reports.answer_files import predict_file
from pat_core.reports.run_words import facts
from pat_core.training import FinetuneSettings, count_splits
from pat_core.training.labelled_people import plan
from pat_core.workflows.explanations.cohort_by_clock import ClockRequest, people_of_groups
from pat_core.workflows.learn.finetune_run import run_finetune
from pat_core.workflows.learn.planned_split import split_before
from pat_core.workflows.models.model_entries import add_model, resolve
from pat_core.workflows.models.training_overlap import COPY, seen
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.read import duplicates
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.labelled_weeks import labelled_people
from tests.workflows.runs import BRIEF

TWINS = {"copy of sim-0001": 0, "sim-0002 (1)": 1, "again": 1}
"""Names that bear the recording of a person of the twenty-four."""


def imported(workspace: Workspace, made, folder, name: str, extra: dict[str, np.ndarray], groups: dict[str, str] | None = None):
    """A cohort of these people and further recordings, with the group of each."""
    folder.mkdir(exist_ok=True)
    group = dict(zip(made.participants, np.where(made.positive, "late", "early"), strict=True)) | (groups or {})
    weeks = dict(zip(made.participants, made.weeks, strict=True)) | extra
    np.savez(
        folder / "people.npz",
        weeks=np.stack(list(weeks.values())),
        participants=np.array(list(weeks)),
        unit=COUNTS,
        start="2024-01-01T00:00:00",
    )
    pd.DataFrame({"participant": list(group), "group": list(group.values())}).to_csv(folder / "groups.csv", index=False)
    import_recordings(workspace, [folder / "people.npz"], name, labels=folder / "groups.csv")
    return workspace


@pytest.fixture(scope="module")
def twinned(tmp_path_factory, twenty_four):
    """(workspace, its one run): two people of "people" are there under further names."""
    folder = tmp_path_factory.mktemp("twinned")
    extra = {name: twenty_four.weeks[at] for name, at in TWINS.items()}
    groups = {name: "late" if twenty_four.positive[at] else "early" for name, at in TWINS.items()}
    space = imported(Workspace(folder / "workspace"), twenty_four, folder, "people", extra, groups)
    return space, run_finetune(space, BRIEF)


def test_the_names_of_one_recording_are_one_person_and_others_are_not(twinned, twenty_four):
    same = duplicates.same_recording(twinned[0], "people")
    first, second = twenty_four.participants[:2]
    assert same == {first: first, "copy of sim-0001": first, second: second, "sim-0002 (1)": second, "again": second}


@pytest.mark.parametrize("folds", [0, 3, 5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_no_split_has_one_recording_on_two_sides(twinned, folds, seed):
    who = labelled_people(twinned[0], BRIEF)
    settings = FinetuneSettings(folds=folds, seed=seed)
    for split in plan(who, settings):
        sides = [set(who.units()[rows]) for rows in (split.train, split.validation, split.test)]
        assert not sides[0] & sides[1] and not sides[0] & sides[2] and not sides[1] & sides[2]
        assert sum(map(len, sides)) == 24 and sum(map(len, (split.train, split.validation, split.test))) == 27
    assert sum(map(sum, count_splits(who, settings)[0].values())) == 24, "each recording counts once"


def test_the_count_before_a_run_and_the_record_after_it_say_so(twinned):
    space, run = twinned
    split = split_before(space, BRIEF)
    assert sum(split.people) == 24 and "sim-0001, copy of sim-0001; sim-0002, sim-0002 (1), again." in split.same
    said = dict(facts(space, run))["Same recordings"]
    assert said == "5 names stood for 2 recordings: each counted once, on one side."
    assert run.result["people"] == 24
    parts = json.loads((run.folder / "split.json").read_text())
    assert parts["sim-0001"] == parts["copy of sim-0001"] and len({parts[name] for name in ("sim-0002", "sim-0002 (1)", "again")}) == 1


def test_one_recording_in_both_groups_is_refused_by_name(workspace, twenty_four, tmp_path):
    other = "early" if twenty_four.positive[0] else "late"
    imported(workspace, twenty_four, tmp_path / "in", "people", {"twin": twenty_four.weeks[0]}, {"twin": other})
    split = split_before(workspace, BRIEF)
    assert "hold the same recording under two names" in split.refused and "twin" in split.refused and "sim-0001" in split.refused
    with pytest.raises(TrainingError, match="One of the two labels is wrong"):
        run_finetune(workspace, BRIEF)


def test_a_comparison_of_groups_counts_a_recording_once_and_never_in_both(workspace, twenty_four, tmp_path):
    other = {"twin": "early" if twenty_four.positive[0] else "late", "same": "late" if twenty_four.positive[3] else "early"}
    extra = {"twin": twenty_four.weeks[0], "same": twenty_four.weeks[3]}
    imported(workspace, twenty_four, tmp_path / "in", "people", extra, other)
    asked = ClockRequest("any", None, "people", workspace.cohort("people").id, "model", "group", "late", "early")
    rows, group_of, left_out = people_of_groups(workspace, asked)
    assert left_out == 3 and len(rows) == 23 and "sim-0004" in group_of
    assert not {"twin", "same", "sim-0001"} & set(group_of)


def trained_people(run) -> list[str]:
    return [name for name, part in json.loads((run.folder / "split.json").read_text()).items() if part != "test"]


def test_what_a_model_learned_from_is_known_under_other_names_in_other_cohorts(twinned, twenty_four, tmp_path):
    space, run = twinned
    week_of = dict(zip(twenty_four.participants, twenty_four.weeks, strict=True))
    names = [name for name in trained_people(run) if name in week_of][:3]
    tested = [name for name, part in json.loads((run.folder / "split.json").read_text()).items() if part == "test" and name in week_of][:2]
    shifted = np.concatenate([week_of[names[1]][1000:], np.full(1000, 7, np.float32)])
    renamed = {"X1": week_of[names[0]], "X2": shifted, "T1": week_of[tested[0]]}
    fresh = replace(twenty_four, weeks=twenty_four.weeks[:0], participants=(), positive=twenty_four.positive[:0])
    imported(space, fresh, tmp_path / "in", "renamed", renamed, {name: "late" for name in renamed})
    model = resolve(space, run.name)
    own = seen(space, model, "renamed")
    assert own.part("X1") == own.part("X2") == COPY and own.part("T1") is None
    (caution,) = [one for one in week_view(space, model, WeekQuestion("renamed", "X1")).cautions if one.code == "trained_on"]
    assert "under another name or in another cohort" in caution.message
    said = duplicates.elsewhere(space, "renamed")
    assert len(said) == 1 and "“people”" in said[0] and "for 3 of these people: X1, X2, T1" in said[0]
    space.delete_cohort("renamed")


def test_a_model_file_that_was_brought_elsewhere_still_knows_whom_it_learned_from(twinned, twenty_four, tmp_path):
    space, run = twinned
    name = next(name for name in trained_people(run) if name.startswith("sim-"))
    text = (run.folder / "best.safetensors").read_bytes()[:200_000]
    assert name.encode() not in text
    there = Workspace(tmp_path / "there")
    week = twenty_four.weeks[list(twenty_four.participants).index(name)]
    fresh = replace(twenty_four, weeks=twenty_four.weeks[:0], participants=(), positive=twenty_four.positive[:0])
    stranger = np.roll(week[::-1], 77)
    imported(there, fresh, tmp_path / "in", "mine", {"A": week, "B": stranger}, {"A": "late", "B": "late"})
    add_model(there, run.folder / "best.safetensors", "brought")
    own = seen(there, resolve(there, "brought"), "mine")
    assert own.part("A") == COPY and own.part("B") is None


def test_weeks_of_a_file_that_the_model_learned_from_are_marked(twinned, twenty_four, tmp_path):
    space, run = twinned
    name = next(name for name in trained_people(run) if name.startswith("sim-"))
    week = twenty_four.weeks[list(twenty_four.participants).index(name)]
    np.save(tmp_path / "w.npy", np.stack([np.roll(week[::-1], 77), week]))
    done = predict_file(resolve(space, run.name), tmp_path / "w.npy", tmp_path / "out.csv", standardized=False, internals=False)
    assert pd.read_csv(tmp_path / "out.csv", keep_default_na=False)["part_in_training"].tolist() == ["", COPY]
    (caution,) = [one for one in done.cautions if one.code == "trained_on"]
    assert caution.message.startswith("The model was trained on 1 of these 2 weeks")


def test_models_of_before_are_known_by_their_run(twinned, tmp_path, twenty_four, monkeypatch):
    space, run = twinned
    model = resolve(space, run.name)
    bare = replace(model, card={key: value for key, value in model.card.items() if key != duplicates.CARD})
    assert set(trained_people(run)) == duplicates.learned_from(space, bare, "people") == duplicates.learned_from(space, model, "people")


def test_a_split_of_before_in_which_copies_stood_on_both_sides_is_told(twinned):
    space, run = twinned
    path = run.folder / "split.json"
    kept = path.read_text()
    parts = json.loads(kept)
    try:
        path.write_text(json.dumps(parts | {"sim-0002": "train", "sim-0002 (1)": "test", "again": "test"}))
        own = seen(space, resolve(space, run.name), "people")
        assert own.part("sim-0002") == "train" and own.part("sim-0002 (1)") == own.part("again") == COPY
        assert not any(name in ("again", "sim-0002 (1)") for name, _ in own.held_out)
    finally:
        path.write_text(kept)


@pytest.mark.parametrize("text", ["", "no base64!", "AAAA", 7, None, ["x"]])
def test_whatever_stands_in_a_card_in_their_place_is_no_error(twinned, text):
    space, run = twinned
    model = resolve(space, run.name)
    odd = replace(model, sha256="another", card={**model.card, duplicates.CARD: text})
    assert duplicates.learned_from(space, odd, "people") == set()
    assert duplicates.for_card(np.zeros((0, duplicates.KEPT), np.uint64), [], odd.card) == ""


def test_marks_come_back_from_a_card_as_they_went_in():
    rng = np.random.default_rng(0)
    known = np.unique(rng.integers(1, 2**40, (50, duplicates.KEPT), dtype=np.uint64), axis=0)
    card = {duplicates.CARD: duplicates.for_card(known, ["train"] * 30 + ["test"] * 20, {})}
    assert np.array_equal(duplicates._of_card(card), known[:30])
    assert len(duplicates._of_card({duplicates.CARD: duplicates.for_card(known[:10], ["validation"] * 10, card)})) == 30
