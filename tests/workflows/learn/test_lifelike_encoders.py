"""The encoders that ship: whom they learn from, and what their file says of it."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import Cancelled, TrainingError
from pat_core.progress import Silent
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weights import load
from pat_core.weights.networks import autoencoder_of
from pat_core.workflows.learn import lifelike_encoders
from pat_core.workflows.learn.lifelike_encoders import LifelikeRecipe, gather, pretrain_lifelike
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.read.duplicates import learned_from
from tests.workflows.made import weeks_file

RECIPE = LifelikeRecipe(simulated=10, epochs=2, batch=64, asked=0.1, seed=3)


@pytest.fixture
def people(workspace, twenty_four, tmp_path, monkeypatch):
    monkeypatch.setattr(lifelike_encoders, "TOGETHER", 10)
    import_recordings(workspace, [weeks_file(tmp_path / "people.npz", twenty_four)], "people")
    return workspace


def test_everybody_is_standardized_by_their_own_kind_and_nobody_is_on_both_sides(people):
    data = gather(people, "people", RECIPE)
    assert data.real == (22, 2) and data.held_out == 2 + 10 + 10
    assert data.z.shape == (22 + 22 * 7 + 20, MINUTES_PER_WEEK) and data.z.dtype == np.float32
    turned = data.z[22 : 22 + 22 * 7].reshape(7, 22, 7, 1440)
    np.testing.assert_array_equal(turned[3], np.roll(turned[0], -3, axis=1))
    assert np.abs(turned[0].mean(axis=0)).max() < 1e-5, "the learned people's own mean"
    assert len({week.tobytes() for week in data.z}) == len(data.z)


def test_people_who_are_left_out_have_no_part_in_it(people):
    named = [row.participant for row in people.week_rows("people")]
    everybody, fewer = gather(people, "people", RECIPE), gather(people, "people", RECIPE, named[:3])
    assert fewer.real == (19, 2) and len(fewer.marks) == 21
    with pytest.raises(TrainingError, match="at least 20 people.*has 19"):
        gather(people, "people", RECIPE, named[:5])
    assert len(everybody.marks) == 24


def test_the_file_holds_the_decoder_and_says_what_it_learned_from_and_a_stopped_run_goes_on(people, tmp_path):
    out = tmp_path / "pat-s.safetensors"

    class Stopped(Silent):
        def metric(self, step, values) -> None:
            raise Cancelled("stop")

    left_out = people.week_rows("people")[0].participant
    with pytest.raises(Cancelled):
        pretrain_lifelike(people, "people", RECIPE, out, [left_out], Stopped())
    assert not out.exists()
    pretrain_lifelike(people, "people", RECIPE, out, [left_out])
    assert not out.with_suffix(".checkpoint").exists()
    model = load(out)
    assert (model.has_head, model.encoder_trained, model.origin) == (False, True, "bundled")
    assert autoencoder_of(model).encoder is model.network.encoder and model.standardizer.people == 10
    assert "20 simulated people and 21 people of people. These are not the published" in model.card["first_line"]
    assert all(model.card[field] for field in ("bias", "risks", "limits", "licence", "citation", "versions", "settings", "rebuilt"))
    seen = learned_from(people, model, "people")
    assert left_out not in seen and len(seen) == 23
