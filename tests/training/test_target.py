"""What people type of a label, and the numbers that are learned from it."""

import pytest

from pat_core.errors import TrainingError
from pat_core.training.target import Target, TargetChoice, compared, label_number, no_numbers, target_of

COLUMNS = {
    "group": ["late", "early", "late", "owl", None],
    "madrs1": [24.0, 25.0, "26", "24,5", "unknown"],
    "stage": ["mild", "severe", "moderate", "mild", ""],
    "grade": [1.0, 10.0, 2.0, 1.0, None],
    "a>=1": ["yes", "no", "no", "yes", "no"],
}


def numbers(target: Target) -> list[float | None]:
    return [target.number(value) for value in COLUMNS[target.label]]


def test_one_value_against_everyone_else_or_against_another():
    others = target_of("group", COLUMNS, TargetChoice(), "late")
    assert others.classes == ("not late", "late") and numbers(others) == [1, 0, 1, 0, None]
    early = target_of("group", COLUMNS, TargetChoice(), "late", "early")
    assert early.classes == ("early", "late") and numbers(early) == [1, 0, 1, None, None]


def test_several_positive_values_are_one_group():
    target = target_of("group", COLUMNS, TargetChoice(positives=("late", "owl")), "late or owl")
    assert target.classes == ("not late or owl", "late or owl") and numbers(target) == [1, 0, 1, 1, None]
    assert target.words() == "group: late or owl against not late or owl"


@pytest.mark.parametrize(
    ("label", "expected", "names"),
    [
        ("madrs1>=25", [0, 1, 1, 0, None], ("<25", ">=25")),
        ("madrs1 > 25", [0, 0, 1, 0, None], ("<=25", ">25")),
        ("madrs1≤24.5", [1, 0, 0, 1, None], (">24.5", "<=24.5")),
        ("madrs1<24,5", [1, 0, 0, 0, None], (">=24.5", "<24.5")),
    ],
)
def test_a_threshold_on_a_number_makes_two_classes(label, expected, names):
    target = target_of(label, COLUMNS, TargetChoice())
    assert (target.label, target.kind, target.classes) == ("madrs1", "two classes", names) and numbers(target) == expected
    assert no_numbers(target, COLUMNS["madrs1"]) == "1 person is left out: their madrs1 is no number (unknown (1))."


def test_a_column_that_is_called_like_a_threshold_is_a_column():
    assert compared("a>=1", COLUMNS) is None and compared("a>=2", COLUMNS) == ("a", ">=", 2.0)
    assert target_of("a>=1", COLUMNS, TargetChoice(), "yes").classes == ("not yes", "yes")


def test_classes_come_in_the_order_of_numbers_or_as_they_are_given():
    assert numbers(target_of("grade", COLUMNS, TargetChoice("ordinal"))) == [0, 2, 1, 0, None]
    assert target_of("group", COLUMNS, TargetChoice("classes")).classes == ("early", "late", "owl")
    order = target_of("stage", COLUMNS, TargetChoice("ordinal", classes=("mild", "moderate", "severe")))
    assert numbers(order) == [0, 2, 1, 0, None] and order.outputs().count == 2


def test_cuts_sort_a_number_into_classes_that_begin_at_them():
    target = target_of("madrs1", COLUMNS, TargetChoice("ordinal", cuts=(24.5, 26.0)))
    assert target.classes == ("<24.5", "24.5 to <26", ">=26") and numbers(target) == [0, 1, 2, 1, None]


def test_a_value_is_the_number_in_its_unit():
    target = target_of("madrs1", COLUMNS, TargetChoice("value", unit="points"))
    assert numbers(target) == [24, 25, 26, 24.5, None] and target.words() == "madrs1 in points" and target.outputs().unit == "points"
    assert label_number("nan") is label_number("inf") is label_number(True) is label_number(None) is None


def test_targets_and_choices_come_back_from_plain_values():
    for target in (target_of("madrs1>=25", COLUMNS, TargetChoice()), target_of("grade", COLUMNS, TargetChoice("classes"))):
        plain = {name: list(value) if isinstance(value, tuple) else value for name, value in target.as_dict().items()}
        assert Target.from_dict(plain | {"of a later version": 1}) == target


@pytest.mark.parametrize(
    ("label", "choice", "positive", "sentence"),
    [
        ("", {}, "x", "Expected the label column by name, got an empty one"),
        ("group", {}, "", "Expected the positive value by name, got an empty one"),
        ("group", {"positives": ("late", "lark")}, "", r"Nobody in ward has group = 'lark'. Its values are: late \(2\), early \(1\), owl"),
        ("madrs9>=3", {}, "", "There is no label 'madrs9'. There are: group, madrs1"),
        ("group>=3", {}, "", "Expected numbers in group, got 0 among 4 values"),
        ("madrs1>=25", {"kind": "ordinal"}, "", "makes two classes by itself"),
        ("group", {"kind": "value"}, "", "Expected numbers in group"),
        ("group", {"kind": "classes"}, "late", "belongs to two classes, but the kind is classes"),
        ("stage", {"kind": "ordinal"}, "", r"words, so their order must be given.*mild \(2\)"),
        ("a>=1", {"kind": "classes"}, "", "Expected 3 to 20 classes, but a>=1 has 2 values in ward. Take two classes"),
        ("madrs1", {"kind": "ordinal", "cuts": (25,)}, "", "as in madrs1>=25"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_a_sentence(label, choice, positive, sentence):
    with pytest.raises(TrainingError, match=sentence):
        target_of(label, COLUMNS, TargetChoice(**choice), positive, None, "ward")


@pytest.mark.parametrize(
    "wrong", [{"kind": "three"}, {"positives": ("a",), "kind": "value"}, {"cuts": (3, 2), "kind": "ordinal"}, {"unit": "years"},
              {"kind": "classes", "classes": ("a", "a")}, {"kind": "ordinal", "classes": ("a", "b"), "cuts": (1, 2)}],
)  # fmt: skip
def test_choices_that_do_not_go_together_are_refused(wrong):
    with pytest.raises(TrainingError):
        TargetChoice(**wrong)
