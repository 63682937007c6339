"""Torch takes a second to import, and the first pages do without it. A server imports it in the background once one of them stands, so that
the page of a person, to which most readers go next, does not wait for it."""

from __future__ import annotations

import gc
import threading
import time

SECONDS_AFTER_A_PAGE = 1.0
"""For the browser to be sent that page before an import takes turns with the server."""

_shown = threading.Event()


def a_page_stands() -> None:
    """Called at the end of every page."""
    _shown.set()


def import_torch_ahead() -> None:
    """Called once by the server when it starts."""
    threading.Thread(target=_import_torch, name="torch", daemon=True).start()


def _import_torch() -> None:
    _shown.wait()
    time.sleep(SECONDS_AFTER_A_PAGE)
    import pat_core.weights.networks  # noqa: F401  # with torch

    # Streamlit collects garbage after each run of a page. What was imported stays anyway: to look through it took .18 s each time.
    gc.collect()
    gc.freeze()
