"""Each lesson from its first screen to its end: something is moved, every question is answered, the sentence to take home stands there."""

from __future__ import annotations

import pytest

from pages.components.learn.lesson_answers import SCREENS
from pages.components.learn.lesson_list import LESSONS, TEACHERS
from tests.app.made import opened_at, said_by

MOST_WORDS = 60
lessons = pytest.mark.parametrize("key", LESSONS)


def screens_of(app) -> list[str]:
    return list(app.segmented_control[0].options)


@lessons
def test_a_lesson_is_taken_to_its_end(key):
    lesson = LESSONS[key]
    app = opened_at(lesson.page)
    last = screens_of(app)[-1]
    assert 4 <= int(last) <= 6
    for screen in screens_of(app):
        assert not app.exception and not app.error, screen
        assert "nobody here exists" in said_by(app)
        assert app.subheader, "a screen has a title"
        words = app.main.markdown[0].value
        assert len(words.split()) <= MOST_WORDS, f"{screen}: {len(words.split())} words"
        (question,) = app.radio
        assert len(question.options) == 3 and question.value is None
        assert not any("Right." in part.value or "Not that one." in part.value for part in app.main.markdown)
        answered = {app.radio[0].set_value(number).run() and verdict(app) for number in question.options}
        assert answered == {"Right", "Not that one"}, f"{screen}: one of three is right"
        assert not app.exception and not app.error
        (box,) = [*app.slider, *app.select_slider, *app.toggle, *app.selectbox][:1]
        move(box).run()
        assert not app.exception and not app.error
        if screen != last:
            assert lesson.take_home not in said_by(app)
            app.button[-1].click().run()
    assert lesson.take_home in said_by(app)
    assert app.query_params[lesson.screen] in (last, [last])


def verdict(app) -> str | None:
    (text,) = [part.value for part in app.main.markdown if part.value.startswith("**Right.") or part.value.startswith("**Not that one.")]
    return text[2:].partition(".")[0]


def move(box):
    if isinstance(box.value, tuple):
        return box.set_range(box.value[0], box.value[1] + box.step)
    if hasattr(box, "max"):
        return box.set_value(box.max if box.value != box.max else box.min)
    return box.set_value(not box.value if isinstance(box.value, bool) else box.options[-1])


@lessons
def test_a_reload_stays_on_the_screen_and_asks_again(key):
    lesson = LESSONS[key]
    app = opened_at(lesson.page, **{lesson.screen: "3"})
    assert app.segmented_control[0].value == "3" and app.radio[0].value is None


def test_an_answer_and_what_was_moved_are_kept_while_another_screen_is_shown():
    app = opened_at(LESSONS["week"].page)
    app.radio[0].set_value(app.radio[0].options[0]).run()
    app.select_slider[0].set_value(60).run()
    app.button[-1].click().run()
    assert app.radio[0].value is None
    app.button[0].click().run()
    assert app.radio[0].value is not None and app.select_slider[0].value == 60


def test_a_screen_whose_answer_comes_first_moves_nothing_before():
    app = opened_at(LESSONS["week"].page, **{"week-screen": "4"})
    assert not app.select_slider and "Answer the question first" in said_by(app)


@lessons
def test_a_teacher_reads_every_answer(key):
    app = opened_at(TEACHERS, lesson=key)
    assert not app.exception and not app.error
    answers = [part.value for part in app.main.markdown if part.value.startswith("Answer: **")]
    assert len(answers) == len(SCREENS[key])
    assert all(lesson.take_home in said_by(app) for lesson in LESSONS.values())
