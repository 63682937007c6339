"""What the scoreboard tells a reader of one method."""

import json

from pat_core.workflows.explanations.scoreboard import board, failed, not_measured, sentence, target_rows, verdict

ROW = {
    "number": 5,
    "measure": "localization, AUPRC",
    "target": ".90",
    "size": "small",
    "task": "presence",
    "variant": "mean week",
    "method": "integrated_gradients",
    "value": 0.93,
    "low": 0.91,
    "high": 0.95,
    "n": 210,
    "met": True,
}


def written(folder, *rows):
    path = folder / "scoreboard.json"
    path.write_text(json.dumps({"rows": list(rows), "models": [], "machine": {}}))
    return path


def test_where_nothing_was_measured_nothing_is_said(tmp_path):
    assert board(tmp_path / "none.json") is None
    assert verdict("rollout", "small", tmp_path / "none.json") == ""
    assert verdict("rollout", "small", written(tmp_path, ROW)) == ""


def test_a_method_that_met_every_target_is_said_to_have(tmp_path):
    assert "met every target it was held to" in verdict("integrated_gradients", "small", written(tmp_path, ROW))


def test_a_method_that_missed_a_target_is_said_to_fall_short_in_plain_words(tmp_path):
    path = written(tmp_path, ROW, ROW | {"measure": "correlation after all weights are drawn anew", "value": 0.6, "met": False})
    told = verdict("integrated_gradients", "small", path)
    assert "falls short" in told and "may show the recording and not the model" in told
    assert len(failed("integrated_gradients", "small", board(path)["rows"])) == 1


def test_rows_without_a_target_count_for_nothing(tmp_path):
    assert "met every target it was held to" in verdict("integrated_gradients", "small", written(tmp_path, ROW, ROW | {"met": None}))


def test_a_size_that_was_not_measured_borrows_from_those_that_were_and_says_so(tmp_path):
    assert "measured on models of size small" in verdict("integrated_gradients", "large", written(tmp_path, ROW))


def test_a_row_is_told_with_its_interval_and_target():
    assert sentence(ROW) == (
        "Integrated gradients, mean week, presence, small: localization, AUPRC 0.93 (95 % interval 0.91 to 0.95), n = 210, target .90: met."
    )
    assert sentence(ROW | {"met": None}) == ""


def test_the_targets_are_listed_with_figure_interval_and_verdict_and_other_figures_are_not():
    few = ROW | {"number": 8, "low": 0.93, "high": 0.93, "n": 3, "met": None}
    listed = target_rows([ROW, few, ROW | {"number": 0}])
    assert [row["Target"] for row in listed] == ["5. localization, AUPRC", "8. localization, AUPRC"]
    assert [(row["Figure"], row["95 % interval"], row["Weeks"], row["Verdict"]) for row in listed] == [
        ("0.93", "0.91 to 0.95", 210, "met"),
        ("0.93", "", 3, "none"),
    ]


def test_what_is_not_measured_is_named_as_in_the_table():
    assert not_measured({"not measured": ["none, medium (3 of 3 models)", "later, small (1 of 3 models)"]}) == [
        "nothing planted, medium (3 of 3 models)",
        "later, small (1 of 3 models)",
    ]
    assert not_measured({}) == []
