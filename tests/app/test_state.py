"""What was chosen is in the address, and still chosen after a reload, another page and a job that ended."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from pages.components.shared.plain_text import apart, joined
from pages.components.shared.session_names import Key
from pat_core.workflows.people.demo import COHORT, MODEL
from tests.app.made import ROOT, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")

OF_PAGES = {
    "participant": {"methods": "rollout", "fusion": "max", "discard": "20", "rest": "no", "planted": "yes", "view": "timeline"},
    "report": {"sections": "nights,interpretation", "paper": "letter"},
    "explain": {"show": "methods", "compare": "rollout,authors"},
    "what_if": {"edit": "erase_bout", "day": "3", "from": "09:15", "until": "18:30"},
    "finetune": {
        "train-label": "evening sport", "train-group": "yes", "train-weeks": "all", "train-size": "medium", "recipe": "classroom",
        "rate": "0.001", "epochs": "40", "patience": "20", "folds": "10", "repeats": "2", "keep": "ensemble", "seed": "3", "device": "cpu",
    },
    "models": {"model": "pat-m-simulated"},
    "pretrain": {
        "pretrain-size": "custom", "pretrain-patch": "30", "pretrain-heads": "4", "pretrain-blocks": "2", "pretrain-embedding": "conv",
        "pretrain-mask": "75", "pretrain-loss": "hidden", "pretrain-smoothed": "yes", "pretrain-rate": "0.0003", "pretrain-floor": "0.0002",
        "pretrain-batch": "16", "pretrain-epochs": "77", "pretrain-patience": "9", "pretrain-plateau": "4", "pretrain-weeks": "all",
    },
    "evaluate": {"tested": "cohort", "test-label": "evening sport", "test-group": "yes", "threshold": "60.5", "prevalence": "8.0",
                 "divided": "weekend nap"},
    "compare": {"compare-label": "evening sport", "compare-group": "yes", "compare-models": "lstm,cnn_3d-smoothed",
                "compare-sizes": "30,all", "compare-seeds": "2", "compare-epochs": "9", "compare-recipe": "paper"},
}  # fmt: skip
MORE = [
    ("explain", {"show": "heads", "model": "pat-m-simulated", "block": "1", "head": "2"}),
    ("explain", {"show": "people", "other": "sim-0005"}),
    ("explain", {"show": "clock", "label": "evening sport", "group": "no", "over": "week"}),
    ("explain", {"show": "scoreboard", "figure": "6. localization, AUROC: absence, small"}),
    ("what_if", {"edit": "shift_wake", "dose": "-60"}),
    ("what_if", {"edit": "damp_night", "dose": "0.5"}),
    ("evaluate", {"tested": "own", "threshold": "12.5"}),
    (
        "pretrain",
        {
            "part-of": "compare",
            "compare-label": "evening sport",
            "encoder": "random-large",
            "encoder-against": "pat-m-simulated",
            "encoders-folds": "3",
            "encoders-repeats": "2",
            "masked": "50",
        },
    ),
    ("participant", {"methods": "none"}),
    ("participant", {"methods": "integrated_gradients", "tolerance": "0.05", "baseline": "another person", "baseline-person": "sim-0003"}),
    ("participant", {"methods": "rollout,occlusion_day", "replacement": "own day", "strongest": "rollout", "look": "why"}),
    ("participant", {"model": "pat-m-simulated", "methods": "authors", "map-block": "1", "map-head": "3"}),
]


def chosen(app) -> dict[str, str]:
    """What every box of this page holds, by its name in the address, as the address would write it."""
    boxes = [
        *app.selectbox,
        *app.multiselect,
        *app.segmented_control,
        *app.radio,
        *app.toggle,
        *app.number_input,
        *app.slider,
        *app.select_slider,
    ]
    held = {box.key.removeprefix("box."): box.value for box in boxes if str(box.key).startswith("box.")}

    def text(value: object) -> str:
        if isinstance(value, bool):
            return "yes" if value else "no"
        return joined(value) if isinstance(value, list) else str(value)

    return {name: text(value) for name, value in held.items()}


@pytest.mark.parametrize(("page", "address"), [*OF_PAGES.items(), *MORE], ids=lambda one: one if isinstance(one, str) else "-".join(one))
def test_an_address_is_what_is_chosen_and_a_reload_finds_it_again(page, address):
    app = opened_at(f"pages/{page}.py", **address)
    assert not app.exception and "is not here" not in said_by(app)
    held = chosen(app)
    assert {name: held[name] for name in address} == address
    kept = {name: value if isinstance(value, str) else value[-1] for name, value in app.query_params.items()}
    assert all(kept.get(name, value) == value for name, value in address.items()), "what a box begins with leaves no word in the address"
    assert chosen(opened_at(f"pages/{page}.py", **kept)) == held


@pytest.mark.parametrize("page", OF_PAGES)
def test_what_was_chosen_is_still_chosen_after_another_page(page):
    app = opened_at(f"pages/{page}.py", **OF_PAGES[page])
    held = chosen(app)
    app.switch_page("pages/overview.py").run()
    app.query_params.clear()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception and chosen(app) == held


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("participant", {"methods": "nothing,at all", "tolerance": "soon", "discard": "x", "rest": "maybe", "baseline": "../x"}),
        ("participant", {"discard": "4000", "methods": ""}),
        ("what_if", {"edit": "none such", "dose": "9e99", "day": "-1", "from": "25:00"}),
        ("finetune", {"rate": "nan", "epochs": "1e9", "seed": "-3", "folds": "1", "recipe": "x", "train-label": "y", "train-group": "z"}),
        ("explain", {"show": "methods", "compare": "%2C%,,"}),
        ("pretrain", {"part-of": "nowhere", "pretrain-size": "xl", "pretrain-mask": "100", "pretrain-patch": "0", "pretrain-rate": "nan"}),
        ("pretrain", {"part-of": "inspect", "encoder": "none", "masked": "x", "mask": "-1"}),
        ("pretrain", {"part-of": "compare", "encoder": "lstm", "encoder-against": "none", "encoders-folds": "1"}),
    ],
)
def test_an_address_that_asks_for_what_cannot_be_chosen_opens_with_what_can(page, address):
    app = opened_at(f"pages/{page}.py", cohort=COHORT, model=MODEL, **address)
    assert not app.exception


@pytest.mark.parametrize("names", [[], ["a"], ["a,b", "c"], ["100 %", "%2C"], ["none"], ["%6Eone"], ["ä ö", "a=b&c"]])
def test_several_choices_come_back_from_the_address_as_they_were(names):
    assert apart(joined(names)) == names


def test_a_run_that_was_broken_off_keeps_no_later_choice_out_of_the_address():
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    app.session_state[Key.WAITING] = {"cohort": None}
    app.run()
    assert not app.exception and Key.WAITING not in app.session_state


def two_boxes() -> None:
    from pages.components.shared.choices import choose
    from pages.components.shared.session import begin_run, together
    from pages.components.shared.session_names import Param

    begin_run()
    with together():
        choose(Param.GROUP, "Group", ["yes", "no"])
        choose(Param.OVER, "Over", ["day", "week"])


def test_a_second_quick_click_does_not_undo_the_first_and_the_address_of_before_still_opens():
    """The second click reaches the server with the address of before the first one."""
    app = AppTest.from_function(two_boxes).run()
    before = dict(app.query_params)
    app.selectbox[0].set_value("no").run()
    app.query_params["group"] = before["group"]
    app.selectbox[1].set_value("week").run()
    assert chosen(app) == {"group": "no", "over": "week"} and app.query_params["group"] in ("no", ["no"])
    app.run()
    app.query_params["group"] = before["group"]
    app.run()
    assert chosen(app) == {"group": "yes", "over": "week"}
    app.query_params["group"] = ["no"]
    app.run()
    app.query_params["group"] = before["group"]
    app.run()
    assert chosen(app) == {"group": "yes", "over": "week"}
