"""How long each of a class waits while all of them work through the lessons on one server.

    python -m benchmarks.waits.classroom [--students 30] [--minutes 3] [--pause 10]

A real server is started, and one connection a student speaks to it as a browser does, without the painting: each opens a lesson (the six in
turn), and then every `--pause` seconds on average goes on to the next screen or moves what there is to move. A wait is from the message
to the end of the page's script. Also kept: the largest memory of the server. Writes benchmarks/results/<date>-classroom.json.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import connect

from benchmarks.machine import keep
from pages.components.learn.lesson_answers import SCREENS
from pages.components.learn.lesson_list import LESSONS
from tests.browser.server import Server

Waits = dict[str, list[float]]
LONGEST_WAIT = 60.0


class Student:
    """One connection. slider: the first one of the screen as the server described it, None where it has none."""

    def __init__(self, socket: Any, key: str) -> None:
        self.socket, self.key, self.screen, self.slider = socket, key, 1, None

    async def run(self, widget: tuple[str, float] | None = None) -> float:
        """Seconds until the page's script has ended. widget: the slider that was moved, and where to."""
        asked = BackMsg()
        asked.rerun_script.query_string = urlencode({LESSONS[self.key].screen: self.screen})
        asked.rerun_script.page_name = Path(LESSONS[self.key].page).stem
        if widget is not None:
            state = asked.rerun_script.widget_states.widgets.add(id=widget[0])
            state.double_array_value.data.append(widget[1])
        began, self.slider = time.monotonic(), None
        await self.socket.send(asked.SerializeToString())
        while True:
            got = ForwardMsg()
            got.ParseFromString(await asyncio.wait_for(self.socket.recv(), LONGEST_WAIT))
            kind = got.WhichOneof("type")
            if kind == "delta" and got.delta.WhichOneof("type") == "new_element":
                self._look(got.delta.new_element)
            if kind == "script_finished" and got.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return time.monotonic() - began

    def _look(self, element: Any) -> None:
        if element.WhichOneof("type") == "exception":
            raise RuntimeError(f"{self.key}, screen {self.screen}: {element.exception.message}")
        if element.WhichOneof("type") == "slider" and self.slider is None and _of_numbers(element.slider):
            self.slider = element.slider


def _of_numbers(slider: Any) -> bool:
    """Whether one number is moved, and no word or range is."""
    return bool(slider.type == slider.SLIDER and len(slider.default) == 1)


async def work(server: Server, number: int, ends: float, pause: float, waits: Waits) -> None:
    """What one student does until the lesson of so many minutes ends."""
    draw, key = random.Random(number), list(LESSONS)[number % len(LESSONS)]
    address = f"{server.address.replace('http', 'ws')}/_stcore/stream"
    async with connect(address, subprotocols=["streamlit"], origin=server.address, max_size=None) as socket:  # type: ignore[arg-type]
        student = Student(socket, key)
        await asyncio.sleep(draw.uniform(0, pause))  # nobody's clocks agree
        waits["open"].append(await student.run())
        while time.monotonic() < ends:
            await asyncio.sleep(draw.expovariate(1 / pause))
            slider = student.slider
            if slider is not None and draw.random() < 0.6:
                steps = max(1, round((slider.max - slider.min) / slider.step))
                waits["move"].append(await student.run((slider.id, slider.min + slider.step * draw.randint(0, steps))))
            else:
                student.screen = student.screen % len(SCREENS[key]) + 1
                waits["next screen"].append(await student.run())


def memory(server: Server) -> int:
    """The largest memory that the server has had, in MB."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) // 1024


async def lesson(server: Server, students: int, minutes: float, pause: float) -> Waits:
    waits: Waits = defaultdict(list)
    ends = time.monotonic() + 60 * minutes
    await asyncio.gather(*(work(server, number, ends, pause, waits) for number in range(students)))
    return waits


def summary(seconds: list[float]) -> dict[str, Any]:
    median, late = np.percentile(seconds, [50, 95])
    return {"times": len(seconds), "median": round(float(median), 2), "p95": round(float(late), 2), "longest": round(max(seconds), 2)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--pause", type=float, default=10.0, help="seconds between two actions of one student, on average")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder) / "workspace")
        server.start()
        try:
            before = memory(server)
            waits = asyncio.run(lesson(server, chosen.students, chosen.minutes, chosen.pause))
            used = {"MB before anybody came": before, "MB at most": memory(server)}
        finally:
            server.stop()
    keep("classroom", {**vars(chosen), "seconds": {what: summary(some) for what, some in waits.items()}, **used})


if __name__ == "__main__":
    main()
