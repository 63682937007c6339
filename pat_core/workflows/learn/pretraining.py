"""Pretraining on simulated weeks: from a seed to an encoder that travels with its card."""

from __future__ import annotations

from pathlib import Path

from pat_core.models.pat import config_for
from pat_core.models.pat.pat_config import Embedding
from pat_core.progress import Progress, Silent
from pat_core.records import COUNTS
from pat_core.simulate import simulate
from pat_core.training import PretrainSettings
from pat_core.weeks import apply, fit
from pat_core.weights import save
from pat_core.weights.catalogue import CITATION
from pat_core.workflows.models.model_cards import versions


def pretrain_simulated(
    size: str,
    people: int,
    seed: int,
    out: Path,
    settings: PretrainSettings,
    embedding: Embedding = "linear",
    progress: Progress | None = None,
) -> str:
    """Pretrain an encoder on simulated weeks and save it with its card. Returns the file's SHA-256.

    Weeks: `simulate(people, seed, label="none")` with every trait and distractor mixed in, standardized per minute over all of them.
    A killed run goes on from the checkpoint beside `out`; TrainingError where that is another run's. It goes once the encoder is saved.
    """
    from pat_core.models.pat.heads import Classifier, seeded
    from pat_core.training.device import pick_device
    from pat_core.training.masked_pretraining import pretrain

    progress = progress or Silent()
    config = config_for(size, embedding)
    pick_device(settings.device)  # refused before minutes of simulating
    progress.at(0.0, f"Simulating {people} people")
    weeks = simulate(people, seed, label="none").weeks
    standardizer = fit(weeks, f"{people} simulated people, seed {seed}", COUNTS)
    checkpoint = out.with_suffix(".checkpoint")
    done = pretrain(apply(standardizer, weeks), config, settings, checkpoint, progress)
    network = seeded(lambda: Classifier(config), settings.seed)
    network.encoder.load_state_dict(done.autoencoder.encoder.state_dict())
    name = f"PAT-{size[0].upper()} on simulated weeks"
    card = {
        "name": name,
        "first_line": "Pretrained on simulated weeks. These are not the published PAT weights.",
        "pretrained_on": f"{people} simulated people (pat_core.simulate, seed {seed})",
        "participants": people,
        "simulated": True,
        "licence": "Apache-2.0",
        "citation": CITATION,
        "unit": COUNTS,
        "validation_loss": done.validation_loss,
        "epochs": done.epochs,
        "best_epoch": done.best_epoch,
        "stopped": done.stopped,
        "settings": done.settings,
        "versions": versions(),
    }
    sha256 = save(out, network, has_head=False, encoder_trained=True, standardizer=standardizer, card=card, name=name, origin="bundled")
    checkpoint.unlink(missing_ok=True)
    return sha256
