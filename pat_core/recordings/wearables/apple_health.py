"""Apple Health exports (export.xml, or the export.zip around it): the step records, spread over their minutes (see step_records).

The file is streamed; at most LONGEST_DAYS days are held, whatever its size.
"""

from __future__ import annotations

from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.source import Format, Source
from pat_core.recordings.wearables.apple_xml import StepRecords
from pat_core.recordings.wearables.step_records import Steps, person_around
from pat_core.records import Reading

_EXPORTED = ("export", "exportar", "exporter", "exportieren", "esporta", "exportación", "导出", "書き出したデータ")
"""What Apple calls the file in some languages: no name of a person."""
FOLDER = "apple_health_export"
"""The folder in Apple's zip."""


def recognises(head: bytes, filename: str) -> bool:
    """XML whose root, or document type, is HealthData."""
    begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return begin.startswith(b"<") and (b"<HealthData" in head or b"<!DOCTYPE HealthData" in head)


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an export, in steps a minute. Raises RecordingError where the file is damaged, hostile, or has no steps.

    Minutes without a record count as zero on days with records; days without any are missing.
    """
    steps = Steps("Export the data from the Health app again.")
    with source.open() as raw:
        stream = StepRecords(raw, source.size, progress, source.filename)
        for record in stream:
            steps.add(record, None if stream.exported is None else stream.exported + 1)
        steps.seen, controls = stream.seen, stream.controls
    notes = (f"{counted(controls, 'control character')} left out of the text, as XML allows none.",) if controls else ()
    return Reading((steps.recording(person_around(source, _is_apples), source.name, _shown, notes),))


def _is_apples(name: str) -> bool:
    return name.lower() in (*_EXPORTED, FOLDER)


def beside_records(name: str) -> bool:
    """Whether a file of this name, its containers before it, belongs to an export and holds no records: routes, electrocardiograms,
    clinical documents."""
    parts = name.replace(": ", "/").split("/")
    inside = parts[parts.index(FOLDER) + 1 :] if FOLDER in parts else []
    return len(inside) > 1 or (len(inside) == 1 and inside[0].lower().endswith("_cda.xml"))


def _shown(name: str, hardware: str) -> str:
    """A source without its owner's name, as far as it can be told."""
    if hardware:
        return hardware
    kind = next((kind for kind in ("Apple Watch", "Watch", "iPhone", "iPad") if kind.lower() in name.lower()), None)
    return kind or name[:60] or "unnamed source"


FORMAT = Format("Apple Health export", recognises, read, "Apple Health")
