"""Rows of PAXRAW and PAXMIN, a row a minute, onto tapes: in blocks, whoever's rows come in whatever order.

What a row says is read in recordings/tables/nhanes_days.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from pat_core.errors import RecordingError
from pat_core.nhanes.tapes import Tapes
from pat_core.nhanes.transport_files import BREAKS, TransportFile
from pat_core.progress import Progress
from pat_core.recordings.tables import xpt
from pat_core.recordings.tables.nhanes_days import FLAGGED, Block, Person, as_numbers, columns


@dataclass
class Collected:
    """Everybody of a minute file. unnumbered: rows without a person."""

    people: dict[int, Person] = field(default_factory=dict)
    rows: int = 0
    unnumbered: int = 0


def collect(file: TransportFile, kind: str, tapes: Tapes, progress: Progress, flagged: str = "keep") -> Collected:
    """Read all rows of a minute file onto the tapes, one block in memory at a time.

    kind: "PAXRAW" or "PAXMIN". flagged: whether PAXMIN's minutes with quality flags stand as they are ("keep") or are missing ("drop"); a
    value that could not be computed (-0.01) is missing either way. Raises RecordingError where the file is damaged, breaks off or has
    another layout: nothing of it is used then.
    """
    collected = Collected()
    for block, done in _blocks(file, kind):
        _lay_block(block, kind, collected, tapes, flagged)
        progress.at(done, f"Reading {file.shown}: {collected.rows / 1e6:.1f} million minutes of {len(collected.people)} people")
    if not collected.people:
        raise RecordingError(f"{file.shown} has the columns of {kind} but no rows. Download it again.")
    return collected


def _blocks(file: TransportFile, kind: str) -> Iterator[tuple[Block, float]]:
    """(block, share of the file that is read); what goes wrong in here is the file's fault, never that of who takes the blocks."""
    rows = 0
    try:
        with file.open() as stream:
            layout = xpt.read_layout(stream)
            names, missing = columns(layout, kind)
            if missing:
                raise RecordingError(f"As {kind} it needs the columns {', '.join(missing)}; it has {', '.join(layout.names[:12])}.")
            for block in xpt.read_blocks(stream, layout, names):
                rows += block["SEQN"].size
                yield as_numbers(block), min(1.0, rows * layout.row_bytes / max(file.size, 1))
    except RecordingError as error:
        raise RecordingError(f"{file.shown} cannot be read. {error}") from error
    except BREAKS as error:
        raise RecordingError(f"{file.shown} is damaged ({error}). Download it again.") from error


def _lay_block(block: Block, kind: str, collected: Collected, tapes: Tapes, flagged: str) -> None:
    collected.rows += block["SEQN"].size
    known = np.isfinite(block["SEQN"])
    if not known.all():
        collected.unnumbered += int((~known).sum())
        block = {name: column[known] for name, column in block.items()}
    for number, rows in _people(block):
        person = collected.people.setdefault(number, Person())
        laid = None if person.trouble else person.lay(kind, rows)
        if laid is None:
            continue
        if flagged == "drop":
            laid.values[(laid.states & FLAGGED) > 0] = np.nan
        tapes.add(number, laid.place, laid.values, laid.states)


def _people(block: Block) -> Iterator[tuple[int, Block]]:
    """(person, their rows) of a block; rows of a person keep their order."""
    numbers = block["SEQN"]
    cuts = np.flatnonzero(np.diff(numbers)) + 1
    if cuts.size and np.unique(numbers).size <= cuts.size:  # somebody comes back after another
        order = np.argsort(numbers, kind="stable")
        block = {name: column[order] for name, column in block.items()}
        numbers = block["SEQN"]
        cuts = np.flatnonzero(np.diff(numbers)) + 1
    for begin, end in zip([0, *cuts], [*cuts, numbers.size], strict=True):
        if end > begin:
            yield int(numbers[begin]), {name: column[begin:end] for name, column in block.items()}
