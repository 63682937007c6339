"""Lesson 1: closed forms of what it computes, and its claims against the arrays that it shows."""

from __future__ import annotations

import numpy as np
import pytest

from pat_core.errors import PatError
from pat_core.rhythms.figures import cosinor
from pat_core.workflows.lessons import lesson_week as week
from pat_core.workflows.lessons.build_lessons import build_lessons
from pat_core.workflows.lessons.lesson_files import read_arrays
from pat_core.workflows.lessons.lesson_people import FIRST, NAME, LessonPerson, lesson_people

MINUTES = 10080


def person(counts: np.ndarray, asleep: slice = slice(0), off: slice = slice(0)) -> LessonPerson:
    truth = np.zeros((2, counts.size), bool)
    truth[0, asleep] = truth[1, off] = True
    return LessonPerson(0, counts.astype(np.float32), *truth)


@pytest.fixture(scope="module")
def shown() -> LessonPerson:
    return lesson_people().people[FIRST]


def test_averages_keep_the_mean_and_flatten_a_burst():
    counts = np.ones(MINUTES)
    counts[600] = 601.0
    made = week.averaged(person(counts, asleep=slice(0, 480)), 60)
    assert made.highest == pytest.approx(11.0) and made.mean == pytest.approx(counts.mean())
    assert week.averaged(person(counts, asleep=slice(0, 480)), 1).highest == 601.0


def test_a_wave_is_found_where_it_was_put_and_explains_everything():
    hours = np.arange(MINUTES) / 60
    counts = 100 + 40 * np.cos(2 * np.pi * (hours - 15.5) / 24)
    assert week.best_peak(counts) == pytest.approx(15.5)
    assert week.wave_at(counts, 15.5).explained == pytest.approx(1.0)
    assert week.wave_at(counts, 3.5).explained == pytest.approx(0.0, abs=1e-9), "the opposite wave has no height left"
    assert week.wave_at(counts, 9.5).explained == pytest.approx(0.0, abs=1e-6)


def test_the_peak_is_the_acrophase_of_the_rhythm_figures(shown):
    assert week.best_peak(shown.counts) == pytest.approx(cosinor(shown.counts).acrophase / 60, abs=1e-3)


def test_classes_share_out_all_minutes(shown):
    assert week.shares(shown.counts).sum() == pytest.approx(1.0)
    assert week.shares(shown.counts)[0] == pytest.approx((shown.counts == 0).mean())
    hours = np.stack([week.shares(shown.counts, hour) for hour in range(24)])
    np.testing.assert_allclose(hours.mean(axis=0), week.shares(shown.counts))


def test_a_rule_flags_long_stretches_and_says_of_what():
    counts = np.ones(MINUTES)
    counts[100:130] = counts[1000:1100] = counts[2000:2019] = 0
    rule = week.zero_rule(person(counts, asleep=slice(90, 200), off=slice(1000, 1200)), 20)
    assert (rule.off, rule.asleep, rule.awake, rule.missed, rule.wrong) == (100, 30, 0, 100, 130)
    assert rule.flagged.sum() == 130


@pytest.mark.parametrize("hour", [0, 37, 167])
def test_z_is_zero_exactly_where_a_person_moves_as_others_do(hour):
    means = lesson_people().standardizer
    assert week.compared(person(means.mean), means, hour).z == pytest.approx(0.0, abs=1e-6)
    assert week.compared(person(np.zeros(MINUTES)), means, hour).z < 0
    assert week.compared(person(means.mean + means.scale), means, hour).z == pytest.approx(1.0, rel=1e-5)


def test_what_the_screens_claim_is_true_of_the_person_shown(shown):
    raw, hour = week.averaged(shown, 1), week.averaged(shown, 60)
    assert raw.highest / hour.highest > 2 > raw.contrast / hour.contrast > raw.mean / hour.mean == pytest.approx(1.0)
    assert np.mean(shown.counts) > 2 * np.median(shown.counts)
    short, best = week.zero_rule(shown, 20), min((week.zero_rule(shown, n) for n in (90, 120, 180)), key=lambda rule: rule.wrong)
    assert short.asleep > 4 * short.off and 0 < best.wrong < short.wrong / 10


def test_the_files_are_made_by_the_command_of_their_seeds_and_refused_in_a_sentence(tmp_path):
    build_lessons(tmp_path, [NAME])
    made, shipped = read_arrays(NAME, tmp_path), read_arrays(NAME)
    assert set(made) == set(shipped) and all(np.array_equal(made[key], shipped[key]) for key in ("counts", "asleep", "off"))
    np.testing.assert_allclose(made["mean"], shipped["mean"], rtol=1e-3)
    (tmp_path / f"{NAME}.npz").write_bytes(b"no zip")
    for name in (NAME, "none"):
        with pytest.raises(PatError, match="lessons"):
            read_arrays(name, tmp_path)
    with pytest.raises(PatError, match="no file"):
        build_lessons(tmp_path, ["none"])
