"""Proves a wheel where it is installed, away from the checkout: `pat` and `pat-explorer` do their work, with all that they bring along.

    pip wheel --no-deps -w /tmp/wheel . && python -m venv /tmp/try && /tmp/try/bin/pip install /tmp/wheel/*.whl
    /tmp/try/bin/python -P tests/wheel.py

Only what the wheel itself asks for may be imported here.
"""

from __future__ import annotations

import csv
import importlib.metadata
import json
import os
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

import pat_core

CHECKOUT = Path(__file__).resolve().parent.parent
COMMANDS = Path(sysconfig.get_path("scripts"))
NOT_IN_IT = ("pat_explorer/assets/pictures/", "pat_explorer/assets/make_", "pat_explorer/assets/locale/")
PATIENCE = 90.0
"""Seconds that a busy machine gets for each step."""


def check(holds: bool, what: str) -> None:
    """Ends the proof where something does not hold."""
    if not holds:
        sys.exit(f"The wheel is not whole: {what}")


def pat(*words: str, code: int = 0) -> str:
    """What `pat` prints: on stdout where it succeeds, on stderr where it refuses."""
    done = subprocess.run([COMMANDS / "pat", *words], capture_output=True, text=True, timeout=PATIENCE, check=False)
    check(done.returncode == code, f"pat {' '.join(words)} ended with {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stderr if code else done.stdout


def what_lies_where() -> None:
    """Nothing is read from the checkout, and site-packages got two names alone."""
    check(CHECKOUT not in Path(pat_core.__file__).parents, "pat_core comes from the checkout")
    files = {str(file) for file in importlib.metadata.files("pat-explorer") or () if file.locate().is_file()}
    names = {file.split("/")[0] for file in files if not file.startswith("..")}
    check({name for name in names if not name.endswith(".dist-info")} == {"pat_core", "pat_explorer"}, f"it installs {sorted(names)}")
    check("pat_core/py.typed" in files, "pat_core/py.typed is missing")
    engine = {str(Path("pat_core") / file) for file in files_under("pat_core")}
    folders = {str(Path("pat_explorer") / place / file) for place in ("pages", "assets", ".streamlit") for file in files_under(place)}
    wanted = engine | folders | {"pat_explorer/app.py", "pat_explorer/GLOSSARY.md"}
    left_out = {file for file in wanted - files if not file.startswith(NOT_IN_IT)}
    check(not left_out, f"it lacks {sorted(left_out)}")


def files_under(folder: str) -> list[Path]:
    """The checkout's files in one of its folders, but what Python leaves there."""
    top = CHECKOUT / folder
    return [path.relative_to(top) for path in top.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


@contextmanager
def started(*command: str) -> Iterator[int]:
    """The app by one of its two commands, until it answers; its port. At the end it must go when its command is told to."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with open("server.log", "wb") as log:
        line = [COMMANDS / command[0], *command[1:], "--port", str(port)]
        server = subprocess.Popen(line, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        began = time.monotonic()
        while not healthy(port):
            check(server.poll() is None and time.monotonic() - began < PATIENCE, f"the app did not start\n{Path('server.log').read_text()}")
            time.sleep(0.1)
        print(f"{' '.join(command)} answered after {time.monotonic() - began:.1f} s.")
        yield port
    finally:
        server.terminate()
        server.wait(20)
    check(not healthy(port), f"the app goes on after {command[0]} was ended")


def healthy(port: int) -> bool:
    """Whether the server says that it is well."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return answer.read() == b"ok"
    except (urllib.error.URLError, OSError):
        return False


def first_page(port: int) -> None:
    """A browser's part by hand: the page is asked for, and everything drawn until its script ends is looked at."""
    began = time.monotonic()
    asked = BackMsg()
    asked.rerun_script.query_string = ""
    drawn: list[ForwardMsg] = []
    with connect(f"ws://127.0.0.1:{port}/_stcore/stream", origin=f"http://127.0.0.1:{port}", max_size=None) as reader:
        reader.send(asked.SerializeToString())
        while not drawn or drawn[-1].WhichOneof("type") != "script_finished":
            message = ForwardMsg()
            message.ParseFromString(reader.recv(timeout=PATIENCE))
            drawn.append(message)
    elements = [message.delta.new_element for message in drawn if message.HasField("delta") and message.delta.HasField("new_element")]
    check(not any(element.WhichOneof("type") == "exception" for element in elements), f"the first page failed: {elements}")
    check(any(element.heading.body == "PAT Explorer" for element in elements), "the first page has no title")
    check(any(element.WhichOneof("type") == "plotly_chart" for element in elements), "the first page does not draw the demonstration")
    session = next(message.new_session for message in drawn if message.HasField("new_session"))
    check(not session.config.gather_usage_stats, "telemetry is on")
    check(session.custom_theme.light.primary_color == "#2b6a99", "the theme is not the checkout's")
    icon = next(message.page_config_changed.favicon for message in drawn if message.HasField("page_config_changed"))
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{icon}", timeout=10) as answer:
        check(answer.read() == (CHECKOUT / "assets" / "favicon.png").read_bytes(), "the favicon is missing")
    print(f"The first page was drawn in {time.monotonic() - began:.1f} s.")


def the_command_line() -> None:
    """`pat` finds the demonstration that the first page brought in, the bundled models, and predicts."""
    check("usage: pat " in pat("--help") and "usage: pat " in pat(code=2), "`pat` does not know its own name")
    (demo,) = json.loads(pat("cohorts", "--json"))
    models = {model["reference"]: model for model in json.loads(pat("models", "--json"))}
    check({"pat-s-simulated", "pat-m-simulated"} <= set(models), f"bundled models are missing: {sorted(models)}")
    (trained,) = (name for name, model in models.items() if model["has_head"])
    pat("predict", "--model", trained, "--cohort", demo["name"], "--out", "answers.csv")
    with open("answers.csv", newline="") as file:
        answers = list(csv.DictReader(file))
    check(len(answers) == demo["weeks"] > 0, f"{len(answers)} predictions for {demo['weeks']} weeks")
    check(len({answer["probability"] for answer in answers}) > 1, "all predictions are the same")
    print(f"pat listed {len(models)} models and predicted {len(answers)} weeks.")


def main() -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name in [name for name in os.environ if name.startswith(("PAT_", "STREAMLIT_", "PYTHONPATH"))]:
            del os.environ[name]
        os.environ |= {"HOME": folder, "PAT_WORKSPACE": str(Path(folder) / "workspace")}
        what_lies_where()
        check("`pat import " in pat("cohorts"), "messages name another command than `pat`")
        with started("pat-explorer", "--server.headless", "true") as port:
            first_page(port)
        os.environ["STREAMLIT_SERVER_HEADLESS"] = "true"
        with started("pat", "app"):
            pass
        the_command_line()
    print(f"The wheel is whole ({time.monotonic() - began:.0f} s).")


if __name__ == "__main__":
    main()
