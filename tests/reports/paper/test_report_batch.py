"""Reports of a whole cohort: one whose recording is damaged ends nothing, and what was drawn is not drawn again."""

from __future__ import annotations

import io
import zipfile

import pandas as pd
import pytest
from pypdf import PdfReader

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, PatError, WeekError
from pat_core.jobs import run_job
from pat_core.progress import Silent
from pat_core.reports.paper import report_batch
from pat_core.reports.paper.report_batch import REPORT_BATCH, ReportBatchRequest, run_report_batch, write_zip, zip_of
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import weeks_file


@pytest.fixture
def asked(tmp_path, twenty_four, model, monkeypatch):
    """(workspace, request): four people of whom the third lay still; nights alone, which is quick, and the model's answer."""
    workspace, weeks = Workspace(tmp_path / "workspace"), twenty_four.weeks[:4].copy()
    weeks[2] = 0
    import_recordings(workspace, [weeks_file(tmp_path / "a.npz", twenty_four, slice(4), weeks=weeks)], "people")
    monkeypatch.setattr(report_batch, "model_of", lambda *_: model)
    info = workspace.cohort("people")
    return workspace, ReportBatchRequest(model.name, model.sha256, info.name, info.id, "model", sections=("answer",))


def test_everybody_has_a_report_a_refused_week_one_without_a_score_and_one_that_fails_is_listed(asked, tmp_path, monkeypatch):
    workspace, request = asked
    bad = workspace.people("people")[1].participant
    gather = report_batch.report_record

    def damaged(space, model, question, **how):
        if question.participant == bad:
            raise WeekError("This week cannot be read.")
        return gather(space, model, question, **how)

    monkeypatch.setattr(report_batch, "report_record", damaged)
    outcome = write_zip(workspace, request, tmp_path / "all.zip")
    assert (outcome.people, outcome.drawn, outcome.refused) == (4, 3, 1)
    assert outcome.failed == ((bad, "This week cannot be read."),) and bad in outcome.words
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        names = [name for name in archive.namelist() if name.endswith(".pdf")]
        table = pd.read_csv(io.BytesIO(archive.read("reports.csv")), keep_default_na=False)
        words = {name: PdfReader(io.BytesIO(archive.read(name))).pages[0].extract_text() for name in names}
    assert len(names) == 3 and table["why_none"].tolist() == ["", "This week cannot be read.", "", ""]
    assert table["report"].tolist() == [names[0], "", names[1], names[2]]
    for name, text in words.items():
        assert table["participant"][table["report"] == name].item() in text

    monkeypatch.setattr(report_batch, "report_record", gather)
    drawn = []
    monkeypatch.setattr(report_batch, "pdf_of", lambda *given: drawn.append(given) or b"%PDF")
    assert run_report_batch(workspace, request).failed == () and len(drawn) == 1, "only the one that was missing is drawn"


def test_a_batch_that_is_stopped_keeps_what_it_drew(asked, monkeypatch):
    workspace, request = asked
    monkeypatch.setattr(report_batch, "pdf_of", lambda *given: b"%PDF")

    class Stopping(Silent):
        def at(self, fraction, message):
            if fraction >= 0.5:
                raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        run_report_batch(workspace, request, Stopping())
    assert len(list(report_batch.kept_reports(workspace, request))) == 2
    workspace.delete_cohort("people")
    assert not list((workspace.folder / "cache").glob("*.npz")), "reports go with the cohort"


def test_a_worker_does_it_and_the_job_keeps_how_it_went(asked, monkeypatch):
    workspace, request = asked
    monkeypatch.setattr(report_batch, "pdf_of", lambda *given: b"%PDF")
    job = workspace.add_job("report_batch", "Reports of people", request.as_spec())
    done = run_job(workspace, job, (REPORT_BATCH,))
    assert done.state == "done" and (done.result["people"], done.result["drawn"], done.result["refused"]) == (4, 4, 1)
    stored = REPORT_BATCH.request.from_spec(done.spec)
    with zipfile.ZipFile(io.BytesIO(zip_of(workspace, stored, dict(done.result)))) as archive:
        assert len(archive.namelist()) == 5


def test_a_choice_that_cannot_be_is_refused_before_anything_is_drawn(asked, tmp_path):
    workspace, request = asked
    with pytest.raises(PatError, match=r"ending in \.zip"):
        write_zip(workspace, request, tmp_path / "all.pdf")
    with pytest.raises(PatError, match="goes with answer"):
        run_report_batch(workspace, ReportBatchRequest(**{**vars(request), "sections": ("maps",)}))
