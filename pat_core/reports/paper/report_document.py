"""A report as a document: its sections in the order in which actigraphy is read, as far as the reader wants them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pat_core.cohorts import Interpretation
from pat_core.errors import PatError
from pat_core.reports.paper import report_answer, report_closing, report_diary, report_measured
from pat_core.reports.paper.paper_parts import Break, Document, Part, Together
from pat_core.reports.paper.paper_words import Words
from pat_core.reports.paper.report_closing import SHORT
from pat_core.workflows.people.report_record import ReportRecord

SECTIONS = ("actogram", "nights", "rhythm", "answer", "maps", "interpretation", "making")
"""What a reader can leave out. Who and what was recorded, what was not done and what this is not are always there."""
OF_MODEL = ("answer", "maps")


@dataclass(frozen=True)
class ReportChoice:
    """sections: of SECTIONS. language: "en", "de", ... PatError for a section that there is not, and where the maps are asked for without
    the answer, whose cautions would then be missing beside them."""

    sections: tuple[str, ...] = SECTIONS
    language: str = "en"

    def __post_init__(self) -> None:
        unknown = [name for name in self.sections if name not in SECTIONS]
        if unknown:
            raise PatError(f"Expected sections of a report among {', '.join(SECTIONS)}, got {', '.join(unknown)}. Leave it out.")
        if "maps" in self.sections and "answer" not in self.sections:
            raise PatError("The section maps goes with answer, which says what to know before a map is believed. Choose both or neither.")

    @property
    def with_model(self) -> bool:
        """Whether anything of a model is in it."""
        return any(name in self.sections for name in OF_MODEL)


def report_document(record: ReportRecord, choice: ReportChoice, versions: Sequence[Interpretation] = ()) -> Document:
    """The parts in their order. versions: of the interpretation that was kept with the
    week, oldest first; none leave lines to write on."""
    words = Words(choice.language)
    who = record.view.person.participant
    foot = words.say("{person}  ·  {title}  ·  research only, not a diagnosis  ·  {hash}").format(
        person=who, title=words.say("Actigraphy report"), hash=record.sha256[:SHORT]
    )
    title = f"{words.say('Actigraphy report')}: {who}"
    parts = tuple(_parts(record, choice.sections, words, versions))
    return Document(title, choice.language, foot, words.say("Page {page} of {pages}"), parts)


def _parts(record: ReportRecord, sections: Sequence[str], words: Words, versions: Sequence[Interpretation]) -> Iterator[Part]:
    with_model = any(name in sections for name in OF_MODEL)
    yield report_measured.head(record, words)
    yield from report_measured.recording(record, words)
    if "actogram" in sections:
        yield from report_measured.actogram(record, words)
        if "nights" in sections or "rhythm" in sections:
            yield Break()
    if "nights" in sections:
        yield from report_measured.nights(record, words)
        yield from report_diary.diary(record, words)
    if "rhythm" in sections:
        yield from report_measured.rhythm(record, words)
    if "answer" in sections:
        yield Break()
        yield from report_answer.answer(record, words)
    if "maps" in sections:
        yield from report_answer.maps(record, words)
    yield from report_closing.limits(record, words, with_model)
    end = list(report_closing.interpretation(record, words, versions)) if "interpretation" in sections else []
    by_hand = bool(end) and not versions
    if "making" in sections:
        end += report_closing.made_with(record, words, with_model)
    yield from [Together(end)] if by_hand else end  # together, room to write by hand gives way to what follows it
