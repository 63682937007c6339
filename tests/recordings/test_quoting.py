"""What does not look like a number or a time is never repeated: the file may be anything."""

from __future__ import annotations

import pytest

from pat_core.errors import RecordingError
from pat_core.recordings.reading import read
from pat_core.recordings.source import quoted
from pat_core.recordings.tables.people_table import read_labels


@pytest.mark.parametrize("cell", ["12,3x", "1.234,5", "04-mar-2024", "4/12/2016 1:05:00 PM", "NaN", "oops0", "-5", ""])
def test_what_may_be_a_slip_in_a_number_or_a_time_is_quoted(cell):
    assert quoted(cell) == f"“{cell}”"


@pytest.mark.parametrize("cell", ["hunter2secret", "Alice Miller", "sk-live-4242", "1" * 41, "root:x:0:0:root", "HIV positive."])
def test_anything_else_is_told_by_its_length(cell):
    assert quoted(f" {cell} ") == f"text of {len(cell)} characters"


SECRETS = {
    "awd": "Alice Miller\nhunter2secret\ntopsecretword\nhunter2secret\n30\nSERIAL\nM\n1\n2\n",
    "actilife": (
        "------------ Data File Created By ActiGraph GT3X+ date format M/d/yyyy -----------\nSerial Number: 1\nStart Time hunter2secret\n"
        "Start Date topsecretword\nEpoch Period (hh:mm:ss) 00:01:00\nDownload Time x\nDownload Date y\nCurrent Memory Address: 0\n"
        "Current Battery Voltage: 4\n----\n1,2,3\n"
    ),
    "fitbit": "Id,ActivityMinute,Steps\n1,hunter2secret,topsecretword\n",
    "garmin": '[{"startTimeInSeconds": "hunter2secret", "durationInSeconds": "topsecretword", "steps": 1}]',
    "ggir": "timenum,ACC,SleepPeriodTime,invalidepoch\nhunter2secret,topsecretword,1,0\n",
    "passwd": "root:x:0:0:root:/root:/bin/bash\nAlice Miller:x:1:1::/:/sbin/nologin\n",
    "letter": "Dear Alice Miller,\n\nYour test of 2024-03-04 was hunter2secret.\n",
    "key": "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2secret\n-----END OPENSSH PRIVATE KEY-----\n",
    "env": "PASSWORD=hunter2secret\nAPI_KEY=topsecretword\n",
}


@pytest.mark.parametrize("kind", SECRETS)
@pytest.mark.parametrize("ending", [".csv", ".awd", ".json", ".txt"])
def test_no_refusal_repeats_what_stands_in_a_file_that_is_no_recording(tmp_path, kind, ending):
    path = tmp_path / f"f{ending}"
    path.write_text(SECRETS[kind])
    said = []
    for reader in (read, read_labels):
        try:
            said += [str(one) for one in getattr(reader(path), "refused", ())]
        except RecordingError as error:
            said.append(str(error))
    assert said and not any(word in " ".join(said) for word in ("hunter2", "topsecret", "Alice", "Miller", "root", "OPENSSH", "PASSWORD"))
