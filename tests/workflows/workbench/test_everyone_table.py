"""The table of everyone: its figures are those that other pages show, and filters and files choose the people whom they name."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pat_core.errors import WorkspaceError
from pat_core.workflows.models.predictions import predict_cohort
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.week.chosen_people import chosen_words
from pat_core.workflows.week.week_nights import week_nights, week_rhythm
from pat_core.workflows.workbench.everyone_table import as_file, people_table
from pat_core.workflows.workbench.figures_job import FiguresRequest, compute_figures, figures_missing
from pat_core.workflows.workbench.people_choosing import choose_by_file, choose_by_filter, names_in
from pat_core.workflows.workbench.people_columns import OF_FIGURES, label_column
from pat_core.workflows.workbench.people_sources import figures_of_people
from tests.workflows.made import Told


@pytest.fixture(scope="module")
def table(demo, model):
    return people_table(demo, COHORT, ["stability", "score", "distance"], model)


def test_everybody_has_a_row_in_the_cohorts_order_with_what_is_known_of_them(demo, table):
    people = demo.people(COHORT)
    assert table.participants == [person.participant for person in people] and len(table.columns) == table.frame.shape[1]
    assert table.frame["label:late wake"].tolist() == [person.labels["late wake"] for person in people]
    assert set(table.frame["review"]) == {"new"} and (table.frame["windows"] == 1).all()


def test_figures_and_scores_are_those_of_the_persons_page(demo, model, table):
    who = table.participants[4]
    week = demo.week(COHORT, who, 0)
    nights = week_nights(week)
    rhythm, row = week_rhythm(week, nights), table.frame.iloc[4]
    assert row["stability"] == pytest.approx(rhythm.interdaily_stability) and row["m10"] == pytest.approx(rhythm.m10, rel=1e-6)
    assert row["acrophase"] == pytest.approx((rhythm.acrophase / 60 - 3) % 24)
    summary = nights.report.summary
    assert row["sleep"] == pytest.approx(summary.sleep.mean / 60) and row["efficiency"] == pytest.approx(summary.efficiency.mean)
    assert table.columns["onset"].words(row["onset"]) == f"{summary.onset.mean // 60:02.0f}:{round(summary.onset.mean % 60):02d}"
    scores = {item.row.participant: item.prediction.logit for item in predict_cohort(demo, model, COHORT)}
    assert row["score"] == pytest.approx(scores[who]) and table.columns["m10"].unit == demo.cohort(COHORT).unit
    assert table.frame["distance"].notna().all() and table.frame["nearer"].between(0, 100).all()


def test_what_is_kept_is_not_computed_again_and_a_job_computes_the_same(demo, table):
    told = Told()
    assert figures_missing(demo, COHORT) == 0
    assert compute_figures(demo, FiguresRequest(COHORT, demo.cohort(COHORT).id), told) == len(table.participants) and told.fractions == []
    assert compute_figures(demo, FiguresRequest(COHORT, demo.cohort(COHORT).id, MODEL)) == len(table.participants)
    with pytest.raises(WorkspaceError, match="a different cohort now"):
        compute_figures(demo, FiguresRequest(COHORT, "another"))
    pd.testing.assert_frame_equal(figures_of_people(demo, COHORT).frame, table.frame[[each.column.key for each in OF_FIGURES]])


def test_a_file_has_titles_with_units_and_clock_times_as_they_are_read(table):
    file = as_file(table, ["onset", "in_bed", "label:late wake"])
    assert list(file) == ["Participant", "Falls asleep", "Time in bed (h)", "late wake"]
    assert file["Falls asleep"].str.fullmatch(r"\d\d:\d\d").all() and len(file) == 40


def test_labels_are_numbers_where_they_are_a_scale_and_values_else():
    assert label_column("age", [float(age) for age in range(20, 40)]).kind == "number"
    assert label_column("arm", [1.0, 2.0, 1.0]).kind == "text" and label_column("id", [None, *map(float, range(30))]).kind == "text"


def test_a_kept_filter_chooses_who_fits_it_now(demo, model, table):
    demo.keep_filter(COHORT, "late", [{"column": "label:late wake", "values": ["planted"]}, {"column": "score", "low": 0.0}])
    chosen = choose_by_filter(demo, COHORT, "late", model)
    fits = (table.frame["label:late wake"] == "planted") & (table.frame["score"] >= 0)
    assert list(chosen.participants) == table.frame.loc[fits, "participant"].tolist() and chosen.kept_filter == "late"
    words = chosen_words(chosen, 40)
    assert words.startswith(f"Only {fits.sum()} of 40 people: filter “late”: late wake is planted; Score (logits) at least 0 (sha256 ")
    demo.keep_filter(COHORT, "nobody", [{"column": "valid_days", "low": 8.0}])
    demo.keep_filter(COHORT, "gone", [{"column": "label:bmi", "low": 8.0}])
    for name, sentence in {"nobody": "lets nobody of", "gone": "asks for bmi"}.items():
        with pytest.raises(WorkspaceError, match=sentence):
            choose_by_filter(demo, COHORT, name, model)
    with pytest.raises(WorkspaceError, match="with --model"):
        choose_by_filter(demo, COHORT, "late")


def test_a_file_of_identifiers_chooses_whom_it_names(demo, tmp_path):
    path = tmp_path / "who.csv"
    for text in ("sim-0003\nsim-0001\n\n", "age;Participant\n40;sim-0003\n41;sim-0001\n", "\ufeffparticipant\nsim-0001\nsim-0003\n"):
        path.write_text(text, encoding="utf-8")
        assert choose_by_file(demo, COHORT, path).participants == ("sim-0001", "sim-0003")
    for content, sentence in ((b"", "got none"), (b"a,b\n1,2\n", "a column called participant"), (b"\xff\xfe\x00", "as text"),
                              (b"sim-0001\nsim-9999\n", "no participant 'sim-9999'")):  # fmt: skip
        path.write_bytes(content)
        with pytest.raises(WorkspaceError, match=sentence):
            choose_by_file(demo, COHORT, path)
    with pytest.raises(WorkspaceError, match="cannot be read"):
        names_in(tmp_path / "none.csv")


def test_weeks_that_are_unfit_have_no_figures_and_it_is_noted(own_flat):
    part = figures_of_people(own_flat, "people")
    assert np.isnan(part.frame.iloc[0].to_numpy(float)).all() and part.frame.iloc[1]["stability"] > 0
    assert part.notes == ("1 of 2 people have no figures of rhythm and sleep: the input check finds their first week unfit.",)


@pytest.fixture
def own_flat(workspace, simulated):
    """Two people, the device of the first of whom measured nothing."""
    from pat_core.records import COUNTS, Week
    from pat_core.weeks import report

    weeks = [np.zeros(10080, np.float32), simulated.weeks[0]]
    workspace.create_cohort(
        "people",
        [Week(f"p{n}", 0, values, None, False, COUNTS, None, "start", report(values, COUNTS)) for n, values in enumerate(weeks)],
        {},
    )
    return workspace
