"""Nights of a week with its marks: closed forms, units, clocks that are not known, and tables that hold what the report holds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import WeekError, WorkspaceError
from pat_core.figures import night_days
from pat_core.figures.palette import figures as rounded
from pat_core.records import COUNTS, MG, MIMS, STEPS, UNKNOWN_UNIT, Period, Week
from pat_core.reports.glossary import glossary
from pat_core.reports.night_tables import (
    RHYTHM,
    naps_words,
    night_notes,
    nights_file,
    nights_table,
    rhythm_file,
    rhythm_table,
    write_cohort,
)
from pat_core.weeks import apply_marks, report
from pat_core.workflows.week.week_nights import week_nights, week_rhythm
from tests.rhythms.made import NOON

NIGHT = 24 * 60
BEDTIME, RISE = 660, 1140
FIRST, END = BEDTIME + 3, RISE - 1
"""Minutes after noon: of lying still, and of what Cole-Kripke takes for sleep."""


def counts(*later: int) -> np.ndarray:
    """A week from noon on, moving but for 23:00 to 07:00 of each day, which a twitch every ten minutes tells from a device on a table.

    Beside each night stand minutes of 800, with which Cole-Kripke takes 23:03 to 06:59 for sleep. later: of each night, by how much.
    """
    rng = np.random.default_rng(0)
    values = np.round(300 + rng.exponential(400, 7 * NIGHT))
    for number in range(7):
        first = number * NIGHT + BEDTIME + (later[number] if later else 0)
        end = first + RISE - BEDTIME
        values[first - 6 : end + 6] = 800
        values[first:end] = 0
        values[first:end:10] = rng.integers(1, 10, (RISE - BEDTIME) // 10)
    return values


def of(values: np.ndarray | None = None, **facts: object) -> Week:
    values = np.asarray(counts() if values is None else values, np.float32)
    unit = facts.pop("unit", COUNTS)
    made = Week("p1", 0, values, NOON, True, unit, "ActiGraph GT3X", "start", report(values, unit))
    return replace(made, **facts)


def marked(*periods: tuple[int, int, str], **facts: object) -> Week:
    return apply_marks(of(**facts), tuple(Period(*one) for one in periods))


def test_seven_equal_nights_have_their_times_and_no_deviation():
    found = week_nights(of())
    assert [(night.first % NIGHT, night.end % NIGHT) for night in found.report.nights] == [(FIRST, END)] * 7
    table = nights_table(found)
    assert list(table["Bedtime"][:7]) == ["23:03"] * 7 and list(table["Got up"][:7]) == ["06:59"] * 7
    assert list(table["In bed (h)"][:7]) == ["7:56"] * 7 and set(found.notes) == {""} and found.by_hand == (False,) * 7
    mean, deviation = table.iloc[7], table.iloc[8]
    assert (mean["Night"], mean["Bedtime"], mean["In bed (h)"], mean["Midpoint"]) == ("Mean of 7", "23:03", "7:56", "03:01")
    columns = ["Night", "Bedtime", "In bed (h)", "Asleep (%)"]
    assert [deviation[name] for name in columns] == ["SD", "0 min", "0 min", "0.0"]
    assert list(table["Night"][:2]) == ["Mon 1 Jan to Tue 2", "Tue 2 to Wed 3"]


def test_mean_and_deviation_are_those_of_the_rows_above():
    rng = np.random.default_rng(3)
    values = counts(*rng.integers(0, 120, 7))
    values[rng.permutation(np.flatnonzero(values < 10))[:150]] = 900
    table = nights_table(week_nights(of(values)))
    for column in ("Asleep (%)", "Asleep after (min)", "Awake (min)", "Awakenings"):
        rows = table[column][:7].astype(float)
        assert float(table[column][7]) == pytest.approx(rows.mean(), abs=0.06), column
        assert float(table[column][8]) == pytest.approx(rows.std(ddof=1), abs=0.06), column
    minutes = pd.to_timedelta(table["In bed (h)"][:7] + ":00").dt.total_seconds() / 60
    assert table["In bed (h)"][7] == f"{round(minutes.mean()) // 60}:{round(minutes.mean()) % 60:02d}"
    assert table["In bed (h)"][8] == f"{minutes.std(ddof=1):.0f} min"


def test_social_jetlag_is_told_with_how_many_nights_of_each_kind_it_is_from():
    values = counts(0, 0, 0, 0, 90, 90, 0)  # the week begins on a Monday: before Saturday and Sunday
    said = naps_words(week_nights(of(values)))
    assert "Social jetlag: 90 min" in said and "2 before a Saturday or Sunday, 5 before other days" in said
    values[4 * NIGHT : 5 * NIGHT] = np.random.default_rng(1).integers(400, 2000, NIGHT)
    assert "needs two whole nights of each kind (1 before" in naps_words(week_nights(of(values)))


@pytest.mark.parametrize("unit", [MIMS, MG, STEPS])
def test_a_unit_that_no_score_holds_for_has_a_sentence_in_place_of_numbers(unit):
    found = week_nights(of(unit=unit))
    assert found.report is None and unit in found.why and nights_table(found).empty and nights_file(found).empty


def test_an_unknown_unit_and_an_unfit_week_have_sentences_of_their_own():
    assert "does not say in which unit" in week_nights(of(unit=UNKNOWN_UNIT)).why
    unfit = week_nights(of(np.zeros(7 * NIGHT)))
    assert unfit.report is None and "every minute is zero" in unfit.why


def test_a_score_that_there_is_not_is_refused_and_not_taken_for_a_wrong_unit():
    with pytest.raises(WeekError, match="no sleep score called"):
        week_nights(of(), "guess")


def test_without_a_clock_no_time_is_shown_and_no_weekday_is_made_use_of():
    found = week_nights(of(start=None))
    table = nights_table(found)
    assert not {"Bedtime", "Onset", "Offset", "Got up", "Midpoint"} & set(table.columns)
    assert table["In bed (h)"][0] == "7:56" and list(table["Night"][:2]) == ["Day 1", "Day 2"]
    assert "weekday is not known" in naps_words(found)
    rows = nights_file(found)
    assert set(rows["bedtime"]) == set(rows["midpoint"]) == set(rows["evening"]) == {""}


def test_a_clock_without_a_date_gives_clock_times_and_weekdays_but_no_date():
    rows = nights_file(week_nights(of(date_known=False)))
    assert rows["bedtime"][0] == "23:03" and rows["evening"][0] == "" and rows["weekday"][0] == "Monday"


def test_rest_marked_by_hand_takes_the_place_of_the_estimate_that_it_touches():
    first = BEDTIME - 60
    found = week_nights(marked((first, RISE + 20, "rest")))
    night = found.report.nights[0]
    assert (night.first, night.end, found.by_hand[0], found.by_hand[1]) == (first, RISE + 20, True, False)
    assert night.latency == pytest.approx(60, abs=10) and found.notes[0] == "Rest marked by hand" and found.notes[1] == ""
    assert [(night.first, night.end) for night in found.report.nights[1:]] == [
        (one * NIGHT + FIRST, one * NIGHT + END) for one in range(1, 7)
    ]
    assert list(nights_file(found)["rest_from"][:2]) == ["mark by hand", "rule"]


def test_a_short_marked_rest_is_a_nap_and_ends_no_night():
    found = week_nights(marked((180, 240, "rest")))
    assert len(found.report.nights) == 7 and not any(found.by_hand)
    assert [(nap.first, nap.end) for nap in found.report.naps] == [(180, 240)]
    assert found.report.summary.naps == pytest.approx(1 / 7)


def test_marked_rest_counts_without_a_clock_and_still_shows_none():
    found = week_nights(marked((NIGHT // 3, NIGHT // 3 + 300, "rest"), start=None))
    assert (NIGHT // 3, NIGHT // 3 + 300) in [(night.first, night.end) for night in found.report.nights]
    assert all(night.bedtime is None and night.free is None for night in found.report.nights)
    assert found.report.summary.bedtime is None and found.report.summary.social_jetlag is None


@pytest.mark.parametrize(("kind", "words"), [("exclude", "left out by hand"), ("non-wear", "not worn")])
def test_a_night_that_touches_marked_minutes_says_so(kind, words):
    found = week_nights(marked((BEDTIME + 60, BEDTIME + 80, kind)))
    assert found.notes[0] == f"20 min {words}" and found.report.nights[0].missing == 20
    assert found.report.nights[0].whole and found.report.summary.nights == 7, "a short gap well within hides neither end of the night"


GAPS = {"borders on minutes {}": [(FIRST - 5, FIRST + 15)], "50 min {}": [(BEDTIME + 60, BEDTIME + 85), (BEDTIME + 160, BEDTIME + 185)]}


@pytest.mark.parametrize("said", GAPS)
@pytest.mark.parametrize(("kind", "words"), [("exclude", "left out by hand"), ("non-wear", "not worn")])
def test_a_night_that_begins_at_marked_minutes_or_misses_a_tenth_leaves_the_means(kind, words, said):
    found, words = week_nights(marked(*((*gap, kind) for gap in GAPS[said]))), said.format(words)
    assert found.notes[0] == f"Not in the means: {words}" and not found.report.nights[0].whole
    assert found.report.summary.nights == 6
    assert nights_table(found)["Night"].iloc[-2] == "Mean of 6" and nights_table(found)["Night"].iloc[0] == "Mon 1 Jan to Tue 2 ✗"
    assert night_notes(found) == [f"Mon 1 Jan to Tue 2, not in the means: {words}."]
    assert list(nights_file(found)["in_means"]) == ["no"] + ["yes"] * 6


def test_nights_that_the_week_cuts_say_at_which_end():
    values = np.roll(counts(), -BEDTIME - 210)
    found = week_nights(of(values, start=NOON + timedelta(minutes=BEDTIME + 210)))
    assert found.notes[0] == "Not in the means: cut by the beginning of the week"
    assert found.notes[-1] == "Not in the means: cut by the end of the week"


def test_who_sleeps_by_day_is_named_by_one_day_in_the_file_as_on_the_page_and_the_reason_is_said():
    by_night, by_day = week_nights(of()), week_nights(of(start=NOON + timedelta(hours=12)))
    for found in (by_night, by_day):
        assert list(nights_file(found)["night_name"]) == [name.removesuffix(" ✗") for name in nights_table(found)["Night"]][:-2]
    assert list(nights_file(by_night)["night_name"])[0] == "Mon 1 Jan to Tue 2"
    assert list(nights_file(by_day)["night_name"])[0] == "Tue 2 Jan"
    reason = "Most of this sleep is by day, so days are drawn from midnight to midnight, and each sleep is named after its one day."
    assert reason in by_day.report.notes and reason not in by_night.report.notes


def test_the_file_holds_what_the_report_holds_with_units_and_algorithm():
    found = week_nights(of(), "sadeh")
    rows = nights_file(found)
    for column, field in {
        "time_in_bed_min": "time_in_bed",
        "sleep_min": "sleep",
        "efficiency_percent": "efficiency",
        "waso_min": "waso",
    }.items():
        assert list(rows[column]) == [getattr(night, field) for night in found.report.nights]
    assert set(rows["algorithm"]) == {"Sadeh"} and set(rows["unit"]) == {COUNTS} and set(rows["week"]) == {1}
    assert list(rows["bedtime"]) == [f"{night.bedtime:%Y-%m-%d %H:%M}" for night in found.report.nights]


def test_the_weeks_row_holds_its_rhythm_figures_and_the_summary_of_its_nights():
    week = of()
    found, rhythm = week_nights(week), week_rhythm(week)
    row = rhythm_file(week, rhythm, found).iloc[0]
    assert row["interdaily_stability"] == rhythm.interdaily_stability and row["acrophase_min"] == rhythm.acrophase
    assert row["sleep_min_mean"] == found.report.summary.sleep.mean and row["bedtime_min_mean"] == 23 * 60 + 3
    without = rhythm_file(of(unit=MIMS), rhythm, week_nights(of(unit=MIMS))).iloc[0]
    assert "sleep_min_mean" not in without and MIMS in without["why_no_nights"] and without["unit"] == MIMS


def test_the_table_of_rhythm_figures_rounds_as_the_dots_beside_the_cohort_and_has_every_word_explained():
    week = of()
    rhythm = week_rhythm(week)
    table = rhythm_table(week, rhythm, glossary()).set_index("Figure")
    assert set(RHYTHM) <= set(glossary()) and all(table["What it is"])
    for figure, name in {"Interdaily stability (IS)": "interdaily_stability", "Sleep regularity index (SRI)": "sri"}.items():
        assert table.loc[figure, "This week"] == rounded(getattr(rhythm, name), 3)
    assert table.loc["Least active 5 hours (L5)", "This week"].startswith(f"{rounded(rhythm.l5, 3)} {COUNTS}, from ")
    assert {"Mean level of the wave (mesor)", "Peak of the wave (acrophase)"} <= set(table.index)
    plain = rhythm_table(of(unit=MIMS), replace(rhythm, sri=None, l5=float("nan")), {}).set_index("Figure")["This week"]
    assert plain["Sleep regularity index (SRI)"] == "does not apply to this unit"
    assert plain["Least active 5 hours (L5)"] == "not defined for this week"


@pytest.fixture
def cohort(workspace) -> Workspace:
    weeks = [of(), of(participant="p2", unit=MIMS)]
    workspace.create_cohort("counts", weeks[:1], {})
    workspace.create_cohort("mims", weeks[1:], {})
    return workspace


def test_a_cohort_is_written_as_its_weeks_are_shown_with_the_marks_that_hold(cohort, tmp_path):
    cohort.add_mark("counts", ("p1", 0), Period(BEDTIME - 60, RISE, "rest"), who="Ada", why="diary")
    done = write_cohort(cohort, "counts", tmp_path / "nights.csv", weeks_out=tmp_path / "weeks.csv")
    assert (done.nights, done.weeks) == (7, 1) and "Cole-Kripke" in done.notes[0]
    shown = nights_file(week_nights(cohort.week("counts", "p1", 0)))
    kept = pd.read_csv(tmp_path / "nights.csv", keep_default_na=False)
    assert list(kept["rest_from"]) == ["mark by hand"] + ["rule"] * 6
    pd.testing.assert_frame_equal(kept, shown, check_dtype=False)
    table = pd.read_csv(tmp_path / "weeks.csv", dtype=str)
    assert (table["nights"][0], table["nights_left_out"][0]) == ("7", "0") and table["m10_start_min"][0].isdecimal()


def test_counts_are_whole_numbers_in_the_file_where_somebody_has_none(workspace, tmp_path):
    workspace.create_cohort("two", [of(), of(np.zeros(10_080, np.float32), participant="idle")], {})
    write_cohort(workspace, "two", tmp_path / "nights.csv", weeks_out=tmp_path / "weeks.csv")
    table = pd.read_csv(tmp_path / "weeks.csv", dtype=str, keep_default_na=False)
    assert table["nights"].tolist() == ["7", ""] and table["nights_left_out"].tolist() == ["0", ""]


def test_a_cohort_whose_unit_has_no_nights_gets_its_rhythm_alone_or_a_sentence(cohort, tmp_path):
    with pytest.raises(WorkspaceError, match="No nights can be reported.*MIMS"):
        write_cohort(cohort, "mims", tmp_path / "nights.csv")
    done = write_cohort(cohort, "mims", tmp_path / "nights.csv", weeks_out=tmp_path / "weeks.csv")
    assert done.nights == 0 and not (tmp_path / "nights.csv").exists() and (tmp_path / "weeks.csv").exists()
    with pytest.raises(WorkspaceError, match=r"\.csv or \.parquet"):
        write_cohort(cohort, "counts", tmp_path / "nights.txt")


def test_an_implausible_night_is_marked_in_the_table_the_notes_and_the_file_and_left_out_of_the_means():
    values = counts()
    values[3 * NIGHT + 540 : 3 * NIGHT + 1300] = np.random.default_rng(3).choice([0, 0, 0, 0, 0, 0, 0, 2, 5], 760)  # 12 h 40
    found = week_nights(of(values))
    table, file = nights_table(found), nights_file(found)
    assert [name.endswith("\u2717") for name in table["Night"][:7]] == [False] * 3 + [True] + [False] * 3
    assert table["Night"].iloc[-2] == "Mean of 6" and found.report.summary.left_out == 1
    assert [line.split(", ", 1)[1] for line in night_notes(found)] == ["not in the means: implausible, over 12 h in bed."]
    assert list(file["plausible"]) == list(file["in_means"]) == ["yes"] * 3 + ["no"] + ["yes"] * 3
    figure, caption = night_days(found.week, found.report, found.nonwear, found.notes)
    assert "implausible, over 12 h in bed" in caption and sum("\u2717" in (one.text or "") for one in figure.layout.annotations) == 2
