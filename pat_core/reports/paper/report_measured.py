"""The first part of a report: what was recorded, and what published rules make of it. No model has a word here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from pat_core.figures.charts.night_days import night_names
from pat_core.records import UNKNOWN_UNIT, Week
from pat_core.reports.night_tables import MEANINGLESS
from pat_core.reports.paper.actogram_print import BIN, actogram_heights, draw_actogram
from pat_core.reports.paper.paper_parts import Bullets, Cell, Dots, Facts, Head, Heading, Part, Picture, Table, Text, Together
from pat_core.reports.paper.paper_words import NOTHING, Words
from pat_core.reports.paper.rhythm_print import HEIGHT, LEAST, draw_mean_day
from pat_core.rhythms import SLEEP_SCORES, Night, NightSummary, SleepReport, Spread
from pat_core.settings import MINUTES_PER_DAY
from pat_core.workflows.people.report_record import CLOCKS, Among, ReportRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def head(record: ReportRecord, words: Words) -> Head:
    """Title, study id, and what this is."""
    line = words.say("For research and education only. Not a medical device, and never a diagnosis.")
    if record.view.cohort.simulated:
        line += " " + words.say("This is a simulated person: nobody here exists.")
    return Head(words.say("Actigraphy report"), record.view.person.participant, line)


def recording(record: ReportRecord, words: Words) -> Iterator[Part]:
    """Who, with what, from when to when, and how much of it was worn."""
    yield Heading(words.say("Recording"))
    yield Facts([*_what(record, words), *_when(record, words)])
    lines = [words.of_engine(sentence) for sentence in record.view.nights.quality.sentences]
    lines += [words.of_engine(sentence) for sentence in mark_lines(record, words)]
    if lines:
        yield Bullets(lines, "small")


def _what(record: ReportRecord, words: Words) -> list[tuple[str, str]]:
    week, view = record.view.week, record.view
    unknown = words.say("not given")
    unit = words.say("unknown") if week.unit == UNKNOWN_UNIT else week.unit
    which = words.say("{number} of {all}").format(number=week.index + 1, all=max(view.weeks, week.index + 1))
    days = words.many("{number} day", "{number} days", week.values.size // MINUTES_PER_DAY)
    return [
        (words.say("Study ID"), view.person.participant),
        (words.say("Cohort"), view.cohort.name),
        (words.say("Window"), words.say("{which}, {days}").format(which=which, days=days)),
        (words.say("Device"), week.device or unknown),
        (words.say("Placement"), week.placement or unknown),
        (words.say("Epoch and unit"), words.say("1 minute, {unit}").format(unit=unit)),
    ]


def _when(record: ReportRecord, words: Words) -> list[tuple[str, str]]:
    week, quality = record.view.week, record.view.nights.quality
    start, stop = words.say("unknown"), words.say("unknown")
    if week.start is not None:
        ends = week.start + timedelta(minutes=week.values.size)
        start, stop = (words.moment(moment, week.date_known) for moment in (week.start, ends))
    days = words.say("not known")
    if quality.valid_days is not None:
        days = words.say("{valid} of {days} ({hours} h of wear or more; {needed} needed)").format(
            valid=quality.valid_days,
            days=len(quality.days),
            hours=words.number(record.settings.hours_a_day, 0 if record.settings.hours_a_day % 1 == 0 else 1),
            needed=quality.days_needed,
        )
    if week.start is not None and not week.date_known:
        stop = words.say("{moment} (date not given)").format(moment=stop)
    off, gone = record.view.nonwear, ~np.isfinite(week.values) & ~record.view.nonwear
    rule = words.say("{rule}, and the device's own flags") if record.settings.trust_flags and week.worn is not None else "{rule}"
    return [
        (words.say("Time zone"), week.zone or words.say("not given; clock as recorded")),
        (words.say("Start"), start),
        (words.say("Stop"), stop),
        (words.say("Valid days"), days),
        (
            words.say("Not worn"),
            words.say("{share}, by {rule}").format(share=_share(off, words), rule=rule.format(rule=record.settings.rule_name)),
        ),
        (words.say("No data"), _share(gone, words)),
    ]


def _share(minutes: np.ndarray, words: Words) -> str:
    """Minutes of a mask as a share and in hours."""
    share = float(minutes.mean())
    return f"{words.percent(share)} ({words.number(minutes.sum() / 60, 1)} h)" if share else words.percent(0.0)


def mark_lines(record: ReportRecord, words: Words) -> list[str]:
    """What was marked by hand, by whom and why, a line each."""
    named = {"non-wear": words.say("not worn"), "rest": words.say("rest"), "exclude": words.say("left out")}
    named |= {"sleep": words.say("asleep"), "wake": words.say("awake")}
    return [
        words.say("Marked by hand as {kind}: {when}, by {who} ({why}).").format(
            kind=named[mark.kind], when=when_words(record.view.week, mark.first, mark.end, words), who=mark.who, why=mark.why
        )
        for mark in record.view.marks
    ]


def when_words(week: Week, first: int, end: int, words: Words) -> str:
    """Minutes [first, end) of a week: "Wed 7 May 02:10 to 04:30"; by the day of the recording where the clock is not known."""
    if week.start is None:
        day, rest = divmod(first, MINUTES_PER_DAY)
        at = words.say("day {day}, {hours} h {minutes} min").format(day=day + 1, hours=rest // 60, minutes=rest % 60)
        return words.say("{at}, {length} min long").format(at=at, length=words.number(end - first, 0))
    begins, ends = (week.start.replace(second=0, microsecond=0) + timedelta(minutes=minute) for minute in (first, end))
    until = f"{ends:%H:%M}" if ends.date() == begins.date() else f"{words.day(ends, week.date_known, short=True)} {ends:%H:%M}"
    weekday = words.day(begins, week.date_known, short=True)
    return words.say("{begin} to {end}").format(begin=f"{weekday} {begins:%H:%M}", end=until)


def actogram(record: ReportRecord, words: Words) -> Iterator[Part]:
    """The double-plotted week."""
    view = record.view
    caption = words.say(
        "Each row shows two days from noon, and each day stands twice. Activity is drawn by its largest value in {minutes} minutes."
    ).format(minutes=BIN)
    if view.week.start is None:
        caption = words.say("The recording does not say when it began: rows are 48 hours from its first minute, not days of the clock.")
    else:
        caption += " " + words.say("The bar above marks 18:00 to 06:00 by the clock; light was not measured.")
    alt = words.say("Double-plotted actogram of {person}.").format(person=view.person.participant)
    least, usual, most = actogram_heights(view.week)
    picture = Picture("actogram", usual, partial(_draw_actogram, record, words), alt, least, most)
    yield Together([Heading(words.say("Actogram")), picture, Text(caption, "small")])


def _draw_actogram(record: ReportRecord, words: Words, axes: Axes, width: float, height: float) -> None:
    draw_actogram(axes, width, height, record.view, words)


def nights(record: ReportRecord, words: Words) -> Iterator[Part]:
    """A row a night, their mean and deviation, the cohort's people; or why there are none."""
    view = record.view
    report = view.nights.report
    yield Heading(words.say("Nights"), _scored_by(report, words))
    if report is None:
        yield Text(words.of_engine(view.nights.why))
        return
    if not report.nights:
        yield Text(words.say("No nights were found: there is no rest of three hours or more spent mostly asleep."))
    else:
        yield _nights_table(record, report, words)
        yield from _below_nights(record, report, words)
    yield Text(
        words.say(
            "Estimates from movement, not from brain waves: lying awake without moving counts as sleep, so sleep and efficiency come out "
            "too high, and latency and time awake too low, for anyone who lies awake. Bedtimes are where the rest begins in the recording."
        ),
        "small",
    )


def _scored_by(report: SleepReport | None, words: Words) -> str:
    if report is None:
        return ""
    return words.say("scored by {score}").format(score=SLEEP_SCORES[report.method].name)


CLOCK_COLUMNS = ("bedtime", "onset", "offset", "rise")
LENGTH_COLUMNS = ("time_in_bed", "sleep")
NUMBER_COLUMNS = {"efficiency": 1, "latency": 0, "waso": 0, "awakenings": 0}
"""Field -> decimals of one night; means have one more where there is none."""


def _nights_table(record: ReportRecord, report: SleepReport, words: Words) -> Part:
    timed = record.view.week.start is not None
    titles = {
        "bedtime": words.say("In bed"), "onset": words.say("Sleep onset"), "offset": words.say("Sleep offset"), "rise": words.say("Got up"),
        "time_in_bed": words.say("TIB (h)"), "sleep": words.say("TST (h)"), "efficiency": words.say("SE (%)"),
        "latency": words.say("SOL (min)"), "waso": words.say("WASO (min)"), "awakenings": words.say("Awak- enings"),
        "midpoint": words.say("Mid- point"),
    }  # fmt: skip
    fields = [name for name in titles if timed or name not in CLOCKS]
    names = _night_names(record, report, words)
    rows: list[list[Cell]] = [
        [name, *(_of_night(night, field, words) for field in fields)] for name, night in zip(names, report.nights, strict=True)
    ]
    ruled, strong = {len(rows)}, set[int]()
    summary = report.summary
    if summary.nights:
        strong.add(len(rows))
        rows.append([words.say("Mean of {number}").format(number=summary.nights), *(_mean(summary, field, words) for field in fields)])
    if summary.nights > 1:
        rows.append([words.say("SD"), *(_deviation(summary, field, words) for field in fields)])
    if any(field in record.among for field in fields):
        ruled.add(len(rows))
        parts: dict[str, Callable[[Among], float]] = {
            words.say("Cohort: median"): lambda among: among.median,
            words.say("10th percentile"): lambda among: among.low,
            words.say("90th percentile"): lambda among: among.high,
        }
        rows += [[name, *(_of_cohort(record, field, part, words) for field in fields)] for name, part in parts.items()]
    widths = [1.75, *([1.0] * len(fields))]
    return Table(
        [words.say("Night of"), *(titles[field] for field in fields)], rows, widths, ruled=frozenset(ruled), strong=frozenset(strong)
    )


def _night_names(record: ReportRecord, report: SleepReport, words: Words) -> list[str]:
    """The evening of each night; a star where the means leave it out."""
    plain = night_names(record.view.week, report)
    names = [
        name if night.evening is None else words.day(night.evening, record.view.week.date_known, short=True)
        for name, night in zip(plain, report.nights, strict=True)
    ]
    return [name if night.counted else f"{name} *" for name, night in zip(names, report.nights, strict=True)]


def _of_night(night: Night, field: str, words: Words) -> str:
    value = getattr(night, field)
    if field == "midpoint":
        return words.clock(value)
    if field in CLOCK_COLUMNS:
        return NOTHING if value is None else f"{value:%H:%M}"
    return words.length(value) if field in LENGTH_COLUMNS else words.number(value, NUMBER_COLUMNS[field])


def _mean(summary: NightSummary, field: str, words: Words) -> str:
    spread: Spread | None = getattr(summary, field)
    if spread is None:
        return NOTHING
    if field in CLOCKS:
        return words.clock(spread.mean)
    return words.length(spread.mean) if field in LENGTH_COLUMNS else words.number(spread.mean, 1)


def _deviation(summary: NightSummary, field: str, words: Words) -> str:
    spread: Spread | None = getattr(summary, field)
    if spread is None or not np.isfinite(spread.sd):
        return NOTHING
    return words.length(spread.sd) if field in (*CLOCKS, *LENGTH_COLUMNS) else words.number(spread.sd, 1)


def _of_cohort(record: ReportRecord, field: str, part: Callable[[Among], float], words: Words) -> str:
    among = record.among.get(field)
    if among is None:
        return NOTHING
    value = part(among)
    if field in CLOCKS:
        return words.clock(value + MINUTES_PER_DAY / 2)
    return words.length(value) if field in LENGTH_COLUMNS else words.number(value, 1)


def _below_nights(record: ReportRecord, report: SleepReport, words: Words) -> Iterator[Part]:
    names = _night_names(record, report, words)
    notes = [f"{name}: {_note_words(note, words)}." for name, note in zip(names, record.view.nights.notes, strict=True) if note]
    if notes:
        yield Text(" ".join(notes), "small")
    lines = [_rests(report, words), _jetlag(report.summary, record.view.week.start is not None, words)]
    apart = report.summary.midpoint is not None and report.summary.midpoint.sd > MEANINGLESS
    if apart:
        lines.append(words.say("The nights lie so far apart on the clock that the means of their times say little."))
    lines += [words.of_engine(note) for note in report.notes]
    yield Text(" ".join(filter(None, lines)), "small")
    if people := max((among.people for name, among in record.among.items() if name in ("time_in_bed", "sleep")), default=0):
        yield Text(_cohort_words(record, people, words), "small")


def _note_words(note: str, words: Words) -> str:
    """What the engine says of one night: parts between semicolons, the first of which may say that the means leave it out."""
    text = note[:1].lower() + note[1:]
    return "; ".join(words.of_engine(part) for part in text.split("; "))


def _cohort_words(record: ReportRecord, people: int, words: Words) -> str:
    return words.many(
        "Cohort: {number} person of “{cohort}” by the means of the first window that the input check finds fit, this person among them.",
        "Cohort: {number} people of “{cohort}” by the means of the first window that the input check finds fit, this person among them.",
        people,
        cohort=record.view.cohort.name,
    )


def _rests(report: SleepReport, words: Words) -> str:
    summary, many = report.summary, len(report.naps)
    if not np.isfinite(summary.naps):
        return ""
    if not many:
        return words.say("No other rest of half an hour or more.")
    return words.many(
        "{number} other rest of half an hour or more, {a_day} a day with {asleep} min scored asleep a day: naps, or sitting still, which "
        "looks the same.",
        "{number} other rests of half an hour or more, {a_day} a day with {asleep} min scored asleep a day: naps, or sitting still, which "
        "looks the same.",
        many,
        a_day=words.number(summary.naps, 1),
        asleep=words.number(summary.nap_minutes, 0),
    )


def _jetlag(summary: NightSummary, timed: bool, words: Words) -> str:
    if not timed:
        return words.say("No social jetlag: the weekday is not known.")
    days = words.say("{free} before a Saturday or Sunday, {work} before other days").format(
        free=summary.free_nights, work=summary.work_nights
    )
    if summary.social_jetlag is None:
        return words.say("No social jetlag is given: it needs two whole nights of each kind ({days}).").format(days=days)
    return words.say("Social jetlag: {minutes} min between the mean midpoints of sleep ({days}).").format(
        minutes=words.number(summary.social_jetlag, 0), days=days
    )


def rhythm(record: ReportRecord, words: Words) -> Iterator[Part]:
    """The mean day, and the figures beside the cohort's people."""
    alt = words.say("Mean day of {person} with the most and least active hours and the fitted cosine.")
    picture = Picture("mean-day", HEIGHT, partial(_draw_mean_day, record, words), alt.format(person=record.view.person.participant), LEAST)
    unit = "" if record.view.week.unit == UNKNOWN_UNIT else words.say("levels in {unit}").format(unit=record.view.week.unit)
    lines = [words.say("Dots: this person; the pale band is the middle 80 % of the cohort, the tick its median.")] if record.among else []
    held = record.view.nights.regularity
    if held is not None and held.words:
        lines.append(words.say("Sleep regularity:") + " " + words.of_engine(held.words))
    if people := max((among.people for among in record.among.values()), default=0):
        lines.append(words.many("Of {number} person of the cohort.", "Of {number} people of the cohort.", people))
    below = [Text(" ".join(lines), "small")] if lines else []
    yield Together([Heading(words.say("Rest-activity rhythm"), unit), picture, _rhythm_table(record, words), *below])


def _draw_mean_day(record: ReportRecord, words: Words, axes: Axes, width: float, height: float) -> None:
    draw_mean_day(axes, width, height, record.view, words)


DECIMALS = {"interdaily_stability": 2, "intradaily_variability": 2, "relative_amplitude": 2, "sri": 1}


def _rhythm_table(record: ReportRecord, words: Words) -> Part:
    titles = {
        "interdaily_stability": words.say("Interdaily stability (IS)"),
        "intradaily_variability": words.say("Intradaily variability (IV)"),
        "relative_amplitude": words.say("Relative amplitude (RA)"),
        "m10": words.say("Most active 10 hours (M10)"),
        "l5": words.say("Least active 5 hours (L5)"),
        "mesor": words.say("Mesor"),
        "amplitude": words.say("Amplitude"),
        "acrophase": words.say("Acrophase"),
        "sri": words.say("Sleep regularity index (SRI)"),
    }
    rows = [
        [title, *_rhythm_row(record, field, words)] for field, title in titles.items() if getattr(record.view.rhythm, field) is not None
    ]
    header = [
        words.say("Figure"),
        words.say("This window"),
        words.say("Begins or peaks at"),
        words.say("Cohort: median"),
        words.say("10th to 90th"),
        "",
    ]
    return Table(header, rows, [3.0, 1.1, 1.25, 1.1, 1.6, 2.6])


def _rhythm_row(record: ReportRecord, field: str, words: Words) -> list[Cell]:
    rhythm, among = record.view.rhythm, record.among.get(field)
    value = float(getattr(rhythm, field))
    at = words.clock(float(getattr(rhythm, f"{field}_start"))) if field in ("m10", "l5") else ""
    if record.view.week.start is None and at:
        at = words.say("{length} h after its start").format(length=words.length(float(getattr(rhythm, f"{field}_start"))))
    form = (lambda number: words.clock(number)) if field == "acrophase" else partial(_amount, field=field, words=words)
    if field == "acrophase":
        shown: list[Cell] = ["", form(value)]
    else:
        shown = [form(value), at]
    if among is None:
        return [*shown, NOTHING, NOTHING, ""]
    alt = words.say("{value} beside {low} to {high}").format(value=form(value), low=form(among.low), high=form(among.high))
    return [
        *shown,
        form(among.median),
        words.say("{begin} to {end}").format(begin=form(among.low), end=form(among.high)),
        Dots(value, among, alt),
    ]


def _amount(value: float, field: str, words: Words) -> str:
    return words.number(value, DECIMALS[field]) if field in DECIMALS else words.figures(value, 3)
