"""What else is known of people whose cohort is deleted: in jobs, runs, remembered tables, kept results. Called where it is deleted.

A run and its model stay, without what tells of single people. A job that names one of them keeps what kind of work it was and how it
ended, and loses the rest with its log and uploads. Kept results can be made again: all go that do not say whose they are.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable
from pathlib import Path

from pat_core.cohorts.cache import key_of
from pat_core.cohorts.values import from_json, to_json

OF_PEOPLE = ("split.json", "test.csv", "fingerprint.json")
CHECKPOINTS = "last.safetensors"
REMOVED = "What was said of single people was removed when their cohort was deleted."
_WORDS = re.compile(r"[^\s\"'`“”‘’,;:()\[\]{}<>/\\]+")


class Names:
    """The participants who are forgotten, to be found in texts. keep: names that other cohorts still have are left alone."""

    def __init__(self, names: Iterable[str], keep: Iterable[str] = ()) -> None:
        self.names = set(names) - set(keep)
        self.long = [name for name in self.names if not _WORDS.fullmatch(name)]

    def in_text(self, text: str) -> bool:
        """Whether the text names one of them: as a word, or as a word before an ending (p01.csv, p01_left)."""
        for word in _WORDS.findall(text):
            if word in self.names or word.strip(".!?") in self.names or {*re.split(r"[._]", word), word.partition(".")[0]} & self.names:
                return True
        return any(name in text for name in self.long)


def of_jobs(connection: sqlite3.Connection, cohort: tuple[str, str, str], names: Names) -> tuple[list[str], list[str]]:
    """Empty the jobs that are about this cohort (id, name, note), or name one of these people. Returns (ids of these jobs, folders of
    uploads that go with them)."""
    identity, name, note = cohort
    runs = {job for (job,) in connection.execute("SELECT job_id FROM runs WHERE cohort_id = ? AND job_id IS NOT NULL", (identity,))}
    emptied, uploads = [], []
    columns = "id, spec, result, error, message, title, state"
    for job, spec, result, error, message, title, state in connection.execute(f"SELECT {columns} FROM jobs").fetchall():
        asked = from_json(spec)
        about = job in runs or asked.get("cohort_id") == identity or (note and asked.get("note") == note)
        about = about or (asked.get("cohort") == name and "cohort_id" not in asked)
        if not about and not names.in_text(" ".join(filter(None, (spec, result, error, message, title)))):
            continue
        if state in ("queued", "running"):
            continue  # at work on what it has read; what it says at its end is of a cohort that is not here any more
        plain = {key: value for key, value in asked.items() if key in ("cohort", "note", "cohort_id", "model", "label", "name")}
        plain = plain if not names.in_text(to_json(plain)) else {}
        counts = {key: value for key, value in (from_json(result) or {}).items() if isinstance(value, int | float)}
        connection.execute(
            "UPDATE jobs SET spec = ?, result = ?, error = ?, message = '', title = ? WHERE id = ?",
            (
                to_json(plain), None if result is None else to_json(counts), None if error is None else REMOVED,
                REMOVED if names.in_text(title) else title, job,
            ),
        )  # fmt: skip
        emptied.append(job)
        if asked.get("incoming"):
            uploads.append(str(asked["incoming"]))
    return emptied, uploads


def of_runs(connection: sqlite3.Connection, identity: str, names: Names) -> list[tuple[str, str]]:
    """Take single people out of what this cohort's runs and models say; (id, state) of these runs."""
    found = connection.execute("SELECT id, state, result, note FROM runs WHERE cohort_id = ?", (identity,)).fetchall()
    for run, _, result, note in found:
        said = from_json(result)
        if said and isinstance(said.get("test"), dict) and names.in_text(to_json(said["test"].get("people", ""))):
            said["test"].pop("people")
            connection.execute("UPDATE runs SET result = ? WHERE id = ?", (to_json(said), run))
        if names.in_text(note):
            connection.execute("UPDATE runs SET note = ? WHERE id = ?", (REMOVED, run))
    return [(run, state) for run, state, _, _ in found]


def of_settings(connection: sqlite3.Connection, names: Names) -> None:
    """Forget tables that are remembered under a file's name that names one of them, or whose columns do."""
    for key, value in connection.execute("SELECT key, value FROM settings").fetchall():
        kept = from_json(value)
        if isinstance(kept, dict) and names.in_text(value):
            left = {name: entry for name, entry in kept.items() if not names.in_text(json.dumps([name, entry], ensure_ascii=False))}
            connection.execute("UPDATE settings SET value = ? WHERE key = ?", (to_json(left), key))


def of_run_folder(folder: Path, state: str) -> None:
    """The tables about single people go; of a run that cannot go on any more its checkpoints too."""
    gone = [folder / name for name in OF_PEOPLE] + ([] if state == "done" else sorted(folder.rglob(CHECKPOINTS)))
    for path in gone:
        path.unlink(missing_ok=True)


def of_cache(folder: Path, others: Iterable[str]) -> None:
    """Drop kept results, but those whose key says that they are another cohort's. others: ids of cohorts that stay."""
    stay = tuple(others)
    for path in folder.glob("*.npz"):
        try:
            key = key_of(path)
        except (OSError, ValueError, KeyError, zipfile.BadZipFile):
            key = ""
        if not any(identity in key for identity in stay):
            path.unlink(missing_ok=True)


def of_uploads(folders: Iterable[str], incoming: Path) -> None:
    """Remove the kept uploads of these jobs."""
    for name in folders:
        if Path(name).parent == incoming:
            shutil.rmtree(name, ignore_errors=True)
