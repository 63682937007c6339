"""Encoders that are read at another place have the readings of here, and of the people nothing leaves but numbers."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import TrainingError, WorkspaceError
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.packing import leaving
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.training import PretrainSettings
from pat_core.training.pace.pace_asked import Pace
from pat_core.weights import save
from pat_core.workflows.elsewhere.encoders_elsewhere import ENCODERS_ELSEWHERE
from pat_core.workflows.learn.compare_encoders import COMPARE_ENCODERS, compare_encoders, kept_comparison
from pat_core.workflows.learn.encoder_reading import READING, EncoderRequest, missing_sides, reading_question, rebuilt_people, sides_of
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining
from pat_core.workflows.learn.time_to_expect import SOLVED_SECONDS, reading_encoders
from pat_core.workflows.models.model_entries import add_model
from tests.workflows.elsewhere.made import SMALL, ended, with_people

SHAPE = {"size": "custom", "patch": SMALL.patch, "heads": SMALL.heads, "blocks": SMALL.blocks}
ASKED = EncoderRequest("with decoder", "without", "people", "group", "late", "early", folds=2, device="cpu")


@pytest.fixture(scope="module")
def both(tmp_path_factory, twenty_four) -> tuple[Workspace, Workspace]:
    """(here, away): the same people and encoders, of which one has learned from these people and has a decoder; the second has a place."""
    folder = tmp_path_factory.mktemp("encoders")
    here = with_people(folder, twenty_four, "here")
    run_pretraining(here, PretrainRequest(ASKED.first, "people", settings=PretrainSettings(epochs=1, batch=8, device="cpu"), **SHAPE))
    about = {"card": {"name": ASKED.second}, "name": ASKED.second, "origin": "own", "standardizer": None}
    save(folder / "without.safetensors", seeded(lambda: Classifier(SMALL), 3), has_head=False, **about)
    add_model(here, folder / "without.safetensors", ASKED.second)
    shutil.copytree(here.folder, folder / "away")
    away = Workspace(folder / "away")
    keep_place(away, Place("next door", "process", folder=str(folder / "there")))
    return here, away


def test_nothing_leaves_but_numbers_and_weights_and_the_time_is_that_of_what_is_read(both):
    with leaving(both[1], ENCODERS_ELSEWHERE, ASKED) as parcel:
        names = {file.name for file in parcel.files}
        assert {"weeks.npy", "people.npz", "splits.npz", "attended.npy", "encoder-0.safetensors", "encoder-1.safetensors"} <= names
        text = str(parcel.asked) + "".join((parcel.path / "reads" / name).read_bytes().decode("latin-1") for name in names)
        assert parcel.people == 24 and not {"P01", "late", "with decoder"} & set(text.split()) and "sim-" not in text
    expected = reading_encoders(both[1], ASKED)
    assert [one.activity for one in expected.asked] == ["learn by the head"] * 3 + ["pretrain"] * 2
    rebuilt = missing_sides(both[1], ASKED)[1]
    time = expected.time([Pace("cpu", 1.0, 0.0)] * 3 + [Pace("cpu", 5.0, 0.0)] * 2)
    assert time.seconds == pytest.approx(3 * (1.0 + SOLVED_SECONDS) * 2 * 24 + 2 * 5.0 * len(rebuilt)) and not time.at_most


def test_a_comparison_of_encoders_elsewhere_has_the_readings_of_here(both):
    here, away = both
    job = ended(away, COMPARE_ENCODERS.launch(away, ASKED, "Compare", on="next door"))
    assert job.error is None and job.result == {"encoders": 3}, jobs.log_tail(away, job.id)
    compare_encoders(here, ASKED)
    rebuilt = rebuilt_people(here, ASKED, sides_of(here, ASKED))
    ours, theirs = (
        [space.kept(reading_question(space, ASKED, side, rebuilt), READING) for side in sides_of(space, ASKED)] for space in both
    )
    for one, other in zip(ours, theirs, strict=True):
        for name in ("logits", "errors", "entropy"):
            np.testing.assert_allclose(getattr(other, name), getattr(one, name), atol=1e-5)
    assert kept_comparison(away, ASKED).people == (12, 12) and not list((away.folder / "jobs").glob("*.encoders"))
    with pytest.raises(TrainingError, match="is read already"), leaving(away, ENCODERS_ELSEWHERE, ASKED):
        raise AssertionError("there is nothing to send")


def test_it_has_lost_its_sense_where_its_cohort_is_gone(tmp_path):
    with pytest.raises(WorkspaceError, match="deleted or renamed"):
        ENCODERS_ELSEWHERE.still(Workspace(tmp_path), ASKED)
