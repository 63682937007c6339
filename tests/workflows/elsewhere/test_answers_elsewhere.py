"""Answers about a whole cohort that were computed at another place are those of here, and none is computed twice."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.explain import explain
from pat_core.jobs.errand import errand_of
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.parcel import make_parts
from pat_core.workflows.elsewhere.answers_elsewhere import (
    CLOCK_ELSEWHERE,
    PREDICT_ELSEWHERE,
    predict_weeks,
    weeks_to_explain,
    weeks_to_predict,
)
from pat_core.workflows.elsewhere.chunked_weeks import folder_of, stacked, unstacked
from pat_core.workflows.explanations import cohort_embeddings, unusual_weeks
from pat_core.workflows.explanations.cohort_by_clock import BY_CLOCK, METHOD, kept_by_clock
from pat_core.workflows.explanations.week_maps import MAPS, map_question
from pat_core.workflows.models.model_entries import resolve
from pat_core.workflows.models.predictions import known_predictions, predict_logits
from pat_core.workflows.people.prediction_job import PREDICT
from tests.workflows.elsewhere.made import clock_request, ended, prediction_request, with_model
from tests.workflows.made import Told


@pytest.fixture
def away(twenty_four, tmp_path) -> Workspace:
    space = with_model(tmp_path, twenty_four, "away")
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there")))
    return space


def test_predictions_from_another_place_are_those_of_here(away):
    request = prediction_request(away)
    model, todo = weeks_to_predict(away, request)
    expected = predict_logits(model, np.stack([one.read() for one in todo]))
    job = ended(away, PREDICT.launch(away, request, "Predict", on="next door"))
    assert (job.state, job.error, job.result) == ("done", None, {"weeks": 24}), jobs.log_tail(away, job.id)
    rows = away.week_rows("people")
    known = known_predictions(away, model.sha256, "people", "cohort", rows)
    np.testing.assert_allclose([known[one.row.row].logit for one in todo], expected, atol=1e-6)
    assert list(errand_of(away, job.id).kept) == ["000000.npz"] and not folder_of(away, request).exists()
    assert weeks_to_predict(away, request)[1] == []


def test_how_unusual_a_week_is_needs_no_second_reading_here(away, twenty_four, tmp_path, monkeypatch):
    here, read = with_model(tmp_path, twenty_four, "here"), list[int]()
    pooled = cohort_embeddings.pooled

    def counted(network, z, progress=None):
        read.append(len(z))
        return pooled(network, z, progress)

    monkeypatch.setattr(cohort_embeddings, "pooled", counted)
    assert ended(away, PREDICT.launch(away, prediction_request(away), "Predict", on="next door")).state == "done"
    found = []
    for space in (away, here):
        model, rows = resolve(space, "tiny"), space.week_rows("people")
        found.append(unusual_weeks.cohort_distances(space, model, "people", "cohort", rows)[0])
    assert read == [24, 24, 24]  # whom they are compared with, in both; and the weeks themselves here alone
    assert len(found[0]) == 24 and found[0].keys() == found[1].keys()
    np.testing.assert_allclose([one.value for one in found[0].values()], [one.value for one in found[1].values()], rtol=1e-3)


def test_maps_from_another_place_are_those_of_here(away):
    request = clock_request(away)
    model, todo = weeks_to_explain(away, request)
    job = ended(away, BY_CLOCK.launch(away, request, "By clock", on="next door"))
    assert (job.state, job.error) == ("done", None), jobs.log_tail(away, job.id)
    assert len(errand_of(away, job.id).kept) == 6 and weeks_to_explain(away, request)[1] == []
    assert sum(kept_by_clock(away, request).attribution.people) == 24
    for one in todo:
        kept = away.kept(map_question(model, one.read(), METHOD, {}), MAPS)
        here = explain(model.network, one.read(), METHOD, has_head=True)
        np.testing.assert_allclose(kept.values, here.values, atol=1e-6)
        assert kept.settings == here.settings and np.abs(here.values).max() > 1e-3


class StopAfterTwo(Told):
    """The place is killed once two chunks are kept."""

    def at(self, fraction: float, message: str) -> None:
        if message.startswith("2 of"):
            raise KeyboardInterrupt


def test_what_was_killed_goes_on_from_the_chunks_that_are_kept(away, tmp_path, monkeypatch):
    request = clock_request(away)
    reads = make_parts(tmp_path / "parcel")
    kept = tmp_path / "parcel" / "kept"
    asked = CLOCK_ELSEWHERE.pack(away, request, reads).asked
    with pytest.raises(KeyboardInterrupt):
        CLOCK_ELSEWHERE.work(reads, kept, asked, StopAfterTwo())
    before = {path.name: path.stat().st_mtime_ns for path in kept.iterdir()}
    assert sorted(before) == ["000000.npz", "000001.npz"]
    CLOCK_ELSEWHERE.work(reads, kept, asked, Told())
    assert len(list(kept.iterdir())) == 6 and {name: (kept / name).stat().st_mtime_ns for name in before} == before


def test_nothing_in_a_parcel_names_anybody(away, tmp_path):
    reads = make_parts(tmp_path / "parcel")
    packed = PREDICT_ELSEWHERE.pack(away, prediction_request(away), reads)
    content = b"".join(path.read_bytes() for path in reads.iterdir()) + str(packed.asked).encode()
    names = [person.participant.encode() for person in away.people("people")]
    assert packed.people == len(names) == 24 and not any(name in content for name in names) and b"late" not in content


def test_weeks_of_several_lengths_are_predicted_as_each_by_itself(away, tmp_path):
    request = prediction_request(away)
    reads = make_parts(tmp_path / "parcel")
    PREDICT_ELSEWHERE.pack(away, request, reads)
    model, todo = weeks_to_predict(away, request)
    weeks = [todo[0].read(), todo[1].read()[:1440], todo[2].read()]
    together = predict_weeks((reads / "model.safetensors").read_bytes(), weeks, {})["logits"]
    np.testing.assert_allclose(together, [predict_logits(model, week[None])[0] for week in weeks], atol=1e-6)


def test_arrays_of_several_weeks_come_apart_as_they_were_put_together():
    parts = [{"a": np.arange(3)}, {"a": np.zeros(2), "b/c": np.ones(1)}]
    again = unstacked(stacked(parts), 2)
    assert [sorted(each) for each in again] == [["a"], ["a", "b/c"]]
    np.testing.assert_array_equal(again[0]["a"], parts[0]["a"])
