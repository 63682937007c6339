"""Uploads on their way from Streamlit, which holds them in memory until a tab is closed, to the workspace's disk."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from pages.components.shared.cached_calls import workspace
from pages.components.shared.plain_text import literal
from pages.components.shared.session import next_turn
from pages.components.shared.session_names import Key
from pages.components.shared.words import _
from pat_core.errors import PatError
from pat_core.workflows.read import uploaded_files
from pat_core.workflows.read.uploaded_files import KeptUpload

UPLOAD, PLACE = _("Choose files"), _("Give a path on this machine")
LARGE = 32 * 1024**2
"""Uploads of so many bytes in all are taken to the disk as soon as they are there; smaller ones once they are imported."""


def received(files: Sequence[UploadedFile]) -> list[UploadedFile | KeptUpload]:
    """What was brought so far: what lies on disk, then what the box holds. Large uploads leave the box for the disk here, and the page is
    drawn again with an empty one."""
    if sum(file.size for file in files) >= LARGE:
        try:
            with st.spinner(_("Saving the files to disk")):
                st.session_state[Key.BRING_UPLOADS] = [*_on_disk(), *uploaded_files.receive(workspace(), files)]
        except PatError as error:
            st.error(literal(str(error)))
            release(files)
            return list(_on_disk())
        release(files)
        next_turn(Key.BRING_TURN)
        st.rerun()
    for number, upload in enumerate(_on_disk()):
        line, button = st.columns([5, 1], vertical_alignment="center")
        line.markdown(_("{file}, {size:,.0f} MB, is uploaded.").format(file=literal(upload.name), size=upload.size / 1000000.0))
        if button.button(_("Remove"), key=f"bring.remove.{number}", help=_("Removes the copy here, not your own file.")):
            uploaded_files.discard_upload(upload)
            st.session_state[Key.BRING_UPLOADS] = [other for other in _on_disk() if other is not upload]
            st.rerun()
    return [*_on_disk(), *files]


def take(files: Sequence[KeptUpload]) -> None:
    """These too are brought."""
    st.session_state[Key.BRING_UPLOADS] = [*_on_disk(), *files]


def done(files: Sequence[UploadedFile | KeptUpload]) -> None:
    """The import has them: nothing of them is held any more."""
    for upload in _on_disk():
        uploaded_files.discard_upload(upload)
    st.session_state.pop(Key.BRING_UPLOADS, None)
    release([file for file in files if not isinstance(file, KeptUpload)])


def release(files: Sequence[UploadedFile]) -> None:
    """Let Streamlit forget uploads now, not when the tab is closed."""
    context = get_script_run_ctx()
    if context is None or not runtime.exists():
        return
    for file in files:
        uploads = runtime.get_instance().uploaded_file_mgr
        uploads.remove_file(context.session_id, file.file_id)  # type: ignore[attr-defined]  # its protocol forgets it
        file.close()


def _on_disk() -> list[KeptUpload]:
    return [upload for upload in st.session_state.get(Key.BRING_UPLOADS, []) if upload.path.exists()]
