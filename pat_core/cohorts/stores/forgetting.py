"""What else is known of people who are deleted, one or all of a cohort: in jobs, runs, remembered tables, kept results. Called where
they are.

What the database says goes in the transaction that deletes them. Files go after it, by a plan that the same transaction notes, so that
whoever opens the workspace after a kill finishes it. A run and its model stay, without what tells of single people. A job that names
one of them keeps what kind of work it was and how it ended, and loses the rest with its log and uploads. Kept results can be made
again: all go that do not say that they are another cohort's.
"""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pat_core.cohorts.cohort_records import CohortInfo
from pat_core.cohorts.database_values import from_json, to_json
from pat_core.cohorts.kept.result_cache import key_of
from pat_core.files import write_text

TABLES = ("test.csv", "folds.csv")
OF_PEOPLE = ("split.json", *TABLES, "fingerprint.json", "replay.json", "rebuilt.npz")
CHECKPOINTS = ("last.safetensors", "finished.safetensors")
REMOVED = "Notes about individual people were removed when they were deleted."
PLANS = "forgetting"
_WORDS = re.compile(r"[^\s\"'`“”‘’,;:()\[\]{}<>/\\]+")


class Names:
    """The participants who are forgotten, to be found in texts. keep: names that other cohorts still have are left alone.

    longer: names of people who stay that hold one of these (p01_left, of p01), which is then not meant.
    """

    def __init__(self, names: Iterable[str], keep: Iterable[str] = (), longer: Iterable[str] = ()) -> None:
        self.names = set(names) - set(keep)
        self.long = [name for name in self.names if not _WORDS.fullmatch(name)]
        self.longer = sorted(longer, key=len, reverse=True)

    def in_text(self, text: str) -> bool:
        """Whether the text names one of them: as a word, or as a word before an ending (p01.csv, p01_left)."""
        for name in self.longer:
            text = text.replace(name, " ")
        for word in _WORDS.findall(text):
            if word in self.names or word.strip(".!?") in self.names or {*re.split(r"[._]", word), word.partition(".")[0]} & self.names:
                return True
        return any(name in text for name in self.long)


def jobs_about(connection: sqlite3.Connection, cohort: CohortInfo, active: bool = False) -> set[str]:
    """The ids of the jobs that are about this cohort. active: of those that wait or are at work alone."""
    query = "SELECT id, spec FROM jobs WHERE state IN ('queued', 'running')" if active else "SELECT id, spec FROM jobs"
    learning = runs_on(connection, cohort)
    runs = {job for run, job in connection.execute("SELECT id, job_id FROM runs WHERE job_id IS NOT NULL") if run in learning}

    def about(job: str, request: Mapping[str, object]) -> bool:
        of_it = request.get("cohort_id") == cohort.id or bool(cohort.note and request.get("note") == cohort.note)
        beside = request.get("beside")  # further cohorts, of a pretraining
        named = {request.get("cohort"), *(beside if isinstance(beside, list) else ())}
        by_name = "cohort_id" not in request and cohort.name in named
        return job in runs or of_it or by_name

    return {job for job, spec in connection.execute(query).fetchall() if about(job, from_json(spec))}


def of_jobs(
    connection: sqlite3.Connection, cohort: CohortInfo, names: Names, own: Names | None = None, logs: Path | None = None
) -> tuple[list[str], list[str]]:
    """Empty the jobs that are about this cohort, or name one of these people. Returns (ids of these jobs, folders of uploads that go with
    them).

    own: where not everybody of the cohort goes; of the jobs about it those are emptied that name these people, if only in their log,
    which lies in `logs`.
    """
    of_cohort = jobs_about(connection, cohort)
    emptied, uploads = [], []
    columns = "id, spec, result, error, message, title, state"
    for job, spec, result, error, message, title, state in connection.execute(f"SELECT {columns} FROM jobs").fetchall():
        request, texts = from_json(spec), " ".join(filter(None, (job_text(spec), job_text(result), error, message, title)))
        if own is not None:
            texts += f" {_log(logs / f'{job}.log')}" if logs else ""
        about = job in of_cohort and (own is None or own.in_text(texts))
        if not about and not names.in_text(texts):
            continue
        if state in ("queued", "running"):
            continue  # at work on what it has read; what it says at its end is of a cohort that is not here any more
        plain = {key: value for key, value in request.items() if key in ("cohort", "note", "cohort_id", "model", "label", "name")}
        plain = plain if not names.in_text(to_json(plain)) else {}
        counts = {key: value for key, value in (from_json(result) or {}).items() if isinstance(value, int | float)}
        connection.execute(
            "UPDATE jobs SET spec = ?, result = ?, error = ?, message = '', title = ? WHERE id = ?",
            (
                to_json(plain),
                None if result is None else to_json(counts),
                None if error is None else REMOVED,
                REMOVED if names.in_text(title) else title,
                job,
            ),
        )
        emptied.append(job)
        if request.get("incoming"):
            uploads.append(str(request["incoming"]))
    return emptied, uploads


def job_text(plain: str | None) -> str:
    """The texts in a JSON value, without its numbers: `12` is a count there, not a person."""
    return " ".join(texts_of(from_json(plain))) if plain else ""


def texts_of(value: object) -> Iterator[str]:
    """All texts in a plain value, names of its entries among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, entry in value.items():
            yield str(key)
            yield from texts_of(entry)
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from texts_of(entry)


def _log(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def runs_on(connection: sqlite3.Connection, cohort: CohortInfo) -> dict[str, str]:
    """id -> name of the runs that learn from this cohort, if only as a further one of a pretraining."""

    def beside(config: Mapping[str, object]) -> bool:
        named, known = config.get("beside"), config.get("beside_ids")
        if isinstance(known, list):
            return cohort.id in known
        return isinstance(named, list) and cohort.name in named  # of before the ids were kept

    rows = connection.execute("SELECT id, name, cohort_id, config FROM runs").fetchall()
    return {run: name for run, name, identity, config in rows if identity == cohort.id or beside(from_json(config))}


def of_runs(connection: sqlite3.Connection, cohort: CohortInfo, names: Names) -> list[tuple[str, str]]:
    """Take single people out of what the runs on this cohort say; (id, state) of these runs."""
    query = "SELECT id, state, result, note FROM runs WHERE id = ?"
    rows = [connection.execute(query, (run,)).fetchone() for run in runs_on(connection, cohort)]
    for run, _, result, note in rows:
        stored = from_json(result)
        if stored and isinstance(stored.get("test"), dict) and names.in_text(" ".join(texts_of(stored["test"].get("people", "")))):
            stored["test"].pop("people")
            connection.execute("UPDATE runs SET result = ? WHERE id = ?", (to_json(stored), run))
        if names.in_text(note):
            connection.execute("UPDATE runs SET note = ? WHERE id = ?", (REMOVED, run))
    return [(run, state) for run, state, _, _ in rows]


def of_settings(connection: sqlite3.Connection, names: Names) -> None:
    """Forget tables that are remembered under a file's name that names one of them, or whose columns do."""
    for key, value in connection.execute("SELECT key, value FROM settings").fetchall():
        entries = from_json(value)
        if isinstance(entries, dict):
            files = {name for name, entry in entries.items() if isinstance(entry, dict) and "file" in entry}
            remaining = {
                name: entry for name, entry in entries.items() if name not in files or not names.in_text(" ".join(texts_of(entry)))
            }
            connection.execute("UPDATE settings SET value = ? WHERE key = ?", (to_json(remaining), key))


def of_run_folder(folder: Path, state: str) -> None:
    """The tables about single people go; of a run that is not done its checkpoints too."""
    begun = [] if state == "done" else [path for name in CHECKPOINTS for path in sorted(folder.rglob(name))]
    gone = [folder / name for name in OF_PEOPLE] + begun
    for path in gone:
        path.unlink(missing_ok=True)


def one_of_run_folder(folder: Path, state: str, person: str) -> None:
    """This person goes from the tables of a run; one that is not done begins anew with the others."""
    if state != "done":
        of_run_folder(folder, state)
        return
    split = folder / "split.json"
    if split.exists():
        write_text(split, json.dumps({who: part for who, part in json.loads(split.read_text()).items() if who != person}, indent=1))
    for table in (folder / name for name in TABLES):
        if table.exists():
            from pat_core.csv_text import without_rows  # it brings pandas, which opening a workspace need not wait for

            write_text(table, without_rows(table.read_text(encoding="utf-8"), "participant", person))
    (folder / "replay.json").unlink(missing_ok=True)  # it holds their week's hash and answer, and without them the run is another


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


@dataclass(frozen=True)
class Plan:
    """The files that go after the transaction. cohort: id of the one whose kept results go. person: who goes from its runs; None where
    everybody does. jobs: whose logs go; runs: (id, state); uploads: folders."""

    cohort: str
    person: str | None = None
    jobs: list[str] = field(default_factory=list)
    runs: list[tuple[str, str]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)


def plans(connection: sqlite3.Connection) -> list[Plan]:
    """What is not carried out yet."""
    row = connection.execute("SELECT value FROM settings WHERE key = ?", (PLANS,)).fetchone()
    return [Plan(**plan) for plan in from_json(row[0])] if row else []


def keep_plans(connection: sqlite3.Connection, waiting: Iterable[Plan]) -> None:
    """These alone are not carried out yet."""
    plain = [asdict(plan) for plan in waiting]
    connection.execute("DELETE FROM settings WHERE key = ?", (PLANS,))
    if plain:
        connection.execute("INSERT INTO settings VALUES (?, ?)", (PLANS, to_json(plain)))


def carry_out(folder: Path, plan: Plan, cohorts: Iterable[str]) -> None:
    """Removes the files of a plan; done again it changes nothing. folder: of the workspace; cohorts: ids of all that are there."""
    for job in plan.jobs:
        (folder / "jobs" / f"{job}.log").unlink(missing_ok=True)
        shutil.rmtree(folder / "jobs" / f"{job}.parcel", ignore_errors=True)
    for run, state in plan.runs:
        if plan.person is None:
            of_run_folder(folder / "runs" / run, state)
        else:
            one_of_run_folder(folder / "runs" / run, state, plan.person)
    of_uploads(plan.uploads, folder / "incoming")
    of_cache(folder / "cache", [identity for identity in cohorts if identity != plan.cohort])
