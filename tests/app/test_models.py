"""The Models page: provenance, adding a file, fetching a published one, deleting."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.errors import WeightsError
from pat_core.models.outputs import Outputs
from pat_core.models.pat.pat_config import HEAD_UNITS
from pat_core.reports.model_tables import figures_of, model_table, parameters, sizes_table
from pat_core.weights import CATALOGUE, random_model, save
from pat_core.workflows.models.model_entries import add_model, models
from pat_core.workflows.people.demo import MODEL, ensure_demo
from tests.app.made import opened_at
from tests.weights.test_ensemble_file import stored


def opened() -> AppTest:
    return settled(opened_at("pages/models.py"))


def settled(app: AppTest) -> AppTest:
    assert not app.exception, app.exception[0].stack_trace
    return app


def show(app: AppTest, reference: str) -> AppTest:
    app.selectbox(key="box.model").set_value(reference)
    return settled(app.run())


def press(app: AppTest, label: str) -> AppTest:
    next(button for button in app.main.button if button.label == label).click()
    return settled(app.run())


def said(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.success, *app.error, *app.warning, *app.info, *app.main.markdown])


@pytest.fixture
def weights(tmp_path) -> bytes:
    """A small model of the reader's own, with a head."""
    model = random_model("small", seed=3)
    path = tmp_path / "mine.safetensors"
    card = {"first_line": "Mine."}
    save(path, model.network, has_head=True, encoder_trained=True, standardizer=None, card=card, name="mine", origin="own")
    return path.read_bytes()


def test_the_demonstrations_model_says_first_that_it_is_not_the_published_one():
    app = show(opened(), MODEL)
    assert "not the published PAT weights" in app.warning[0].value
    assert "Test AUC" in said(app) and "SHA-256" in said(app)
    assert {button.label for button in app.get("download_button")} == {"Download the model", "Card (JSON)"}


def test_a_published_29k_encoder_warns_of_leakage_names_its_licence_and_gives_its_address():
    app = show(opened(), "PAT-S_29k")
    assert CATALOGUE["PAT-S_29k"].warning in [warning.value for warning in app.warning]
    assert "CC BY 4.0" in said(app) and "29,307" in said(app)
    assert CATALOGUE["PAT-S_29k"].address in [code.value for code in app.code]


def test_random_models_are_listed_and_called_untrained():
    app = show(opened(), "random-small")
    assert "nothing they show is a finding" in app.error[0].value and "untrained" in said(app)


def test_a_weight_file_is_added_shown_and_deleted(weights):
    app = opened()
    app.file_uploader[0].set_value(("mine.safetensors", weights, "application/octet-stream"))
    press(settled(app.run()), "Add the model")
    assert "mine is here" in said(app) and app.selectbox(key="box.model").value == "mine"
    press(app, "Delete mine")
    assert "mine" not in [info.name for info in Workspace().models()] and "mine was deleted." in said(app)


@pytest.mark.parametrize("content", [b"", b"<html>no</html>", b"\x80\x04pickle", b"\x89HDF\r\n\x1a\n broken"])
def test_a_file_that_is_no_model_is_refused_in_place_and_nothing_is_kept(content):
    app = opened()
    before = Workspace().models()
    app.file_uploader[0].set_value(("weights.h5", content, "application/octet-stream"))
    press(settled(app.run()), "Add the model")
    assert app.error and Workspace().models() == before


def test_a_download_that_fails_says_how_to_fetch_the_file_by_hand(monkeypatch):
    def launch(task, space, request, title):
        def fail(*_):
            raise WeightsError("PAT-S_29k could not be downloaded: no connection. To bring it by hand: open the address in a browser.")

        job = space.add_job(task.kind, title, request.as_spec())
        jobs.run_job(space, job, [replace(task, run=fail)])
        return job

    monkeypatch.setattr(jobs.Task, "launch", launch)
    app = press(show(opened(), "PAT-S_29k"), "Download PAT-S_29k")
    assert "by hand" in app.error[0].value
    assert Workspace().jobs()[0].spec == {"name": "PAT-S_29k"}


def test_sizes_are_counted_from_the_model_itself():
    table = sizes_table().set_index("Size")
    model = random_model("medium")
    assert table.loc["medium", "Parameters"] == sum(p.numel() for p in model.network.encoder.parameters())
    assert parameters(model.config, has_head=True) == sum(p.numel() for p in model.network.parameters())
    assert list(table["Tokens a week"]) == [560, 560, 1120, 2016]


def test_a_head_whose_file_tells_nothing_of_its_groups_says_so_and_nothing_reads_none(weights):
    app = opened()
    app.file_uploader[0].set_value(("mine.safetensors", weights, "application/octet-stream"))
    press(settled(app.run()), "Add the model")
    assert "**Tells apart:** Its file does not say what" in said(app)
    assert "None" not in said(app) and "none of" not in said(app)


def test_every_fact_begins_with_a_capital():
    for reference in (MODEL, "PAT-S_29k", "random-small", "pat-s-simulated"):
        facts = re.findall(r"- \*\*(?P<name>[^:]+):\*\* (?P<first>\S)", said(show(opened(), reference)))
        small = [name for name, first in facts if first.islower() and name not in ("Unit", "Tells apart", "Device")]
        assert facts and not small, reference


def test_an_address_of_a_model_that_is_not_here_is_said():
    app = opened()
    app.query_params["model"] = "long gone"
    assert any("long gone" in warning.value for warning in settled(app.run()).warning)


@pytest.mark.parametrize("shared", [True, False])
def test_the_table_counts_the_parameters_of_all_members(tmp_path, shared):
    network = stored(tmp_path / "three.safetensors", shared)
    space = Workspace()
    add_model(space, tmp_path / "three.safetensors", "three")
    entry = next(entry for entry in models(space) if entry.reference == "three")
    (count,) = model_table(space, [entry])["Parameters"]
    assert count == sum(one.numel() for one in network.parameters())
    by_an_earlier_version = {"members": 3, "style": "linear_probe" if shared else "full"}
    assert figures_of(space, replace(entry, card=by_an_earlier_version))["Parameters"] == count


def test_the_table_counts_every_output_of_a_head():
    outputs = Outputs("classes", ("mild", "moderate", "severe"))
    space = Workspace()
    ensure_demo(space)
    one = next(entry for entry in models(space) if entry.reference == MODEL)
    three = replace(one, card={**one.card, "outputs": outputs.as_dict()})
    counts = [figures_of(space, entry)["Parameters"] for entry in (one, three)]
    assert counts[1] - counts[0] == 2 * (HEAD_UNITS + 1)
