"""The engine as a library: `import pat_core as pat`, and the notebook that shows it."""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pat_core as pat
from pat_core.errors import UntrainedError, WeekError
from pat_core.workflows.people.demo import COHORT, MODEL, ensure_demo

NOTEBOOK = Path(__file__).resolve().parents[1] / "docs" / "first_week.ipynb"


@pytest.fixture(scope="module")
def space(tmp_path_factory) -> pat.Workspace:
    folder = pat.Workspace(tmp_path_factory.mktemp("library"))
    ensure_demo(folder)
    return folder


def test_every_name_is_there_and_says_what_it_does():
    given = {name: getattr(pat, name) for name in pat.__all__}
    assert [name for name, one in given.items() if not inspect.getdoc(one)] == []
    assert set(pat.__all__) <= set(dir(pat))


def test_a_name_that_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'diagnose'"):
        pat.diagnose  # noqa: B018


def test_importing_it_waits_for_nothing_heavy():
    program = "import sys, pat_core; pat_core.Workspace; print([name for name in ('torch', 'plotly', 'scipy') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_week_alone_is_answered_as_within_its_cohort(space):
    model = pat.load_model(MODEL, space)
    people = ("sim-0001", "sim-0002", "sim-0003")
    alone = pat.predict(model, [space.week(COHORT, person) for person in people]).set_index("participant")
    among = pat.predict_cohort(space, model, COHORT, "model").set_index("participant")
    for column in ("logit", "probability"):
        np.testing.assert_allclose(alone[column], among.loc[list(people), column], atol=1e-4)
    assert alone["refused"].tolist() == among.loc[list(people), "refused"].tolist()


def test_a_refused_week_has_no_answer_and_its_map_says_so(space):
    model, week = pat.load_model(MODEL, space), space.week(COHORT, "sim-0001")
    flat = week.__class__(**{**vars(week), "values": np.zeros_like(week.values)})
    row = pat.predict(model, [flat]).iloc[0]
    assert row["refused"] and np.isnan(row["logit"]) and row["findings"]
    assert "says nothing about the person" in pat.explain_week(model, flat).flag


def test_minutes_of_a_map_add_up_to_the_change_of_the_score(space):
    model, week = pat.load_model(MODEL, space), space.week(COHORT, "sim-0002")
    evidence = pat.explain_week(model, week, "integrated_gradients", tolerance=0.02)
    assert np.nansum(evidence.values, dtype=float) - evidence.delta == pytest.approx(evidence.completeness_gap, abs=1e-6)
    assert abs(evidence.completeness_gap) <= 0.02 * max(abs(evidence.delta), 1.0)


def test_attention_received_is_uniform_on_average(space):
    model = pat.load_model(MODEL, space)
    tokens, attention = pat.tokens(model, [space.week(COHORT, person) for person in ("sim-0001", "sim-0002")])
    assert tokens.shape == (2, attention.shape[-1], 96) and attention.shape[:2] == (model.config.blocks, 2)
    np.testing.assert_allclose(attention.mean(axis=-1), 1.0, rtol=1e-4)


def test_windows_of_different_length_are_refused_together(space):
    week = space.week(COHORT, "sim-0001")
    shorter = week.__class__(**{**vars(week), "values": week.values[:1440]})
    with pytest.raises(WeekError, match="one length, got 1440, 10080 minutes"):
        pat.predict(pat.load_model(MODEL, space), [week, shorter])
    with pytest.raises(WeekError, match="got none"):
        pat.standardized(pat.load_model(MODEL, space), [])


def test_an_encoder_gives_tokens_but_no_score(space):
    encoder, week = pat.load_model("pat-s-simulated", space), space.week(COHORT, "sim-0001")
    assert pat.tokens(encoder, [week])[0].shape == (1, 560, 96)
    with pytest.raises(UntrainedError):
        pat.predict(encoder, [week])


def test_the_notebook_runs(tmp_path, monkeypatch):
    """Its cells in order, in a folder of their own; the last line of one is only looked at there."""
    monkeypatch.chdir(tmp_path)
    notebook, names = json.loads(NOTEBOOK.read_text()), dict[str, object]()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert not cell["outputs"], "saved without outputs, so that it changes only where somebody changes it"
            exec(compile("".join(cell["source"]), str(NOTEBOOK), "exec"), names)
    auc, model = names["auc"], names["model"]
    assert 0.5 < auc.value <= 1 and auc.n == 40 and model.name == "probe"
    assert "Week sheet" in names["words"] and (tmp_path / "study").is_dir()
