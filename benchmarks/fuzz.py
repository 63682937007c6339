"""Every reader under a fuzzer that follows the code's branches, and imports of damaged files: does anything but an answer come out?

    pip install atheris                    (Apache-2.0; used here alone)
    python -m benchmarks.fuzz [--seconds 20] [--formats agd csv ...] [--kept FOLDER]

An input is answered by a Reading, or by a sentence of a PatError. Anything else is a failure and its input is kept as a file: another
exception (also one that the import would have caught), more than 5 s of the processor (or 30 s of the clock), more than 500 MB above the
start, or values that no recording may have. Each format has a process of its own. Inputs begin with small valid files written by the
tests; formats behind checksums are fed twice, once as they are and once packed after the fuzzer changed what is inside. Imports: cohorts
of whole weeks, damaged at random, through `workflows.import_recordings`; a cohort is complete (all weeks of all people that were read, all
refusals) or not there.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import json
import logging
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

MOST_SECONDS, MOST_MEGABYTES = 5.0, 500.0
_SAVE_EVERY = 0.5
_ADDRESS_SPACE = 12 * 1024**3
"""A runaway allocation becomes a MemoryError, which is a failure like any other."""


class Watch:
    """Answers one input after another, measures each, and keeps those that fail."""

    def __init__(self, answer: Callable[[bytes], None], out: Path) -> None:
        self._answer, self._out, self._saved = answer, out, 0.0
        self._failures: dict[str, int] = {}
        self._slowest, self._answered, self._inputs = 0.0, 0, 0
        self._start = self._most = _held()

    def __call__(self, content: bytes) -> None:
        began, failure = time.process_time(), None
        try:
            self._answer(content)
        except Refused:
            pass
        except BaseException as error:  # noqa: BLE001
            failure = _where(error)
        else:
            self._answered += 1
        took, self._most = time.process_time() - began, max(self._most, held := _held())
        self._slowest, self._inputs = max(self._slowest, took), self._inputs + 1
        failure = failure or ("slow" if took > MOST_SECONDS else "memory" if held - self._start > MOST_MEGABYTES else None)
        if failure:
            self._keep(failure, content)
        if failure or time.monotonic() > self._saved + _SAVE_EVERY:
            self.save()

    def _keep(self, failure: str, content: bytes) -> None:
        self._failures[failure] = self._failures.get(failure, 0) + 1
        if self._failures[failure] <= 3:
            (self._out / f"{hashlib.sha256(failure.encode()).hexdigest()[:8]}-{self._failures[failure]}").write_bytes(content)

    def save(self) -> None:
        """Write what was measured so far: libFuzzer ends the process by itself."""
        self._saved = time.monotonic()
        told = {"inputs": self._inputs, "read": self._answered, "slowest s": round(self._slowest, 2),
                "most MB above start": round(self._most - self._start, 1), "failures": self._failures}  # fmt: skip
        (self._out / "watch.json").write_text(json.dumps(told))


class Refused(Exception):
    """The input was answered by a sentence."""


def _held() -> float:
    """MB of the most that was held since the last call; since the start where the system cannot forget its mark."""
    try:
        status = Path("/proc/self/status").read_text()
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) / 1024


def _where(error: BaseException) -> str:
    """The exception's name and its last line in the engine."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "pat_core" in frame.filename]
    line = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "here"
    return (
        f"{type(error).__name__} at {line}: {str(error)[:120]}"
        if isinstance(error, AssertionError)
        else f"{type(error).__name__} at {line}"
    )


def answers() -> list[tuple[str, object, Callable[[bytes, Path], None]]]:
    """Targets: name, seeds, and what answers an input or raises Refused."""
    from pat_core.errors import PatError
    from pat_core.progress import Silent
    from pat_core.recordings import Source, read, read_labels
    from pat_core.recordings.mapping import guess, read_mapped
    from pat_core.recordings.registry import read_source
    from tests.recordings.fuzz_seeds import LABELS, MAPPED, Seeds, every_format

    hidden = _Hidden()

    def source(seeds: Seeds, content: bytes) -> Source:
        return Source(seeds.filename, seeds.filename, len(content), lambda: io.BytesIO(content))

    def by_registry(seeds: Seeds, content: bytes, folder: Path) -> None:
        _sound(read_source(source(seeds, content), Silent()))

    def from_disk(seeds: Seeds, content: bytes, folder: Path) -> None:
        (folder / seeds.filename).write_bytes(content)
        _sound(read(folder / seeds.filename))

    def mapped(seeds: Seeds, content: bytes, folder: Path) -> None:
        given = source(seeds, content)
        _sound(read_mapped(given, guess(given).mapping))

    def labels(seeds: Seeds, content: bytes, folder: Path) -> None:
        (folder / seeds.filename).write_bytes(content)
        read_labels(folder / seeds.filename)

    def answer(way: Callable[[Seeds, bytes, Path], None], seeds: Seeds) -> Callable[[bytes, Path], None]:
        def one(content: bytes, folder: Path) -> None:
            with hidden:
                try:
                    way(seeds, seeds.pack(content), folder)
                except PatError as error:
                    _sentence(str(error))
                    raise Refused from error
                finally:
                    if hidden.error is not None:
                        raise hidden.error

        return one

    ways = [(from_disk if seeds.filename.endswith("zip") else by_registry, seeds) for seeds in every_format()]
    ways += [(mapped, MAPPED), (labels, LABELS)]
    return [(_shown(seeds), seeds, answer(way, seeds)) for way, seeds in ways]


def _shown(seeds) -> str:  # noqa: ANN001
    return seeds.name + ("" if seeds.pack.__name__ == "_plain" else ", what is packed in it")


class _Hidden(logging.Handler):
    """Exceptions that the import catches and tells as damage: they are answers for a reader, and findings here."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.error: BaseException | None = None
        self._log = logging.getLogger("pat_core.recordings")

    def __enter__(self) -> None:
        self.error = None
        self._before = self._log.level, self._log.propagate
        self._log.setLevel(logging.DEBUG)
        self._log.propagate = False
        self._log.addHandler(self)

    def __exit__(self, *_: object) -> None:
        self._log.removeHandler(self)
        self._log.setLevel(self._before[0])
        self._log.propagate = self._before[1]

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1] is not None:
            self.error = record.exc_info[1]


def _sound(reading) -> None:  # noqa: ANN001
    """AssertionError unless a reading holds only what recordings may hold; Refused where it holds none."""
    import numpy as np

    for refusal in reading.refused:
        _sentence(refusal.reason)
    if not reading.recordings and not reading.refused:
        raise AssertionError("neither a recording nor a refusal")
    for recording in reading.recordings:
        finite = np.isfinite(recording.values)
        if recording.epoch_seconds != 60 or not finite.any() or np.isinf(recording.values).any() or (recording.values[finite] < 0).any():
            raise AssertionError("values that no recording may have")
        if recording.worn is not None and recording.worn.shape != recording.values.shape:
            raise AssertionError("flags of another length")
        if not recording.participant or recording.start is not None and not 1900 <= recording.start.year <= 2200:
            raise AssertionError("nobody, or a year that is none")
    if not reading.recordings:
        raise Refused


def _sentence(text: str) -> None:
    if len(text) < 25 or not text.rstrip().endswith((".", "!", "”")):
        raise AssertionError(f"no sentence: {text[-80:]!r}")


def fuzz(number: int, seconds: int, out: Path) -> None:
    """One target in this process, until the time is over. Does not return."""
    import atheris

    with atheris.instrument_imports(include=["pat_core.recordings"]):
        import pat_core.recordings
        import pat_core.recordings.mapping  # noqa: F401
    _, seeds, answer = answers()[number]
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESS_SPACE, _ADDRESS_SPACE))
    corpus, longest = out / "corpus", max(map(len, seeds.contents))
    corpus.mkdir()
    for i, content in enumerate(seeds.contents):
        (corpus / str(i)).write_bytes(content)
        with contextlib.suppress(Refused):
            answer(content, out)
    (out / "words").write_text("\n".join(_words()) + "\n")
    watch = Watch(lambda content: answer(content, out), out)
    options = {"max_total_time": seconds, "timeout": 30, "rss_limit_mb": 0, "max_len": max(4 * longest, 8192), "len_control": 0,
               "artifact_prefix": f"{out}/ended-", "print_final_stats": 1, "seed": 1, "dict": out / "words"}  # fmt: skip
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)], watch)
    atheris.Fuzz()


def _words() -> list[str]:
    """What files and spreadsheets say, for libFuzzer to put in."""
    from tests.recordings.fuzz_seeds import NOISE, NUMBERS

    return ['"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in (*NUMBERS, *NOISE) if word]


def imports(number: int, seconds: int, out: Path) -> None:
    """Damaged cohorts of whole weeks through the import, for so many seconds."""
    from pat_core.cohorts import Workspace
    from tests.recordings.fuzz_seeds import damaged

    files = _cohorts()
    space = Workspace(out / "workspace")
    chance = random.Random(7)
    chosen = [""]

    def answer(content: bytes) -> None:
        path = out / chosen[0]
        path.write_bytes(content)
        _whole_or_none(space, path)

    for chosen[0], content in files.items():
        answer(content)
    watch, end = Watch(answer, out), time.monotonic() + seconds
    while time.monotonic() < end:
        chosen[0] = chance.choice(list(files))
        watch(damaged(files[chosen[0]], chance))
    watch.save()


def _cohorts() -> dict[str, bytes]:
    """File name -> a file of people with a whole week each."""
    import gzip

    import numpy as np
    import pandas as pd

    from tests.recordings import device_files
    from tests.recordings.fuzz_seeds import zipped

    values = np.random.default_rng(0).integers(0, 900, (3, 10090))
    stamps = pd.date_range("2024-03-05 10:00:00", periods=10090, freq="60s")
    people = [pd.DataFrame({"timestamp": stamps, "activity": row}).to_csv(index=False).encode() for row in values]
    array = io.BytesIO()
    np.savez(array, weeks=values.astype(np.float32), participants=np.array(["u", "v", "w"]), start="2024-01-01")
    wide = pd.DataFrame(values[:, :10080], columns=[f"minute_{i}" for i in range(10080)]).assign(participant=["x", "y", "z"])
    return {
        "a.AWD": device_files.awd(values[0].tolist()), "a.csv": people[0], "wide.csv": wide.to_csv(index=False).encode(),
        "a.npz": array.getvalue(), "a.csv.gz": gzip.compress(people[1], 1),
        "a.zip": zipped({"ward/p1.csv": people[0], "ward/p2.csv": people[1], "ward-info.csv": b"number,age\np1,30\np2,31\n"}),
        "b.zip": zipped({"one.AWD": device_files.awd(values[1].tolist()), "two.npz": array.getvalue(), "four.csv": people[2]}),
    }  # fmt: skip


def _whole_or_none(space, path: Path) -> None:  # noqa: ANN001
    """AssertionError unless the import of a file leaves a cohort with everybody who was read, or nothing at all; Refused for nothing."""
    import numpy as np

    from pat_core.errors import PatError, WeekError
    from pat_core.recordings import read
    from pat_core.weeks import cut
    from pat_core.workflows import import_recordings

    left = sorted((space.folder / "cohorts").glob("*")) if (space.folder / "cohorts").exists() else []
    try:
        done = import_recordings(space, [path], "fuzzed")
    except PatError as error:
        _sentence(str(error))
        now = sorted((space.folder / "cohorts").glob("*")) if (space.folder / "cohorts").exists() else []
        if space.cohorts() or now != left:
            raise AssertionError("a refused import left something behind") from error
        raise Refused from error
    reading = read(path)
    expected: dict[tuple[str, int], np.ndarray] = {}
    short = 0
    for recording in reading.recordings:
        try:
            expected |= {(week.participant, week.index): week.values for week in cut(recording)}
        except WeekError:
            short += 1
    stored, rows = space.weeks_array("fuzzed"), space.week_rows("fuzzed")
    kept = {(row.participant, row.index): stored[row.row] for row in rows}
    units = {recording.participant for recording in reading.recordings if recording.unit != space.cohort("fuzzed").unit}
    expected = {key: week for key, week in expected.items() if key[0] not in units}
    whole = kept.keys() == expected.keys() and all(np.array_equal(kept[key], expected[key], equal_nan=True) for key in kept)
    told = len(space.refusals("fuzzed")) == len(done.refused) >= len(reading.refused) + short
    space.delete_cohort("fuzzed")
    if not whole or not told:
        raise AssertionError("a cohort is not what was read" if not whole else "a refusal was lost")


def one(number: int, name: str, seconds: int, kept: Path) -> dict[str, object]:
    """Run a target in a child and say how it went; inputs that failed are copied to `kept`."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as folder:
        out, began = Path(folder), time.monotonic()
        line = [sys.executable, "-m", "benchmarks.fuzz", "--child", str(number), "--seconds", str(seconds), "--kept", folder]
        environment = os.environ | {"TMPDIR": folder, "PAT_WORKSPACE": f"{folder}/none", "OMP_NUM_THREADS": "1"}
        with contextlib.suppress(subprocess.TimeoutExpired), (out / "said").open("wb") as said:
            subprocess.run(line, stdout=said, stderr=said, env=environment, timeout=2 * seconds + 120, check=False)
        text = (out / "said").read_text(errors="replace")
        watched = out / "watch.json"
        found = json.loads(watched.read_text()) if watched.exists() else {"inputs": 0, "failures": {f"did not run: {text[-400:]}": 1}}
        if units := re.search(r"number_of_executed_units: (\d+)", text):
            found["inputs"] = int(units[1])
        ended = sorted(out.glob("ended-*"))
        if ended:
            found["failures"]["ended by the fuzzer: " + ended[0].name.split("-")[1]] = len(ended)
        edges = re.findall(r" cov: (\d+)", text)
        for file in [*ended, *out.glob("????????-?")]:
            kept.mkdir(parents=True, exist_ok=True)
            (kept / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40]}-{file.name}").write_bytes(file.read_bytes())
        return {"target": name, "seconds": round(time.monotonic() - began), "edges": int(edges[-1]) if edges else None} | found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20, help="for each format")
    parser.add_argument("--formats", nargs="*", default=[], help="words of the names of formats; default all")
    parser.add_argument("--kept", type=Path, default=Path(tempfile.gettempdir()) / "pat-fuzz", help="where inputs that failed go")
    parser.add_argument("--child", type=int, help="fuzz this target in this process (used by the script itself)")
    chosen = parser.parse_args()
    if chosen.child is not None:
        (imports if chosen.child < 0 else fuzz)(chosen.child, chosen.seconds, chosen.kept)
        return
    targets = [(number, name) for number, (name, _, _) in enumerate(answers())] + [(-1, "import of whole cohorts")]
    rows = []
    for number, name in targets:
        if not chosen.formats or any(word.lower() in name.lower() for word in chosen.formats):
            rows.append(one(number, name, chosen.seconds, chosen.kept))
            print(json.dumps(rows[-1]), flush=True)
    if not chosen.formats:
        from benchmarks.machine import keep

        failed = sum(len(row["failures"]) for row in rows)
        keep("fuzz", {"inputs": sum(row["inputs"] for row in rows), "failures": failed, "targets": rows})


if __name__ == "__main__":
    main()
