"""A report of a person of the demonstration: its text, read out of the PDF again, says what the workspace's records say."""

from __future__ import annotations

import io
import re
from datetime import datetime

import numpy as np
import pytest
from matplotlib.lines import Line2D
from pypdf import PdfReader

from pages.components.shared import sentences
from pat_core.cohorts import Workspace
from pat_core.errors import PatError
from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_files import pdf_of, pictures_of, write_report
from pat_core.reports.paper.paper_html import html_of
from pat_core.reports.paper.paper_layout import AFTER, LINE_TO_WRITE, pages_of
from pat_core.reports.paper.paper_parts import Document, Facts, Head, Lines, Picture, Table, Text, Together
from pat_core.reports.paper.paper_style import MARGIN, PAPERS, width_of, wrapped
from pat_core.reports.paper.paper_words import languages
from pat_core.reports.paper.report_document import SECTIONS, ReportChoice, report_document
from pat_core.workflows.models.model_entries import models
from pat_core.workflows.people.demo import COHORT, MODEL
from pat_core.workflows.people.report_record import cohort_spread, report_record
from pat_core.workflows.read.cohort_import import import_recordings
from pat_core.workflows.week.week_nights import rhythm_spread
from tests.workflows.made import weeks_file

PERSON = "sim-0002"
NEVER = re.compile(r"because|caused by|risk of|patient|disorder|suffer|abnormal|healthy", re.I)


def text_of(pdf: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


@pytest.fixture(scope="module")
def record(demo, model):
    return report_record(demo, model, WeekQuestion(COHORT, PERSON))


@pytest.fixture(scope="module")
def document(record) -> Document:
    return report_document(record, ReportChoice())


@pytest.fixture(scope="module")
def pdf(record, document) -> bytes:
    return pdf_of(document, record.created)


@pytest.fixture(scope="module")
def text(pdf) -> str:
    return text_of(pdf)


def test_every_night_is_a_line_with_its_figures(record, text):
    for night in record.view.nights.report.nights:
        row = f"{night.bedtime:%H:%M} {night.onset:%H:%M} {night.offset:%H:%M} {night.rise:%H:%M} "
        row += " ".join(f"{minutes // 60}:{minutes % 60:02d}" for minutes in (night.time_in_bed, night.sleep))
        assert f"{row} {night.efficiency:.1f} {night.latency} {night.waso} {night.awakenings} " in text


def test_means_deviations_and_the_cohort_stand_under_the_nights(record, text):
    summary = record.view.nights.report.summary
    [mean] = re.findall(r"^Mean of (\d+) (.*)$", text, re.M)
    assert int(mean[0]) == summary.nights
    assert mean[1].split()[6:10] == [f"{getattr(summary, name).mean:.1f}" for name in ("efficiency", "latency", "waso", "awakenings")]
    [deviation] = re.findall(r"^SD (.*)$", text, re.M)
    assert deviation.split()[6:10] == [f"{getattr(summary, name).sd:.1f}" for name in ("efficiency", "latency", "waso", "awakenings")]
    medians = re.findall(r"^Cohort: median (.*)$", text, re.M)[0].split()
    assert medians[6:10] == [f"{record.among[name].median:.1f}" for name in ("efficiency", "latency", "waso", "awakenings")]


def test_rhythm_figures_are_those_of_the_week_and_the_cohort(record, text):
    for title, name in {"Interdaily stability (IS)": "interdaily_stability", "Relative amplitude (RA)": "relative_amplitude"}.items():
        among = record.among[name]
        assert f"{title} {getattr(record.view.rhythm, name):.2f} {among.median:.2f} {among.low:.2f} to {among.high:.2f}" in text
    start = round(record.view.rhythm.m10_start)
    assert f"Most active 10 hours (M10) {record.view.rhythm.m10:.0f} {start // 60:02d}:{start % 60:02d} " in text


def test_the_spread_of_the_cohort_is_that_of_the_screen(demo):
    shown, spread = rhythm_spread(demo, COHORT), cohort_spread(demo, COHORT)
    for name, values in shown.items():
        np.testing.assert_allclose(spread[name].values, np.sort(values[np.isfinite(values)]), rtol=1e-9)


def test_the_answer_is_the_sentence_of_the_page(demo, record, text):
    entry = next(entry for entry in models(demo) if entry.reference == MODEL)
    flat = " ".join(text.split())
    sentence = sentences.answer_sentence(record.answer, entry, record.view.week.values.size)
    assert " ".join(sentence.split()) in flat
    assert " ".join(sentences.score_words(entry).split()) in flat


def test_windows_and_what_the_methods_fail_at_are_said(record, text):
    flat = " ".join(text.split())
    assert len(record.windows) == 3
    for window in record.windows:
        assert f"{'raised' if window.effect > 0 else 'lowered'} the score by {abs(window.effect):.2g}" in flat
    assert all(" ".join(words.split()) in flat for words in record.verdicts.values()) and record.verdicts


def test_every_page_has_its_number_and_the_hash(record, pdf):
    pages = PdfReader(io.BytesIO(pdf)).pages
    assert 2 <= len(pages) <= 4
    for number, page in enumerate(pages, 1):
        foot = page.extract_text()
        assert f"Page {number} of {len(pages)}" in foot and record.sha256[:16] in foot and "not a diagnosis" in foot


def test_nothing_says_or_implies_a_diagnosis(text, document):
    for words in (text, html_of(document)):
        flat = " ".join(words.split())
        others = re.sub(r"(?:never|not|Not) a diagnosis", "", flat)
        assert "diagnos" not in others.lower()
        assert NEVER.findall(re.sub(r"<style>.*?</style>", "", others)) == []


def test_the_same_week_has_the_same_hash(demo, model, record):
    assert report_record(demo, model, WeekQuestion(COHORT, PERSON)).sha256 == record.sha256
    assert report_record(demo, model, WeekQuestion(COHORT, "sim-0003")).sha256 != record.sha256


def test_html_needs_nothing_beside_it_and_has_the_same_words(text, document):
    html = html_of(document)
    links = set(re.findall(r"https?://[^\s\"'<)]+", html))
    assert links <= {"http://www.w3.org/1999/xlink", "http://www.w3.org/2000/svg"}  # names, nothing is fetched from them
    assert "<script" not in html and "<img" not in html and html.count("<svg") > 3
    assert f"<td>{re.findall(r'^Mean of [0-9]+ (.*)$', text, re.M)[0].split()[6]}</td>" in html


def test_sections_can_be_left_out_but_not_the_limits(record):
    short = " ".join(text_of(pdf_of(report_document(record, ReportChoice(("nights",))), record.created)).split())
    assert "Nights" in short and "Strongest windows" not in short and "Actogram" not in short
    assert "Not a diagnosis and not a medical device" in short and record.model.name not in short


@pytest.mark.parametrize(("sections", "expected"), [(("sleep",), "among actogram"), (("maps",), "goes with answer")])
def test_sections_that_cannot_be_are_refused(sections, expected):
    with pytest.raises(PatError, match=expected):
        ReportChoice(sections)


def test_a_language_without_a_file_is_refused(record):
    with pytest.raises(PatError, match="language of a report"):
        report_document(record, ReportChoice(language="xx"))


@pytest.mark.parametrize("paper", PAPERS)
def test_a_report_has_two_to_four_pages(record, paper):
    for language in languages():
        assert 2 <= len(pages_of(report_document(record, ReportChoice(language=language)), paper)) <= 4, language


def test_room_to_write_by_hand_gives_way_to_what_follows():
    def lines(height: float) -> int:
        """How many there are above a picture of this height."""
        parts = Together([Lines(5, 3), Picture("rest", height, lambda axes, width, tall: None, "")])
        [page] = pages_of(Document("t", "en", "f", "{page} {pages}", (parts,)))
        return sum(isinstance(artist, Line2D) for artist in page.axes[0].get_children()) - 1  # one above the foot

    room = PAPERS["a4"][1] - 2 * MARGIN - 2 * AFTER
    assert [lines(room - number * LINE_TO_WRITE) for number in (6, 5, 4, 3)] == [5, 5, 4, 3]


@pytest.mark.parametrize("paper", PAPERS)
def test_pages_are_of_their_size_and_nothing_lies_outside_them(document, paper):
    for page in pages_of(document, paper):
        width, height = PAPERS[paper]
        assert tuple(page.get_size_inches() * 72) == pytest.approx((width, height))
        for text in (text for axes in page.axes for text in axes.texts):
            box = text.get_window_extent()
            scale = page.dpi / 72
            assert box.x0 / scale > 56 - 3 and box.x1 / scale < width - 56 + 3, text.get_text()


def test_pictures_are_of_the_pages(document):
    pictures = pictures_of(pages_of(document)[:1], 40)
    assert [picture[:8] for picture in pictures] == [b"\x89PNG\r\n\x1a\n"]


def test_a_refused_week_gets_a_report_without_a_score_that_says_why(tmp_path, twenty_four, model):
    workspace, weeks = Workspace(tmp_path / "workspace"), twenty_four.weeks.copy()
    weeks[3] = 0
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, weeks=weeks)], "people")
    record = report_record(workspace, model, WeekQuestion("people", twenty_four.participants[3]))
    words = " ".join(text_of(pdf_of(report_document(record, ReportChoice()), record.created)).split())
    assert record.refused and record.answer is None and not record.maps
    assert "No score is given for this week" in words and record.view.findings[0].message in words
    assert "Among 100" not in words and "logits" not in words


def test_names_stand_as_they_are():
    name = "<b>A & B</b> $x_1$ {page} Ω Ж"
    parts = (Head("Report", name, "line"), Facts([("Study ID", name)]), Text(name), Table(["a", "b"], [[name, "1"]], [2, 1]))
    document = Document(name, "en", name, "Page {page} of {pages}", parts)
    assert text_of(pdf_of(document, datetime(2026, 1, 1))).count("<b>A & B</b> $x_1$ {page} Ω Ж") >= 4
    html = html_of(document)
    assert "<b>A" not in html and html.count("&lt;b&gt;A &amp; B&lt;/b&gt; $x_1$ {page} Ω Ж") >= 5


def test_words_are_wrapped_into_their_width():
    lines = wrapped("one two three " * 20 + "x" * 300, 200, 9)
    assert all(width_of(line, 9) <= 200 for line in lines) and "".join(lines).count("x") == 300


def test_a_file_of_another_kind_is_refused(document, tmp_path):
    with pytest.raises(PatError, match=r"\.pdf or \.html"):
        write_report(document, tmp_path / "report.docx", datetime(2026, 1, 1))


def test_all_sections_have_their_names():
    assert ReportChoice().sections == SECTIONS and ReportChoice(("nights",)).with_model is False
