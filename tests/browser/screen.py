"""What a reader does at the screen, and what they see there. Every wait is for something that can be seen."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from playwright.sync_api import Locator, Page, TimeoutError, expect

from pages.components.learn.lesson_list import LESSONS, TEACHERS

expect.set_options(timeout=60_000)
Answer = TypeVar("Answer")
TRIES = 12

COLOURS = """async (image) => {
    const canvas = document.createElement("canvas");
    await image.decode?.();
    const drawn = new Image();
    drawn.src = image.getAttribute("href") || image.getAttribute("xlink:href");
    await drawn.decode();
    [canvas.width, canvas.height] = [drawn.naturalWidth, drawn.naturalHeight];
    const brush = canvas.getContext("2d");
    brush.drawImage(drawn, 0, 0);
    return new Set(new Uint32Array(brush.getImageData(0, 0, canvas.width, canvas.height).data.buffer)).size;
}"""
"""How many colours a heatmap's picture holds: 1 or 2 would be an empty strip."""


def titled(page: Page, title: str) -> None:
    """The page of this title stands there, its script has ended, and no exception is on it."""
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    at_rest(page)


def at_rest(page: Page) -> None:
    """The script has ended, nothing on the screen is from an earlier run, and there is no exception."""
    expect(page.locator('[data-testid="stApp"][data-test-script-state="notRunning"]')).to_be_visible()
    expect(page.locator('[data-testid="stMain"] [data-stale="true"]')).to_have_count(0)
    expect(page.get_by_test_id("stException")).to_have_count(0)


TURN = """([address, patience]) => new Promise((begun, failed) => {
    const app = document.querySelector('[data-testid="stApp"]');
    const running = (_, watch) => { if (app.dataset.testScriptState === "running") { watch.disconnect(); begun(true); } };
    new MutationObserver(running).observe(app, {attributeFilter: ["data-test-script-state"]});
    setTimeout(() => begun(false), patience);
    history.pushState(null, "", address);
    dispatchEvent(new PopStateEvent("popstate"));
})"""
TITLES = {"": "PAT Explorer", "overview": "PAT Explorer", "what_if": "What-if", "finetune": "Fine-tune", "compare": "Compare models"}
TITLES |= {Path(lesson.page).stem: lesson.title for lesson in LESSONS.values()} | {Path(TEACHERS).stem: "For teachers"}
"""Of pages whose title is not their file's name."""


def turn_to(page: Page, address: str) -> None:
    """Another page of the app as the browser's Back and Forward open it: by its address, without loading the app anew."""
    at_rest(page)
    for _ in range(TRIES):
        if page.evaluate(TURN, [f"/{address}", 10_000]):  # what comes while the last run ends may be passed over
            break
    else:
        raise AssertionError(f"The app did not turn to /{address} in {TRIES} tries.")
    name = address.partition("?")[0]
    titled(page, TITLES.get(name, name.replace("_", " ").capitalize()))


def pick(page: Page, box: str, option: str | re.Pattern[str]) -> None:
    """Choose in a select box. A rerun of the page closes an open list, so it may have to be opened again."""
    for _ in range(TRIES):
        page.get_by_role("combobox", name=box, exact=True).click()
        try:
            page.get_by_role("option", name=option).first.click(timeout=1000)
            return
        except TimeoutError:
            page.keyboard.press("Escape")
    raise AssertionError(f"The box {box!r} offers nothing like {option!r}.")


def pick_to_stay(page: Page, box: str, option: re.Pattern[str]) -> None:
    """`pick`, again where a rerun that was still under way drew the box as it had been."""
    for _ in range(TRIES):
        pick(page, box, option)
        at_rest(page)
        try:
            expect(page.get_by_role("combobox", name=box, exact=True)).to_have_value(option, timeout=3000)
            return
        except AssertionError:
            continue
    raise AssertionError(f"The box {box!r} does not keep {option!r}.")


def pick_by_typing(page: Page, box: str, typed: str, option: str) -> None:
    """Find an option of a long list by some of its letters, and take it with the keyboard."""
    field = page.get_by_role("combobox", name=box, exact=True)
    for _ in range(TRIES):
        field.fill("")
        field.press_sequentially(typed)
        try:
            expect(page.get_by_role("option")).to_have_text([option], timeout=3000)
            field.press("Enter")
            expect(field).to_have_value(option, timeout=3000)
        except AssertionError:  # a rerun closed the list
            page.keyboard.press("Escape")
            continue
        at_rest(page)
        return
    raise AssertionError(f"The box {box!r} offers no {option!r} for {typed!r}.")


def write(page: Page, box: str, text: str, role: str = "textbox") -> None:
    """Fill a box and hand it in."""
    field = page.get_by_role(role, name=box, exact=True)
    field.fill(text)
    field.press("Enter")


def upload(page: Page, box: str, path: Path) -> None:
    """Give a file to the uploader of this label, and see that it arrived. A rerun at that moment drops it: it is given again."""
    uploader = page.get_by_test_id("stFileUploader").filter(has_text=box)
    for last in (False, False, True):
        at_rest(page)
        uploader.locator("input[type=file]").set_input_files(path)
        try:
            expect(uploader).to_contain_text(path.name, timeout=60_000 if last else 15_000)
            return
        except AssertionError:
            if last:
                raise


def start_run(page: Page, name: str, epochs: int, folds: bool = False) -> None:
    """Start the paper's linear probe from the form of the Fine-tune page, with so many epochs and no early stop."""
    main(page).get_by_text("Linear probe, as in the paper", exact=False).click()
    at_rest(page)
    main(page).get_by_text("Recipe and device").click()
    write(page, "Learning rate", "0.01", "spinbutton")
    write(page, "Most epochs", str(epochs), "spinbutton")
    write(page, "Stop after this many epochs without a better validation AUC", str(epochs), "spinbutton")
    pick(page, "Test on", re.compile("^5-fold" if folds else "^20 %"))
    write(page, "Name of the run", name)
    press(page, "Start fine-tuning")


def press(page: Page, button: str) -> None:
    page.get_by_test_id("stMain").get_by_role("button", name=button, exact=True).click()


def look_at(page: Page, tab: str) -> None:
    """Another tab of a person's page."""
    main(page).get_by_role("radio", name=tab, exact=True).click()
    at_rest(page)


def fold_out(place: Page | Locator, title: str) -> None:
    """Open the folded part whose title begins so."""
    summary = place.locator("summary").get_by_text(re.compile(f"^{re.escape(title)}"))
    summary.click()
    expect(summary.locator("xpath=ancestor::details[@open]")).to_be_attached()


def lines(place: Page | Locator, text: str | re.Pattern[str]) -> Locator:
    """The lines of data tables that hold this text. They are attached for screen readers; what is seen is a canvas."""
    return place.get_by_test_id("stDataFrame").locator("tbody [role=row]").filter(has_text=text)


def cell(place: Page | Locator, text: str, column: str) -> Locator:
    """The cell of that column in the line of a data table that holds this text, as its bare value."""
    header = lines(place, text).locator("xpath=ancestor::table").locator(f'th:text-is("{column}")')
    return lines(place, text).locator(f'[role=gridcell][aria-colindex="{header.get_attribute("aria-colindex")}"]')


def main(page: Page) -> Locator:
    """The page without the sidebar."""
    return page.get_by_test_id("stMain")


def figure(page: Page, name: str) -> Locator:
    """The value of the large figure of this name."""
    return main(page).get_by_test_id("stMetric").filter(has_text=name).get_by_test_id("stMetricValue")


def painted_strips(page: Page, at_least: int) -> list[int]:
    """Colours of each strip of the sheet, once that many are painted."""
    strips = page.locator(".js-plotly-plot .heatmaplayer image")
    expect(strips.nth(at_least - 1)).to_be_attached()
    return [strip.evaluate(COLOURS) for strip in strips.all()]


def eventually(look: Callable[[], Answer], what: str, seconds: float = 60.0) -> Answer:
    """The first answer that is not empty of a look outside the browser; fails in a sentence."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        answer = look()
        if answer:
            return answer
        time.sleep(0.05)
    raise AssertionError(f"It did not come within {seconds:.0f} s: {what}.")


DRAWN = """(chart) => chart.data && JSON.stringify(chart.data.filter((trace) => trace.visible !== false)
    .map((trace) => [trace.type, trace.name, trace.x, trace.y, trace.z]))"""
"""What a chart shows, as one text: two charts are alike exactly if these are. Nothing while the page is still putting a new chart in."""


def drawn(page: Page, key: str) -> str:
    """What the chart of this key shows now."""
    chart = page.locator(f".st-key-{key} .js-plotly-plot").first
    expect(chart).to_be_visible()
    return eventually(lambda: chart.evaluate(DRAWN), f"anything drawn in {key!r}")


def redrawn(page: Page, key: str, before: str) -> str:
    """What the chart of this key shows once it is another picture than `before`, and the page is at rest."""
    eventually(lambda: drawn(page, key) != before, f"another picture in {key!r}", 120.0)
    at_rest(page)
    return drawn(page, key)
