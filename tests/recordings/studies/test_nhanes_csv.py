"""NHANES' minutes as text are read as the transport files are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from pat_core.recordings.reading import read
from pat_core.records import COUNTS, MIMS

MINUTES = 10_080


def hip(seqn: int, first_day: int = 1) -> pd.DataFrame:
    at = np.arange(MINUTES)
    return pd.DataFrame(
        {
            "SEQN": seqn,
            "PAXSTAT": 1,
            "PAXCAL": 2,
            "PAXDAY": (at // 1440 + first_day - 1) % 7 + 1,
            "PAXN": at + 1,
            "PAXHOUR": at % 1440 // 60,
            "PAXMINUT": at % 60,
            "PAXINTEN": (at * 7 + seqn) % 500,
        }
    )


@pytest.mark.parametrize("sep", [",", ";", "\t"])
@pytest.mark.parametrize("change", [lambda f: f, lambda f: f.rename(columns=str.lower), lambda f: f.sample(frac=1, random_state=1)])
def test_the_hip_s_minutes_come_back_with_weekday_and_clock(tmp_path, sep, change):
    change(pd.concat([hip(21005, 3), hip(21006)])).to_csv(tmp_path / "PAXRAW_C.csv", index=False, sep=sep)
    one, other = read(tmp_path / "PAXRAW_C.csv").recordings
    assert (one.participant, one.unit, one.placement, one.date_known) == ("21005", COUNTS, "hip", False)
    assert one.start.weekday() == 1 and one.labels == {"reliable": "yes", "calibrated": "no"}
    assert np.array_equal(one.values, hip(21005).PAXINTEN.astype(np.float32)) and other.values.size == MINUTES


def test_the_wrist_s_minutes_come_with_what_the_cdc_says_of_wear(tmp_path):
    at = np.arange(MINUTES)
    frame = pd.DataFrame(
        {
            "SEQN": 62161,
            "PAXDAYM": 1 + (at >= 600) + np.maximum(at - 600, 0) // 1440,
            "PAXDAYWM": (at + 840) // 1440 % 7 + 1,
            "PAXSSNMP": at * 4800,
            "PAXMTSM": at % 50 + 0.25,
            "PAXPREDM": np.where(at < 100, 3, 1),
        }
    )
    frame.loc[5, "PAXMTSM"] = -0.01
    frame.to_csv(tmp_path / "PAXMIN_G.csv", index=False)
    (one,) = read(tmp_path / "PAXMIN_G.csv").recordings
    assert (one.unit, one.placement) == (MIMS, "wrist") and (~one.worn).sum() == 100 and np.isnan(one.values[5])
    assert one.values[6] == np.float32(6.25) and one.start.hour == 14


def test_a_missing_column_is_named(tmp_path):
    hip(1).drop(columns="PAXHOUR").to_csv(tmp_path / "a.csv", index=False)
    assert "PAXHOUR is missing" in read(tmp_path / "a.csv").refused[0].reason
