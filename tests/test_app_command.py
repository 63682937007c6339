"""The verb `app`, from whatever folder it is started in. The wheel's `pat-explorer` is proved by tests/wheel.py."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request

from tests.browser.server import PATIENCE, ROOT, free_port


def test_the_app_starts_in_any_folder_and_ends_with_its_command(tmp_path):
    (tmp_path / "streamlit.py").write_text("raise SystemExit('a file of the folder was taken for a module')")
    port = free_port()
    environment = os.environ | {"PYTHONPATH": str(ROOT), "STREAMLIT_SERVER_HEADLESS": "true"}
    line = [sys.executable, "-P", "-m", "pat_core", "app", "--port", str(port), "--workspace", "workspace"]
    process = subprocess.Popen(line, cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert _answers(port, process)
    finally:
        process.terminate()
        process.wait(20)
    assert not _answers(port, process)


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Whether the server says that it is well, before it ends or patience does."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
                return answer.read() == b"ok"
        except OSError:
            if process.poll() is not None:
                return False
            time.sleep(0.1)
    return False
