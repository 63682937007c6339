"""The files of the lessons, made anew: `python -m pat_core lessons`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from pat_core.errors import PatError
from pat_core.progress import Progress, Silent
from pat_core.workflows.lessons import lesson_attention, lesson_believing, lesson_gradients, lesson_masking, lesson_patches, lesson_people

BUILDERS: dict[str, Callable[[Path, Progress], Path]] = {
    lesson_people.NAME: lesson_people.build_people,
    lesson_patches.NAME: lesson_patches.build_patches,
    lesson_masking.NAME: lesson_masking.build_masking,
    lesson_attention.NAME: lesson_attention.build_attention,
    lesson_gradients.NAME: lesson_gradients.build_gradients,
    lesson_believing.NAME: lesson_believing.build_believing,
}
"""Name of a file -> what writes it into a folder."""


def build_lessons(folder: Path, only: Sequence[str] = (), progress: Progress | None = None) -> list[Path]:
    """Write all of them into `folder`, or only those named; their paths. PatError for a name that is none."""
    unknown = [name for name in only if name not in BUILDERS]
    if unknown:
        raise PatError(f"The lessons have no file {', '.join(unknown)}; choose among {', '.join(BUILDERS)}.")
    return [BUILDERS[name](folder, progress or Silent()) for name in only or BUILDERS]
