"""The page Report: sections, an interpretation that is kept with the week, the pages as pictures, a refused week."""

from __future__ import annotations

import pytest

from pat_core import jobs
from pat_core.cohorts import Workspace
from pat_core.workflows.people.demo import COHORT
from tests.app.made import OWN, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


def page(**address: str):
    return opened_at("pages/report.py", cohort=COHORT, person="sim-0002", sections="nights,interpretation", **address)


def keep(app, text: str, who: str):
    app.text_area[0].input(text)
    next(one for one in app.text_input if one.label == "Your name").input(who)
    return next(one for one in app.button if one.label == "Keep this interpretation").click().run()


def pages_of(app) -> int:
    return sum(caption.value.startswith("Page ") for caption in app.caption)


def test_what_is_written_is_kept_with_the_week_and_earlier_versions_stay():
    app = page()
    assert not app.exception and pages_of(app) >= 1
    app = keep(app, "Late on all days.", "Ada")
    assert not app.exception and not app.error
    app = keep(app, "Late on four days.", "Grace")
    kept = Workspace().interpretations(COHORT, "sim-0002", 0)
    assert [(one.text, one.who) for one in kept] == [("Late on all days.", "Ada"), ("Late on four days.", "Grace")]
    assert kept[-1].about and "Kept by Grace" in said_by(app) and "Late on all days." in said_by(app)
    assert app.text_area[0].value == "Late on four days."
    assert not Workspace().interpretations(COHORT, "sim-0003", 0)


def test_nothing_is_kept_without_a_name_or_a_text():
    app = keep(page(), "Late.", "")
    assert "a name for the author" in app.error[0].value
    app = keep(page(), "", "Ada")
    assert "got none" in app.error[0].value and not Workspace().interpretations(COHORT, "sim-0002", 0)


def test_maps_without_the_answer_are_refused_in_a_sentence():
    app = opened_at("pages/report.py", cohort=COHORT, person="sim-0002", sections="maps")
    assert not app.exception and "goes with answer" in app.error[0].value


def test_a_refused_week_has_a_report_that_says_why(own):
    app = opened_at("pages/report.py", cohort=OWN, person="flat", sections="answer")
    assert not app.exception and not app.error
    assert any("refused this week" in info.value for info in app.info) and pages_of(app) >= 1


def test_a_person_s_page_leads_to_their_report():
    app = opened_at("pages/participant.py", cohort=COHORT, person="sim-0002", methods="none")
    links = [link.proto.page for link in app.get("page_link")]
    assert any("report" in link for link in links)


def test_everybody_s_reports_are_a_job_of_these_choices(monkeypatch):
    monkeypatch.setattr(jobs.launcher, "start_waiting", lambda *_: None)
    app = page(paper="letter")
    app.button(key="report.everyone").click().run()
    assert not app.exception
    (job,) = [job for job in Workspace().jobs() if job.kind == "report_batch"]
    assert job.title == f"Reports of {COHORT}" and job.spec["paper"] == "letter" and job.spec["sections"] == ["nights", "interpretation"]
