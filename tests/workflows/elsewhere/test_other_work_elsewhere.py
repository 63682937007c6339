"""Pretraining and comparisons at another place come to what they would have come to here."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import JobError, TrainingError
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.packing import leaving
from pat_core.training import FinetuneSettings, PretrainSettings
from pat_core.workflows.comparing.compare_cells import COMPARE, comparison, run_comparison
from pat_core.workflows.comparing.compare_request import CompareRequest, Groups
from pat_core.workflows.elsewhere.compare_elsewhere import COMPARE_ELSEWHERE
from pat_core.workflows.elsewhere.pretrain_elsewhere import PRETRAIN_ELSEWHERE
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining, start_pretraining
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.tasks import elsewhere_of
from tests.workflows.elsewhere.made import ended, with_people

PRETRAINING = PretrainRequest("own encoder", "people", settings=PretrainSettings(epochs=3, batch=8, patience=3))
COMPARISON = CompareRequest(
    "two models", "people", (Groups("group", "late", "early"),), ("pat-s-simulated", "cnn_1d"), ("linear_probe",), (0,), 1,
    settings=FinetuneSettings("full", max_epochs=1),
)  # fmt: skip


@pytest.fixture(scope="module")
def both(tmp_path_factory, twenty_four) -> tuple[Workspace, Workspace]:
    """(here, away): the same people; the second has a place."""
    folder = tmp_path_factory.mktemp("both")
    here, away = with_people(folder, twenty_four, "here"), with_people(folder, twenty_four, "away")
    keep_place(away, Place("next door", "process", folder=str(folder / "there")))
    return here, away


def test_an_encoder_pretrained_elsewhere_is_the_one_of_here(both):
    here, away = both
    _, job = start_pretraining(away, PRETRAINING, on="next door")
    assert ended(away, job.id).error is None
    run_pretraining(here, PRETRAINING)
    ours, theirs = (resolve(one, PRETRAINING.name) for one in both)
    weights = ours.network.state_dict(), theirs.network.state_dict()
    assert max(float((weights[0][name] - weights[1][name]).abs().max()) for name in weights[0]) <= 1e-5
    assert ours.decoder and all(np.array_equal(values, theirs.decoder[name]) for name, values in ours.decoder.items())
    assert ours.card["computed_on"] == theirs.card["computed_on"] and ours.card["best_epoch"] == theirs.card["best_epoch"]


def test_a_comparison_elsewhere_has_the_cells_of_here(both):
    here, away = both
    job = COMPARE.launch(away, COMPARISON, "Compare", on="next door")
    assert ended(away, job).error is None
    run_comparison(here, COMPARISON)
    ours, theirs = comparison(here, COMPARISON), comparison(away, COMPARISON)
    assert theirs.done and len(theirs.results) == 4 and set(ours.results) == set(theirs.results)
    for cell, result in ours.results.items():
        np.testing.assert_allclose(theirs.results[cell].logits, result.logits, atol=1e-5)
        assert theirs.results[cell].auc == result.auc and theirs.results[cell].epochs == result.epochs
    assert not list((away.folder / "comparisons").glob("*/*"))
    with pytest.raises(TrainingError, match="is done already"), leaving(away, COMPARE_ELSEWHERE, COMPARISON):
        raise AssertionError("there is nothing to send")


def test_of_a_pretraining_nothing_leaves_but_standardized_weeks(both):
    with leaving(both[1], PRETRAIN_ELSEWHERE, replace(PRETRAINING, name="another")) as parcel:
        assert [file.name for file in parcel.files] == ["weeks.npy"] and parcel.people == 24
        assert set(parcel.asked) == {"settings", "config", "held_out", "seed"}


def test_work_without_a_long_part_says_so():
    with pytest.raises(JobError, match="runs on this computer alone"):
        elsewhere_of("import")
