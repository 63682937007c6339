"""Similar people: a planted twin is the nearest, nobody is similar to themselves, and nothing is shown of a random encoder."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

import pat_core as pat
from pat_core.errors import ExplanationError, UntrainedError
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.weeks import report
from pat_core.weights import random_model
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.participant_week import week_view
from pat_core.workflows.people.similar_people import LIMITS, cohort_space, kept_space, similar_people, similar_table
from tests.commands import answer, called

WHO = "sim-0005"


@pytest.fixture
def twins(workspace, twenty_four):
    """A cohort of 24, with a copy of one under another name, somebody like that one but for a little noise, and one who has two weeks."""
    numbers = np.random.default_rng(0)
    known = dict(zip(twenty_four.participants, twenty_four.weeks, strict=True))
    noisy = np.round(known[WHO] * numbers.uniform(0.97, 1.03, 10080)).astype(np.float32)
    rows = [(name, 0, values) for name, values in known.items()]
    rows += [("noisy", 0, noisy), ("copy", 0, known[WHO]), ("sim-0001", 1, np.roll(known["sim-0001"], 30)), ("dead", 0, known[WHO] * 0)]
    weeks = [Week(name, at, values, datetime(2024, 1, 1), True, COUNTS, None, "start", report(values, COUNTS)) for name, at, values in rows]
    workspace.create_cohort("twins", weeks, {"noisy": {"age": "30"}})
    return workspace


def asked(space, model, who: str = WHO, index: int = 0, **most):
    return similar_people(space, model, cohort_space(space, model, "twins", "model"), WeekQuestion("twins", who, index, "model"), **most)


def test_the_planted_twins_are_the_nearest_and_the_copy_is_called_one(twins, model):
    found = asked(twins, model)
    assert [one.row.participant for one in found.nearest[:2]] == ["copy", "noisy"]
    copy, noisy, third = found.nearest[:3]
    assert copy.copy and copy.distance == 0 and copy.share_nearer == 0 and not noisy.copy
    assert 0 < noisy.distance < third.distance / 3 and noisy.person.labels == {"age": "30"}
    assert found.others == 25 and found.pairs == 26 * 25 // 2 and found.unfit == 1
    distances = [one.distance for one in (*found.nearest, *found.unlike[::-1])]
    assert distances == sorted(distances) and found.unlike[0].share_nearer > 0.5


def test_a_person_is_listed_once_by_their_nearest_week_and_never_beside_themselves(twins, model):
    found = asked(twins, model, most=99)
    names = [one.row.participant for one in found.nearest]
    assert len(names) == len(set(names)) == 25 and WHO not in names and not found.unlike
    both = {index: asked(twins, model, "sim-0001", index, most=99) for index in (0, 1)}
    assert all("sim-0001" not in {one.row.participant for one in found.nearest} for found in both.values())
    there = next(one for one in asked(twins, model, "sim-0002", most=99).nearest if one.row.participant == "sim-0001")
    back = [next(one.distance for one in found.nearest if one.row.participant == "sim-0002") for found in both.values()]
    assert there.distance == min(back) and there.row.index == int(np.argmin(back))


def test_scores_are_those_of_the_people_s_own_pages(twins, model):
    predicted = {(week.row.participant, week.row.index): week for week in predict_cohort(twins, model, "twins", "model")}
    for one in (*(found := asked(twins, model)).nearest, *found.unlike):
        own = predicted[one.row.participant, one.row.index]
        assert one.prediction.logit == pytest.approx(own.prediction.logit, abs=1e-4)
    first = found.nearest[0]
    view = week_view(twins, model, WeekQuestion("twins", first.row.participant, standardize_by="model"))
    assert first.answer().what == view.answer().what and first.answer().value == pytest.approx(view.answer().value, abs=1e-4)


def test_what_was_read_is_kept_and_a_mark_reads_its_own_part_again(twins, model):
    assert kept_space(twins, model, "twins", "model") is None
    read = cohort_space(twins, model, "twins", "model")
    np.testing.assert_array_equal(kept_space(twins, model, "twins", "model").embeddings.values, read.embeddings.values)


def test_a_refused_week_is_compared_with_nobody(twins, model):
    with pytest.raises(ExplanationError, match="not compared with others"):
        asked(twins, model, "dead")


def test_of_a_random_encoder_nobody_is_listed(twins):
    for ask in (cohort_space, kept_space):
        with pytest.raises(UntrainedError, match="never trained"):
            ask(twins, random_model("small"), "twins")


def test_the_table_by_library_and_verb_is_the_same(twins, model):
    encoder = pat.load_model("pat-s-simulated", twins)
    table = pat.similar(twins, encoder, "twins", WHO, most=2)
    assert table["which"].tolist() == ["nearest"] * 2 + ["most unlike"] * 2
    assert table["participant"].tolist()[:2] == ["copy", "noisy"] and table["same_recording"].tolist()[:2] == ["yes", "no"]
    words = ("similar", "--model", "pat-s-simulated", "--cohort", "twins", "--participant", WHO, "--most", 2)
    told = answer(*words, workspace=twins.folder)
    assert [row["participant"] for row in told["people"]] == table["participant"].tolist()
    assert told["others"] == 25 and told["limits"] == LIMITS
    done = called(*words, workspace=twins.folder)
    assert "nearest: copy, week 1, distance 0.00 (0.0 % of pairs are nearer)" in done.stdout and "same recording" in done.stdout
    assert called(*words[:-4], "--participant", "nobody", workspace=twins.folder).returncode == 1
    assert similar_table(asked(twins, model)).columns.tolist() == table.columns.tolist()
