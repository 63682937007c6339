"""A table with a row a day as its mapping says: each row's 1,440 minutes, the days of one person laid in a row by their dates."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import numpy as np

from pat_core.recordings.mapping.mapping_record import Mapping
from pat_core.recordings.mapping.text_table import Shape, body_of, sample
from pat_core.recordings.source import Source
from pat_core.recordings.tables import wide_table
from pat_core.recordings.tables.columns import key
from pat_core.recordings.tables.csv_table import rows_in_shape
from pat_core.recordings.tables.people_column import code_of
from pat_core.recordings.tables.text_shape import TextShape, encoding_of
from pat_core.records import Reading, Refusal

DATE = "date"
"""What the column of dates is called among the facts of a day (see `day_rows`)."""


def rows_of(source: Source, mapping: Mapping) -> Iterator[tuple[int, list[str]]]:
    """The rows below the header with their lines."""
    body, moved = body_of(source, mapping), mapping.skip - (not mapping.header)
    encoding = encoding_of(body.head())
    for line, cells in islice(rows_in_shape(body, TextShape(encoding, mapping.separator)), 1, None):
        yield line + moved, [str(cell).strip() for cell in cells]


def read_days(source: Source, mapping: Mapping, dates: np.ndarray, lines: np.ndarray) -> Reading:
    """Recordings of these days; a person with a day whose date cannot be read is refused, for then the others have no place either.

    dates: (rows,) datetime64, lines: (rows,) where they stand. Raises RecordingError as `wide_table.read_rows`.
    """
    columns = sample(source, Shape(mapping.separator, mapping.skip, mapping.header)).columns
    at = {name.casefold(): i for i, name in enumerate(columns)}
    when, participant = at[mapping.time.casefold()], None if mapping.participant is None else at[mapping.participant.casefold()]
    minutes = np.array([at[name.casefold()] for name in mapping.minutes])
    taken = {when, participant, *minutes.tolist()}
    facts = tuple((i, name) for i, name in enumerate(columns) if i not in taken and key(name) != DATE)
    layout = wide_table.Layout(len(columns), True, participant, minutes, None, None, ((when, DATE), *facts), "")
    place = {int(line): i for i, line in enumerate(lines)}
    undated: dict[str, Refusal] = {}

    def person(cells: list[str]) -> str:
        return source.stem if participant is None else code_of(cells[participant]) if participant < len(cells) else ""

    for line, cells in rows_of(source, mapping):
        if when < len(cells) and np.isnat(dates[place[line]]):
            reason = (
                f"Line {line}: the date “{cells[when][:40]}” cannot be read, so it is unclear where this day belongs. Write it as "
                "YYYY-MM-DD, or remove the row."
            )
            undated.setdefault(person(cells), Refusal(f"{source.name}: {person(cells)}", reason))

    def dated() -> Iterator[wide_table.Row]:
        for line, cells in rows_of(source, mapping):
            if person(cells) not in undated:
                if when < len(cells):
                    cells[when] = str(dates[place[line]].astype("datetime64[D]"))
                yield wide_table.Row(line, cells)

    reading = wide_table.read_rows(layout, dated(), source.name, source.stem, mapping.decimal, stated=True)
    return Reading(reading.recordings, (*undated.values(), *reading.refused))
