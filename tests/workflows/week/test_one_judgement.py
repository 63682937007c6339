"""Wear and rest are judged once: the sheet, the picture of wear, the nights, what-if, figures and the receipt tell the same."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import ExplanationError
from pat_core.records import COUNTS, Week, WeekQuestion
from pat_core.wear import Choi, QualitySettings, Troiano, covered
from pat_core.weeks import check, report
from pat_core.workflows.explanations.map_quality import sealed
from pat_core.workflows.models.predictions import cohort_standardizer
from pat_core.workflows.people.demo import ensure_demo
from pat_core.workflows.people.participant_week import receipt, scored_by, week_view
from pat_core.workflows.read.worn_days import keep_quality_settings, quality_settings, settings_of, week_quality
from pat_core.workflows.receipts.receipt_check import check_receipt
from pat_core.workflows.week import cohort_weeks
from pat_core.workflows.week.cohort_weeks import unfit_rows
from pat_core.workflows.week.week_nights import rhythm_spread, week_nights, week_rhythm
from tests.rhythms.made import NOON
from tests.workflows.made import edited
from tests.workflows.week.test_week_nights import BEDTIME, counts

DAY = 1440
STRICT = QualitySettings(rule=Choi(window=60), trust_flags=False, hours_a_day=22, still_longest=0)


def flagged() -> Week:
    """126 still minutes that the device says were worn, 66 more, and a night that it says was not."""
    values, worn = counts().astype(np.float32), np.ones(7 * DAY, bool)
    values[100:226] = 0
    values[DAY + 100 : DAY + 166] = 0
    worn[3 * DAY + BEDTIME - 30 : 4 * DAY - 100] = False
    return Week("p", 0, values, NOON, True, COUNTS, "ActiGraph GT3X", "start", report(values, COUNTS, worn), worn)


@pytest.fixture
def people(tmp_path, demo, model) -> Workspace:
    space = Workspace(tmp_path / "judged")
    ensure_demo(space)
    off = replace(flagged(), participant="off", worn=np.zeros(7 * DAY, bool))
    space.create_cohort("c", [flagged(), off], {})
    return space


@pytest.mark.parametrize("settings", [QualitySettings(), STRICT])
def test_every_picture_of_a_week_shades_the_same_minutes_by_the_settings_of_the_workspace(people, model, settings):
    keep_quality_settings(people, settings)
    view = week_view(people, model, WeekQuestion("c", "p"))
    judged = week_quality(people, people.week("c", "p"))
    assert np.array_equal(view.nonwear, covered(judged.nonwear, 7 * DAY)) and view.nonwear.any()
    assert view.nonwear[100:226].any() == view.nonwear[DAY + 100 : DAY + 166].any() == (settings is STRICT)
    table = week_nights(view.week, None, settings)
    assert np.array_equal(view.sleep, table.report.rest) and not (view.sleep & view.nonwear).any()
    made = edited(people, model, "c", "p", edit="damp_night", dose=0, anyway=True)
    assert np.array_equal(made.nonwear, view.nonwear) and np.array_equal(made.rest, view.sleep)


@pytest.mark.parametrize("score", [None, "sadeh", "oakley"])
def test_rest_by_the_chosen_score_is_the_same_in_the_view_the_edits_and_the_table(people, model, score):
    view = scored_by(week_view(people, model, WeekQuestion("c", "p")), score, quality_settings(people))
    table = week_nights(view.week, score, quality_settings(people))
    made = edited(people, model, "c", "p", edit="damp_night", dose=0, anyway=True, nights=view.nights)
    assert view.score == (score or "cole_kripke") and view.sleep.any()
    assert np.array_equal(view.sleep, table.rest) and np.array_equal(made.rest, table.rest)
    assert view.rhythm.sri == table.regularity.index


def test_the_score_goes_by_the_placement_everywhere(people, model):
    people.create_cohort("hips", [replace(flagged(), placement="hip")], {})
    view = week_view(people, model, WeekQuestion("hips", "p"))
    assert view.score == "sadeh" and view.rhythm.sri == view.nights.regularity.index == rhythm_spread(people, "hips")["sri"][0]
    assert edited(people, model, "hips", "p", edit="damp_night", dose=0, anyway=True).rest.tolist() == view.sleep.tolist()


def test_the_sleep_regularity_index_is_that_of_the_nights(people, model):
    view = week_view(people, model, WeekQuestion("c", "p"))
    told = view.nights.regularity.index
    assert view.rhythm.sri == week_rhythm(view.week).sri == rhythm_spread(people, "c")["sri"][0] == told
    counted = week_view(people, model, WeekQuestion("c", "p"), settings=STRICT)
    assert counted.rhythm.sri == counted.nights.regularity.index != told
    keep_quality_settings(people, STRICT)
    assert rhythm_spread(people, "c")["sri"][0] == counted.rhythm.sri


def test_the_input_check_believes_the_device_wherever_it_is_asked(people, model):
    by = cohort_standardizer(people, "c", model, "model")
    listed = cohort_weeks.cohort_findings(people, model, "c", people.week_rows("c"), "model", by)
    for who, found in zip(("p", "off"), listed, strict=True):
        assert found == week_view(people, model, WeekQuestion("c", who)).findings
        assert ("nonwear" in {one.code for one in found if one.severity == "refuse"}) == (who == "off")
    assert list(unfit_rows(people, "c").values()) == ["nonwear"]


@pytest.mark.parametrize("unit", ["counts/min", "MIMS/min", "mg"])
def test_a_week_of_which_the_device_says_that_it_was_not_worn_is_refused_in_any_unit(unit):
    values = np.random.default_rng(0).exponential(19, 7 * DAY).astype(np.float32)
    worn = np.zeros(7 * DAY, bool)
    week = Week("p", 0, values, datetime(2024, 1, 1), True, unit, None, "start", report(values, unit, worn), worn)
    assert "nonwear" in {one.code for one in check(week, None, None) if one.severity == "refuse"}
    worn[: 6 * DAY] = True
    day_off = {one.code for one in check(replace(week, worn=worn), None, None)}
    assert "day_off" in day_off and "nonwear" not in day_off
    assert not {"nonwear", "day_off"} & {one.code for one in check(replace(week, worn=None), None, None)}


def test_settings_come_back_from_the_plain_values_of_a_report(people):
    for settings in (QualitySettings(), STRICT, replace(STRICT, rule=Troiano(spike=1, consecutive=False))):
        keep_quality_settings(people, settings)
        assert (
            settings_of(json.loads(json.dumps(week_quality(people, people.week("c", "p")).settings)))
            == settings
            == quality_settings(people)
        )


def test_the_receipt_has_the_figures_in_use_with_settings_and_score_and_fits_by_them(people, model):
    keep_quality_settings(people, STRICT)
    view = week_view(people, model, WeekQuestion("c", "p"))
    chosen = week_nights(view.week, "sadeh", STRICT)
    made = receipt(view, model, [], nights=chosen)
    judged = week_quality(people, people.week("c", "p"))
    assert made["wear"]["valid_days"] == judged.valid_days != view.week.report.valid_days and "valid_days" not in made["report"]
    assert made["wear"]["settings"]["window"] == 60 and made["sleep"]["score"] == "sadeh"
    assert made["sleep"]["mean_sleep"] == chosen.report.summary.sleep.mean
    before = check_receipt(json.dumps(made), people).unchecked
    keep_quality_settings(people, QualitySettings())
    after = check_receipt(json.dumps(made), people).unchecked
    assert [one for one in after if one not in before] == after[:1] and "other settings" in after[0]
    for change, words in (
        ({"wear": made["wear"] | {"valid_days": 7}}, "wear.valid_days"),
        ({"wear": made["wear"] | {"nonwear_minutes": 1}}, "wear.nonwear_minutes"),
        ({"wear": made["wear"] | {"settings": {}}}, "wear"),
        ({"wear": made["wear"] | {"settings": made["wear"]["settings"] | {"rule": "mine"}}}, "wear.settings"),
        ({"sleep": made["sleep"] | {"score": "oakley"}}, "sleep.mean"),
        ({"sleep": made["sleep"] | {"score": "mine"}}, "no sleep score called"),
        ({"sleep": None}, "sleep"),
    ):
        with pytest.raises(ExplanationError, match=words):
            check_receipt(json.dumps(sealed(made | change)), people)
