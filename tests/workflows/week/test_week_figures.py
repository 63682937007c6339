import numpy as np

from pat_core.cohorts import Workspace
from pat_core.rhythms import six_features
from pat_core.workflows.people.simulated_people import store_simulated
from pat_core.workflows.week import week_figures
from pat_core.workflows.week.week_figures import WeekFigures


def test_figures_are_those_of_the_rooms_that_measure_them_and_are_kept(simulated, monkeypatch):
    space = Workspace()
    store_simulated(space, "people", simulated)
    weeks = space.weeks_array("people")
    figures = week_figures.week_figures(space, "people", [3, 0])
    assert figures.values.shape == (2, len(figures.names)) and len(set(figures.names)) == len(figures.names)
    np.testing.assert_allclose(figures.six, [six_features(weeks[3]), six_features(weeks[0])])
    by_name = dict(zip(figures.names, figures.values.T, strict=True))
    assert by_name["valid_days"].tolist() == [7, 7] and (by_name["missing_share"] >= 0).all()
    assert (np.abs(by_name["bedtime_after_noon"] - 11) < 4).all()  # about 23:00, whichever side of midnight
    np.testing.assert_allclose(by_name["log_mean"], np.log1p([np.nanmean(weeks[row]) for row in (3, 0)]), rtol=1e-6)

    def again(*_: object) -> WeekFigures:
        raise AssertionError("figures that were kept are computed again")

    monkeypatch.setattr(week_figures, "figures_of", again)
    monkeypatch.setattr(week_figures, "_names", lambda: figures.names)
    np.testing.assert_array_equal(week_figures.week_figures(space, "people", [3, 0]).values, figures.values)
