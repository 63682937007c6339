"""The screens of lesson 1, what a week looks like."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.components.learn.lesson_frame import Question, Screen, answer_first, chart, moved, reading, sheet
from pages.components.shared.theme import theme_name
from pages.components.shared.words import _
from pat_core.figures.lessons import week_charts
from pat_core.figures.lessons.lesson_chart import clock, moment
from pat_core.workflows.lessons import lesson_week as week
from pat_core.workflows.lessons.lesson_people import FIRST, LessonPerson, as_week, lesson_people

WIDTHS = (1, 5, 15, 60, 180)
RULES = (10, 20, 30, 45, 60, 90, 120, 180)


def _person() -> LessonPerson:
    return lesson_people().people[FIRST]


def _averages(answered: bool) -> Question:
    person = _person()
    minutes = moved(
        ("week", 1), st.select_slider, _("Minutes that are averaged into one value"), 1, options=WIDTHS, format_func=lambda n: f"{n} min"
    )
    raw, hour = week.averaged(person, 1), week.averaged(person, 60)
    sheet(as_week(person, week.averaged(person, minutes).values), raw.highest)
    lost = {"bursts": raw.highest / hour.highest, "nights": raw.contrast / hour.contrast, "total": raw.mean / hour.mean}
    return Question(
        _("Go from one minute to one hour. What loses most of its size?"),
        {
            "bursts": _("The short bursts of movement"),
            "nights": _("The rest at night beside the day"),
            "total": _("The amount of movement in the week"),
        },
        max(lost, key=lost.__getitem__),
        _(
            "The highest minute has {minute:,.0f} counts, the highest hour {hour:,.0f} a minute. Waking hours still have {ratio:.0f} "
            "times the counts of sleep, and the mean of the week is {mean:.0f} either way: averages keep the rhythm and the total, not "
            "the bursts."
        ).format(minute=raw.highest, hour=hour.highest, ratio=hour.contrast, mean=raw.mean),
    )


def _rhythm(answered: bool) -> Question:
    counts = _person().counts
    peak = moved(("week", 2), st.slider, _("Peak of the wave (o’clock)"), 8.0, min_value=0.0, max_value=23.5, step=0.5, format="%.1f")
    wave, best = week.wave_at(counts, peak), week.best_peak(counts)
    chart(week_charts.mean_day_and_wave(wave.day, wave.wave, peak, wave.explained, theme=theme_name()))
    answers = {"6": 6.0, "12": 12.0, "18": 18.0}
    return Question(
        _("Slide the peak until the wave fits best. When is it?"),
        {name: _("About {time}").format(time=clock(hour)) for name, hour in answers.items()},
        min(answers, key=lambda name: abs(answers[name] - best)),
        _(
            "At {time} the wave explains most: {share:.0f} % of how the minutes vary. That time is called the acrophase. Most of a week "
            "is not a wave: it is meals, work and stairs."
        ).format(time=clock(best), share=100 * week.wave_at(counts, best).explained),
    )


def _zeros(answered: bool) -> Question:
    counts = _person().counts
    hour = moved(("week", 3), st.slider, _("Hour of the day"), 12, min_value=0, max_value=23, format="%d:00")
    of_week = week.shares(counts)
    chart(week_charts.count_classes(week.shares(counts, hour), of_week, week.CLASSES, hour, theme=theme_name()))
    answers = {"5": 0.05, "20": 0.2, "40": 0.4}
    return Question(
        _("Of all minutes of this week, how many are exactly zero?"),
        {"5": _("About 5 in 100"), "20": _("About 20 in 100"), "40": _("About 40 in 100")},
        min(answers, key=lambda name: abs(answers[name] - of_week[0])),
        _(
            "{zeros:.0f} in 100. No bell curve has such a pile at one value; it is called zero inflation. The mean ({mean:.0f}) lies far "
            "above the middle minute ({median:.0f}), so neither alone describes the week."
        ).format(zeros=100 * of_week[0], mean=counts.mean(), median=np.median(counts)),
    )


def _rule(answered: bool) -> Question:
    person = _person()
    short = week.zero_rule(person, 20)
    best = min((week.zero_rule(person, minutes) for minutes in RULES), key=lambda rule: rule.wrong)
    minutes = 20
    if answered:
        minutes = moved(("week", 4), st.select_slider, _("Minutes of zeros in a row that count as “not worn”"), 20, options=RULES)
    else:
        answer_first()
    rule = week.zero_rule(person, minutes)
    asleep, off, flagged = (week.stretches(mask) for mask in (person.asleep, person.off, rule.flagged))
    chart(week_charts.rule_and_truth(flagged if answered else [], asleep, off, theme=theme_name()))
    if answered:
        reading(
            _(
                "{minutes} zeros in a row: {off} minutes are truly not worn, {asleep:,} are sleep, {awake} are waking; {missed} not worn "
                "minutes are missed."
            ).format(minutes=minutes, off=rule.off, asleep=rule.asleep, awake=rule.awake, missed=rule.missed)
        )
    of = {"off": short.off, "asleep": short.asleep, "awake": short.awake}
    return Question(
        _("A rule says: 20 zeros in a row mean that the device is off the wrist. What will it mostly find?"),
        {"off": _("Hours without the device"), "asleep": _("Quiet sleep"), "awake": _("Sitting still")},
        max(of, key=of.__getitem__),
        _(
            "{asleep:,} of the minutes it flags are sleep, only {off} are truly not worn. A longer rule confuses less and misses short "
            "breaks: at its best it still judges {wrong} minutes wrongly."
        ).format(asleep=short.asleep, off=short.off, wrong=best.wrong),
    )


def _deviations(answered: bool) -> Question:
    person, means = _person(), lesson_people().standardizer
    hour = moved(("week", 5), st.slider, _("Hour of the week (0 is Monday, 00:00)"), 18, min_value=0, max_value=167)
    at = week.compared(person, means, hour)
    counts, others, deviation = (values.reshape(-1, week.HOUR).mean(axis=1) for values in (person.counts, means.mean, means.scale))
    chart(week_charts.beside_others(counts, others, deviation, hour, at.z, theme=theme_name()))
    night = week.compared(person, means, 3)
    return Question(
        _("PAT does not read counts but z: how far a minute lies from that of other people, in standard deviations. What does z = 0 mean?"),
        {"still": _("Nobody moved"), "same": _("As much movement as others at that time"), "off": _("The device was off")},
        "same",
        _(
            "Others average {others:.0f} counts a minute on {time}, so this person’s {counts:.1f} give z = {z:.1f}. Zero counts are below"
            " zero in z, and z = 0 is the average of the others."
        ).format(others=night.others, time=moment(180), counts=night.counts, z=night.z),
    )


SCREENS = (
    Screen(
        _("10,080 numbers"),
        _(
            "A device on the wrist counts movement, one number a minute: 7 × 24 × 60 = 10,080 numbers a week. Each lane is a day of one "
            "simulated person. Average more and more minutes into one value, and watch what stays and what goes."
        ),
        _averages,
    ),
    Screen(
        _("A rhythm of 24 hours"),
        _(
            "Lay the seven days over one another: the mean day. A body clock is often summed up by a wave of 24 hours. Slide its peak; "
            "height and level fit themselves. The caption says how much of the week the wave explains."
        ),
        _rhythm,
    ),
    Screen(
        _("Many zeros"),
        _(
            "Sort the minutes of one hour of the day by their counts, and go through the hours, from deep night to evening. The violet "
            "marks stay: they are all minutes of the week."
        ),
        _zeros,
    ),
    Screen(
        _("A zero says little"),
        _(
            "A sleeper hardly moves; a device in a drawer does not move at all. Both give zeros. Here the truth is known, because the "
            "person is simulated: the upper strip of each day shows it. A rule has to guess from the zeros alone."
        ),
        _rule,
    ),
    Screen(
        _("Compared with others"),
        _(
            "The same count means another thing at 3 in the morning than at noon. So each minute is compared with the same minute of "
            "other people: subtract their mean, divide by their standard deviation. Move through the week."
        ),
        _deviations,
    ),
)
