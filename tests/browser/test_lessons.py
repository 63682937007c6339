"""The six lessons as a student takes them: each from its first screen to the sentence to take home, by mouse and by keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.components.learn.lesson_answers import SCREENS
from pages.components.learn.lesson_list import LESSONS
from tests.browser.screen import at_rest, main, press, titled, turn_to


@pytest.fixture(scope="module")
def tab(server, chromium):
    """One tab for all lessons: a student stays in it."""
    context = chromium.new_context(reduced_motion="reduce", viewport={"width": 1280, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{server.address}/learn_week")
    titled(page, LESSONS["week"].title)
    yield page
    context.close()


@pytest.mark.parametrize("key", LESSONS)
def test_a_lesson_is_taken_to_its_end(tab: Page, key):
    lesson, screens = LESSONS[key], SCREENS[key]
    turn_to(tab, Path(lesson.page).stem)
    for number, screen in enumerate(screens, start=1):
        expect(main(tab).get_by_role("heading", name=screen.title, exact=True)).to_be_visible()
        expect(main(tab).get_by_text("nobody here exists", exact=False)).to_be_visible()
        expect(main(tab).get_by_text("To take home.", exact=False)).to_have_count(0)
        question = tab.locator(".st-key-lesson-question")
        expect(question.get_by_role("radio", checked=True)).to_have_count(0)
        question.get_by_role("radio").nth(1).locator("xpath=ancestor::label").click()
        expect(question.get_by_text("Right.").or_(question.get_by_text("Not that one."))).to_be_visible()
        at_rest(tab)
        slider = main(tab).get_by_role("slider").first
        before = slider.get_attribute("aria-valuetext") or slider.get_attribute("value") or slider.get_attribute("aria-valuenow")
        slider.focus()
        tab.keyboard.press("ArrowRight")
        expect(slider).to_be_focused()
        at_rest(tab)
        after = slider.get_attribute("aria-valuetext") or slider.get_attribute("value") or slider.get_attribute("aria-valuenow")
        if before == after:  # it stood at its end
            tab.keyboard.press("ArrowLeft")
            at_rest(tab)
        chart = tab.locator(".st-key-lesson-figure").locator("canvas, .js-plotly-plot").first
        expect(chart).to_be_visible()
        if number < len(screens):
            press(tab, "Next")
    expect(main(tab).get_by_text(lesson.take_home, exact=False)).to_be_visible()
    at_rest(tab)
    assert f"{lesson.screen}={len(screens)}" in tab.url


def test_a_reload_stays_on_the_screen_and_the_next_lesson_is_a_click_away(tab: Page):
    lesson, following = LESSONS["week"], LESSONS["patches"]
    turn_to(tab, f"learn_week?{lesson.screen}=4")
    tab.reload()
    titled(tab, lesson.title)
    expect(main(tab).get_by_role("heading", name=SCREENS["week"][3].title, exact=True)).to_be_visible()
    expect(tab.locator(".st-key-lesson-figure").get_by_text("Answer the question first", exact=False)).to_be_visible()
    tab.locator(".st-key-lesson-dots").get_by_role("radio", name="5").click()
    question = tab.locator(".st-key-lesson-question")
    expect(main(tab).get_by_role("heading", name=SCREENS["week"][4].title, exact=True)).to_be_visible()
    at_rest(tab)
    question.get_by_role("radio").first.focus()
    tab.keyboard.press("Space")
    expect(question.get_by_text("Right.").or_(question.get_by_text("Not that one."))).to_be_visible()
    main(tab).get_by_role("link", name=f"Next lesson: {following.title}").click()
    titled(tab, following.title)


def test_a_query_is_dragged_over_the_week_and_its_map_follows_before_it_is_let_go(tab: Page):
    turn_to(tab, "learn_attention?attention-screen=1")
    canvas = tab.locator(".st-key-lesson-figure .week canvas")
    expect(canvas).to_be_visible()
    at_rest(tab)
    box, before = canvas.bounding_box(), drawn(canvas)
    tab.mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 20)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 3.4 * 46, steps=4)
    assert drawn(canvas) != before
    tab.mouse.up()
    expect(main(tab).get_by_text(re.compile(r"^Thu 1\d:\d\d attends most to"))).to_be_visible()


def test_any_minutes_are_hidden_by_dragging_or_by_keys_and_shown_again(tab: Page):
    turn_to(tab, "learn_masking?masking-screen=1")
    canvas = tab.locator(".st-key-lesson-figure .week canvas")
    expect(canvas).to_be_visible()
    at_rest(tab)
    error = main(tab).get_by_text("Mean squared error on the hidden minutes", exact=False)
    first, box = error.inner_text(), canvas.bounding_box()
    tab.mouse.move(box["x"] + 0.4 * box["width"], box["y"] + 5.4 * 24)
    tab.mouse.down()
    tab.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 5.4 * 24, steps=4)
    tab.mouse.up()
    expect(error).not_to_have_text(first)
    at_rest(tab)
    assert main(tab).get_by_role("slider").first.get_attribute("aria-valuetext") == "Sat"
    dragged = error.inner_text()
    canvas.focus()
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("Space")
    expect(error).not_to_have_text(dragged)
    expect(tab.locator(".week [aria-live]")).to_contain_text(": hidden")
    tab.keyboard.press("Space")
    expect(error).to_have_text(dragged)


def drawn(canvas: Locator) -> str:
    return str(canvas.evaluate("element => element.toDataURL()"))
