"""Raw acceleration as text: the same minutes as from the makers' binary files of the same movement, however it was written."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.raw import TEXT, counts, cwa, geneactiv, gt3x, read_raw
from pat_core.recordings.raw import raw_text as reader
from pat_core.recordings.raw.counts import enmo
from pat_core.recordings.raw.stream import Hold, Pauses, runs
from pat_core.recordings.reading import read
from pat_core.records import COUNTS, MG
from tests.recordings.raw import text_writers as t
from tests.recordings.raw import writers as w
from tests.shared import shared_file

SECONDS = 200


def moved(rate: float = 30, seconds: int = SECONDS, start: float = w.SECONDS) -> tuple[np.ndarray, np.ndarray]:
    """(n,) seconds since 1970 and (n, 3) g in thousandths of a device that stands upright and shakes."""
    xyz = np.round(w.steps(int(rate * seconds), spread=60) / 256, 3)
    return start + np.arange(xyz.shape[0]) / rate, xyz


def one(data: bytes, name: str = "p1.csv", **settings):
    source = w.source(data, name)
    assert TEXT.recognises(source.head(), name)
    (recording,) = read_raw(source, **settings).recordings
    return recording


def stamped(times: np.ndarray):
    return t.dates(times, "yyyy-MM-dd") + " " + t.clock(times)


def vertical(xyz: np.ndarray, rate: float = 30) -> np.ndarray:
    tenths = counts(xyz, rate)[:, 1]
    return tenths[: tenths.size // 600 * 600].reshape(-1, 600).sum(axis=1)


@pytest.mark.parametrize("how", [
    {}, {"stamped": False}, {"names": False}, {"stamped": False, "names": False}, {"form": "dd/MM/yyyy"},
    {"form": "yyyy-MM-dd"},
    {"form": "d-M-yy"}, {"half": True},
    {"form": "dd.MM.yyyy", "separator": ";", "decimal": ","}, {"stamped": False, "separator": ";", "decimal": ","},
    {"separator": "\t"}, {"digits": 6}, {"digits": 0},
])  # fmt: skip
def test_an_actilife_export_gives_the_counts_of_its_samples(how: dict) -> None:
    times, xyz = moved()
    recording = one(t.actilife(times, xyz, **how))
    assert np.array_equal(recording.values, vertical(xyz)) and recording.start == w.START and recording.unit == COUNTS
    assert recording.device == "ActiGraph GT3X+" and recording.labels == {"axis": "Axis1 (vertical)", "serial": "NEO1A00000001"}
    assert "vertical axis (Axis1)" in recording.notes[0] and recording.participant == "p1"


@pytest.mark.parametrize("rate", [30, 40, 50, 60, 70, 80, 90, 100])
@pytest.mark.parametrize("stamped", [True, False])
def test_every_rate_of_the_device_is_read(rate: int, stamped: bool) -> None:
    times, xyz = moved(rate, 130)
    assert np.array_equal(one(t.actilife(times, xyz, rate, stamped=stamped)).values, vertical(xyz, rate))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_make_no_difference(encoding: str, end: str) -> None:
    times, xyz = moved()
    text = t.actilife(times, xyz).decode().replace("\n", end)
    text = text.replace("Serial Number", "Sérial Number") if encoding == "latin-1" else text
    assert np.array_equal(one(text.encode(encoding)).values, vertical(xyz))


@pytest.mark.parametrize("size", [1000, 65_536, 300_001])
def test_blocks_of_any_size_give_the_same_minutes(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr("pat_core.recordings.raw.raw_text.BYTES_AT_ONCE", size)
    times, xyz = moved()
    for how in ({}, {"digits": 0}, {"stamped": False}):
        assert np.array_equal(one(t.actilife(times, xyz, **how)).values, vertical(xyz))


@pytest.mark.parametrize("names", [
    None, "Time,Accel-X (g), Accel-Y (g), Accel-Z (g)", "time,x,y,z", "Timestamp,X,Y,Z",
    "HEADER_TIME_STAMP,X,Y,Z",
    "time,acc_x,acc_y,acc_z", "timestamp,ax,ay,az", "datetime,x_g,y_g,z_g", "Time,x-axis (g),y-axis (g),z-axis (g)", '"time","X","Y","Z"',
    "time,AccX,AccY,AccZ",
    "Timestamp,Accelerometer X,Accelerometer Y,Accelerometer Z",
])  # fmt: skip
def test_axivity_exports_are_enmo_by_default_and_counts_when_asked(names: str | None) -> None:
    times, xyz = moved(100)
    data = t.omgui(times, xyz, names)
    recording = one(data)
    beyond = enmo(xyz)[: 180 * 100].reshape(3, -1).mean(axis=1)
    assert np.allclose(recording.values, beyond, rtol=1e-6) and recording.unit == MG and recording.start == w.START
    assert any("which axis is vertical" in note or "usually worn on the wrist" in note for note in recording.notes)
    magnitude = np.sqrt((counts(xyz, 100)[:1800].reshape(3, 600, 3).sum(axis=1) ** 2).sum(axis=1))
    assert np.allclose(one(data, measure="vector magnitude counts").values, magnitude)


def test_columns_of_temperature_and_more_are_left_aside_in_any_order() -> None:
    times, xyz = moved(50)
    more = [np.full(times.size, 21.5), np.full(times.size, 300)]
    wanted = one(t.omgui(times, xyz)).values
    assert np.array_equal(one(t.omgui(times, xyz, more=more)).values, wanted)
    assert np.array_equal(one(t.omgui(times, xyz, "time,x,y,z,temperature,light", more=more)).values, wanted)
    turned = t.table([more[0], *t.numbers(xyz[:, ::-1]), t.dates(times, "yyyy-MM-dd"), t.clock(times)])
    assert np.array_equal(one(b"temp,z,y,x,Date,Time\n" + turned).values, wanted)


@pytest.mark.parametrize("above", [
    b"Subject: 7\nRate: 50\n\ntime,x,y,z\n", b"# device 47\n# a, b\ntime,x,y,z\n", b"\xef\xbb\xbftime,x,y,z\n", b"\xef\xbb\xbf",
    b"loggingTime(txt),accelerometerAccelerationX(G),accelerometerAccelerationY(G),accelerometerAccelerationZ(G)\n",
    b"when,x (g),y (g),z (g)\n",
])  # fmt: skip
def test_lines_above_and_names_of_other_programs_are_understood(above: bytes) -> None:
    times, xyz = moved(50)
    assert np.array_equal(one(above + t.omgui(times, xyz)).values, one(t.omgui(times, xyz)).values)


@pytest.mark.parametrize(("scale", "plus"), [(1, 0), (1e3, 0), (1e6, 0), (1 / 86400, 719529), (1 / 86400, 25569)])
def test_counted_times_are_read_and_said(scale: float, plus: float) -> None:
    times, xyz = moved(50)
    stamp = [f"{time * scale + plus:.{3 if scale >= 1 else 9}f}" for time in times]
    recording = one(b"time,x,y,z\n" + t.table([stamp, *t.numbers(xyz)]))
    assert recording.start == w.START and recording.values.size == 3 and any("times are counted" in note for note in recording.notes)


def test_times_in_utc_say_so() -> None:
    times, xyz = moved(50)
    stamp = t.dates(times, "yyyy-MM-dd") + "T" + t.clock(times) + "Z"
    recording = one(b"time,x,y,z\n" + t.table([stamp, *t.numbers(xyz)]))
    assert recording.in_utc and any("times are in UTC" in note for note in recording.notes) and recording.values.size == 3


def test_units_that_the_columns_name_are_brought_to_g() -> None:
    times, xyz = moved(50)
    wanted = one(t.omgui(times, xyz)).values
    for name, factor, figures in (("x (m/s²),y (m/s²),z (m/s²)", 9.80665, 9), ("x (mg),y (mg),z (mg)", 1000, 3)):
        data = f"time,{name}\n".encode() + t.omgui(times, xyz * factor, figures=figures)
        assert np.allclose(one(data).values, wanted, atol=1e-3)


@pytest.mark.parametrize(
    ("factor", "word"), [(9.80665, "metres per second squared"), (1000, "mg"), (64, "steps of the device"), (0.02, "steps of")]
)
def test_numbers_that_are_no_g_are_refused_and_never_converted_by_a_guess(factor: float, word: str) -> None:
    times, xyz = moved(50)
    with pytest.raises(RecordingError, match=word):
        one(t.omgui(times, xyz * factor, "time,x,y,z"))


def test_geneactiv_samples_are_read_below_their_hundred_lines() -> None:
    times, xyz = moved(50)
    recording = one(t.geneactiv(times, xyz, 50))
    assert np.array_equal(recording.values, one(t.omgui(times, xyz)).values) and recording.start == w.START
    assert (recording.device, recording.placement) == ("GENEActiv", "left wrist")
    assert recording.labels == {"serial": "068006", "utc_offset": "+01:00"} and any(
        "usually worn on the wrist" in note for note in recording.notes
    )


def test_omconvert_in_the_manner_of_actilife_has_no_vertical_axis() -> None:
    times, xyz = moved(30)
    recording = one(t.actilife(times, xyz, stamped=False).replace(b"ActiLife", b"omconvert ActiLife"))
    assert recording.unit == MG and "omconvert" in recording.device and "serial" not in recording.labels


def test_pauses_are_missing_and_short_ones_bridged() -> None:
    times, xyz = moved(50, 600)
    gap = (times >= w.SECONDS + 120) & (times < w.SECONDS + 300)
    short = (times >= w.SECONDS + 400) & (times < w.SECONDS + 401)
    recording = one(t.omgui(times[~gap & ~short], xyz[~gap & ~short]))
    assert np.isnan(recording.values).tolist() == [False] * 2 + [True] * 3 + [False] * 5
    assert any("Pauses without samples (1, 3 min in all" in note for note in recording.notes)
    assert any("Short pauses (1, 1 s" in note for note in recording.notes)


def test_zeros_of_idle_sleep_hold_the_last_reading_and_are_missing_elsewhere() -> None:
    times, xyz = moved(30, 600)
    sleep = (times >= w.SECONDS + 120) & (times < w.SECONDS + 300)
    xyz[sleep] = 0
    asleep, other = one(t.actilife(times, xyz)), one(t.omgui(times, xyz))
    assert asleep.values[2:5].tolist()[1:] == [0, 0] and np.isfinite(asleep.values).all()
    assert any("Idle sleep" in note for note in asleep.notes)
    assert np.isnan(other.values[2:5]).all() and any("0 on every axis" in note for note in other.notes)


def test_a_header_that_starts_elsewhere_than_the_rows_is_said_and_the_rows_count() -> None:
    times, xyz = moved()
    data = t.actilife(times, xyz, form="dd/MM/yyyy").replace(b"Start Date 01/03/2024", b"Start Date 3/1/2024")
    recording = one(data)
    assert recording.start == w.START and any(
        "header starts at 2024-01-03" in note and "rows were followed" in note for note in recording.notes
    )


def test_rows_with_times_do_without_the_headers_start() -> None:
    times, xyz = moved()
    assert np.array_equal(one(t.actilife(times, xyz).replace(b"Start Date 3", b"Start Date x")).values, vertical(xyz))


def test_a_rate_that_the_rows_contradict_is_said_and_the_rows_count() -> None:
    times, xyz = moved(50)
    recording = one(t.actilife(times, xyz, 30))
    assert np.array_equal(recording.values, vertical(xyz, 50))
    assert any("30 samples a second, the rows' own times 50" in note for note in recording.notes)


def test_a_few_damaged_rows_are_left_out_and_counted_and_many_refuse_the_file() -> None:
    times, xyz = moved(50)
    lines = t.omgui(times, xyz, "time,x,y,z").split(b"\n")
    lines[3000], lines[4000] = b"\xe9\xff" + lines[3000][:30], b"later" + lines[4000][10:]
    lines[5000] = lines[5000].rsplit(b",", 1)[0] + b",NaN"
    said = " ".join(one(b"\n".join(lines)).notes)
    assert (
        "1 row left out: another number of cells" in said
        and "1 row left out: no readable time" in said
        and "1 row left out: without three numbers" in said
    )
    for i in range(2000, 4000):
        lines[i] = b"later" + lines[i][10:]
    with pytest.raises(RecordingError, match="2,0.. without a time"):
        one(b"\n".join(lines))
    lines[2500] = lines[5001].rsplit(b",", 1)[0] + b",secret"
    with pytest.raises(RecordingError, match="something else is there") as caught:
        one(b"\n".join(lines))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(("make", "word"), [
    (lambda a, x: t.actilife(a, x, stamped=False).replace(b" at 30 Hz", b""), "lacks the rate"),
    (lambda a, x: t.actilife(a, x, stamped=False).replace(b"Start", b"Begin"), "lacks the start"),
    (lambda a, x: t.actilife(a, x, stamped=False).replace(b"Start Date 3", b"Start Date x"), "lines 3 and 4"),
    (lambda a, x: t.actilife(a, x).replace(b"Accelerometer Z", b"Lux"), "Accelerometer X, Y and Z"),
    (lambda a, x: t.actilife(a, x).split(b"Timestamp")[0], "without a single sample"),
    (lambda a, x: b"time,x,y,z\n" + t.table([a - a[0], *t.numbers(x)]), "count from the start"),
    (lambda a, x: b"time,x,y,z\n" + t.table([t.dates(a, "M/d/yyyy") + " " + t.clock(a), *t.numbers(x)]), "day/month or month/day"),
    (lambda a, x: b"id,time,x,y,z\n" + t.table([["u", "v"] * (a.size // 2), stamped(a), *t.numbers(x)]), "one person"),
    (lambda a, x: t.omgui(a[:1500], x[:1500]), "no whole clock minute"),
    (lambda a, x: b"x,y,z\n" + t.table(t.numbers(x)), "no column with date and clock time"),
    (lambda a, x: b"time,x,y,z\n" + t.table([t.clock(a), *t.numbers(x)]), "no column with date and clock time"),
    (lambda a, x: t.omgui(np.concatenate((a, a[: a.size // 2], a)), np.concatenate((x, x[: a.size // 2], x))), "ran back"),
], ids=range(12))  # fmt: skip
def test_what_cannot_be_read_is_refused_in_a_sentence(make: Callable, word: str) -> None:
    times, xyz = moved(30, start=w.SECONDS + 86400)
    with pytest.raises(RecordingError, match=word) as caught:
        one(make(times, xyz))
    assert str(caught.value).endswith(".")


def test_a_sample_beyond_all_measure_is_damage() -> None:
    times, xyz = moved(50)
    wild = xyz.copy()
    wild[3000, 1], wild[4000, 2] = 1e5, 1e30
    assert np.allclose(one(t.omgui(times, wild)).values, one(t.omgui(times, xyz)).values, rtol=0.01)
    assert any("2 rows left out: without three numbers" in note for note in one(t.omgui(times, wild)).notes)


def test_one_person_named_in_every_row_is_the_participant() -> None:
    times, xyz = moved(50)
    assert one(b"subject,time,x,y,z\n" + t.table([["007"] * times.size, stamped(times), *t.numbers(xyz)])).participant == "007"


@pytest.mark.parametrize("content", [
    b"time,x,y,z\n" + b"".join(b"2024-03-01 10:%02d:00,0.1,0.2,0.9\n" % i for i in range(60)),
    b"time,x,y,z\n" + b"".join(b"2024-03-01 10:00:%02d,0.1,0.2,0.9\n" % i for i in range(60)),
    b"timestamp,activity\n" + b"".join(b"2024-03-01 10:00:00.%03d,5\n" % i for i in range(0, 900, 10)),
    b"a,b,c\n1,2,3\n", b"", b"\x00\x01\x02", b"x,y,z\n" * 50, b"0.1,0.2,0.3,0.4\n" * 50,
])  # fmt: skip
def test_tables_of_epochs_and_others_are_not_taken_for_samples(content: bytes) -> None:
    assert not TEXT.recognises(content, "a.csv")


def test_the_whole_import_reads_it_packed_or_not_and_asks_no_columns(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pat_core.recordings.gzipped.MOST_UNFOLDED", 100_000)  # what holds for epochs does not for samples
    times, xyz = moved()
    data = t.actilife(times, xyz)
    (tmp_path / "p1.csv.gz").write_bytes(gzip.compress(data))
    (recording,) = read(tmp_path / "p1.csv.gz").recordings
    assert np.array_equal(recording.values, vertical(xyz)) and recording.participant == "p1"
    assert why_unknown(w.source(data, "p1.csv")) is None


def test_the_file_is_read_a_piece_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read of the stream stays within two pieces of what was given out."""
    monkeypatch.setattr("pat_core.recordings.raw.raw_text.BYTES_AT_ONCE", 50_000)
    times, xyz = moved(100, 300)
    data, asked = t.omgui(times, xyz, "time,x,y,z"), [0]

    class Stream(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            got = super().read(size)
            asked[0] += len(got)
            return got

    given = 0
    source = replace(w.source(data, "p1.csv"), opener=lambda: Stream(data))
    head = len(source.head())
    with reader.opened(source, Silent()) as file:
        for blocks in file.blocks:
            given += blocks.xyz.shape[0]
            assert asked[0] - 2 * head - given * len(data) / times.size < 2 * 50_000
    assert given == times.size and len(data) > 20 * 50_000


def _samples(module, path, most: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Times, g and rate of a real file as its reader lays them, idle sleep written out, up to so many seconds."""
    with module.opened(w.file_of(path), Silent()) as file:
        pauses, times, xyz = Pauses(), [], []
        for part in runs(file.blocks, file.rate, pauses):
            if isinstance(part, Hold):
                count = round((part.end - part.start) * file.rate)
                times.append(part.start + np.arange(count) / file.rate)
                xyz.append(np.repeat(part.xyz[None], count, axis=0))
            else:
                times.append(part.times)
                xyz.append(part.xyz)
            if times[-1][-1] > most:
                break
        return np.concatenate(times) + pauses.origin + file.shift_seconds, np.concatenate(xyz), file.rate


@pytest.mark.shared
@pytest.mark.parametrize(("measure", "stamped"), [("vertical counts", True), ("vector magnitude counts", False)])
def test_a_real_actigraph_file_and_its_text_give_the_same_minutes(measure, stamped: bool) -> None:
    path = shared_file("data/devices/actigraph_13h.gt3x")
    times, xyz, rate = _samples(gt3x, path, 3600)
    made = one(t.actilife(times, xyz, int(rate), stamped=stamped), measure=measure)
    (own,) = read_raw(w.file_of(path), measure=measure).recordings
    assert own.start == made.start == datetime(2019, 5, 6, 6, 39) and made.values.size >= 59
    minutes = made.values.size - 1
    assert np.array_equal(own.values[:minutes], made.values[:minutes])


@pytest.mark.shared
@pytest.mark.parametrize("name", ["axivity_ax3.cwa", "axivity_ax3_corrupt_blocks.cwa"])
@pytest.mark.parametrize("measure", ["vector magnitude counts", "enmo"])
def test_a_real_axivity_file_and_its_text_give_the_same_minutes(name: str, measure) -> None:
    path = shared_file(f"data/devices/{name}")
    times, xyz, _ = _samples(cwa, path, np.inf)
    (own,) = read_raw(w.file_of(path), measure=measure).recordings
    fine, usual = (one(t.omgui(times, xyz, digits=digits), measure=measure) for digits in (6, 3))
    assert np.array_equal(own.values, fine.values) and own.start == fine.start
    # In thousandths of a second, as OmGui writes them, a sample lies up to a twentieth of a step from where it was.
    assert np.allclose(own.values, usual.values, rtol=5e-3)


@pytest.mark.shared
def test_a_real_geneactiv_file_and_its_text_hold_the_same_samples() -> None:
    """It holds 56 seconds, so samples are compared and not minutes."""
    path = shared_file("data/devices/geneactiv.bin")
    times, xyz, rate = _samples(geneactiv, path, np.inf)
    source = w.source(t.geneactiv(times, xyz, rate), "p1.csv")
    with reader.opened(source, Silent()) as file:
        pauses = Pauses()
        laid = list(runs(file.blocks, file.rate, pauses))
    assert np.abs(np.concatenate([run.xyz for run in laid]) - xyz).max() < 1e-4 and file.rate == pytest.approx(rate)
    assert np.abs(np.concatenate([run.times for run in laid]) + pauses.origin - times).max() < 1.1e-3
