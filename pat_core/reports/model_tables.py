"""Models and sizes as tables for readers, and a model's file for taking away."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pandas as pd

from pat_core.cohorts import Workspace
from pat_core.errors import WeightsError
from pat_core.models.baselines import BaselineConfig, baseline_of
from pat_core.models.network_config import NetworkConfig
from pat_core.models.outputs import ONE_LOGIT, Outputs
from pat_core.models.pat import SIZES, config_for
from pat_core.settings import MINUTES_PER_WEEK
from pat_core.weights import CATALOGUE, Published
from pat_core.weights.ensemble_layout import Members
from pat_core.weights.parameter_shapes import parameters
from pat_core.workflows.models.cautions import tested_on_simulated
from pat_core.workflows.models.kind_answers import outputs_of
from pat_core.workflows.models.model_entries import ModelEntry, resolve

ORIGINS = {
    "published": "Published by PAT's authors",
    "bundled": "Comes with PAT Explorer",
    "own": "Added by you",
    "fine-tuned": "Fine-tuned with PAT Explorer",
    "random": "Random (untrained)",
}

SHORT_ORIGINS = {"published": "the authors", "bundled": "bundled", "own": "added by you", "fine-tuned": "fine-tuned", "random": "untrained"}


def configuration(workspace: Workspace, entry: ModelEntry) -> NetworkConfig:
    """What a model is built of; read out of its file where it has none of the published sizes."""
    if not entry.has_head and (baseline := baseline_of(entry.reference)):
        return baseline
    return (
        config_for(entry.size, "conv" if entry.embedding == "conv" else "linear")
        if entry.size in SIZES
        else resolve(workspace, entry.reference).config
    )


def figures(config: NetworkConfig, count: int) -> dict[str, int | None]:
    """Minutes a patch, tokens a week, blocks, heads and parameters by their names in words; None for what a baseline does not have.
    count: of the parameters."""
    if isinstance(config, BaselineConfig):
        return dict.fromkeys(("Minutes a patch", "Tokens a week", "Blocks", "Attention heads")) | {"Parameters": count}
    return {
        "Minutes a patch": config.patch,
        "Tokens a week": config.tokens(MINUTES_PER_WEEK),
        "Blocks": config.blocks,
        "Attention heads": config.heads,
        "Parameters": count,
    }


def figures_of(workspace: Workspace, entry: ModelEntry) -> dict[str, int | None]:
    """The `figures` of a model, with all outputs of its head and all members of an ensemble."""
    config, card = configuration(workspace, entry), entry.card
    count, members = card.get("members"), None
    if isinstance(count, int) and count > 1:  # cards of earlier versions do not say whether these share an encoder: those of probes do
        members = Members(count, bool(card.get("shared_encoder", card.get("style") == "linear_probe")))
    return figures(config, parameters(config, entry.has_head, outputs_of(card), members))


def sizes_table() -> pd.DataFrame:
    """A row a published size: its figures, encoder only."""
    return pd.DataFrame([{"Size": size, **figures(config_for(size), parameters(config_for(size)))} for size in SIZES])


def model_table(workspace: Workspace, entries: Iterable[ModelEntry]) -> pd.DataFrame:
    """A row a model: Model, Where from, Head, Weights (here or not), Size and its figures."""
    return pd.DataFrame(
        {
            "Model": entry.title,
            "Where from": "pretrained" if _pretrained_here(entry) else SHORT_ORIGINS.get(entry.origin, entry.origin),
            "Head": "trained" if entry.has_head else "none",
            "Weights": "here" if entry.present else "to fetch",
            "Size": "baseline" if entry.baseline else entry.size,
            **figures_of(workspace, entry),
        }
        for entry in entries
    )


def provenance_words(entry: ModelEntry) -> str:
    """Where a model comes from; simulated people are never left unsaid."""
    words = "Pretrained with PAT Explorer" if _pretrained_here(entry) else ORIGINS.get(entry.origin, entry.origin)
    if not entry.card.get("simulated"):
        return words
    only_before = entry.origin == "fine-tuned" and not tested_on_simulated(entry.card)
    return f"{words}, pretrained on simulated weeks" if only_before else f"{words}, simulated people"


def _pretrained_here(entry: ModelEntry) -> bool:
    """An encoder that a run of this workspace made: such a card is ours, and says how well it rebuilds."""
    return entry.origin == "own" and bool(entry.card.get("ours")) and "rebuilt" in entry.card


def told_apart(entry: ModelEntry) -> str | None:
    """The label and its two groups; of a head whose file tells nothing of them, that it does not. None without a head."""
    if not entry.has_head:
        return None
    card = entry.card
    label, positive, negative = (card.get(name) for name in ("label", "positive", "negative"))
    outputs = outputs_of(card)
    if outputs != ONE_LOGIT:
        return told_of(str(label or ""), outputs)
    if label and positive:
        return f"{label}: {positive} against {negative or 'others'}"
    return "Its file does not say what. A score near 1 is the group that its makers called positive"


def told_of(label: str, outputs: Outputs) -> str:
    """What a head of another kind than two classes answers, in words."""
    if outputs.kind == "value":
        return f"{label or 'a value'}{f' in {outputs.unit}' if outputs.unit else ', as a number in the unit of the label'}"
    order = ", in this order" if outputs.kind == "ordinal" else ""
    return f"{label or 'classes'}: {', '.join(outputs.classes)}{order}"


def fine_tuned_on(entry: ModelEntry) -> str | None:
    """How many people of which cohort; simulated people are called so."""
    card = entry.card
    if not card.get("cohort"):
        return None
    people = f"{card['people']:,} people" if isinstance(card.get("people"), int) else "People"
    simulated = ", simulated people" if card.get("tested_on_simulated") else ""
    return f"{people} of the cohort “{card['cohort']}”{simulated}"


def model_file(workspace: Workspace, entry: ModelEntry) -> bytes:
    """The bytes of a model that was added to the workspace or fine-tuned in it. Its card travels inside a .safetensors file.

    WeightsError where it cannot be read, is not what was added, or still names people in its card.
    """
    info = workspace.model(entry.reference)
    try:
        content = info.path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The file of {entry.title} cannot be read ({error.strerror or error}). Add the model again.") from error
    if workspace.nameless(content, entry.title) != content:
        raise WeightsError(
            f"The file of {entry.title} names people of its test in its card, so it cannot be downloaded. Let PAT Explorer write to its "
            f"workspace ({workspace.folder}) and restart it: codes then replace them."
        )
    return content


def card_text(entry: ModelEntry) -> str:
    """A model's card as JSON, with its name and hash; of its test without what stands for the people."""
    test = entry.card.get("test")
    card = entry.card | {"test": {name: test[name] for name in test if name != "people"}} if isinstance(test, dict) else entry.card
    return json.dumps({"model": entry.title, "origin": entry.origin, "sha256": entry.sha256, **card}, indent=1, default=str)


def published_file(name: str) -> Published:
    """Address, file name and rough size of a published encoder."""
    return CATALOGUE[name]


def leakage_warning(entry: ModelEntry) -> str:
    """Whom a model must not be evaluated on because its encoder has seen them; "" where nothing is known."""
    started = CATALOGUE.get(str(entry.card.get("started_from", "")))
    return str(entry.card.get("warning") or (started.warning if started else ""))


def owned(workspace: Workspace, entry: ModelEntry) -> bool:
    """Whether the model lies in the workspace, so that it can be taken away and deleted."""
    return entry.reference in {info.name for info in workspace.models()}
