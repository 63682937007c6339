"""The end of a report: what was not done, what this is not, room for an interpretation and a signature, and how it was made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pat_core import __version__
from pat_core.cohorts import Interpretation
from pat_core.explain import METHODS
from pat_core.reports.paper.paper_parts import Bullets, Facts, Fields, Heading, Lines, Part, Text, Together
from pat_core.reports.paper.paper_words import Words
from pat_core.rhythms import SLEEP_SCORES
from pat_core.weeks import standardizer_sha
from pat_core.workflows.explanations.week_maps import sha256_of
from pat_core.workflows.people.report_record import ReportRecord

SHORT = 16
"""Signs of a hash on paper."""
ROOM, LEAST_ROOM = 5, 3
"""Lines to write an interpretation on by hand, and how few where the page is full."""


def limits(record: ReportRecord, words: Words, with_model: bool) -> Iterator[Part]:
    """What was not done and what this is not, a list each."""
    lines = [
        words.say("Not a diagnosis and not a medical device. Nothing here is to start, stop or change a treatment."),
        words.say("Sleep was not measured by polysomnography, and the nights were not compared with a sleep diary.")
        if record.view.beside_diary is None
        else words.say("Sleep was not measured by polysomnography."),
        words.say("Only movement was read: no light, temperature, heart rate or history."),
    ]
    if not record.view.marks:
        lines.append(words.say("Nobody has checked rest and wear by hand: no mark is in force."))
    if record.view.weeks > 1:
        lines.append(words.say("Only one of the {weeks} windows of this person is shown.").format(weeks=words.number(record.view.weeks, 0)))
    if with_model and not record.refused:
        lines += [
            words.say(
                "The model's answer was not tested in the place where this report is read; how frequent the group is there is not known."
            ),
            words.say("The maps were not repeated with noise and not compared with further methods; they name no cause."),
        ]
    yield Together([Heading(words.say("What was not done, and what this is not")), Bullets(lines)])


def interpretation(record: ReportRecord, words: Words, versions: Sequence[Interpretation]) -> Iterator[Part]:
    """What was written last, by whom and when, or lines to write on; and where to sign. versions: all that were kept, oldest first."""
    heading = Heading(words.say("Interpretation"))
    fields = Fields([words.say("Name"), words.say("Date"), words.say("Signature")])
    if not versions:
        yield Together([heading, Lines(ROOM, LEAST_ROOM), fields])
        return
    last = versions[-1]
    yield heading
    yield from (Text(text) for text in last.text.split("\n") if text.strip())
    about = words.say("Written by {who}, {when}.").format(who=last.who, when=words.moment(last.created))
    if len(versions) > 1:
        about += " " + words.many("{number} earlier version is kept.", "{number} earlier versions are kept.", len(versions) - 1)
    if last.about and last.about != record.state:
        about += " " + words.say("Since then the marks, the settings of wear or the model are others: read it again before signing.")
    yield Together([Text(about, "small"), fields])


def made_with(record: ReportRecord, words: Words, with_model: bool) -> Iterator[Part]:
    """Versions, hashes and settings, small."""
    view = record.view
    settings: dict[str, Any] = dict(view.nights.quality.settings)
    pairs = [
        (words.say("Made"), words.moment(record.created)),
        (words.say("Program"), f"PAT Explorer {__version__}"),
        (words.say("Versions"), ", ".join(f"{name} {version}" for name, version in record.versions.items() if name != "pat_core")),
        (words.say("Report (sha256)"), record.sha256[:SHORT]),
        (words.say("Week (sha256)"), sha256_of(view.week.values)[:SHORT]),
    ]
    if with_model:
        by = {
            "model": words.say("the model's own people"),
            "cohort": words.say("this cohort's people"),
            "cohort_day": words.say("this cohort's people, by minute of the day"),
        }
        used = view.standardizer
        pairs += [
            (words.say("Model (sha256)"), f"{record.model.name} ({record.model.sha256[:SHORT]})"),
            (
                words.say("Standardized by"),
                f"{by[str(view.read.question.standardize_by)]} ({words.number(used.people, 0)}; {standardizer_sha(used)[:SHORT]})",
            ),
        ]
        pairs += [(words.of_engine(METHODS[name].title), settings_words(each.settings)) for name, each in record.maps.items()]
    pairs.append((words.say("Wear"), settings_words(settings)))
    if view.nights.report is not None:
        score = SLEEP_SCORES[view.nights.report.method]
        pairs.append((words.say("Sleep score"), f"{score.name}: {score.source}"))
    yield Heading(words.say("How this report was made"))
    yield Facts(pairs, columns=1, look="small")


def settings_words(settings: Any) -> str:
    """Plain settings in one line: "hours_a_day 10, days_needed 7"."""
    return ", ".join(f"{name} {_plain(value)}" for name, value in dict(settings).items() if name != "method" and value not in (None, ""))


def _plain(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = str(value)
    return text[:SHORT] if len(text) == 64 and text.isalnum() else text
