"""Two encoders beside one another: readings that are kept, untrained ones beside them, and figures that agree with what they stand for."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pat_core.__main__ import main
from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, PatError, TrainingError
from pat_core.evaluation import auc
from pat_core.progress import Silent
from pat_core.reports.comparing import encoder_words
from pat_core.training import PretrainSettings
from pat_core.workflows.learn import compare_encoders as comparing
from pat_core.workflows.learn.compare_encoders import compare_encoders, kept_comparison, mean_over_people
from pat_core.workflows.learn.encoder_reading import EncoderRequest, held_out_rows, reading, rebuilt_people, sides_of
from pat_core.workflows.learn.pretrain_people import PretrainRequest
from pat_core.workflows.learn.pretrain_run import run_pretraining
from pat_core.workflows.read.cohort_import import import_recordings
from tests.workflows.made import label_table, weeks_file

BRIEF = PretrainSettings(epochs=2, batch=8, seed=4, device="cpu")
SHAPE = {"size": "custom", "patch": 360, "heads": 1, "blocks": 1}
REQUEST = EncoderRequest("one", "other", "tested", "group", "late", "early", folds=2, device="cpu")


@pytest.fixture(scope="module")
def space(tmp_path_factory, twenty_four, simulated) -> Workspace:
    """Two encoders of one shape, pretrained on the people of `learned`; 24 others with a label in `tested`. Read only."""
    folder = tmp_path_factory.mktemp("encoders")
    made = Workspace(folder / "workspace")
    import_recordings(made, [weeks_file(folder / "learned.npz", simulated, slice(24))], "learned")
    files = weeks_file(folder / "tested.npz", twenty_four), label_table(folder / "groups.csv", twenty_four)
    import_recordings(made, [files[0]], "tested", labels=files[1])
    for seed, name in enumerate(("one", "other")):
        run_pretraining(made, PretrainRequest(name, "learned", settings=replace(BRIEF, seed=seed), **SHAPE))
    return made


@pytest.fixture(scope="module")
def done(space):
    return compare_encoders(space, REQUEST)


def test_both_stand_beside_an_untrained_one_of_their_shape(space, done):
    assert [one.title for one in done.encoders] == ["one", "other", "Untrained, in the shape of one"]
    assert [one.untrained for one in done.encoders] == [False, False, True] and done.people == (12, 12)
    assert [(pair.first, pair.second) for pair in done.pairs] == [
        ("one", "other"),
        ("one", "Untrained, in the shape of one"),
        ("other", "Untrained, in the shape of one"),
    ]
    assert all(one.seen == 0 and len(one.entropy) == 1 and 0 < one.entropy[0].value <= 1 for one in done.encoders)
    assert done.rebuilt_on == 24 and set(done.simple) == {"straight line", "mean day"} and not done.simulated


def test_figures_are_those_of_the_scores_of_people_left_out(space, done):
    sides, (tested, splits) = sides_of(space, REQUEST), held_out_rows(space, REQUEST)
    rebuilt = rebuilt_people(space, REQUEST, sides)
    kept = [reading(space, REQUEST, side, rebuilt, Silent()) for side in sides]
    for number, split in enumerate(splits):
        assert not set(split.train) & set(split.test) and (tested["fold"] == number).sum() == len(split.test)
    for one, its in zip(done.encoders, kept, strict=True):
        by_fold = [auc(tested["positive"][tested["fold"] == fold], its.logits[tested["fold"] == fold]) for fold in (0, 1)]
        assert one.auc.auc.value == pytest.approx(np.mean(by_fold)), "folds of one size count alike"
        assert one.rebuilt["mse"].value == pytest.approx(its.errors[0, :, 0].mean())
    gap = done.encoders[0].auc.auc.value - done.encoders[1].auc.auc.value
    assert done.pairs[0].auc.value == pytest.approx(gap)
    assert done.pairs[0].mse.value == pytest.approx(done.encoders[0].rebuilt["mse"].value - done.encoders[1].rebuilt["mse"].value)


def test_an_encoder_beside_itself_shows_no_difference(space):
    sides = sides_of(space, REQUEST)
    twice = [sides[0], sides[0], sides[2]]
    rebuilt = rebuilt_people(space, REQUEST, sides)
    read = [reading(space, REQUEST, side, rebuilt, Silent()) for side in twice]
    pair = comparing._compared(space, REQUEST, twice, read).pairs[0]
    assert (pair.auc.value, pair.mse.value, pair.mse.low, pair.mse.high) == (0.0, 0.0, 0.0, 0.0)


def test_encoders_that_were_read_are_not_read_again(space, done, monkeypatch):
    monkeypatch.setattr("pat_core.workflows.learn.encoder_reading._read", lambda *_: pytest.fail("it was read again"))
    again = compare_encoders(space, REQUEST)
    assert encoder_words.as_plain(again) == encoder_words.as_plain(done) == encoder_words.as_plain(kept_comparison(space, REQUEST))
    assert kept_comparison(space, replace(REQUEST, seed=1)) is None


class StopsAtSecond(Silent):
    def at(self, fraction: float, message: str) -> None:
        if message.startswith("other."):
            raise Cancelled("stop")


def test_one_that_was_stopped_goes_on_with_the_next_encoder(space, monkeypatch):
    request, calls = replace(REQUEST, seed=7), []
    with pytest.raises(Cancelled):
        compare_encoders(space, request, StopsAtSecond())
    real = comparing.reading
    from pat_core.workflows.learn import encoder_reading

    whole = encoder_reading._read
    monkeypatch.setattr(encoder_reading, "_read", lambda *args: calls.append(args[2].title) or whole(*args))
    compare_encoders(space, request)
    assert calls == ["other", "Untrained, in the shape of one"] and real is comparing.reading


def test_people_from_whom_an_encoder_learned_are_counted_and_measure_no_rebuilding(space):
    request = replace(REQUEST, cohort="learned", label="participant-none")
    sides = sides_of(space, replace(REQUEST, cohort="learned"))
    assert len(sides[0].learned) == 22 and len(rebuilt_people(space, request, sides)) <= 2
    few = replace(done_with(space), rebuilt_on=2, simple={})
    assert any("2 are too few" in sentence for sentence in encoder_words.notes(few))


def done_with(space):
    return kept_comparison(space, REQUEST)


def test_published_like_encoders_without_decoder_are_probed_all_the_same(space):
    compared = compare_encoders(space, replace(REQUEST, second="random-small", folds=2))
    small = compared.encoders[1]
    assert small.untrained and small.rebuilt is None and 0 <= small.auc.auc.value <= 1
    assert [one.title for one in compared.encoders] == ["one", "Random (untrained)", "Untrained, in the shape of one"]
    assert compared.pairs[0].mse is None and len(compared.pairs) == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"second": "one"}, "named twice"),
        ({"folds": 1}, "2 folds or more"),
        ({"mask_ratio": 1.0}, "between 0 and 1"),
        ({"label": "nothing"}, "nothing"),
        ({"second": "nobody"}, "nobody"),
        ({"second": "lstm"}, "no single PAT encoder"),
        ({"folds": 20}, "at least 20 people"),
    ],
)
def test_what_cannot_be_compared_is_refused(space, change, said):
    with pytest.raises(PatError, match=said):
        compare_encoders(space, replace(REQUEST, **change))


def test_a_mean_over_people_has_its_interval():
    flat, wide = mean_over_people(np.full(9, 0.25), 0), mean_over_people(np.arange(100.0), 0)
    assert (flat.value, flat.low, flat.high, flat.n) == (0.25, 0.25, 0.25, 9)
    assert wide.value == 49.5 and wide.high - wide.low == pytest.approx(2 * 1.96 * np.std(np.arange(100.0)) / 10, rel=0.1)


def test_the_command_says_and_writes_it(space, done, tmp_path, capsys):
    command = "compare-encoders one other --cohort tested --label group --positive late --negative early --folds 2 --device cpu --out"
    assert main([*command.split(), str(tmp_path), "--workspace", str(space.folder)]) == 0
    said = capsys.readouterr()
    assert "Untrained, in the shape of one: AUC" in said.out and "first less second" in said.out and "Tested on 24 people" in said.err
    table = pd.read_csv(tmp_path / "encoders.csv")
    plain = json.loads((tmp_path / "encoders.json").read_text())
    value = table[(table["what"] == "one") & (table["figure"] == "auc")]["value"].item()
    assert value == pytest.approx(done.encoders[0].auc.auc.value) and len(plain["encoders"]) == 3


def test_a_label_of_several_classes_is_no_two_groups(space):
    with pytest.raises(TrainingError):
        compare_encoders(space, replace(REQUEST, positive=""))
