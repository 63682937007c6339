"""The five labels, question by question; what was not asked, refused or not known is missing and never "no"."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyreadstat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import RecordingError
from pat_core.nhanes import derive, drug_classes, transport_file, transport_files
from pat_core.nhanes.nhanes_labels import BENZODIAZEPINES, PHQ9, SSRIS
from tests.nhanes.made import PEOPLE, tables, write
from tests.shared import shared_file

B, S = {"benzodiazepine"}, {"ssri"}


def derived(folder, table, frame):
    path = write(frame, folder / f"{table}_H.xpt")
    return derive({table: transport_file(path, path.stem)})


@pytest.mark.parametrize(("name", "code", "kinds", "contradicts"), [
    ("alprazolam", "d00168", B, False), ("sertraline", "d00880", S, False), ("metformin", "d03807", set(), False),
    ("amitriptyline; chlordiazepoxide", "d03462", B, False), ("fluoxetine; olanzapine", "d04917", S, False),
    ("clorazepate", "", B, False),
    ("benzodiazepines - unspecified", "c00069", B, False), ("ssri antidepressants - unspecified", "", S, False),
    ("", "d00197", B, False), ("", "d04812", S, False), ("", "d04917", S, False), ("99999", "", set(), False), ("55555", "", set(), False),
    ("zolpidem", "d00910", set(), False), ("venlafaxine", "d03181", set(), False), ("trazodone", "d00395", set(), False),
    ("duloxetine", "d05355", set(), False), ("vilazodone", "d07740", set(), False), ("lisinopril", "d00168", set(), True),
])  # fmt: skip
def test_a_drug_is_told_by_its_generic_name_and_by_its_code_where_it_has_no_name(name, code, kinds, contradicts):
    assert drug_classes(name, code) == (kinds, contradicts)


@pytest.mark.parametrize(("drugs", "kind"), [(BENZODIAZEPINES, B), (SSRIS, S)])
def test_name_and_code_of_every_drug_say_the_same(drugs, kind):
    for name, code in drugs.items():
        assert drug_classes(name, code or "") == (kind, False)
        assert not code or drug_classes("", code) == (kind, False)
    codes = [code for code in [*BENZODIAZEPINES.values(), *SSRIS.values()] if code]
    assert len(codes) == len(set(codes))


def test_prescriptions_are_joined_over_rows_and_a_refusal_is_not_known(tmp_path):
    rows = [
        (1, 1, "METFORMIN", "d03807"),
        (1, 1, "Lorazepam", "d00149"),
        (2, 2, "", ""),
        (3, 7, "", ""),
        (4, 1, "99999", ""),
        (5, 1, "55555", ""),
        (5, 1, "CITALOPRAM", "d04332"),
        (6, 1, "LISINOPRIL", "d00148"),
        (7, 9, "", ""),
    ]
    frame = pd.DataFrame(rows, columns=["SEQN", "RXDUSE", "RXDDRUG", "RXDDRGID"]).astype({"SEQN": float, "RXDUSE": float})
    found = derived(tmp_path, "RXQ_RX", frame)
    taken = {number: (labels["benzodiazepine"], labels["ssri"]) for number, labels in found.people.items()}
    neither, unknown = ("no", "no"), (None, None)
    assert taken == {1: ("yes", "no"), 2: neither, 3: unknown, 4: neither, 5: ("no", "yes"), 6: neither, 7: unknown}
    assert any("2 people took a drug" in note for note in found.notes) and any("In 1 row of" in note for note in found.notes)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([0, 1, 2, 3, 7, 9, np.nan]), min_size=9, max_size=9))
def test_phq9_is_the_sum_of_nine_answers_or_missing(tmp_path_factory, answers):
    frame = pd.DataFrame({"SEQN": [5.0], **{name: [float(answer)] for name, answer in zip(PHQ9, answers, strict=True)}})
    labels = derived(tmp_path_factory.mktemp("dpq"), "DPQ", frame).people[5]
    if any(answer not in (0, 1, 2, 3) for answer in answers):
        assert labels == {"phq9": None, "depression": None}
    else:
        assert labels == {"phq9": sum(answers), "depression": "yes" if sum(answers) >= 10 else "no"}


def test_nine_points_are_not_depression_and_ten_are(tmp_path):
    frame = pd.DataFrame({"SEQN": [1.0, 2.0], **{name: [1.0, 1.0] for name in PHQ9}})
    frame.loc[1, "DPQ090"] = 2.0
    people = derived(tmp_path, "DPQ", frame).people
    assert [people[number]["depression"] for number in (1, 2)] == ["no", "yes"]


@pytest.mark.parametrize(("hours", "told", "disorder", "abnormal"), [
    (8, 2, "no", "no"), (8, 1, "yes", "yes"), (5, 2, "no", "yes"), (6, 2, "no", "no"), (11, 2, "no", "no"), (12, 2, "no", "yes"),
    (1, 2, "no", "yes"), (99, 2, "no", None), (77, 1, "yes", "yes"), (8, 9, None, None), (4, 9, None, "yes"), (np.nan, np.nan, None, None),
    (12, 7, None, "yes"),
])  # fmt: skip
def test_sleep_answers_give_disorder_and_abnormality(hours, told, disorder, abnormal, tmp_path):
    labels = derived(tmp_path, "SLQ", pd.DataFrame({"SEQN": [5.0], "SLD010H": [float(hours)], "SLQ060": [float(told)]})).people[5]
    assert (labels["sleep disorder"], labels["sleep abnormality"]) == (disorder, abnormal)
    assert labels["sleep hours"] == (hours if 0 < hours <= 24 else None)


def test_all_tables_are_joined_by_person(tmp_path):
    tables(tmp_path, "H")
    there = transport_files(tmp_path)
    found = derive({name.removesuffix("_H"): file for name, file in there.items()})
    people = [found.people[number] for number in PEOPLE]
    assert [person["benzodiazepine"] for person in people] == ["yes"] + ["no"] * 10 + [None]
    assert [person["ssri"] for person in people] == ["no", "yes"] + ["no"] * 9 + [None]
    assert [person["depression"] for person in people] == ["no", "no", "yes"] + ["no"] * 8 + [None]
    assert [person["sleep disorder"] for person in people] == ["no"] * 3 + ["yes"] + ["no"] * 7 + [None]
    assert [person["sleep abnormality"] for person in people] == ["no"] * 3 + ["yes", "yes"] + ["no"] * 6 + [None]
    assert (people[0]["sex"], people[1]["sex"], people[1]["age"]) == ("male", "female", 21.0)


def test_a_row_without_a_number_is_left_out(tmp_path):
    frame = pd.DataFrame({"SEQN": [np.nan, 5.0], "SLD010H": [8.0, 8.0], "SLQ060": [1.0, 2.0]})
    assert list(derived(tmp_path, "SLQ", frame).people) == [5]


def test_a_table_without_its_questions_is_refused_by_name(tmp_path):
    with pytest.raises(RecordingError, match="SLQ_H.xpt cannot be read. SLD010H, SLQ060 should be among"):
        derived(tmp_path, "SLQ", pd.DataFrame({"SEQN": [5.0], "SLD012": [8.0]}))


@pytest.mark.shared
def test_age_and_sex_of_the_real_demographics_are_as_an_independent_reader_has_them():
    path = shared_file("data/DEMO_C.XPT")
    frame, _ = pyreadstat.read_xport(str(path))
    people = derive({"DEMO": transport_file(path, "DEMO_C")}).people
    assert list(people) == frame.SEQN.astype(int).tolist()
    assert [person["age"] for person in people.values()] == frame.RIDAGEYR.tolist()
    assert [person["sex"] for person in people.values()] == frame.RIAGENDR.map({1: "male", 2: "female"}).tolist()
