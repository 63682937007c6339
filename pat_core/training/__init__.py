"""The loops: pretraining, fine-tuning, linear probing, baselines; checkpoints and resume."""

from pat_core.training.device import DEVICES, pick_device
from pat_core.training.finetuning import Finetuned, finetune
from pat_core.training.labelled_people import Counts, HeldOut, LabelledPeople, LabelledWeeks, check_people, count_splits
from pat_core.training.pretrain import Pretrained, pretrain
from pat_core.training.recipes import STYLES, FinetuneSettings, PretrainSettings

__all__ = [
    "Counts",
    "DEVICES",
    "STYLES",
    "FinetuneSettings",
    "Finetuned",
    "HeldOut",
    "LabelledPeople",
    "LabelledWeeks",
    "PretrainSettings",
    "Pretrained",
    "check_people",
    "count_splits",
    "finetune",
    "pick_device",
    "pretrain",
]
