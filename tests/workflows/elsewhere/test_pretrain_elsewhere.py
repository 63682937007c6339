"""An encoder that was pretrained at another place is the one that it would have been here."""

from __future__ import annotations

from pat_core.jobs.launchers.place_book import Place, keep_place
from pat_core.training import PretrainSettings
from pat_core.workflows.learn.pretrain_people import CUSTOM, PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining, start_pretraining
from pat_core.workflows.models.model_entries import resolve
from tests.workflows.elsewhere.made import ended, with_people

REQUEST = PretrainRequest(
    "encoder", "people", CUSTOM, patch=60, heads=1, blocks=1, settings=PretrainSettings(epochs=2, batch=8, device="cpu", loss_on="hidden")
)


def test_the_weights_and_the_card_are_those_of_a_run_here(twenty_four, tmp_path):
    here = with_people(tmp_path, twenty_four, "here")
    ours = run_pretraining(here, REQUEST)
    away = with_people(tmp_path, twenty_four, "away")
    keep_place(away, Place("next door", "process", folder=str(tmp_path / "there")))
    run, job = start_pretraining(away, REQUEST, on="next door")
    assert ended(away, job.id).error is None
    theirs = away.run(run.name)
    first, second = (resolve(space, REQUEST.name).network.state_dict() for space in (here, away))
    assert max(float((first[name] - second[name]).abs().max()) for name in first) <= 1e-5
    assert (ours.folder / "curves.csv").read_text() == (theirs.folder / "curves.csv").read_text()
    assert theirs.result["rebuilt"] == ours.result["rebuilt"] and theirs.result["best_epoch"] == ours.result["best_epoch"]
