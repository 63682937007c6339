"""MotionWatch .mtn files (XML)."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pat_core.recordings.devices.motionwatch_mtn import FORMAT
from pat_core.records import COUNTS
from tests.recordings.devices.device_files import START, motionwatch, read_one, refusal


def _file(folder: Path, content: bytes) -> Path:
    path = folder / "p1.mtn"
    path.write_bytes(content)
    return path


@given(values=st.lists(st.integers(0, 30_000), min_size=1, max_size=80), epoch=st.sampled_from([1, 2, 5, 10, 15, 30, 60]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
def test_what_is_written_is_read_for_every_epoch(tmp_path: Path, values: list[int], epoch: int) -> None:
    recording = read_one(FORMAT, _file(tmp_path, motionwatch(values, epoch)))
    assert recording.values.tolist() == values and (recording.start, recording.epoch_seconds) == (START, epoch)
    assert (recording.participant, recording.unit, recording.device, recording.placement) == (
        "person one",
        COUNTS,
        "MotionWatch 8",
        "Wrist (Left)",
    )
    assert recording.labels == {"measure": "Triaxial-Counts", "sex": "Female", "serial": "007565"}


def test_numbers_survive_the_cuts_between_blocks_of_the_file(tmp_path: Path) -> None:
    values = [(i * 7919) % 10_007 for i in range(40_000)]
    assert read_one(FORMAT, _file(tmp_path, motionwatch(values))).values.tolist() == values


def test_a_later_change_replaces_or_removes_an_earlier_property(tmp_path: Path) -> None:
    later = "<change><property><name>+Sex</name><content>Male</content></property></change>"
    gone = '<change><property delete="yes"><name>+UserID</name></property></change>'
    recording = read_one(FORMAT, _file(tmp_path, motionwatch([1], properties=later + gone)))
    assert recording.labels["sex"] == "Male" and recording.participant == "p1"


def test_a_second_motion_channel_replaces_the_first_and_is_said(tmp_path: Path) -> None:
    second = "<change><channel><name>motion</name><epoch>30</epoch><offset>0</offset><data>7,8,9</data></channel></change>"
    recording = read_one(FORMAT, _file(tmp_path, motionwatch([1, 2], extra=second)))
    assert recording.values.tolist() == [7, 8, 9] and recording.epoch_seconds == 30 and "2 motion channels" in recording.notes[0]


def test_an_offset_of_unknown_meaning_leaves_the_clock_unknown(tmp_path: Path) -> None:
    recording = read_one(FORMAT, _file(tmp_path, motionwatch([1, 2], offset="12")))
    assert recording.start is None and "offset" in recording.notes[0]


def test_an_empty_place_is_missing_and_said(tmp_path: Path) -> None:
    recording = read_one(FORMAT, _file(tmp_path, motionwatch([1, "", 3])))
    assert np.array_equal(recording.values, [1, np.nan, 3], equal_nan=True) and "1 of 3" in recording.notes[0]


BOMB = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(f"<!ENTITY {chr(98 + i)} '{f'&{chr(97 + i)};' * 10}'>" for i in range(20)) + "]>"


@pytest.mark.parametrize(
    "prologue",
    [
        BOMB,
        '<!DOCTYPE x [<!ENTITY secret SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">',
        "<!DOCTYPE motionfile>",
    ],
)
def test_document_types_are_refused_before_anything_is_expanded(tmp_path: Path, prologue: str) -> None:
    content = motionwatch(
        [1], prologue=prologue, properties="<change><property><name>+X</name><content>&u;&secret;</content></property></change>"
    )
    assert "document type" in refusal(FORMAT, _file(tmp_path, content))


@pytest.mark.parametrize(("content", "words"), [
    (motionwatch([1, 2], 120), "2 minutes"), (motionwatch([1], 0), "epochs of 0 seconds"), (motionwatch([1], "x"), "whole seconds"),
    (motionwatch([1], "9" * 5000), "whole seconds"), (motionwatch([1, -2]), "Epoch 2"), (motionwatch([1, "nan"]), "Epoch 2"),
    (motionwatch([1, "inf"]), "Epoch 2"), (motionwatch([1, "1e99"]), "Epoch 2"), (motionwatch([1, "x"]), "Epoch 2"),
    (motionwatch([1], encoding="base64"), "base64"), (motionwatch([1]).replace(b"StartTime", b"Other"), "StartTime"),
    (motionwatch([1]).replace(b"2019-03-04", b"2019-13-04"), "StartTime"), (motionwatch([1]).replace(b">motion<", b">other<"), "motion"),
    (motionwatch([1]).replace(b"motionfile", b"sleepfile"), "sleepfile"), (b"", "damaged in line"), (motionwatch([1])[:-40], "incomplete"),
    (motionwatch([1]).replace(b"</log2>", b"&nothing;</log2>"), "damaged"), (b"<motionfile>" + b"<a>" * 200, "nested"),
    (motionwatch([1]).replace(b"UTF-8", b"klingon"), "damaged"), (motionwatch([1] * 600_000), "400 days"),
])  # fmt: skip
def test_a_file_that_does_not_fit_says_where(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(FORMAT, _file(tmp_path, content))


def test_endless_tags_numbers_and_texts_take_no_memory(tmp_path: Path) -> None:
    tag = b'<motionfile a="' + b"x" * 30_000_000
    number = motionwatch([1, "7" * 30_000_000])
    text = motionwatch([1], properties=f"<change><property><name>+X</name><content>{'y' * 30_000_000}</content></property></change>")
    paths = [_file(tmp_path, tag), (tmp_path / "b.mtn"), (tmp_path / "c.mtn")]
    paths[1].write_bytes(number)
    paths[2].write_bytes(text)
    del tag, number, text
    tracemalloc.start()
    try:
        assert "longer than" in refusal(FORMAT, paths[0]) and "longer than" in refusal(FORMAT, paths[1])
        assert read_one(FORMAT, paths[2]).values.tolist() == [1]
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_other_xml_is_left_to_others_unless_its_name_says_mtn() -> None:
    assert not FORMAT.recognises(b"<?xml version='1.0'?><HealthData>", "export.xml")
    assert not FORMAT.recognises(b"time,activity\n", "a.mtn") and FORMAT.recognises(b"<other/>", "a.MTN")
