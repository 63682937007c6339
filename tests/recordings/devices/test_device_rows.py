"""Rows of a text export on a regular grid."""

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.devices.device_rows import lay

START = np.datetime64("2019-03-04T21:58:00", "ms")


def rows(*seconds: int) -> tuple[np.ndarray, np.ndarray]:
    return START + np.array(seconds) * np.timedelta64(1000, "ms"), np.arange(len(seconds), dtype=np.float32)


def test_the_epoch_that_a_file_states_holds_where_rows_cannot_show_it():
    assert lay(*rows(0), stated=30)[0].epoch_seconds == 30


def test_a_stated_epoch_that_the_rows_contradict_is_refused():
    with pytest.raises(RecordingError, match="60 s apart"):
        lay(*rows(0, 60, 120, 180), stated=30)


def test_a_missing_row_is_a_gap_and_flags_stay_beside_their_values():
    grid, worn, _ = lay(*rows(0, 30, 60, 120), worn=np.array([True, False, True, True]), stated=30)
    assert (grid.epoch_seconds, np.isnan(grid.values).tolist()) == (30, [False, False, False, True, False])
    assert worn is not None and worn[1] == np.False_ and worn[[0, 2, 4]].all()
