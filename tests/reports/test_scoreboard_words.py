from pat_core.reports.comparing.scoreboard_words import as_text, asked_words, figure_rows, models_words, targets_beside
from pat_core.workflows.explanations.scoreboard_run import LOOK

ROW = {"number": 5, "measure": "localization, AUPRC", "target": ".90", "size": "small", "task": "presence", "variant": "mean week",
       "method": "integrated_gradients", "value": 0.93, "low": 0.91, "high": 0.95, "n": 210, "met": True}  # fmt: skip
MODELS = [{"task": "presence", "size": "small", "seed": 0, "value": 0.912, "low": 0.9, "high": 0.92, "n": 100}]
BOARD = {"rows": [ROW, ROW | {"number": 0, "met": None}], "models": MODELS, "not measured": ["none, medium (3 of 3 models)"]}


def test_a_board_says_what_it_is_of_how_good_its_models_are_and_what_was_met():
    text = as_text(BOARD | {"request": LOOK.as_spec()})
    assert (
        text.startswith("small; activity planted at night, missing mornings; 1 model of each, trained on 300 people; 30 weeks a model.\n")
        and "1 of 1" in text
    )
    assert "activity planted at night, small: 0.912." in text and "nothing planted, medium (3 of 3 models)" in text
    assert models_words({"models": []}) == "" and "30 weeks" in asked_words(LOOK)
    assert figure_rows(BOARD)["met"].tolist() == ["met", "none"]


def test_a_target_stands_beside_the_shipped_figure_where_there_is_one():
    other = ROW | {"task": "brief"}
    table = targets_beside([ROW, other, ROW | {"number": 0}], [ROW | {"value": 0.876}])
    assert table["As shipped"].tolist() == ["0.876", "not measured"] and list(table).index("As shipped") == list(table).index("Figure") + 1
    assert targets_beside([], [ROW]).empty
