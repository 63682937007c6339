"""A disk of a few megabytes of its own, to be filled or made read-only for real. Tests skip where mounting is not permitted."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class TinyDisk:
    """A file system in memory, mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def fill(self) -> None:
        """Not one byte more fits."""
        for step in (1 << 16, 100):
            with open(self.folder / "filler", "ab", buffering=0) as file:
                try:
                    while True:
                        file.write(b"x" * step)
                except OSError:
                    continue

    def make_room(self) -> None:
        (self.folder / "filler").unlink()

    def freeze(self) -> None:
        """Refused by the system while anybody holds a file open to write: a program at rest holds none within seconds."""
        command, until = ["mount", "-o", "remount,ro", str(self.folder)], time.monotonic() + 10
        while subprocess.run(command, capture_output=True, check=False).returncode and time.monotonic() < until:
            time.sleep(0.1)
        subprocess.run(command, check=True)

    def thaw(self) -> None:
        subprocess.run(["mount", "-o", "remount,rw", str(self.folder)], check=True)


@contextmanager
def tiny_disk(folder: Path, megabytes: int = 24) -> Iterator[TinyDisk]:
    """Skips the test where this user may not mount."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.name != "posix" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting a disk is not permitted here")
    try:
        yield TinyDisk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
