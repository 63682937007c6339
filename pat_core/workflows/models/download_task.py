"""Published weights fetched as a background job."""

from __future__ import annotations

from dataclasses import dataclass

from pat_core.cohorts import ModelInfo, Workspace
from pat_core.jobs import Spec, Task
from pat_core.jobs.launcher import NETWORK
from pat_core.progress import Progress
from pat_core.workflows.models.model_entries import download_model


@dataclass(frozen=True)
class DownloadRequest(Spec):
    """Which published encoder to fetch, by its name in the catalogue."""

    name: str


def run_download(workspace: Workspace, request: DownloadRequest, progress: Progress) -> ModelInfo:
    """Fetch, check and add it."""
    return download_model(workspace, request.name, progress)


DOWNLOAD = Task("download", DownloadRequest, run_download, lambda model: {"model": model.name}, NETWORK)
