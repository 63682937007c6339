"""Apple Health exports: steps spread over their minutes, one source of several, and files that are damaged or made to harm."""

from __future__ import annotations

import tracemalloc
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pat_core.errors import Cancelled, PatError, RecordingError
from pat_core.progress import Silent
from pat_core.recordings.reading import read, zip_sources
from pat_core.recordings.source import file_source
from pat_core.recordings.wearables import apple_health, apple_xml, step_records
from pat_core.records import STEPS, Reading, Recording

DOCTYPE = """<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Workout)*)>
<!ATTLIST VisionPrescription
  type CDATA #REQUIRED
<!ATTLIST RightEye
  eye CDATA #REQUIRED
>
]>
"""
"""Broken as iOS 16 wrote it: a bracket is missing."""
WATCH = "<<HKDevice: 0x1>, name:Apple Watch, manufacturer:Apple Inc., model:Watch, hardware:Watch4,2, software:5.1>"
BEGIN = datetime(2024, 6, 3, 8)


def _record(
    start: datetime,
    seconds: float,
    steps: object,
    source: str = "Kim’s iPhone",
    offset: str = "+0200",
    device: str = "",
    end_offset: str | None = None,
    kind: str = apple_xml.STEP,
) -> str:
    end = start + timedelta(seconds=seconds)
    escaped = device.replace("<", "&lt;").replace(">", "&gt;")
    return (
        f' <Record type="{kind}" sourceName="{source}" sourceVersion="17" device="{escaped}" unit="count" '
        f'creationDate="{end:%Y-%m-%d %H:%M:%S} {offset}" startDate="{start:%Y-%m-%d %H:%M:%S} {offset}" '
        f'endDate="{end:%Y-%m-%d %H:%M:%S} {end_offset or offset}" value="{steps}"/>\n'
    )


def _xml(records: str, exported: str = "2024-12-01 10:00:00 +0100", doctype: str = DOCTYPE) -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{doctype}<HealthData locale="de_DE">\n <ExportDate value="{exported}"/>\n'
        f' <Me HKCharacteristicTypeIdentifierBiologicalSex="HKBiologicalSexNotSet"/>\n{records}</HealthData>\n'
    )


def _read(path: Path, text: str | bytes) -> Reading:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert apple_health.recognises(path.read_bytes()[:65536], path.name)
    return apple_health.read(file_source(path), Silent())


def _one(path: Path, records: str, **more: str) -> Recording:
    (recording,) = _read(path / "kim.xml", _xml(records, **more)).recordings
    return recording


def _reason(path: Path, text: str | bytes) -> str:
    with pytest.raises(RecordingError) as caught:
        _read(path / "kim.xml", text)
    return str(caught.value)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 250), st.integers(1, 90)), min_size=1, max_size=60),
    st.sampled_from(["+0200", "-0330", "+0000", "+0545"]),
    st.sampled_from([300, 1024**2]),
)
def test_minutes_that_are_written_are_read_back(tmp_path_factory, minutes: list[tuple[int, int]], offset: str, block: int) -> None:
    at, records, expected = 0, [], {}
    for steps, gap in minutes:
        records.append(_record(BEGIN + timedelta(minutes=at), 60, steps, offset=offset))
        expected[at] = steps
        at += gap
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apple_xml, "_BLOCK", block)
        recording = _one(tmp_path_factory.mktemp("a"), "".join(records))
    values = np.zeros(max(expected) + 1)
    values[list(expected)] = list(expected.values())
    assert np.array_equal(recording.values, values) and recording.start == BEGIN
    assert (recording.unit, recording.epoch_seconds, recording.participant) == (STEPS, 60, "kim")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(0, 7200), st.integers(0, 900)), min_size=1, max_size=20).filter(
        lambda rows: any(steps for _, _, steps in rows)
    )
)
def test_the_total_of_spread_steps_is_the_total_of_the_records(tmp_path_factory, rows: list[tuple[int, int, int]]) -> None:
    records, at = "", BEGIN
    for gap, seconds, steps in rows:
        at += timedelta(seconds=gap)
        records += _record(at, seconds, steps)
        at += timedelta(seconds=seconds + 1)
    recording = _one(tmp_path_factory.mktemp("a"), records)
    assert np.nansum(recording.values, dtype=float) == pytest.approx(sum(steps for *_, steps in rows), rel=1e-5)


def test_a_record_gives_each_minute_the_share_of_its_seconds(tmp_path: Path) -> None:
    recording = _one(tmp_path, _record(BEGIN + timedelta(seconds=30), 120, 120))
    assert recording.values.tolist() == [30, 60, 30] and recording.start == BEGIN
    assert _one(tmp_path, _record(BEGIN + timedelta(seconds=59), 0, 7)).values.tolist() == [7]
    over_midnight = _one(tmp_path, _record(datetime(2024, 6, 3, 23, 58), 240, 40))
    assert over_midnight.values.tolist() == [10, 10, 10, 10]


def test_phone_and_watch_are_not_added_and_the_note_names_neither_owner(tmp_path: Path) -> None:
    phone = "".join(_record(BEGIN + timedelta(minutes=i), 60, 50) for i in range(0, 30, 2))
    watch = "".join(_record(BEGIN + timedelta(minutes=i), 60, 60, "Kim’s Apple Watch", device=WATCH) for i in range(30))
    recording = _one(tmp_path, phone + watch)
    assert recording.values.tolist() == [60] * 30 and recording.device == "Apple Watch (Watch4,2)"
    said = " ".join(recording.notes)
    assert "2 sources" in said and "Apple Watch (Watch4,2) was used" in said and "(30)" in said and "iPhone (15)" in said
    assert "Kim" not in said and "Kim" not in str(recording.device)


def test_quiet_minutes_of_a_day_with_records_are_zero_and_days_without_are_missing(tmp_path: Path) -> None:
    recording = _one(tmp_path, "".join(_record(BEGIN + timedelta(minutes=at), 60, 5) for at in (0, 10, 2880)))
    assert recording.values[:11].tolist() == [5, *[0] * 9, 5] and recording.values.size == 2 * 1440 + 1
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == list(range(16 * 60, 40 * 60))
    assert "1 day has no record" in " ".join(recording.notes)


def test_the_hour_that_came_twice_keeps_its_first_reading(tmp_path: Path) -> None:
    night = datetime(2024, 10, 27, 2)
    first = "".join(_record(night + timedelta(minutes=i), 60, 10, offset="+0200") for i in range(60))
    second = "".join(_record(night + timedelta(minutes=i), 60, 99, offset="+0100") for i in range(90))
    for records in (first + second, second + first):
        recording = _one(tmp_path, records)
        assert recording.values.tolist() == [10] * 60 + [99] * 30
        assert "60 minutes with steps came twice" in " ".join(recording.notes) and "+01:00, +02:00" in " ".join(recording.notes)


def test_a_record_over_the_change_lasts_as_long_as_it_did(tmp_path: Path) -> None:
    spring = _record(datetime(2024, 3, 31, 1, 59), 60 * 62, 120, offset="+0100", end_offset="+0200")
    assert _one(tmp_path, spring).values.tolist() == [60, 60]


def test_one_offset_all_year_is_said(tmp_path: Path) -> None:
    recording = _one(tmp_path, _record(BEGIN - timedelta(days=200), 60, 5) + _record(BEGIN, 60, 5))
    assert "+02:00 from UTC, in winter and summer" in " ".join(recording.notes)


def test_years_of_records_give_the_last_days_and_say_so(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(step_records, "MOST_DAYS_HELD", 900)
    records = "".join(_record(BEGIN - timedelta(days=i), 60, 5) for i in range(1500, -1, -1))
    recording = _one(tmp_path, records)
    assert recording.values.size == 399 * 1440 + 1 and recording.start == BEGIN - timedelta(days=399)
    assert f"{BEGIN - timedelta(days=1500):%Y-%m-%d}" in " ".join(recording.notes)


def test_records_that_cannot_be_used_are_counted(tmp_path: Path) -> None:
    records = (
        _record(BEGIN, 60, 5)
        + _record(BEGIN, 60, 5)
        + _record(BEGIN, 60, "nan")
        + _record(BEGIN, 60, -4)
        + _record(BEGIN, -60, 4)
        + _record(BEGIN, 2 * 86400, 4)
        + _record(datetime(2031, 1, 1), 60, 4)
        + _record(BEGIN, 60, 1e30)
        + _record(BEGIN, 60, 77, kind="HKQuantityTypeIdentifierHeartRate")
        + f"<Correlation>{_record(BEGIN, 60, 5000)}</Correlation>"
    )
    recording = _one(tmp_path, records)
    assert recording.values.tolist() == [5]
    said = " ".join(recording.notes)
    for words in ("4 step records with unreadable times", "1 step record longer", "1 step record after", "given twice"):
        assert words in said


def test_slow_records_and_control_characters_are_said(tmp_path: Path) -> None:
    recording = _one(tmp_path, _record(BEGIN, 3600, 60) + _record(BEGIN + timedelta(hours=2), 60, 60).replace("iPhone", "iPh\x0bone"))
    assert "50% of the steps" in " ".join(recording.notes) and "1 control character left out" in " ".join(recording.notes)


def test_an_export_in_a_zip_is_read_and_named_by_the_zip(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "p12.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("apple_health_export/export.xml", _xml(_record(BEGIN, 60, 5)))
    with zipfile.ZipFile(tmp_path / "p12.zip") as archive:
        (source,), refused = zip_sources(archive, "p12.zip")
        (recording,) = apple_health.read(source, Silent()).recordings
    assert (recording.participant, recording.values.tolist(), refused) == ("p12", [5], [])


@pytest.mark.parametrize(
    ("packed", "person"),
    [
        ("p12.zip", "p12"),
        ("export.zip", "export"),
        ("all/kim.zip", "kim"),
        ("all/lou/export.zip", "lou"),
        ("all/lou/Exportieren.zip", "lou"),
    ],
)
def test_whose_export_it_is_comes_from_what_is_around_it_and_other_files_are_passed_over(tmp_path: Path, packed: str, person: str) -> None:
    path = tmp_path / packed
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{apple_health.FOLDER}/export.xml", _xml(_record(BEGIN, 60, 5)))
        for name in ("export_cda.xml", "workout-routes/route_1.gpx", "electrocardiograms/ecg_1.csv"):
            archive.writestr(f"{apple_health.FOLDER}/{name}", '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>\n')
    reading = read(tmp_path / packed.split("/")[0])
    (recording,) = reading.recordings
    assert (recording.participant, recording.labels.get("group", person), reading.refused) == (person, person, ())
    assert recording.source.endswith(f"{path.name}: {apple_health.FOLDER}/export.xml")


def test_an_export_that_was_unpacked_is_called_after_its_folder(tmp_path: Path) -> None:
    for person in ("kim", "lou"):
        folder = tmp_path / "all" / person / apple_health.FOLDER
        folder.mkdir(parents=True)
        (folder / "export.xml").write_text(_xml(_record(BEGIN, 60, 5)))
    reading = read(tmp_path / "all")
    assert [recording.participant for recording in reading.recordings] == ["kim", "lou"] and not reading.refused


@pytest.mark.parametrize("doctype", [
    '<!DOCTYPE HealthData [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    '<!DOCTYPE HealthData [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    '<!DOCTYPE HealthData [<!ENTITY % p SYSTEM "http://localhost/x"> %p;]>',
])  # fmt: skip
def test_entities_are_refused_unread(tmp_path: Path, doctype: str) -> None:
    assert "entities" in _reason(tmp_path, _xml(_record(BEGIN, 60, 5), doctype=doctype))


def test_a_document_type_elsewhere_is_never_fetched_and_its_entities_are_unknown(tmp_path: Path) -> None:
    outside = '<!DOCTYPE HealthData SYSTEM "file:///dev/zero">'
    assert _one(tmp_path, _record(BEGIN, 60, 5), doctype=outside).values.tolist() == [5]
    assert "entity" in _reason(tmp_path, _xml(_record(BEGIN, 60, 5, source="&x;"), doctype=outside))
    assert "damaged" in _reason(tmp_path, _xml('<!DOCTYPE a [<!ENTITY b "c">]>' + _record(BEGIN, 60, 5)))


@pytest.mark.parametrize("cut", [0.3, 0.6, 0.9, 0.999])
def test_a_file_that_breaks_off_is_refused_with_its_line(tmp_path: Path, cut: float) -> None:
    text = _xml("".join(_record(BEGIN + timedelta(minutes=i), 60, 5) for i in range(50)))
    assert "ends early at line" in _reason(tmp_path, text[: int(len(text) * cut)])


def test_the_line_that_is_named_is_that_of_the_file(tmp_path: Path) -> None:
    text = _xml(_record(BEGIN, 60, 5) + " <Record type=oops/>\n")
    line = text[: text.index("oops")].count("\n") + 1
    assert f"line {line} is damaged" in _reason(tmp_path, text)


@pytest.mark.parametrize(("text", "word"), [
    (_xml(""), "none of the"), (_xml(_record(BEGIN, 60, "x")), "1 damaged step record"),
    (_xml(_record(BEGIN, 60, 0)), "count 0 steps"), ("<!DOCTYPE HealthData [", "no such tag"),
    (_xml(_record(BEGIN, 60, 5)).encode("latin-1", "replace").replace(b"Kim?s", b"J\xf6rg"), "UTF-8"),
    (_xml("<a>" * 40 + "</a>" * 40), "nests more"), (_xml("".join(f"<a{i}/>" for i in range(3000))), "field names"),
    (_xml("".join(_record(BEGIN, 60, 5, source=f"s{i}") for i in range(600))), "sources"),
    (_xml("x" * 9_000_000), "without a tag"), (_xml(_record(BEGIN, 60, 5, source="x" * 9_000_000)), "without a tag"),
])  # fmt: skip
def test_exports_that_cannot_be_read_say_why(tmp_path: Path, text: str | bytes, word: str) -> None:
    assert word in _reason(tmp_path, text)


def test_memory_does_not_grow_with_the_file(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(apple_xml, "_BLOCK", 65_536)
    rows = "".join(_record(BEGIN + timedelta(minutes=i), 60, 5) for i in range(2000))
    with (tmp_path / "kim.xml").open("w") as file:
        file.write(_xml("").removesuffix("</HealthData>\n"))
        for _ in range(15):
            file.write(rows.replace("StepCount", "HeartRate"))
        file.write(rows + "</HealthData>")
    tracemalloc.start()
    (recording,) = apple_health.read(file_source(tmp_path / "kim.xml"), Silent()).recordings
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (tmp_path / "kim.xml").stat().st_size > 7e6 and peak < 1.5e6 and recording.values.size == 2000


def test_a_cancelled_import_stops(tmp_path: Path) -> None:
    class Stop(Silent):
        def at(self, fraction: float, message: str) -> None:
            raise Cancelled("stopped")

    (tmp_path / "kim.xml").write_text(_xml(_record(BEGIN, 60, 5)))
    with pytest.raises(Cancelled):
        apple_health.read(file_source(tmp_path / "kim.xml"), Stop())


@pytest.mark.parametrize("head", [b"", b"\x00\x01", b"<ClinicalDocument/>", b"a,b\n", b"HealthData"])
def test_other_files_are_not_taken(head: bytes) -> None:
    assert not apple_health.recognises(head, "export.xml")


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 900))
def test_noise_within_an_export_is_a_sentence_or_a_reading(tmp_path_factory, noise: bytes, at: int) -> None:
    path = tmp_path_factory.mktemp("n") / "kim.xml"
    whole = _xml(_record(BEGIN, 60, 5)).encode()
    path.write_bytes(whole[:at] + noise + whole[at:])
    try:
        reading = apple_health.read(file_source(path), Silent())
    except PatError as error:
        assert len(str(error)) > 20
    else:
        assert reading.recordings
