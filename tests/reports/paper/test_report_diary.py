"""A sleep diary in a report: the lines of the PDF are the diary's, and their brackets the estimates' differences."""

from __future__ import annotations

import re
from datetime import timedelta

from pat_core.records import WeekQuestion
from pat_core.reports.paper.paper_files import pdf_of
from pat_core.reports.paper.report_document import ReportChoice, report_document
from pat_core.rhythms.sleep_diary import DiaryNight
from pat_core.workflows.people.report_record import report_record
from pat_core.workflows.read.cohort_import import import_recordings
from tests.reports.paper.test_report_pages import text_of
from tests.workflows.made import weeks_file


def test_every_night_of_the_diary_is_a_line_and_the_report_is_another_one(demo, model, simulated, tmp_path):
    import_recordings(demo, [weeks_file(tmp_path / "a.npz", simulated, slice(12))], "people")
    question, choice = WeekQuestion("people", person := simulated.participants[1], 0, "cohort"), ReportChoice(("actogram", "nights"))
    before = report_record(demo, model, question, with_model=False)
    without = " ".join(text_of(pdf_of(report_document(before, choice), before.created)).split())
    assert "Sleep diary" not in without and "were not compared with a sleep diary" in without
    nights = [night for night in before.view.nights.report.nights if night.counted]
    written = [
        (person, DiaryNight((night.bedtime - timedelta(hours=12)).date(), night.bedtime - timedelta(minutes=12), night.rise))
        for night in nights
    ]
    demo.add_diary("people", written, who="Ada")
    record = report_record(demo, model, question, with_model=False)
    text = text_of(pdf_of(report_document(record, choice), record.created))
    by_diary = report_record(demo, model, question, with_model=False, by_diary=True)
    assert len({record.sha256, before.sha256, by_diary.sha256}) == 3
    for _, night in written:
        assert re.search(rf"{night.bed:%H:%M} \(\+12\) {night.rise:%H:%M} \(0\)", text)
    assert "In bed by the diary" in text and "Neither is the truth" in text
    assert "not measured by polysomnography." in text and "were not compared" not in text
    mean = re.search(r"^Mean difference (.*)$", text, re.M).group(1).split()
    assert mean == ["+12", "0", "\u221212"]
    assert any(by_diary.view.nights.of_diary)
