"""Valid days in lists: the same as in the quality report of each week, whatever the settings, the device's flags and the marks; kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import RecordingError
from pat_core.records import COUNTS, MIMS, Finding, Period, Week
from pat_core.wear import SOURCES, Choi, QualitySettings, Troiano
from pat_core.weeks import quality_report, report
from pat_core.workflows.read import worn_days

JUDGED = (
    QualitySettings(), QualitySettings(hours_a_day=20), QualitySettings(hours_a_day=23.9), QualitySettings(rule=Troiano()),
    QualitySettings(trust_flags=False), QualitySettings(rule=Choi(window=60), days_needed=3),
)  # fmt: skip


def week(person: str, values: np.ndarray, worn: np.ndarray | None = None, index: int = 0) -> Week:
    start = datetime(2024, 3, 25)
    return Week(person, index, values, start, True, COUNTS, None, "start", report(values, COUNTS, worn), worn)


@pytest.fixture
def people(workspace, twenty_four) -> Workspace:
    """Weeks with periods off the body, some with the device's flags, one with gaps, one of zeros."""
    rng = np.random.default_rng(3)
    made = []
    for number, values in enumerate(twenty_four.weeks[:8].copy()):
        flags = np.ones(values.size, bool)
        for _ in range(number):
            begin = rng.integers(0, values.size - 900)
            values[begin : begin + rng.integers(60, 900)] = 0
            flags[begin : begin + rng.integers(60, 900)] = False
        if number == 5:
            values[4000:6000] = np.nan
        made.append(week(f"p{number}", values if number else np.zeros_like(values), flags if number % 2 else None))
    workspace.create_cohort("c", made, {})
    return workspace


def by_report(space: Workspace, settings: QualitySettings) -> list[int]:
    return [quality_report(space.week("c", row.participant, row.index), settings).valid_days for row in space.week_rows("c")]


@pytest.mark.parametrize(
    ("valid", "days", "needed", "severity"),
    [(1, 7, 7, "refuse"), (3, 7, 7, "refuse"), (4, 7, 7, "warn"), (6, 7, 7, "warn"), (7, 7, 7, None), (3, 7, 3, None), (2, 7, 3, "refuse"),
     (1, 3, 7, "refuse"), (2, 3, 7, "warn"), (3, 3, 7, None), (7, 14, 7, "refuse"), (8, 14, 4, None), (None, 7, 7, None)],
)  # fmt: skip
def test_fewer_valid_days_than_are_needed_are_marked_and_under_four_of_seven_no_answer_is_given(valid, days, needed, severity) -> None:
    found = worn_days.few_days(valid, days, QualitySettings(days_needed=needed))
    assert [one.severity for one in found] == ([severity] if severity else [])
    assert worn_days.with_days((Finding("gap", "refuse", "of the gate"),), found) == (Finding("gap", "refuse", "of the gate"),)


@pytest.mark.parametrize("settings", JUDGED, ids=str)
def test_lists_count_the_days_of_the_quality_report(people, settings) -> None:
    counted = worn_days.valid_days(people, "c", settings)
    assert counted.tolist() == by_report(people, settings)
    people.add_mark("c", ("p2", 0), Period(1440, 2880, "non-wear"), who="Ada", why="diary")
    people.add_mark("c", ("p3", 0), Period(0, 1440, "exclude"), who="Ada", why="diary")
    marked = worn_days.valid_days(people, "c", settings)
    assert marked.tolist() == by_report(people, settings)


def test_hours_are_counted_once_for_a_rule_and_compared_for_every_threshold(people, monkeypatch) -> None:
    worn_days.keep_wear(people, "c")
    monkeypatch.setattr(worn_days, "wear_of", lambda *_: pytest.fail("counted again"))
    strict = worn_days.valid_days(people, "c", QualitySettings(hours_a_day=24))
    assert (strict <= worn_days.valid_days(people, "c", QualitySettings(hours_a_day=1, days_needed=4))).all()
    with pytest.raises(BaseException, match="counted again"):
        worn_days.valid_days(people, "c", QualitySettings(rule=Troiano()))


def test_another_version_of_the_rule_is_counted_anew(people, monkeypatch) -> None:
    worn_days.keep_wear(people, "c")
    monkeypatch.setattr(worn_days, "WEAR_VERSION", worn_days.WEAR_VERSION + 1)
    monkeypatch.setattr(worn_days, "_minutes", lambda values, *_: np.full(7, 90))
    assert np.unique(worn_days.hours_worn(people, "c")).tolist() == [1.5]


def test_the_settings_of_the_workspace_hold_for_lists_and_reports_alike(people) -> None:
    settings = QualitySettings(hours_a_day=20, days_needed=3, rule=Troiano(), trust_flags=False)
    worn_days.keep_quality_settings(people, settings)
    assert worn_days.quality_settings(people) == settings
    assert worn_days.valid_days(people, "c").tolist() == by_report(people, settings)
    assert worn_days.week_quality(people, people.week("c", "p4")).valid_days == worn_days.valid_days(people, "c")[4]


@pytest.mark.parametrize(
    "kept", [{"rule": "own"}, {"rule": "choi", "of_rule": {}, "hours_a_day": 40}, [1], {"rule": "choi", "of_rule": {"x": 1}}]
)
def test_kept_settings_that_cannot_be_used_give_way_to_the_defaults(workspace, kept) -> None:
    workspace.keep_setting("quality: settings", kept)
    assert worn_days.quality_settings(workspace) == QualitySettings()


def test_a_rule_is_changed_by_name_and_one_with_minutes_of_its_own_stays() -> None:
    own = QualitySettings(rule=Choi(window=60))
    assert worn_days.with_rule(own, "Choi 2011") is own
    assert worn_days.with_rule(own, "Troiano 2008") == replace(own, rule=Troiano())
    with pytest.raises(RecordingError, match="24 hours"):
        replace(own, hours_a_day=25.0)


@pytest.mark.parametrize("field", ["rule", "trust_flags", "hours_a_day", "days_needed"])
def test_every_setting_says_its_default_and_where_that_comes_from(field) -> None:
    said = worn_days.source_words(field)
    assert said.startswith("Default: ") and SOURCES[field] in said and said.endswith(".")


def test_the_table_has_a_row_a_week_and_its_file_says_what_it_was_judged_by(people) -> None:
    settings = QualitySettings(hours_a_day=12, days_needed=5)
    hours = worn_days.hours_worn(people, "c", settings)
    table = worn_days.weeks_table(people, "c", hours, settings)
    assert table["Valid days"].tolist() == by_report(people, settings) and table["Valid days"].dtype.kind == "i"
    assert (table["Enough days"] == "yes").tolist() == [days >= 5 for days in table["Valid days"]]
    assert table.loc[0, "Begins"] == datetime(2024, 3, 25)
    first = worn_days.as_file(table, settings, [7] * len(table)).splitlines()
    assert first[0].endswith("Hours needed,Days needed,Non-wear by,Device believed,Not worn is said from")
    assert first[1].endswith("12,5,Choi 2011,yes,0.15")
    enough = int((table["Enough days"] == "yes").sum())
    assert worn_days.enough_words(hours, settings) == f"{enough} of 8 weeks have 5 of 7 days or more valid."


def test_where_nothing_tells_of_wear_no_day_is_counted_in_lists_as_in_the_report(workspace, twenty_four) -> None:
    unknown, told = twenty_four.weeks[:2] / 50
    start, flags = datetime(2024, 3, 25), np.ones(10_080, bool)
    weeks = [
        Week("unknown", 0, unknown, start, True, MIMS, None, "start", report(unknown, MIMS)),
        Week("told", 0, told, start, True, MIMS, None, "start", report(told, MIMS, flags), flags),
    ]
    workspace.create_cohort("c", weeks, {})
    settings = QualitySettings()
    assert by_report(workspace, settings) == [None, 7]
    for _ in range(2):  # counted, then kept
        hours = worn_days.hours_worn(workspace, "c", settings)
        assert np.isnan(hours[0]).all() and (hours[1] == 24).all()
    table = worn_days.weeks_table(workspace, "c", hours, settings)
    assert table["Enough days"].tolist() == ["not known", "yes"] and table["Valid days"].isna().tolist() == [True, False]
    said = "1 of 2 weeks has all 7 days valid. For 1, nothing in the file says when the device was worn."
    assert worn_days.enough_words(hours, settings) == said.replace("weeks has", "weeks have")


@pytest.mark.parametrize(
    ("minutes", "needed", "share"),
    [
        (3 * 1440, "2 of 3 are needed. ", "a 3-day window"),
        (7 * 1440, "4 of 7 are needed. ", "a week"),
        (14 * 1440, "8 of 14 are needed. ", "a 14-day window"),
        (None, "4 of 7 are needed, of other lengths the same share. ", "a window"),
    ],
)
def test_the_words_of_the_settings_are_of_the_windows_that_are_there(minutes, needed, share) -> None:
    settings = QualitySettings(days_needed=4)
    said = worn_days.settings_words(settings, minutes)
    assert needed in said and f"More than 15 % of {share} not worn" in said
    days = [7] if minutes is None else [minutes // 1440]
    assert f"{worn_days.judged_by(settings, days)['wear_days_needed']} of {days[0]} are" in said
