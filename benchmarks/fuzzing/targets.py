"""Every reader as a target: its seeds, and what answers an input."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.fuzzing.watch import MOST_WAITED, Refused, Watch

_ADDRESS_SPACE = 12 * 1024**3
"""A runaway allocation becomes a MemoryError, which is a failure like any other."""


def answers() -> list[tuple[str, object, Callable[[bytes, Path], None]]]:
    """Targets: name, seeds, and what answers an input or raises Refused."""
    from pat_core.errors import PatError
    from pat_core.progress import Silent
    from pat_core.recordings.format_registry import read_source
    from pat_core.recordings.mapping.guessing import guess
    from pat_core.recordings.mapping.mapped_table import read_mapped
    from pat_core.recordings.reading import read
    from pat_core.recordings.source import Source
    from pat_core.recordings.tables.people_table import read_labels
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
                    refuse_no_sentence(str(error))
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
        refuse_no_sentence(refusal.reason)
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


def refuse_no_sentence(text: str) -> None:
    if len(text) < 25 or not text.rstrip().endswith((".", "!", "”")):
        raise AssertionError(f"no sentence: {text[-80:]!r}")


def fuzz(number: int, seconds: int, out: Path) -> None:
    """One target in this process, until it has had its seconds of the processor. Does not return."""
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

    def feed(content: bytes) -> None:
        watch(content)
        if watch.over(seconds):
            os._exit(0)

    options = {
        "max_total_time": MOST_WAITED * seconds,
        "timeout": 30,
        "rss_limit_mb": 0,
        "max_len": max(4 * longest, 8192),
        "len_control": 0,
        "artifact_prefix": f"{out}/ended-",
        "seed": 1,
        "dict": out / "words",
    }
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in options.items()), str(corpus)], feed)
    atheris.Fuzz()


def _words() -> list[str]:
    """What files and spreadsheets say, for libFuzzer to put in."""
    from tests.recordings.fuzz_seeds import NOISE, NUMBERS

    return ['"' + "".join(f"\\x{byte:02x}" for byte in word) + '"' for word in (*NUMBERS, *NOISE) if word]
