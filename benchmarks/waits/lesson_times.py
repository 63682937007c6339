"""How long a student waits on a screen of the lessons: for opening it, for an answer, and for what is moved.

    python -m benchmarks.waits.lesson_times

Every screen of all lessons is opened in a new tab, its question is answered, and its slider is moved three times. Measured is the page's
script without a browser, on the clock and in seconds of the processor, which other work on the machine does not lengthen. Writes
benchmarks/results/<date>-lesson-times.json.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from benchmarks.machine import keep

MOST = 2.0
"""Seconds that anything moved may take."""
Times = dict[str, list[tuple[float, float]]]


def timed(times: Times, what: str, do: Callable[[], Any]) -> Any:
    began, worked = time.perf_counter(), time.process_time()
    outcome = do()
    times.setdefault(what, []).append((time.perf_counter() - began, time.process_time() - worked))
    return outcome


def summary(seconds: list[tuple[float, float]]) -> dict[str, Any]:
    clock, processor = zip(*seconds, strict=True)
    rounded = {name: [round(median(of), 3), round(max(of), 3)] for name, of in (("clock", clock), ("processor", processor))}
    return {"times": len(seconds), **{f"{name}, median and longest": values for name, values in rounded.items()}}


def measured() -> Times:
    """By what is done, and for moves by lesson: (seconds on the clock, seconds of the processor) each time."""
    from pages.components.learn.lesson_answers import SCREENS
    from pages.components.learn.lesson_list import LESSONS
    from tests.app.made import opened_at

    times: Times = {}
    for key, lesson in LESSONS.items():
        opened_at(lesson.page)  # torch, where a lesson needs it, is imported once for a server
        for number in range(1, len(SCREENS[key]) + 1):
            app = timed(times, "open", lambda: opened_at(lesson.page, **{lesson.screen: str(number)}))  # noqa: B023
            answer = app.radio[0].set_value(app.radio[0].options[0])
            timed(times, "answer", answer.run)
            for turn in range(1, 4):
                box = [*app.slider, *app.select_slider][0]
                if isinstance(box.value, tuple):
                    box.set_range(box.value[0], box.value[1] + box.step)
                elif hasattr(box, "step"):
                    box.set_value(box.min + turn * box.step)
                else:
                    box.set_value(box.options[turn % len(box.options)])
                timed(times, f"move, {key}", box.run)
            assert not app.exception
    return times


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PAT_WORKSPACE"] = os.path.join(folder, "workspace")
        times = measured()
    moves = [one for what, some in times.items() if what.startswith("move") for one in some]
    met = max(processor for _, processor in moves) <= MOST
    load = [round(one, 1) for one in os.getloadavg()]
    keep("lesson-times", {"seconds": {what: summary(some) for what, some in times.items()}, "most": MOST, "met": met, "load": load})


if __name__ == "__main__":
    main()
