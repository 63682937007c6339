import numpy as np
import pytest
import torch

from pat_core.errors import Cancelled, TrainingError
from pat_core.evaluation import auc as area
from pat_core.models.pat.heads import ClassifierHead, seeded
from pat_core.progress import Silent
from pat_core.training import loop
from pat_core.training.checkpoint import load_checkpoint
from pat_core.training.loop import Cosine, LoopSettings, fit, last_epoch
from pat_core.training.objective import Binary, Examples, class_weights
from tests.training.made import CancelAtCall


def examples(people: int, seed: int, shift: float = 1.0) -> Examples:
    generator = torch.Generator().manual_seed(seed)
    positive = np.arange(people) % 3 == 0
    inputs = torch.randn(people, 96, generator=generator) + shift * torch.from_numpy(positive).float()[:, None]
    return Examples(lambda rows: inputs[rows], positive)


def run(folder, epochs=12, progress=None, **changed):
    settings = {"learning_rate": 1e-3, "batch": 16, "max_epochs": epochs, "patience": 50, "seed": 3} | changed
    head = seeded(ClassifierHead, 3)
    train, held, checkpoint = examples(40, 1), examples(20, 2), folder / "last.safetensors"
    return fit(head, Binary(train.target), train, held, LoopSettings(**settings), checkpoint, progress or Silent())


class StopAt:
    """A reader who cancels at a given epoch."""

    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def at(self, fraction: float, message: str) -> None:
        pass

    def metric(self, step: int, values) -> None:
        if step >= self.epoch:
            raise Cancelled("cancelled")


def test_class_weights_are_the_share_of_the_other_class():
    np.testing.assert_allclose(class_weights(np.array([1, 0, 0, 0])), [0.25, 0.75])


def test_a_run_that_was_killed_goes_on_to_the_same_weights_as_one_that_was_not(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    whole = run(tmp_path / "whole")
    with pytest.raises(Cancelled):
        run(tmp_path / "broken", progress=StopAt(5))
    resumed = run(tmp_path / "broken")
    assert resumed.best_epoch == whole.best_epoch and resumed.curves == whole.curves
    for name, value in whole.best.items():
        assert torch.equal(value, resumed.best[name])


def test_a_finished_run_is_read_back_without_training_again(tmp_path):
    first = run(tmp_path)
    again = run(tmp_path, progress=StopAt(0))
    assert again.epochs == first.epochs and again.curves == first.curves


def test_a_cancel_is_heard_within_an_epoch(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    reader = CancelAtCall(2)
    with pytest.raises(Cancelled):
        run(tmp_path, progress=reader)
    assert reader.message == "Epoch 1, 32 of 40 weeks"


def test_batches_are_told_seldom(tmp_path):
    class Counted(Silent):
        calls = 0

        def at(self, fraction: float, message: str) -> None:
            assert 0 <= fraction <= 1
            self.calls += 1

    counted = Counted()
    run(tmp_path, epochs=20, progress=counted, batch=2)
    assert counted.calls < 20 * 20, "every batch went through"


def test_training_stops_when_the_validation_auc_has_not_risen_for_the_patience(tmp_path):
    done = run(tmp_path, epochs=500, patience=7)
    auc = [value for _, name, value in done.curves if name == "validation AUC"]
    risen = max(epoch for epoch, value in enumerate(auc, 1) if value > max([-1.0, *auc[: epoch - 1]]))
    assert done.epochs == risen + 7 and "did not rise for 7 epochs" in done.stopped


def test_the_weights_kept_are_those_of_the_best_validation_auc(tmp_path):
    done = run(tmp_path, epochs=30)
    auc = {epoch: value for epoch, name, value in done.curves if name == "validation AUC"}
    assert auc[done.best_epoch] == max(auc.values()) == done.best_value
    head = ClassifierHead().eval()
    head.load_state_dict(done.best)
    held = examples(20, 2)
    assert area(held.target, Binary(held.target).outputs(head, held, 16).numpy()) == pytest.approx(done.best_value)


def test_a_checkpoint_of_another_network_is_refused_in_a_sentence(tmp_path):
    run(tmp_path)
    other = torch.nn.Linear(3, 1)
    with pytest.raises(TrainingError, match="does not fit this network.*Delete it"):
        load_checkpoint(tmp_path / "last.safetensors", {"network": other}, torch.optim.Adam(other.parameters()))


def test_a_damaged_checkpoint_is_refused_in_a_sentence(tmp_path):
    run(tmp_path)
    path = tmp_path / "last.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    head = seeded(ClassifierHead, 0)
    with pytest.raises(TrainingError, match="Delete it to start the run afresh"):
        load_checkpoint(path, {"network": head}, torch.optim.Adam(head.parameters()))


def test_a_training_that_diverged_says_so_and_what_to_do(tmp_path):
    with pytest.raises(TrainingError, match=r"diverged: its loss is not finite at epoch 1, .* 1e\+30\. .* smaller learning rate"):
        run(tmp_path, learning_rate=1e30)


def test_the_bar_is_full_where_the_run_ends_also_when_it_ends_early(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)

    class Told(Silent):
        said = ()

        def at(self, fraction: float, message: str) -> None:
            assert 0 <= fraction <= 1
            self.said = fraction, message

    told = Told()
    done = run(tmp_path, epochs=5000, patience=7, progress=told)
    assert done.epochs < 500 and told.said[0] == 1.0
    assert f"ends at epoch {done.epochs} unless that rises" in told.said[1]


def test_the_last_epoch_follows_the_last_rise_and_never_passes_the_bound():
    assert [last_epoch(*one) for one in ((1, 0, 10, 100), (5, 5, 10, 100), (95, 95, 10, 100), (12, 1, 5, 100))] == [10, 15, 100, 12]


def test_the_cosine_rises_evenly_and_then_falls_to_nothing():
    cosine = Cosine(warm_up=0.2)
    assert [round(cosine.factor(done), 6) for done in (0.0, 0.1, 0.2, 0.6, 1.0)] == [0.0, 0.5, 1.0, 0.5, 0.0]
    assert Cosine(warm_up=0.0).factor(0.0) == 1.0


def test_the_rate_follows_the_cosine_in_each_group_and_goes_on_after_a_kill(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_CHECKPOINTS", 0.0)
    monkeypatch.setattr(loop, "SECONDS_BETWEEN_REPORTS", 0.0)
    chosen = {"cosine": Cosine(0.25), "rates": (("hidden", 0.1),), "weight_decay": 0.01, "shuffle": True}
    rates, step = [], torch.optim.AdamW.step

    def noted(self, *given):
        rates.append([group["lr"] for group in self.param_groups])
        return step(self, *given)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    whole = run(tmp_path / "whole", **chosen)
    assert len(rates) == 12 * 3 and all(head == pytest.approx(10 * hidden) for hidden, head in rates)
    highest = [head for _, head in rates]
    assert highest == sorted(highest[:9]) + sorted(highest[9:], reverse=True) and max(highest) <= 1e-3 and min(highest) > 0
    with pytest.raises(Cancelled):
        run(tmp_path / "broken", progress=StopAt(5), **chosen)
    resumed = run(tmp_path / "broken", **chosen)
    assert resumed.curves == whole.curves
    for name, value in whole.best.items():
        assert torch.equal(value, resumed.best[name])


def test_a_factor_of_nothing_leaves_that_part_as_it_was(tmp_path):
    done = run(tmp_path, rates=(("hidden", 0.0),))
    before = seeded(ClassifierHead, 3).state_dict()
    assert torch.equal(done.best["hidden.weight"], before["hidden.weight"])
    assert not torch.equal(done.best["output.weight"], before["output.weight"])
