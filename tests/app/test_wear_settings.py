"""How wear is judged: one form that every page obeys, defaults with their sources, and valid days in the lists."""

from __future__ import annotations

from pat_core.wear import QualitySettings, Troiano
from pat_core.workflows.people.demo import MODEL
from pat_core.workflows.read import worn_days
from pat_core.workflows.read.worn_days import keep_quality_settings, quality_settings
from tests.app.made import OWN, opened_at, said_by


def number(app, start: str):
    return next(box for box in app.number_input if box.label.startswith(start))


def press(app, label: str):
    return next(button for button in app.button if button.label == label).click().run()


def weeks(app):
    return next(frame.value for frame in app.dataframe if "Hours a day" in frame.value)


def test_the_settings_say_their_defaults_and_sources_and_hold_for_lists_and_quality(own):
    app = opened_at("pages/data.py", cohort=OWN)
    assert not app.exception and "Default: 10." in number(app, "Hours of wear").help and "Troiano et al. 2008" in number(app, "Hours").help
    before = weeks(app).set_index(["Participant", "Week"])
    assert before.loc[("flat", 1), "Valid days"] == 0 and before.loc[("walker", 1), "Valid days"] > 0
    number(app, "Hours of wear").set_value(24.0)
    number(app, "Valid days needed").set_value(3)
    next(box for box in app.radio if box.label == "Non-wear rule").set_value("Troiano 2008")
    app = press(app, "Use these")
    assert not app.exception
    chosen = QualitySettings(Troiano(), hours_a_day=24.0, days_needed=3)
    assert quality_settings(own) == chosen
    assert "24 hours of wear; 3 of 7" in said_by(app)
    now = weeks(app)["Valid days"].tolist()
    assert now == worn_days.valid_days(own, OWN, chosen).tolist() != before["Valid days"].tolist()
    page = opened_at("pages/participant.py", cohort=OWN, person="walker", look="wear")
    assert "Wear by Troiano 2008" in said_by(page) and "24 hours of wear; 3 of 7" in said_by(page)
    press(app, "Back to the defaults")
    assert quality_settings(own) == QualitySettings()


def test_a_value_that_cannot_be_meant_is_answered_in_a_sentence_and_nothing_is_kept(own):
    app = opened_at("pages/data.py", cohort=OWN)
    number(app, "Hours of wear").set_value(25.0)
    app = press(app, "Use these")
    assert [error.value for error in app.error] == [
        "A valid day has more than 0 and at most 24 hours of wear, not 25. Choose another number."
    ]
    number(app, "Hours of wear").set_value(10.0)
    number(app, "Valid days needed").set_value(8)
    app = press(app, "Use these")
    assert "1 to 7 valid days" in app.error[0].value and quality_settings(own) == QualitySettings() and not app.exception


def test_the_participants_table_shows_valid_days_that_sort_and_filter(own):
    keep_quality_settings(own, QualitySettings(hours_a_day=1))
    app = opened_at("pages/participants.py", cohort=OWN, model=MODEL)
    assert not app.exception
    table = app.dataframe[0].value.set_index("Participant")
    assert table["Valid days"].to_dict() == {"walker": "7 of 7", "flat": "0 of 7", "other": "7 of 7"}
    app.selectbox(key="box.sort").select("-days").run()
    assert app.dataframe[0].value["Participant"].iloc[0] == "flat"
    app.selectbox(key="box.days").set_value(7).run()
    assert set(app.dataframe[0].value["Participant"]) == {"walker", "other"}
