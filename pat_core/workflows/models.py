"""The models there are: bundled, published, brought by a person, fine-tuned here, and untrained by choice."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pat_core import settings
from pat_core.cohorts import ModelInfo, Workspace
from pat_core.errors import WeightsError
from pat_core.model import SIZES
from pat_core.progress import Progress, Silent
from pat_core.weights import CATALOGUE, Model, download, load, random_model

RANDOM = re.compile(r"random-(?P<size>\w+?)(?P<conv>-conv)?(?:-seed(?P<seed>\d+))?")


@dataclass(frozen=True)
class ModelEntry:
    """One line of the list of models. reference: what every verb and page accepts as its name.

    present: whether its file is here; a published one may still have to be fetched.
    """

    reference: str
    title: str
    origin: str
    size: str
    embedding: str
    has_head: bool
    present: bool
    sha256: str | None
    card: dict[str, object]


def bundled_files() -> list[Path]:
    """Weight files that ship in assets/."""
    return sorted((settings.ASSETS / "models").glob("*.safetensors"))


def models(workspace: Workspace) -> list[ModelEntry]:
    """Everything that can be chosen as a model, fine-tuned ones first."""
    kept = [_from_info(info) for info in workspace.models()]
    here = {entry.reference for entry in kept}
    entries = [entry for entry in kept if entry.origin == "fine-tuned"]
    entries += [_from_model(path.stem, load(path)) for path in bundled_files()]
    entries += [entry for entry in kept if entry.origin != "fine-tuned"]
    for published in CATALOGUE.values():
        if published.name not in here:
            card = published.card("") | {"address": published.address}
            entries.append(ModelEntry(published.name, published.name, "published", published.size, "linear", False, False, None, card))
    entries += [
        ModelEntry(f"random-{size}", f"Random (untrained), {size}", "random", size, "linear", False, True, None,
                   {"first_line": "Random weights: whatever they show is no finding. For comparison only."})
        for size in SIZES
    ]  # fmt: skip
    return entries


def _from_info(info: ModelInfo) -> ModelEntry:
    return ModelEntry(info.name, info.name, info.origin, info.size, info.embedding, info.has_head, True, info.sha256, dict(info.card))


def _from_model(reference: str, model: Model) -> ModelEntry:
    config = model.config
    return ModelEntry(reference, model.name, model.origin, config.size, config.embedding, model.has_head, True, model.sha256, _card(model))


def _card(model: Model) -> dict[str, object]:
    return {**model.card, "has_standardizer": model.standardizer is not None}


def resolve(workspace: Workspace, reference: str) -> Model:
    """The model of a name or a file's path. Never falls back to anything else: what is not there is refused with what there is."""
    kept = {info.name: info for info in workspace.models()}
    if reference in kept:
        # the workspace renames files, so the provenance that was read from a file's name is laid over what it says itself
        info = kept[reference]
        return replace(load(info.path), name=reference, origin=info.origin, card=dict(info.card))
    bundled = {path.stem: path for path in bundled_files()}
    if reference in bundled:
        return load(bundled[reference])
    drawn = RANDOM.fullmatch(reference)
    if drawn and drawn["size"] in SIZES:
        return random_model(drawn["size"], "conv" if drawn["conv"] else "linear", int(drawn["seed"] or 0))
    path = Path(reference).expanduser()
    if path.is_file():
        return load(path)
    if reference in CATALOGUE:
        raise WeightsError(
            f"The weights of {reference} are published but not on this machine. Download them on the Models page, or run "
            f"`python -m pat_core models download {reference}`, or fetch the file by hand "
            "and add it with `python -m pat_core models add FILE`."
        )
    raise WeightsError(
        f"No model or file is called {reference!r}. There are {', '.join([*kept, *bundled])}, random-small to random-huge, "
        "and the published names that `python -m pat_core models` lists."
    )


def add_model(workspace: Workspace, path: Path, name: str | None = None, file_name: str | None = None) -> ModelInfo:
    """Check a weight file and copy it into the workspace. A published file keeps its published name.

    file_name: what the file was called where it came from, for an upload that is stored under another name.
    """
    file_name = file_name or Path(path).name
    model = load(Path(path), name=file_name)
    published = next((key for key in CATALOGUE if file_name.startswith(key)), None) if model.origin == "published" else None
    return workspace.add_model(
        Path(path),
        name or published or Path(file_name).stem,
        origin=model.origin,
        size=model.config.size,
        embedding=model.config.embedding,
        has_head=model.has_head,
        card=_card(model),
    )


def download_model(workspace: Workspace, name: str, progress: Progress | None = None) -> ModelInfo:
    """Fetch published weights from their authors' address, check them, and add them."""
    path = download(name, workspace.folder / "downloads", progress or Silent())
    return add_model(workspace, path, name)
