"""Training on windows that differ in length: compared by minute of the day, those of one length together, none padded."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from pat_core.errors import TrainingError
from pat_core.models.pat import config_for
from pat_core.models.pat.heads import Classifier, seeded
from pat_core.progress import Silent
from pat_core.records import COUNTS
from pat_core.training import FinetuneSettings, LabelledWeeks
from pat_core.training.finetuning import finetune
from pat_core.training.labelled_people import Split
from pat_core.training.objective import Examples
from pat_core.training.read_weeks import edges, embed, fit_standardizer, grouped, standardized
from pat_core.weeks import apply, fit

DAY = 1440


class Windows:
    """Rows of different lengths, as a cohort hands them out: several at once only where they are of one length."""

    ndim = 2

    def __init__(self, rows: list[np.ndarray]) -> None:
        self.rows, self.lengths = rows, np.array([row.size for row in rows])
        self.shape = (len(rows), int(self.lengths.max()))

    def __getitem__(self, index) -> np.ndarray:
        return self.rows[index] if np.ndim(index) == 0 else np.stack([self.rows[row] for row in index])


@pytest.fixture(scope="module")
def people(simulated):
    """Every second person with two days, the others with one, some from 10:00 on."""
    rows = [week[600 * (number % 3 == 0) :][: (1 + number % 2) * DAY] for number, week in enumerate(simulated.weeks)]
    begins = np.array([600 * (number % 3 == 0) for number in range(len(rows))])
    return LabelledWeeks(Windows(rows), simulated.positive, np.array(simulated.participants), COUNTS, "people", starts=begins)


@pytest.fixture(scope="module")
def start():
    return seeded(lambda: Classifier(config_for("small")), 0)


def settings(**given) -> FinetuneSettings:
    return FinetuneSettings(**{"standardize": "day", "max_epochs": 2, "recipe": "paper", **given})


@pytest.mark.parametrize(
    "given", [{}, {"style": "full"}, {"style": "full", "recipe": "recommended"}, {"recipe": "recommended", "max_epochs": None}]
)
def test_windows_of_several_lengths_train_and_each_is_tested_as_it_would_be_alone(people, start, given, tmp_path):
    done = finetune(start, people, settings(**given), tmp_path)
    assert done.standardizer.per == "day" and len(done.test_rows) == len(set(done.test_rows.tolist()))
    for row, logit in zip(done.test_rows, done.test_logits, strict=True):
        with torch.no_grad():
            z = apply(done.standardizer, people.weeks[int(row)][None], people.begins()[row : row + 1])
            assert float(done.network.eval()(torch.from_numpy(z))[0]) == pytest.approx(float(logit), abs=1e-3)


def test_a_batch_has_windows_of_one_length_and_every_row_once(people):
    rows = np.random.default_rng(0).permutation(len(people.people))
    part = grouped(Split(rows, rows[:0], rows[:0]), people).train
    examples = Examples(lambda some: torch.zeros(1), np.zeros(len(part)), edges(people, part))
    assert sorted(part) == sorted(rows) and len(examples.edges) == 1
    for order in (np.arange(len(part)), examples.shuffled(torch.Generator().manual_seed(1))):
        read = [part[order[batch]] for batch in examples.batches(7)]
        assert sorted(np.concatenate(read)) == sorted(rows)
        assert all(np.unique(people.lengths()[batch]).size == 1 for batch in read)


def test_embeddings_are_in_the_order_of_the_rows(people, start):
    by, rows = fit_standardizer(people, np.arange(len(people.people)), "day", "people"), np.array([5, 0, 3, 2])
    read = embed(start, people, by, rows, torch.device("cpu"), Silent())
    for place in range(len(rows)):
        with torch.no_grad():
            alone = start.encoder(torch.from_numpy(standardized(by, people, rows[place : place + 1]))).mean(dim=1)[0]
        torch.testing.assert_close(read[place], alone, atol=1e-5, rtol=1e-4)


def test_windows_that_differ_have_no_minutes_of_the_window_in_common(people, start, tmp_path):
    with pytest.raises(TrainingError, match="1 day to 2 days.*minute of the day"):
        finetune(start, people, settings(standardize="window"), tmp_path)
    with pytest.raises(TrainingError, match="ensemble"):
        settings(folds=3, keep="ensemble", recipe="recommended", max_epochs=None)
    assert FinetuneSettings.from_stored({"style": "full"}).standardize == "window"


def test_of_one_length_that_begins_at_midnight_the_day_s_means_are_those_over_days(simulated):
    data = LabelledWeeks(simulated.weeks[:, : 2 * DAY], simulated.positive, np.array(simulated.participants), COUNTS, "people")
    by_day = fit_standardizer(data, np.arange(len(data.people)), "day", "people")
    each = fit(simulated.weeks[:, : 2 * DAY], "people", COUNTS)
    np.testing.assert_allclose(by_day.mean, each.mean.reshape(2, DAY).mean(axis=0), rtol=1e-4)
