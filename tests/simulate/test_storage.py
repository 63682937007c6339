import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.reading import read
from pat_core.simulate import load_simulated, save_simulated, simulate


@pytest.fixture
def made():
    return simulate(12, 5, label="late_wake+night_activity")


def test_simulated_people_come_back_as_they_were_with_their_truth(made, tmp_path):
    save_simulated(made, tmp_path / "people.npz")
    back = load_simulated(tmp_path / "people.npz")
    np.testing.assert_array_equal(made.weeks, back.weeks)
    np.testing.assert_array_equal(made.positive, back.positive)
    assert (made.participants, made.start, made.label, made.seed) == (back.participants, back.start, back.label, back.seed)
    for group in ("traits", "evidence", "distractors"):
        assert getattr(made, group).keys() == getattr(back, group).keys()
        for name, values in getattr(made, group).items():
            np.testing.assert_array_equal(values, getattr(back, group)[name])


def test_the_file_also_reads_as_recordings(made, tmp_path):
    save_simulated(made, tmp_path / "people.npz")
    reading = read(tmp_path / "people.npz")
    assert [recording.participant for recording in reading.recordings] == list(made.participants) and not reading.refused
    np.testing.assert_array_equal(reading.recordings[3].values, made.weeks[3])


@pytest.mark.parametrize("cut", [0, 100, 20_000])
def test_a_broken_file_is_refused_in_a_sentence(made, tmp_path, cut):
    path = tmp_path / "people.npz"
    save_simulated(made, path)
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(RecordingError, match="not a file of simulated people"):
        load_simulated(path)


def test_an_archive_of_something_else_is_refused_in_a_sentence(tmp_path):
    np.savez(tmp_path / "other.npz", a=np.zeros(3))
    with pytest.raises(RecordingError, match="not a file of simulated people"):
        load_simulated(tmp_path / "other.npz")
