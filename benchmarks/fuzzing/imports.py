"""Damaged cohorts of whole weeks through the import: all that was read comes in, or nothing."""

from __future__ import annotations

import io
import random
from pathlib import Path

from benchmarks.fuzzing.targets import refuse_no_sentence
from benchmarks.fuzzing.watch import Refused, Watch


def imports(number: int, seconds: int, out: Path) -> None:
    """Damaged cohorts of whole weeks through the import, for so many seconds of the processor."""
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
    watch = Watch(answer, out)
    while not watch.over(seconds):
        chosen[0] = chance.choice(list(files))
        watch(damaged(files[chosen[0]], chance))


def _cohorts() -> dict[str, bytes]:
    """File name -> a file of people with a whole week each."""
    import gzip

    import numpy as np
    import pandas as pd

    from tests.recordings.devices import device_files
    from tests.recordings.fuzz_seeds import zipped

    values = np.random.default_rng(0).integers(0, 900, (3, 10090))
    stamps = pd.date_range("2024-03-05 10:00:00", periods=10090, freq="60s")
    people = [pd.DataFrame({"timestamp": stamps, "activity": row}).to_csv(index=False).encode() for row in values]
    array = io.BytesIO()
    np.savez(array, weeks=values.astype(np.float32), participants=np.array(["u", "v", "w"]), start="2024-01-01")
    wide = pd.DataFrame(values[:, :10080], columns=[f"minute_{i}" for i in range(10080)]).assign(participant=["x", "y", "z"])
    return {
        "a.AWD": device_files.awd(values[0].tolist()),
        "a.csv": people[0],
        "wide.csv": wide.to_csv(index=False).encode(),
        "a.npz": array.getvalue(),
        "a.csv.gz": gzip.compress(people[1], 1),
        "a.zip": zipped({"ward/p1.csv": people[0], "ward/p2.csv": people[1], "ward-info.csv": b"number,age\np1,30\np2,31\n"}),
        "b.zip": zipped({"one.AWD": device_files.awd(values[1].tolist()), "two.npz": array.getvalue(), "four.csv": people[2]}),
    }


def _whole_or_none(space, path: Path) -> None:  # noqa: ANN001
    """AssertionError unless the import of a file leaves a cohort with everybody who was read, or nothing at all; Refused for nothing."""
    import numpy as np

    from pat_core.errors import PatError, WeekError
    from pat_core.recordings.reading import read
    from pat_core.weeks import cut
    from pat_core.workflows.read.cohort_import import import_recordings

    left = sorted((space.folder / "cohorts").glob("*")) if (space.folder / "cohorts").exists() else []
    try:
        done = import_recordings(space, [path], "fuzzed")
    except PatError as error:
        refuse_no_sentence(str(error))
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
