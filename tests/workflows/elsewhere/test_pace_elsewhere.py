"""How fast a place works is measured there, by a job of its own that takes nothing of anybody along."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import JobError
from pat_core.files import make_folder
from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.jobs.packing import leaving
from pat_core.training import FinetuneSettings
from pat_core.workflows.elsewhere.pace_elsewhere import PACE, PACE_ELSEWHERE, PACES, PaceRequest, folder_of, measure, paces_of
from pat_core.workflows.learn.time_to_expect import finetuning
from tests.workflows.elsewhere.made import ended, with_people
from tests.workflows.made import REQUEST, Told

ASKED = replace(REQUEST, settings=FinetuneSettings("full", max_epochs=3))


@pytest.fixture
def away(twenty_four, tmp_path) -> Workspace:
    space = with_people(tmp_path, twenty_four, "away")
    keep_place(space, Place("next door", "process", folder=str(tmp_path / "there")))
    return space


def test_a_place_says_how_long_a_run_would_take_there(away, tmp_path):
    expected = finetuning(away, ASKED)
    request = PaceRequest("next door", expected.asked)
    job = ended(away, PACE.launch(away, request, "How long", on="next door"))
    assert (job.state, job.error) == ("done", None), jobs.log_tail(away, job.id)
    (pace,) = paces_of(job.result)
    time = expected.time([pace])
    assert pace.device == time.device == "cpu" and min(pace.reading, pace.learning) > 0
    assert time.epochs == 3 and time.seconds > 3 * time.epoch > 0
    assert not folder_of(away, request).exists() and not list((tmp_path / "there" / "parcels").iterdir())


def test_a_device_that_the_place_lacks_is_said(away):
    lacking = PaceRequest("next door", tuple(replace(one, device="mps") for one in finetuning(away, ASKED).asked))
    job = ended(away, PACE.launch(away, lacking, "How long", on="next door"))
    assert job.state == "failed" and "offers no mps device" in job.error


def test_nothing_leaves_but_sizes_and_settings(away):
    asked = finetuning(away, ASKED).asked
    with leaving(away, PACE_ELSEWHERE, PaceRequest("next door", asked)) as parcel:
        assert parcel.files == () and parcel.people == 0
        assert dict(parcel.asked) == {"asked": tuple(map(asdict, asked)), "seed": 0}


def test_this_computer_is_measured_where_no_place_is_named(away):
    request = PaceRequest("", finetuning(away, ASKED).asked)
    assert measure(away, request, Told())[0].learning > 0 and not folder_of(away, request).exists()


@pytest.mark.parametrize("content", ["", "{}", '{"paces": []}', '{"paces": [{"device": "cpu", "reading": NaN, "learning": 1.0}]}'])
def test_what_came_home_damaged_is_refused_and_removed(away, content):
    request = PaceRequest("next door", finetuning(away, ASKED).asked)
    (make_folder(folder_of(away, request)) / PACES).write_text(content)
    with pytest.raises(JobError, match="Measure it again"):
        measure(away, request, Told())
    assert not folder_of(away, request).exists()


def test_another_place_of_the_same_name_is_measured_anew(tmp_path):
    one, other = (Place("next door", "process", folder=str(tmp_path / name)) for name in ("a", "b"))
    assert PaceRequest.at(one, ()) == PaceRequest.at(one, ()) != PaceRequest.at(other, ())
