"""The models there are: bundled, published, brought by a person, fine-tuned here, and untrained by choice."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pat_core import settings
from pat_core.cohorts import ModelInfo, Workspace
from pat_core.cohorts.database_values import looks, valid_name
from pat_core.cohorts.stores.participant_codes import shipped
from pat_core.errors import WeightsError, WorkspaceError
from pat_core.jobs import Spec, Task
from pat_core.jobs.launcher import NETWORK
from pat_core.models.baselines import FAMILIES, BaselineConfig, baseline_of
from pat_core.models.outputs import ONE_LOGIT
from pat_core.models.pat import SIZES
from pat_core.models.pat.pat_config import LARGEST_SEED
from pat_core.progress import Progress, Silent
from pat_core.weights import CATALOGUE, Model, Published, load, random_model
from pat_core.weights.bundle import Origin, untrained_baseline
from pat_core.weights.catalogue import cited
from pat_core.weights.provenance_claims import as_added
from pat_core.workflows.models.standardizer_choice import standardizer_facts

if TYPE_CHECKING:
    from pat_core.workflows.read.uploaded_files import NamedStream

RANDOM = re.compile(r"random-(?P<size>\w+?)(?P<conv>-conv)?(?:-seed(?P<seed>\d+))?")


@dataclass(frozen=True)
class ModelEntry:
    """One line of the list of models. reference: what every verb and page accepts as its name.

    present: whether its file is here; a published one may still have to be fetched. card: always with `has_standardizer` and
    `encoder_trained`.
    """

    reference: str
    title: str
    origin: Origin
    size: str
    embedding: str
    has_head: bool
    present: bool
    sha256: str | None
    card: dict[str, Any]

    @property
    def baseline(self) -> bool:
        """One of the paper's baselines, trained or not: without a trained head it shows nothing at all."""
        return self.size in FAMILIES


def bundled_files() -> list[Path]:
    """Weight files that ship in assets/; first those with which README and demonstration begin."""
    return sorted((settings.ASSETS / "models").glob("*.safetensors"), key=lambda path: (not path.stem.endswith("simulated"), path.name))


def demo_model() -> Path:
    """The fine-tuned model that ships with the demonstration."""
    return settings.ASSETS / "demo" / "model.safetensors"


def models(workspace: Workspace) -> list[ModelEntry]:
    """Everything that can be chosen as a model, fine-tuned ones first. A reference stands for one of them: that which `resolve` gives."""
    ours = _made_here(workspace)
    stored = [_from_info(info, _believed(info, ours)) for info in workspace.models()]
    here = {entry.reference for entry in stored}
    entries = [entry for entry in stored if entry.origin == "fine-tuned"]
    entries += [_bundled(path) for path in bundled_files() if path.stem not in here]
    entries += [entry for entry in stored if entry.origin != "fine-tuned"]
    entries += [_published(published) for published in CATALOGUE.values() if published.name not in here]
    entries += [_untrained(size) for size in SIZES if f"random-{size}" not in here]
    baselines = [BaselineConfig(family, smoothed=smoothed) for family in FAMILIES for smoothed in (False, True)]
    entries += [_from_model(config.reference, untrained_baseline(config)) for config in baselines if config.reference not in here]
    return entries


def titles(workspace: Workspace) -> dict[str, str]:
    """Reference -> title of everything that can be chosen as a model."""
    return {entry.reference: entry.title for entry in models(workspace)}


def _from_info(info: ModelInfo, believed: bool) -> ModelEntry:
    card, origin = cited(info.card), info.origin
    if not believed or not {"has_standardizer", "encoder_trained"} <= set(card):  # kept before cards said so: its file knows
        try:
            model = load(info.path, name=info.path.name)
            card |= _flags(model)
            if not believed:
                origin, card = "own", _card(as_added(replace(model, name=info.name, origin=info.origin, card=info.card), info.name))
        except WeightsError:  # a damaged file is refused where it is used, and must not hide the other models
            origin, card = "own" if not believed else origin, {"has_standardizer": False, "encoder_trained": False} | card
    return ModelEntry(info.name, info.name, origin, info.size, info.embedding, info.has_head, True, info.sha256, card)


def _bundled(path: Path) -> ModelEntry:
    """The line of a file that ships with the app: read once, and again only where the file was exchanged."""
    state = path.stat()
    entry = _read_bundled(path, state.st_mtime_ns, state.st_size)
    return replace(entry, card=deepcopy(entry.card))


@lru_cache(maxsize=8)
def _read_bundled(path: Path, _changed: int, _size: int) -> ModelEntry:
    return _from_model(path.stem, load(path))


def _from_model(reference: str, model: Model) -> ModelEntry:
    config = model.config
    return ModelEntry(reference, model.name, model.origin, config.size, config.embedding, model.has_head, True, model.sha256, _card(model))


def _published(published: Published) -> ModelEntry:
    card = published.card("") | {"address": published.address, "has_standardizer": False, "encoder_trained": True}
    return ModelEntry(published.name, published.name, "published", published.size, "linear", False, False, None, card)


def _untrained(size: str) -> ModelEntry:
    first_line = "Random weights: nothing they show is a finding. For comparison only."
    card = {"first_line": first_line, "has_standardizer": False, "encoder_trained": False}
    return ModelEntry(f"random-{size}", f"Random (untrained), {size}", "random", size, "linear", False, True, None, card)


def _card(model: Model) -> dict[str, Any]:
    return {**model.card, **_flags(model)}


def _flags(model: Model) -> dict[str, Any]:
    several = {} if model.outputs == ONE_LOGIT else {"outputs": model.outputs.as_dict()}
    decoder = {} if model.decoder is None else {"has_decoder": True}
    together = {} if model.members is None else {"members": model.members.count, "shared_encoder": model.members.shared_encoder}
    return standardizer_facts(model) | {"encoder_trained": model.encoder_trained, **decoder, **several, **together}


def _made_here(workspace: Workspace) -> set[str]:
    """SHA-256 of the models that runs of this workspace made."""
    return {str(run.result["model_sha256"]) for run in workspace.runs() if run.result and run.result.get("model_sha256")}


def _believed(info: ModelInfo, made_here: set[str]) -> bool:
    """Whether what is kept of a model is known here, and not what a file said of itself when it was added.

    Models that were added before this was asked are judged by what else is here: the run that made them, or the download.
    """
    if info.origin == "own" or info.card.get("ours"):
        return True
    if info.origin == "published":
        return info.path.suffix != ".safetensors" and str(info.card.get("provenance", "")).startswith("downloaded from ")
    return info.sha256 in made_here or info.sha256 in shipped()


def _as_known(workspace: Workspace, model: Model, file_name: str) -> tuple[Model, bool]:
    """A model that came as a file, and whether it is ours: the same bytes were made, fetched or shipped here. Else it is an added file."""
    made_here = _made_here(workspace)
    for info in workspace.models():
        if info.sha256 == model.sha256 and info.origin != "own" and _believed(info, made_here):
            return replace(model, name=info.name, origin=info.origin, card=dict(info.card)), True
    if model.sha256 in made_here or model.sha256 in shipped():
        return model, True
    return as_added(model, file_name), False


def _alike(name: str) -> str:
    """A name without what the eye passes over: case, blanks, hyphens, low lines, the alphabet of a letter."""
    return "".join(sign for sign in looks(name) if sign.isalnum())


def free_name(name: str, of: str, published: str | None = None) -> str:
    """The name as it is stored, for a model or a run (whose model will bear it).

    WorkspaceError where it already stands for something else wherever a model is asked for: a bundled, published or random model, or a
    file. published: the published encoder that the model is, which may bear its own name.
    """
    name = valid_name(name, of)
    if _alike(name) in {_alike(path.stem) for path in bundled_files()}:
        taken = "a model that comes with PAT Explorer"
    elif _alike(name) in {_alike(other) for other in CATALOGUE} and name != published:
        taken = "a published encoder"
    elif RANDOM.fullmatch(looks(name)):
        taken = "random weights"
    elif baseline_of(looks(name)):
        taken = "a baseline that can be trained"
    elif _file(name):
        taken = "a file in this folder"
    else:
        return name
    raise WorkspaceError(f"The name {name!r} already stands for {taken}. Choose another name for the {of}.")


def refuse_alike(name: str, what: str, names: Iterable[str]) -> None:
    """WorkspaceError where one of the names, of so-called things, is another and yet looks like this one."""
    alike = next((other for other in names if other != name and looks(other) == looks(name)), None)
    if alike is not None:
        raise WorkspaceError(
            f"The name {name!r} looks like that of the {what} {alike!r}. Choose one that cannot be mistaken for the other."
        )


def _file(reference: str) -> Path | None:
    """The file that a reference is the path of, if any."""
    try:
        path = Path(reference).expanduser()
        return path if path.is_file() else None
    except (RuntimeError, OSError, ValueError):  # ~nobody, or a name that no file can have
        return None


def from_anywhere(workspace: Workspace, reference: str) -> str:
    """The reference by which a job finds the same model, whatever folder its process works in: of a file, its whole path."""
    named = {info.name for info in workspace.models()} | {path.stem for path in bundled_files()}
    path = None if reference in named or RANDOM.fullmatch(reference) or baseline_of(reference) else _file(reference)
    return str(path.absolute()) if path else reference


def resolve(workspace: Workspace, reference: str) -> Model:
    """The model of a name or a file's path. Never falls back to anything else: what is not there is refused with what there is."""
    stored = {info.name: info for info in workspace.models()}
    if reference in stored:
        # the workspace renames files, so the provenance that was read from a file's name is laid over what it says itself
        info = stored[reference]
        loaded = load(info.path)
        if loaded.sha256 != info.sha256:
            raise WeightsError(
                f"The file of the model {reference!r} is not the one that was added: it changed on the disk ({info.path}). Nothing is "
                "computed with it. Put back a copy of the workspace folder, or delete the model and add it again."
            )
        model = replace(loaded, name=reference, origin=info.origin, card=cited(info.card))
        return model if _believed(info, _made_here(workspace)) else replace(as_added(model, reference), name=reference)
    bundled = {path.stem: path for path in bundled_files()}
    if reference in bundled:
        return load(bundled[reference])
    drawn = RANDOM.fullmatch(reference)
    if drawn and drawn["size"] in SIZES:
        return random_model(drawn["size"], "conv" if drawn["conv"] else "linear", _seed(reference, drawn["seed"] or "0"))
    if baseline := baseline_of(reference):
        return untrained_baseline(baseline)
    if path := _file(reference):
        return _as_known(workspace, load(path), path.name)[0]
    if reference in ("rhythm_logistic", "gradient_boosting"):
        raise WeightsError(f"{reference} is a floor: it stands beside every run's AUC and in every comparison, and is no model by itself.")
    if reference in CATALOGUE:
        raise WeightsError(
            f"The weights of {reference} are published but not on this machine. Download them on the Models page, or run "
            f"`{settings.COMMAND} models download {reference}`, or fetch the file by hand "
            f"and add it with `{settings.COMMAND} models add FILE`."
        )
    raise WeightsError(
        f"No model or file is called {reference!r}. There are {', '.join([*stored, *bundled])}, random-small to random-huge, "
        f"the baselines {', '.join(FAMILIES)}, and the published names that `{settings.COMMAND} models` lists."
    )


def _seed(reference: str, digits: str) -> int:
    digits = digits.lstrip("0") or "0"
    if len(digits) > len(str(LARGEST_SEED)) or int(digits) > LARGEST_SEED:
        raise WeightsError(f"Expected a seed from 0 to {LARGEST_SEED} in {reference[:80]!r}. Choose a smaller one.")
    return int(digits)


def add_model(workspace: Workspace, path: Path, name: str | None = None, file_name: str | None = None, *, ours: bool = False) -> ModelInfo:
    """Check a weight file and copy it into the workspace.

    ours: it was made, fetched or shipped by this installation, so what it says of itself holds. Any other file is an added one, whatever
    it says, but for the very bytes that are known here; names of published and bundled models are not for it.
    file_name: what the file was called where it came from, for an upload that is stored under another name.
    WorkspaceError where the name is taken (see `free_name`).
    """
    file_name = file_name or Path(path).name
    with workspace.naming_nobody(Path(path)) as path:
        return _add(workspace, path, name, file_name, ours)


def _add(workspace: Workspace, path: Path, name: str | None, file_name: str, ours: bool) -> ModelInfo:
    model = load(path, name=file_name)
    if not ours:
        model, ours = _as_known(workspace, model, file_name)
    published = model.name if ours and model.origin == "published" else None
    name = free_name(name or published or Path(file_name).stem, "model", published)
    refuse_alike(name, "model", [info.name for info in workspace.models()])
    return workspace.add_model(
        path,
        name,
        origin=model.origin,
        size=model.config.size,
        embedding=model.config.embedding,
        has_head=model.has_head,
        card=_card(model) | ({"ours": True} if ours else {}),
    )


def download_model(workspace: Workspace, name: str, progress: Progress | None = None) -> ModelInfo:
    """Fetch published weights from their authors' address, check them, and add them."""
    from pat_core.weights.model_downloads import download  # requests is for those alone who fetch something

    path = download(name, workspace.folder / "downloads", progress or Silent())
    return add_model(workspace, path, name, ours=True)


def add_model_upload(workspace: Workspace, file: NamedStream, name: str = "") -> ModelInfo:
    """Check an uploaded weight file and copy it into the workspace. Raises WeightsError, or WorkspaceError where the name is taken."""
    from pat_core.workflows.read.uploaded_files import write_upload  # with all readers of recordings

    with tempfile.TemporaryDirectory() as folder:
        return add_model(workspace, write_upload(file, Path(folder)), name.strip() or None)


@dataclass(frozen=True)
class DownloadRequest(Spec):
    """Which published encoder to fetch, by its name in the catalogue."""

    name: str


def run_download(workspace: Workspace, request: DownloadRequest, progress: Progress) -> ModelInfo:
    """Fetch, check and add it."""
    return download_model(workspace, request.name, progress)


DOWNLOAD = Task("download", DownloadRequest, run_download, lambda model: {"model": model.name}, NETWORK)
