"""A training goes on with as many threads of the CPU as it was begun with."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.errors import Cancelled
from pat_core.models.pat import PatConfig
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.device import THREADS, threads, threads_as_begun, threads_of
from pat_core.training.finetuning import finetune

SETTINGS = FinetuneSettings("full", folds=2, max_epochs=3, learning_rate=1e-3, patience=5, recipe="paper")


class Threads:
    """A Progress that sees how many threads are at work, and cancels the run in the epoch of this number."""

    def __init__(self, cancels: int = 0) -> None:
        self.cancels, self.seen = cancels, set[int]()

    def at(self, fraction: float, message: str) -> None:
        self.seen.add(torch.get_num_threads())

    def metric(self, step: int, values) -> None:
        if step == self.cancels:
            raise Cancelled("stop")


def test_a_run_that_goes_on_has_the_threads_that_it_was_begun_with_in_every_split(simulated, tmp_path):
    people = LabelledWeeks(simulated.weeks[:, :1440], simulated.positive, np.array(simulated.participants), COUNTS, "people")
    start = seeded(lambda: Classifier(PatConfig("custom", 360, 2, 1)), 0)
    with threads(3), pytest.raises(Cancelled):
        finetune(start, people, SETTINGS, tmp_path, Threads(cancels=1))
    assert threads_of(tmp_path) == 3
    with threads(1):
        later = Threads()
        finetune(start, people, SETTINGS, tmp_path, later)
        assert later.seen == {3} and torch.get_num_threads() == 1


@pytest.mark.parametrize("damaged", ["", "0", "-1", "true", "2.5", "1000000", '{"threads": 2}', "\udcff"])
def test_a_number_that_no_machine_could_have_is_replaced_by_that_of_here(tmp_path, damaged):
    (tmp_path / THREADS).write_bytes(damaged.encode(errors="surrogateescape"))
    with threads(2):
        with threads_as_begun(tmp_path):
            assert torch.get_num_threads() == 2
        assert threads_of(tmp_path) == 2
