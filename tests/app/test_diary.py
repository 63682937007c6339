"""A sleep diary on the pages: brought under Data, beside the estimates on a person's page, its rest taken there, and taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from pat_core.workflows.week.week_nights import week_nights
from tests.app.made import OWN, opened_at, said_by

pytestmark = pytest.mark.usefixtures("seen_before")


def box(app, kind: str, name: str):
    return next(one for one in app.get(kind) if str(one.key).startswith(f"diary.{name}."))


def test_a_diary_is_looked_at_kept_seen_beside_the_nights_and_taken_back(own):
    app = opened_at("pages/data.py", cohort=OWN)
    assert "no sleep diary yet" in said_by(app)
    nights = [night for night in week_nights(own.week(OWN, "walker", 0)).report.nights if night.counted]
    lines = ["participant,evening,in bed,out of bed", "nobody,2024-01-01,23:00,7:00"]
    beds = [night.bedtime - timedelta(minutes=10) for night in nights]
    lines += [
        f"walker,{(bed - timedelta(hours=12)).date()},{bed:%H:%M},{night.rise:%H:%M}" for bed, night in zip(beds, nights, strict=True)
    ]
    box(app, "file_uploader", "file").upload("d.csv", "\n".join(lines).encode(), "text/csv").run()
    said = said_by(app)
    assert not app.exception and "those of the evenings, as the name of their column says" in said and own.diaries(OWN) == ()
    box(app, "text_input", "who").input("Ada")
    app = box(app, "button", "keep").click().run()
    assert not app.exception and f"A sleep diary was kept: {len(nights)} nights of 1 person." in app.success[0].value
    page = opened_at("pages/participant.py", cohort=OWN, person="walker", look="nights", methods="none")
    assert not page.exception and "the estimates have this person going to bed 10 min later" in said_by(page)
    table = next(frame.value for frame in page.dataframe if "In bed" in frame.value and "Bedtime" not in frame.value)
    assert list(table["In bed"]) == [f"{bed:%H:%M} (+10)" for bed in beds]
    rest = next(one for one in page.get("button_group") if one.key == "box.rest-of")
    rest.set_value("diary").run()
    bedtimes = next(frame.value for frame in page.dataframe if "Bedtime" in frame.value)["Bedtime"]
    assert {f"{bed:%H:%M}" for bed in beds} <= set(bedtimes) and page.query_params["rest-of"] in ("diary", ["diary"])
    assert "not compared" in said_by(page)
    app = opened_at("pages/data.py", cohort=OWN)
    app = box(app, "button", "undo.do").click().run()
    assert not app.exception and not own.diaries(OWN)[0].in_force and own.diary_nights(OWN) == {}
