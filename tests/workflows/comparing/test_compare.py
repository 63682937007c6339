"""A comparison draws the same people again, loses at most a cell where it is stopped, and is read off its cells by closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pat_core.cohorts import Workspace
from pat_core.errors import Cancelled, TrainingError
from pat_core.evaluation import auc, auc_interval
from pat_core.figures.charts.compare_charts import ComparedModel, compare_curves, compare_dots
from pat_core.records import Interval
from pat_core.reports.comparing import compare_words
from pat_core.training import FinetuneSettings
from pat_core.workflows.comparing import compare_cells
from pat_core.workflows.comparing.compare_cells import CellResult, comparison, requests, run_comparison
from pat_core.workflows.comparing.compare_request import ALL, CompareRequest, Groups, draw_rows, held_out, offer, sizes_apart, usual_sizes
from pat_core.workflows.comparing.compare_table import difference, lines, mean_auc
from pat_core.workflows.comparing.paper_results import PAPER_LABELS, paper_baselines, paper_figure, paper_missing, paper_request
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.week.labelled_weeks import labelled_people

LATE = Groups("late wake", "planted")
REQUEST = CompareRequest("a table", "people", (LATE,), ("wavelet_logistic",), sizes=(30, ALL), seeds=2)


@pytest.fixture(scope="module")
def space(tmp_path_factory, simulated) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("compare") / "workspace")
    store_simulated(workspace, "people", simulated)
    return workspace


def test_the_test_is_one_for_all_and_smaller_draws_lie_within_larger_ones(space):
    who = labelled_people(space, REQUEST.run_request(LATE))
    known, test = held_out(who, REQUEST)
    assert not set(known) & set(test) and len(test) == 12 and offer(space, REQUEST, LATE).test == (5, 7)
    few, more, other = (draw_rows(who, known, size, seed) for size, seed in ((20, 0), (30, 0), (20, 1)))
    assert set(few) < set(more) < set(known) and set(few) != set(other) and len(few) == len(other) == 20
    share = who.positive[known].mean()
    assert abs(who.positive[few].mean() - share) <= 0.03 and (draw_rows(who, known, ALL, 5) == known).all()


def test_sizes_that_cannot_be_drawn_are_left_out_in_a_sentence_and_none_at_all_is_refused(space):
    one = offer(space, replace(REQUEST, sizes=(30, 500)), LATE)
    assert one.sizes == (30,) and one.left_out == ("late wake: planted: there are 48 people to train on, not 500; that size is left out.",)
    with pytest.raises(TrainingError, match="not 500"):
        offer(space, replace(REQUEST, sizes=(500,)), LATE)
    with pytest.raises(TrainingError, match="holds one test set out"):
        replace(REQUEST, settings=FinetuneSettings("full", folds=5))


def test_a_size_that_is_everyone_is_trained_once_as_all(space):
    one = offer(space, replace(REQUEST, sizes=(30, 48, ALL)), LATE)
    assert one.sizes == (30, ALL)
    assert one.left_out == ("late wake: planted: 48 people are all there are to train on; that is trained once, as all.",)
    assert offer(space, replace(REQUEST, sizes=(30, 48)), LATE).sizes == (30, 48)


def test_sizes_to_begin_with_are_well_below_everyone():
    assert usual_sizes(40) == [30] and sizes_apart(40) == []  # 32 to train on
    assert usual_sizes(47) == sizes_apart(47) == [30] and sizes_apart(46) == []
    assert sizes_apart(200) == [30, 50, 100]


class StopAtCell:
    """A reader who cancels where this training begins."""

    def __init__(self, number: int) -> None:
        self.words = f"Training {number} of"

    def at(self, fraction: float, message: str) -> None:
        if message.startswith(self.words):
            raise Cancelled("stop")

    def metric(self, step: int, values) -> None:
        raise AssertionError("no curves are kept of a comparison's trainings")


def test_a_stop_loses_no_finished_cell_and_the_table_is_the_same(space, simulated, tmp_path, monkeypatch):
    cells = REQUEST.cells({LATE: (30, ALL)})
    assert len(cells) == 2 * 2 * 3 and [cell.seed for cell in cells[:6]] == [0] * 6
    with pytest.raises(Cancelled):
        run_comparison(space, REQUEST, StopAtCell(8))
    half = comparison(space, REQUEST)
    assert len(half.results) == 7 and len(half.missing) == 5
    trained = []
    original = compare_cells.Cells.result
    monkeypatch.setattr(compare_cells.Cells, "result", lambda self, cell, progress: trained.append(cell) or original(self, cell, progress))
    done = run_comparison(space, REQUEST)
    assert trained == list(half.missing) and done.done and not done.failed
    assert list(requests(space)) == ["a table"] and requests(space)["a table"] == REQUEST
    assert not any((space.folder / "comparisons").glob("*")), "checkpoints of a finished cell stay"
    other = Workspace(tmp_path / "other")
    store_simulated(other, "people", simulated)
    unstopped = run_comparison(other, replace(REQUEST, sizes=(ALL,)))
    for cell, result in unstopped.results.items():
        np.testing.assert_array_equal(result.logits, done.results[cell].logits)
    _reads_well(space, done)


def test_models_that_are_equally_good_are_all_named_as_the_highest():
    rows = [ComparedModel("late wake", title, value, 0.5, 1.0) for title, value in (("A", 0.951), ("B", 0.8), ("C", 0.949))]
    assert "late wake: highest are A and C with 0.95." in compare_dots(rows)[1]
    assert "late wake: highest is A with 0.95." in compare_dots(rows[:2])[1]


def _reads_well(space, done):
    """The table, the files and the pictures of a whole comparison."""
    table = lines(space, done)
    assert [line.title for line in table] == [
        "Six rhythm features", "Rhythm, sleep and wear figures", "Wavelets, logistic regression",
    ]  # fmt: skip
    assert [point.people for point in table[2].points] == [30, 48] and table[2].points[0].seeds == 2 and table[2].parameters == 10_081
    assert table[0].difference is None and table[2].difference is not None and all(line.whole for line in table)
    cells = compare_words.cell_table(done)
    assert len(cells) == 12 and set(cells["size"]) == {"30", "all"}
    of_model = cells[cells["model"] == "wavelet_logistic"]
    assert table[2].mean.value == pytest.approx(of_model["auc"].mean())
    shown = compare_words.line_table(table)
    assert list(shown["Mean AUC"]) == [line.mean.value for line in table] and "Paper" not in shown
    words = compare_words.in_words(shown)
    assert words["Against the floor"][0] == "–" and words["Mean AUC"][0] == f"{table[0].mean.value:.3f}"
    text = compare_words.as_text(done, table)
    assert "12 people held out (5 and 7), 48 to train on" in text and "against the floor" in text
    dots, words = compare_dots(compare_words.dot_rows(table))
    assert len(next(iter(dots.to_dict()["datasets"].values()))) == 3 and "floors are shaded" in words
    curves, _ = compare_curves(compare_words.curve_rows(table), "dark")
    assert "linear" in curves.to_dict()["facet"]["header"]["labelExpr"]  # on a line of its own, for panels are narrow
    assert len(next(iter(curves.to_dict()["datasets"].values()))) == 6


def test_a_pat_and_a_network_are_trained_through_the_same_code(space):
    settings = FinetuneSettings("full", max_epochs=1, device="cpu")
    request = replace(REQUEST, models=("pat-s-simulated", "cnn_1d"), styles=("linear_probe",), sizes=(ALL,), seeds=1, settings=settings)
    done = run_comparison(space, request)
    assert done.done and {cell.model: result.epochs for cell, result in done.results.items() if cell.model in request.models} == {
        "pat-s-simulated": 0, "cnn_1d": 1,
    }  # fmt: skip
    probe = next(line for line in lines(space, done) if line.model == "pat-s-simulated")
    assert probe.title == "PAT-S on simulated weeks, linear probe" and 0 <= probe.mean.value <= 1
    assert not list((space.folder / "comparisons").glob("*"))


def _cell(labels, scores) -> CellResult:
    return CellResult((5, 5), labels, scores, Interval(auc(labels, scores), 0, 1, len(labels)), 0, 0, 1.0)


def test_means_and_differences_are_those_of_one_training_where_there_is_one():
    rng = np.random.default_rng(3)
    labels = rng.random(80) < 0.4
    scores = rng.normal(size=80) + labels
    alone = mean_auc({(0, 0): _cell(labels, scores)})
    direct = auc_interval(labels, scores)
    assert alone.value == pytest.approx(direct.value)
    assert (alone.low, alone.high) == pytest.approx((direct.low, direct.high), abs=0.01)  # a normal in place of Student's t
    same = difference({(0, 0): _cell(labels, scores)}, {(0, 0): _cell(labels, scores)})
    assert (same.value, same.low, same.high) == (0, 0, 0)
    perfect = {(0, 0): _cell(labels, labels.astype(float))}
    assert (mean_auc(perfect).low, mean_auc(perfect).high) == (0, 1), "the interval of its cell"
    unknown = difference(perfect, perfect)
    assert unknown.value == 0 and np.isnan([unknown.low, unknown.high]).all(), "two perfect orders do not tell how much they vary"
    assert difference({(0, 0): _cell(labels, scores)}, {(50, 0): _cell(labels, scores)}) is None
    # repetitions that differ widen the interval: their variance is added
    twice = mean_auc({(0, 0): _cell(labels, scores), (0, 1): _cell(labels, rng.normal(size=80))})
    assert twice.high - twice.low > alone.high - alone.low


def test_the_papers_table_is_asked_for_by_name_and_stands_beside_ours(space, tmp_path, simulated):
    assert [paper_figure(model, "ssri") for model in paper_baselines()] == [0.674, 0.527, 0.616, 0.606, 0.680]
    assert paper_figure("large", "depression") == 0.589 and paper_figure("lstm", "late wake") is None
    with pytest.raises(TrainingError, match="none of them with enough people"):
        paper_request(space, "paper", "people", FinetuneSettings("full"), 1)
    other = Workspace(tmp_path / "workspace")
    store_simulated(other, "people", simulated)
    labels = {name: {"depression": "yes" if number % 2 else "no"} for number, name in enumerate(simulated.participants)}
    other.set_labels("people", labels)
    request = paper_request(other, "paper", "people", FinetuneSettings("full"), 1)
    assert request.groups == (Groups("depression", "yes", "no"),) and request.sizes == (500, 1000, 2500, ALL) and request.test == 0
    missing = paper_missing(other, request)
    assert [sentence.split(" is left out")[0] for sentence in missing[:4]] == list(PAPER_LABELS[:4])
    assert any("held out in place of the paper's 2,000" in sentence for sentence in missing)
    before = comparison(other, request)
    assert len(before.missing) == 2 + len(request.models) and len(before.left_out) == 3
    assert request.models == paper_baselines()
