"""One guard around every page: what is the matter with the workspace, in a sentence, and what still works."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from pages.components.shared.cached_calls import folder_key, workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.words import _
from pat_core.cohorts import workspace_trouble
from pat_core.errors import PatError, WorkspaceTrouble


@contextmanager
def guarded() -> Iterator[None]:
    """Errors that are meant for the reader, and refusals of the disk, are shown where the page stands; everything else is a fault of ours
    and goes on. Also a decorator, for what Streamlit runs again by itself."""
    try:
        yield
    except WorkspaceTrouble as error:
        _show(error)
    except PatError as error:
        st.error(literal(str(error)))
    except OSError as error:
        if error.errno not in workspace_trouble.OF_DISKS:
            raise
        _show(workspace_trouble.of_system(error, Path(folder_key())))


def standing() -> None:
    """What is the matter now, above the page: a workspace that can be looked at and not written. Of one that cannot be opened nothing can
    be shown, so the page stops there."""
    try:
        space = workspace()
        space.setting("demo")
    except WorkspaceTrouble as error:
        if error.kind == "busy":
            return
        _show(error)
        st.stop()
    except PatError:
        return  # the page says it
    trouble = space.unwritable()
    if trouble is not None:
        st.warning(f"{literal(str(trouble))} {workspace_trouble.STILL_WORKS[trouble.kind]}")


def _show(error: WorkspaceTrouble) -> None:
    st.error(literal(str(error)))
    if error.kind in workspace_trouble.STILL_WORKS:
        st.info(_("What still works: {actions}").format(actions=workspace_trouble.STILL_WORKS[error.kind]))
