"""The second part of a report, apart from the first: what a model answers to the week, how far to believe it, and where it looked."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from pat_core.explain import METHODS
from pat_core.models.outputs import ONE_LOGIT
from pat_core.records import Attribution
from pat_core.reports.answer_sentences import answer_sentence, score_words, set_sentence, together_sentence
from pat_core.reports.paper.maps_print import DOT_HEIGHT, SUMMED, draw_answer, draw_maps, maps_heights
from pat_core.reports.paper.paper_parts import Bullets, Heading, Notice, Part, Picture, Table, Text, Together
from pat_core.reports.paper.paper_words import Words
from pat_core.reports.paper.report_measured import when_words
from pat_core.reports.several_sentences import several_answer, together_answer
from pat_core.weeks import span
from pat_core.workflows.models.answers import RANK, Answer
from pat_core.workflows.people.report_record import ReportRecord

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def answer(record: ReportRecord, words: Words) -> Iterator[Part]:
    """The answer in natural frequencies where the model's test bears them out, what that test was, and the cautions in force."""
    yield Heading(words.say("A model's answer"), words.say("model: {model}").format(model=record.model.name), band=True)
    yield Text(
        words.say(
            "The pages before this one are measured, or computed from the recording by published rules. This part is the answer of "
            "a statistical model to the same week. It describes the model's response, for research, and by itself says nothing of the "
            "person."
        ),
        "small",
    )
    if record.refused:
        yield from _refused(record, words)
        yield from tested(record, words)
        return
    yield from _answered(record, words)
    yield from tested(record, words)
    yield from cautions(record, words)


def _refused(record: ReportRecord, words: Words) -> Iterator[Part]:
    why = [words.of_engine(finding.message) for finding in record.view.findings if finding.severity == "refuse"]
    window = words.of_engine(span(record.view.week.values.size))
    yield Notice(
        words.say("No score is given for this {window}, and no map is drawn: the input check refused it.").format(window=window), why
    )


def _answered(record: ReportRecord, words: Words) -> Iterator[Part]:
    card = record.model.card
    if not record.model.has_head:
        yield Notice(words.say("This model has no trained head, so it gives no answer: only where it attended is shown."))
        return
    if record.model.outputs != ONE_LOGIT:
        yield from _several(record, words)
        return
    if record.answer is None:
        return
    lines = [_held_out(record, words)]
    strange = any(caution.code == "other_group" for caution in record.cautions)  # sets hold for people like those of the test
    lines.append("" if strange else set_sentence(record.view.beside, card, words))
    why = words.of_engine(record.answer.why)
    if why:
        lines.append(why if record.answer.of_the_group else words.say("No percentage is given. {why}").format(why=why))
    together = record.pooled.answer() if record.pooled is not None else None
    if record.pooled is not None and together is not None:
        lines.append(together_sentence(record.pooled, together, words))
    yield Notice(answer_sentence(record.answer, card, record.view.week.values.size, words), [line for line in lines if line])
    if record.answer.of_the_group:
        alt = words.say("The answer with its interval on a line from 0 to 100 people.")
        yield Picture("answer", DOT_HEIGHT, partial(_draw_answer, record.answer, words), alt)


def _several(record: ReportRecord, words: Words) -> Iterator[Part]:
    """The answer of a model that tells several classes apart, or gives a value."""
    view = record.view
    if view.prediction is None:
        return
    answer = several_answer(record.model.card, view.prediction, words, view.held_out, view.split)
    lines = list(answer.lines)
    if record.pooled is not None:
        lines.append(together_answer(record.model.card, record.pooled, words))
    yield Notice(answer.headline, lines)
    if answer.shares:
        header, each = (words.say("Class"), words.say("Probability by the model")), answer.shares
        yield Table(header, [(name, words.percent(share)) for name, share in each], widths=(2, 1))


def _draw_answer(answer: Answer, words: Words, axes: Axes, width: float, height: float) -> None:
    draw_answer(axes, width, answer, words)


def _held_out(record: ReportRecord, words: Words) -> str:
    """Further figures of the same answer: its rank, where that is not the answer itself."""
    beside, answer = record.view.beside, record.answer
    if beside.below is None or answer is None or answer.what == RANK:
        return ""
    return words.say("Rank: {below} of the {tested} people of its test scored lower.").format(
        below=words.number(beside.below, 0), tested=words.number(beside.tested, 0)
    )


def tested(record: ReportRecord, words: Words) -> Iterator[Part]:
    """On whom the model was tested and how well it did, beside what needs no network."""
    if record.model.has_head:
        yield Text(score_words(record.model.card, words), lead=words.say("What it was tested on."))


def cautions(record: ReportRecord, words: Words) -> Iterator[Part]:
    """What to know before the answer is believed, the costliest first; then what the input check and the comparison with others found."""
    grave = [words.of_engine(finding.message) for finding in record.cautions if finding.severity != "note"]
    notes = [words.of_engine(finding.message) for finding in record.cautions if finding.severity == "note"]
    window = words.of_engine(span(record.view.week.values.size))
    if grave:
        yield Notice(words.say("Cautions in force"), grave)
    else:
        yield Text(words.say("None: no check of this program gave cause for one."), lead=words.say("Cautions in force."))
    if all(finding.severity == "note" for finding in record.view.findings):
        notes.append(words.say("The input check found nothing wrong with this {window}.").format(window=window))
    if record.unlike is not None and not record.unlike.far:
        notes.append(words.of_engine(record.unlike.words))
    notes.append(words.of_engine(record.unlike_why))
    first = str(record.model.card.get("first_line") or "")
    notes.append(words.of_engine(first))
    yield Text(" ".join(filter(None, notes)), "small")


def maps(record: ReportRecord, words: Words) -> Iterator[Part]:
    """Attention and attribution under the week, the strongest windows in words, and what the methods fail at."""
    if record.refused:
        return
    title = words.say("Where the model attended, and what raised or lowered its score")
    if not record.maps:
        yield Heading(title)
        yield Text(" ".join(words.of_engine(why) for why in dict.fromkeys(record.no_map.values())))
        return
    alt = words.say("The week of {person} by day, with the model's attention and attribution under each day.")
    least, usual, most = maps_heights(record)
    alt = alt.format(person=record.view.person.participant)
    picture = Picture("maps", usual, partial(_draw_maps, record, words), alt, least, most)
    yield Together([Heading(title), picture, Text(_about_maps(record, words), "small")])
    yield from _strongest(record, words)
    lines = [f"{words.of_engine(METHODS[name].title)}: {words.of_engine(text)}" for name, text in record.verdicts.items()]
    lines += [f"{words.of_engine(METHODS[name].title)}: {words.of_engine(why)}" for name, why in record.no_map.items()]
    if lines:
        yield Together(
            [
                Text(
                    words.say("Measured on simulated people whose truth is known, with other models and on other tasks."),
                    lead=words.say("What these methods fail at."),
                ),
                Bullets(lines, "small"),
            ]
        )


def _draw_maps(record: ReportRecord, words: Words, axes: Axes, width: float, height: float) -> None:
    draw_maps(axes, width, height, record, words)


def _about_maps(record: ReportRecord, words: Words) -> str:
    sentences = []
    for name, each in record.maps.items():
        title = words.of_engine(METHODS[name].title)
        if each.kind == "attention":
            sentences.append(
                words.say("{method}: where the model attended, one value for each patch of {minutes} minutes.").format(
                    method=title, minutes=each.patch
                )
            )
        else:
            about = words.say(
                "{method}: which minutes raised or lowered the score against the mean week, summed over {minutes} minutes."
            ).format(method=title, minutes=SUMMED)
            sentences.append(f"{about} {_gap(each, words)}".strip())
        if each.settings.get("explains"):
            sentences.append(words.say("It explains the {what}.").format(what=words.of_engine(str(each.settings["explains"]))))
        if each.flag:
            sentences.append(words.of_engine(each.flag))
    sentences.append(words.say("Attention shows where the model looked, an attribution how its score responds: neither names a cause."))
    return " ".join(sentences)


def _gap(each: Attribution, words: Words) -> str:
    if each.relative_gap is None or each.delta is None:
        return ""
    gap = max(100 * each.relative_gap, 0.01)
    return words.say("Its minutes sum to the change of the score, {change} {unit}, within {gap} %.").format(
        change=words.number(each.delta, 2, signed=True), unit=words.of_engine(each.unit), gap=words.number(gap, 2)
    )


def _strongest(record: ReportRecord, words: Words) -> Iterator[Part]:
    """At most three, as on the sheet, each with its share of the map."""
    if not record.windows:
        yield Text(words.say("No stretch of this map stands out from the rest."), lead=words.say("Strongest windows."))
        return
    each = record.maps[record.windows_of]
    lines = []
    for window in record.windows:
        when = when_words(record.view.week, window.first, window.end, words)
        share = words.percent(window.share)
        if each.kind == "attention":
            form = words.say("{when}: {times} times the uniform attention ({share} of the map).")
            lines.append(form.format(when=when, times=words.figures(window.effect, 2), share=share))
            continue
        raised = words.say("{when}: raised the score by {size} {unit} ({share} of the map).")
        lowered = words.say("{when}: lowered the score by {size} {unit} ({share} of the map).")
        size = words.figures(abs(window.effect), 2)
        lines.append((raised if window.effect > 0 else lowered).format(when=when, size=size, unit=words.of_engine(each.unit), share=share))
    title = words.say("Strongest windows")
    method = words.of_engine(METHODS[record.windows_of].title)
    yield Together(
        [
            Text(words.say("Of the map “{method}”, numbered in the picture.").format(method=method), lead=f"{title}."),
            Bullets(lines, numbers=True),
        ]
    )
