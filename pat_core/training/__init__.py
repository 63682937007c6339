"""The loops: pretraining, fine-tuning, linear probing, baselines; checkpoints and resume.

What a run is asked to do and with whom is here for everyone; whoever trains imports the loop from its file, and waits for torch.
"""

from pat_core.training.labelled_people import Counts, HeldOut, LabelledPeople, LabelledWeeks, check_people, count_splits
from pat_core.training.recipes import DEVICES, STYLES, FinetuneSettings, PretrainSettings

__all__ = [
    "Counts",
    "DEVICES",
    "STYLES",
    "FinetuneSettings",
    "HeldOut",
    "LabelledPeople",
    "LabelledWeeks",
    "PretrainSettings",
    "check_people",
    "count_splits",
]
