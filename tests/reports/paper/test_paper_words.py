"""The words of a report: a language is one file, and knows every sentence of the report and, by their templates, those of the engine."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_files import pdf_of
from pat_core.reports.paper.paper_words import ENGINE, Words, folder, languages
from pat_core.reports.paper.report_document import ReportChoice, report_document
from pat_core.workflows.people.demo import COHORT
from pat_core.workflows.people.report_record import report_record
from tests.reports.paper.test_report_pages import text_of
from tests.test_wording import FEWEST_WORDS, ROOT, WORDING

MARKS = {"say": None, "many": (1, 2)}
"""Functions of `paper_words.py` -> which of their arguments are templates."""
PARTS = re.compile(r"\{\w+\}|(?<=[.:;]) |[()]|\b(?:min|hours|and)\b")
"""Between these, what a template says stands in one piece in the source."""
ENGLISH = re.compile(r"\b(?:the|of|and|is|not|with|people|which|week)\b")


def places(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


def in_source() -> set[str | tuple[str, ...]]:
    reports = ROOT / "pat_core" / "reports"
    files = [*sorted(reports.glob("*_sentences.py")), *sorted((reports / "paper").glob("*.py"))]
    return {words for file in files for _line, words, *_rest in extract("python", file.open("rb"), MARKS)}


def catalogue(language: str):
    with (folder() / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


@pytest.mark.parametrize("language", [name for name in languages() if name != "en"])
def test_a_language_has_every_sentence_of_the_report_and_none_besides(language):
    stored = {message.id: message.string for message in catalogue(language) if message.id and message.context != ENGINE}
    assert set(stored) == in_source()
    for words, translated in stored.items():
        forms = translated if isinstance(translated, tuple) else (translated,)
        assert all(forms), f"no words for {words!r}"
        wanted = places(words[1] if isinstance(words, tuple) else words)
        assert all(places(form) == wanted for form in forms), words


@pytest.mark.parametrize("language", [name for name in languages() if name != "en"])
def test_the_templates_of_the_engine_are_what_the_engine_says(language):
    """So a sentence that changes there is missed here, and not in somebody's report."""
    said = "\n".join(path.read_text(encoding="utf-8") for path in sorted(WORDING.glob("*.txt"))).casefold()
    unknown = []
    for message in catalogue(language):
        if message.context == ENGINE and message.id:
            pieces = (piece.strip(" .:;,") for piece in PARTS.split(message.id))
            unknown += [piece for piece in pieces if len(piece.split()) >= FEWEST_WORDS and piece.casefold() not in said]
            assert places(message.string) <= places(message.id), message.id
    assert unknown == []


def test_german_writes_numbers_and_dates_as_it_does():
    words = Words("de")
    assert (words.number(1234.5, 1), words.number(-0.25), words.percent(0.312), words.figures(0.04)) == (
        "1.234,5",
        "\u22120,25",
        "31 %",
        "0,0400",
    )
    assert words.moment(datetime(2025, 5, 7, 9, 5)) == "Mi. 7. Mai 2025, 09:05" and words.day(datetime(2025, 5, 7), known=False) == "Mi"
    assert Words().moment(datetime(2025, 5, 7, 9, 5)) == "Wed 7 May 2025, 09:05" and Words().number(1234.5, 1) == "1,234.5"


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("This model was tested on only 12 people. How good it looked may be chance: on other people it can be much better or much worse.",
         "Dieses Modell wurde an nur 12 Personen getestet. Wie gut es aussah, kann Zufall sein: An anderen kann es viel besser oder viel "
         "schlechter sein."),
        ("Six rhythm features alone: 0.91 (0.68 to 0.98). So the model may have learned nothing beyond.",
         "Sechs Rhythmusmerkmale allein: 0,91 (0,68 bis 0,98). Das Modell hat also vielleicht nichts darüber hinaus gelernt."),
        ("For 2 days, from Tuesday 10:00 (day 2), the value never changes: the device was probably off. The model will read this as rest.",
         "Über 2 Tage, ab Dienstag 10:00 (Tag 2), ändert sich der Wert nie: Das Gerät war wahrscheinlich aus. "
         "Das Modell liest dies als Ruhe."),
        ("Sleep is scored by Cole-Kripke, made for counts of an ActiGraph, vertical axis, as ActiLife scales them (Cole et al. 1992, in "
         "ActiLife's form): for the device (X) was worn at the hip, where published work used it (Tudor-Locke et al. 2014).",
         "Schlaf ist gewertet nach Cole-Kripke, gemacht für Counts eines ActiGraph, senkrechte Achse, wie ActiLife sie skaliert "
         "(Cole et al. 1992, in der Form von ActiLife): denn das Gerät (X) wurde an der Hüfte getragen, wo Veröffentlichungen sie "
         "verwenden (Tudor-Locke et al. 2014)."),
        ("A sentence that nobody has given words for.", "A sentence that nobody has given words for."),
        ("", ""),
    ],
)  # fmt: skip
def test_sentences_of_the_engine_are_known_by_their_template(sentence, expected):
    assert Words("de").of_engine(sentence) == expected
    assert Words("en").of_engine(sentence) == sentence


def test_negative_numbers_of_the_engine_have_a_true_minus_and_dates_keep_their_hyphens():
    assert Words().of_engine("its test R2 is -1.60 (-3.51 to -0.44) in 2003-04.") == (
        "its test R2 is \u22121.60 (\u22123.51 to \u22120.44) in 2003-04."
    )


@pytest.mark.parametrize("person", ["sim-0002", "sim-0003"])
def test_a_german_report_is_german(demo, model, person):
    record = report_record(demo, model, WeekQuestion(COHORT, person))
    choice = ReportChoice(("actogram", "nights", "rhythm", "answer", "maps", "interpretation"), "de")
    text = " ".join(text_of(pdf_of(report_document(record, choice), record.created)).split())
    assert ENGLISH.findall(re.sub(r"„[^“]*“", "", text.replace(COHORT, ""))) == []
    others = re.sub(r"(?:[kK]eine|niemals eine) Diagnose", "", text)
    assert "iagnos" not in others
    night = record.view.nights.report.nights[1]
    assert f"{night.efficiency:.1f}".replace(".", ",") in text and "Seite 1 von " in text
