"""Tempatilumi exports (.txt): a Portuguese header, then `Data; Hora; Evento; ...; Atividade`, in UTF-8 or Latin-1."""

from __future__ import annotations

import unicodedata

from pat_core.progress import Progress
from pat_core.recordings.clock.times import with_known_date
from pat_core.recordings.devices.device_rows import Amounts, Column, facts, flags, gather, head_lines, lay, lines, times
from pat_core.recordings.source import Format, Source, refuse_unless
from pat_core.recordings.tables.text_shape import is_text
from pat_core.records import COUNTS, Reading, Recording

_MOST_HEADER = 200


def recognises(head: bytes, filename: str) -> bool:
    """The line of its columns: Data; Hora; ...; Atividade."""
    return is_text(head) and any(_is_columns(_names(line)) for line in head_lines(head, _MOST_HEADER))


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an export, named by the file. Raises RecordingError naming the line that cannot be read."""
    rows = lines(source, progress)
    header: list[str] = []
    names: list[str] = []
    for _, line in rows:
        if _is_columns(_names(line)):
            names = _names(line)
            break
        header.append(line)
        if len(header) > _MOST_HEADER:
            break
    refuse_unless(
        bool(names), f"A line of column names “Data; Hora; ...; Atividade” was expected; {len(header)} lines have none. Export it again."
    )
    while names and not names[-1]:
        names.pop()
    activity = names.index("atividade")
    wanted = {"time": Column((names.index("data"), names.index("hora")), times), "activity": Column((activity,), Amounts("Atividade"))}
    if "evento" in names:
        wanted["event"] = Column((names.index("evento"),), flags)
    table = gather(rows, ";", len(names), wanted)
    grid, _, notes = lay(table.columns["time"], table.columns["activity"], lines=table.lines)
    header_facts = {_plain(name): value for name, value in facts(header).items()}
    labels: dict[str, str | float | None] = {}
    for name, beginning, ending in (("serial", "n", "serie"), ("mode", "acelera", ""), ("sensitivity", "sensibilidade", "")):
        value = next((value for key, value in header_facts.items() if key.startswith(beginning) and key.endswith(ending)), None)
        if value:
            labels[name] = value[:100]
    if "event" in table.columns:
        labels["markers"] = float(table.columns["event"].sum())
    return Reading(
        (
            with_known_date(
                Recording(
                    participant=source.stem,
                    values=grid.values,
                    start=grid.start,
                    epoch_seconds=grid.epoch_seconds,
                    unit=COUNTS,
                    device="Tempatilumi",
                    labels=labels,
                    source=source.name,
                    notes=(*table.notes, *notes),
                )
            ),
        )
    )


def _plain(text: str) -> str:
    """Lower case without accents."""
    return unicodedata.normalize("NFKD", text.strip().lower()).encode("ascii", "ignore").decode()


def _names(line: str) -> list[str]:
    return [_plain(name) for name in line.split(";")]


def _is_columns(names: list[str]) -> bool:
    return {"data", "hora", "atividade"} <= set(names)


FORMAT = Format("Tempatilumi export", recognises, read)
