"""Small valid files of every format, made by the tests' own writers, and ways of damaging them: what fuzzing starts from."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import re
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pandas as pd

from tests.nhanes.made import paxraw, write
from tests.recordings.devices import device_files as files
from tests.recordings.devices.test_actical import _actical
from tests.recordings.devices.test_actilife_csv import _actilife
from tests.recordings.devices.test_actilife_dat import dat
from tests.recordings.devices.test_actiware_csv import WORDS, _actiware
from tests.recordings.devices.test_agd import _agd
from tests.recordings.devices.test_geneactiv_csv import exported
from tests.recordings.raw import text_writers as text
from tests.recordings.raw import writers as raw
from tests.recordings.raw.test_gt3x import asleep
from tests.recordings.studies.test_ggir_csv import _part2, _part5
from tests.recordings.tables.test_excel import _long
from tests.recordings.tables.test_excel import _saved as _saved_workbook
from tests.recordings.wearables.test_apple_health import BEGIN, _record, _xml
from tests.recordings.wearables.test_fitbit_csv import _narrow, _wide
from tests.recordings.wearables.test_garmin import _epochs
from tests.recordings.wearables.test_step_exports import EXPORTS

VALUES = [(i * 37) % 1000 for i in range(70)]


def _plain(content: bytes) -> bytes:
    return content


@dataclass(frozen=True)
class Seeds:
    """One target. name: of the format, or of what holds files; filename: under which every input is read; contents: valid files.

    pack: what turns an input into the file that is read, for formats whose checksums would hide everything behind them.
    """

    name: str
    filename: str
    contents: tuple[bytes, ...]
    pack: Callable[[bytes], bytes] = _plain


def _written(make: Callable[[Path], object]) -> bytes:
    """What a writer that takes a path puts there."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dat"
        make(path)
        return path.read_bytes()


def _saved(save: Callable[..., object], *arrays: np.ndarray, **named: object) -> bytes:
    stream = io.BytesIO()
    save(stream, *arrays, **named)
    return stream.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def long_table(minutes: int = 70, **more: object) -> pd.DataFrame:
    stamps = pd.date_range("2024-03-05 10:00:00", periods=minutes, freq="60s")
    return pd.DataFrame({"timestamp": stamps, "activity": np.arange(minutes) * 7 % 300, **more})


def wide_table(people: int = 2) -> pd.DataFrame:
    columns = [f"minute_{i}" for i in range(64)]
    return pd.DataFrame(np.arange(64 * people).reshape(people, 64) % 90, columns=columns).assign(
        participant=[f"p{i}" for i in range(people)]
    )


def _text(frame: pd.DataFrame, **how: object) -> bytes:
    return frame.to_csv(index=False, **how).encode()


def _garmin_table() -> bytes:
    epochs, stream = _epochs(VALUES[:30]), io.StringIO()
    rows = csv.DictWriter(stream, list(epochs[0]))
    rows.writeheader()
    rows.writerows(epochs)
    return stream.getvalue().encode()


def _one_array(content: bytes) -> bytes:
    return zipped({"weeks.npy": content})


def _one_person(content: bytes) -> bytes:
    return zipped({"ward/p1.csv": content, "ward-info.csv": b"number,age\np1,30\n"})


STEPS_OF = ("Google Health steps (Takeout CSV)", "Samsung Health steps (CSV)", "Withings steps (CSV)", "Fitbit steps (JSON)")
"""Formats of the files in EXPORTS, in their order."""


@cache
def every_format() -> tuple[Seeds, ...]:
    """Targets of every format of the registry, in its order, then of what holds files."""
    steps = raw.steps(30 * 130)
    log = b"".join(raw.seconds(steps, 30))
    packed = b"".join(raw.seconds(steps[: 30 * 70], 30, one=raw.packed_second))
    times, shaken = raw.SECONDS + np.arange(30 * 62) / 30, steps[: 30 * 62] / 256
    small = np.clip(raw.steps(120 * 14), -512, 511)
    array = (np.arange(140).reshape(2, 70) * 1.0).astype(np.float32)
    narrow = _text(long_table())
    fitbit = {"7": np.arange(60) % 90, "8": np.arange(60) % 50}
    apple = "".join(_record(BEGIN + timedelta(minutes=2 * i), 90, VALUES[i] % 200) for i in range(30))
    return (
        Seeds("ActiGraph raw (.gt3x)", "p1.gt3x", (raw.gt3x(log), raw.gt3x(packed), raw.oldest(steps))),
        Seeds("ActiGraph raw (.gt3x)", "p1.gt3x", (raw.packed(steps), raw.packed(steps[: 30 * 70])), raw.oldest_of),
        Seeds("ActiGraph raw (.gt3x)", "p1.gt3x", (log, packed, b"".join(asleep(steps, 65, 7200))), raw.gt3x),
        Seeds("Axivity raw (.cwa)", "p1.cwa", (raw.cwa(small, 12.5), raw.cwa(small, 12.5, lost=(3,), fine=False))),
        Seeds("GENEActiv raw (.bin)", "p1.bin", (raw.geneactiv(raw.steps(300 * 5), 20.0), raw.geneactiv(raw.steps(1500), 10.0, lost=(3,)))),
        Seeds(
            "raw acceleration as text (ActiLife, Axivity, GENEActiv CSV)",
            "p1.csv",
            (
                text.actilife(times, shaken),
                text.actilife(times, shaken, stamped=False, separator=";", decimal=","),
                text.omgui(times, shaken),
                text.omgui(times, shaken, "time,x,y,z"),
                text.geneactiv(times, shaken, 30.0),
            ),
        ),
        Seeds("GENEActiv epochs (CSV)", "p1.csv", (exported(shaken, 30, 1), exported(shaken, 30, 1, names="t,x,y,z,l,b,c,SVMgs,a,d,e,f"))),
        Seeds("NHANES accelerometer file (XPT)", "paxraw_c.xpt", (_written(lambda p: write(paxraw(31001, 90), p.with_suffix(".dat"))),)),
        Seeds("NHANES accelerometer file as text (CSV)", "paxraw_c.csv", (_text(paxraw(31001, 90)), _text(paxraw(31001, 90), sep=";"))),
        Seeds("NumPy array (.npy)", "a.npy", (_saved(np.save, array), _saved(np.save, array[0].astype(np.int32)))),
        Seeds(
            "NumPy arrays (.npz)",
            "a.npz",
            (_saved(np.savez, weeks=array, participants=np.array(["u", "v"]), start="2024-01-01", age=[1, 2]),),
        ),
        Seeds("NumPy arrays (.npz)", "a.npz", (_saved(np.save, array),), _one_array),
        Seeds("Parquet table", "a.parquet", (long_table(participant="u").to_parquet(), wide_table().to_parquet())),
        Seeds("ActiLife database (ActiGraph .agd)", "a.agd", (_written(lambda p: _agd(p, [float(v) for v in VALUES], 60, limb="Wrist")),)),
        Seeds("ActiGraph .dat (ActiLife 5 and older)", "a.dat", (dat(mode=0), dat(60, mode=13), dat(60, mode=49, a_line=1))),
        Seeds(
            "ActiLife export (ActiGraph CSV)",
            "a.csv",
            (
                _written(lambda p: _actilife(p, ["Axis1,Axis2,Steps", *(f"{v},1,0" for v in VALUES)])),
                _written(lambda p: _actilife(p, ["Vector Magnitude;Steps", *(f"{v},5;1" for v in VALUES)])).replace(b"Epoch", b"Cycle"),
                _written(
                    lambda p: _actilife(p, ["Date, Time,Axis1", *(f"{t:%m/%d/%Y},{t:%X},5" for t in files.stamps(70, 60))], "MM/dd/yyyy")
                ),
            ),
        ),
        Seeds("Actical export (CSV)", "a.csv", (_written(lambda p: _actical(p, VALUES)),)),
        Seeds(
            "Actiware export (Philips Respironics CSV)",
            "a.csv",
            tuple(
                _written(lambda p, w=w: _actiware(p, [None if i == 4 else v for i, v in enumerate(VALUES)], w, off=(7,), excluded=(9,)))
                for w in WORDS.values()
            ),
        ),
        Seeds(
            "GGIR epoch table (CSV)",
            "a.csv",
            (_written(lambda p: _part2(p, [0.01 * v for v in VALUES])), _written(lambda p: _part5(p, VALUES, invalid=(3,)))),
        ),
        Seeds("MotionWatch recording (MTN)", "a.mtn", (files.motionwatch(VALUES), files.motionwatch(VALUES, epoch=30))),
        Seeds("Condor ActTrust report", "a.txt", (files.condor(VALUES), files.condor(VALUES, 30, states=[0] * 60 + [4] * 10, drop=(5,)))),
        Seeds("Tempatilumi export", "a.txt", (files.tempatilumi(VALUES), files.tempatilumi(VALUES, temperature=True, encoding="latin-1"))),
        Seeds("Daqtometer export", "a.csv", (files.daqtometer(VALUES), files.daqtometer(VALUES, 60))),
        Seeds("MESA actigraphy (NSRR CSV)", "a.csv", (files.mesa(VALUES, off=(3,), excluded=(5,)),)),
        Seeds(
            "Oxford accelerometer time series (CSV)",
            "a.csv",
            (files.oxford_header(VALUES, imputed=(3,)), files.oxford_rows(VALUES, imputed=(3,))),
        ),
        Seeds("Actiwatch recording (AWD)", "a.AWD", (files.awd(VALUES, channel=" , 0.00", marked=(3,)), files.awd(VALUES, code="1"))),
        Seeds("Apple Health export", "export.xml", (_xml(apple).encode(),)),
        Seeds("Garmin epochs (Health API JSON or CSV)", "a.json", (json.dumps({"epochs": _epochs(VALUES[:30])}).encode(), _garmin_table())),
        Seeds(
            "Fitbit minutes (Fitabase CSV)",
            "a.csv",
            (_written(lambda p: _narrow(p, fitbit, "2016-04-12")), _written(lambda p: _wide(p, fitbit, "2016-04-12"))),
        ),
        *(Seeds(name, file, (text.encode(),)) for name, (file, text, _) in zip(STEPS_OF, EXPORTS.values(), strict=True)),
        Seeds(
            "table of text (CSV)",
            "a.csv",
            (
                narrow,
                _text(long_table(device="w1", tz="Europe/Berlin", participant="007"), sep=";"),
                _text(wide_table()),
                _text(long_table().assign(timestamp=lambda f: f.timestamp.dt.strftime("%d/%m/%Y %H:%M")), sep="\t").replace(
                    b"05/03", b"25/03"
                ),
            ),
        ),
        Seeds("zip", "a.xlsx", (_written(lambda p: _saved_workbook(p, {"Sheet1": _long("p1")[:70], "p2": _long()[:70]})),)),
        Seeds("gzip", "a.csv.gz", (gzip.compress(narrow, mtime=0),)),
        Seeds("zip", "a.zip", (zipped({"ward/p1.csv": narrow, "ward/p2.csv": narrow, "ward-info.csv": b"number,age\np1,30\np2,31\n"}),)),
        Seeds("zip", "a.zip", (narrow,), _one_person),
        *_beside_their_tests(),
    )


def _beside_their_tests() -> list[Seeds]:
    """SEEDS of the tests of readers: those of a new format stand beside its test."""
    root = Path(__file__).resolve().parents[2]
    tests = [path for path in sorted((root / "tests/recordings").rglob("test_*.py")) if "\nSEEDS = " in path.read_text()]
    return [import_module(".".join(path.relative_to(root).with_suffix("").parts)).SEEDS for path in tests]


MAPPED = Seeds(
    "column mapping",
    "ward.csv",
    (
        _text(long_table(Proband="a").rename(columns={"timestamp": "Zeitpunkt", "activity": "Bewegung"}), sep=";"),
        _text(long_table().assign(t=range(1_700_000_000, 1_700_000_000 + 70 * 60, 60))[["t", "activity"]], header=False),
        _text(long_table(worn=1).assign(timestamp=lambda f: f.timestamp.dt.strftime("%d.%m.%Y %H:%M")), sep="\t"),
    ),
)
LABELS = Seeds(
    "table of people",
    "people.csv",
    (
        b"participant,age,site\np1,30,north\np2,31,south\n",
        b"Subject ID;score\n007;1,5\n008;NA\n",
        _written(lambda p: write(pd.DataFrame({"SEQN": [1.0, 2.0, 3.0], "RIAGENDR": [1.0, 2.0, np.nan]}), p)),
    ),
)

NUMBERS = (
    b"-5", b"nan", b"inf", b"-inf", b"1e308", b"-1e400", b"99999999999999999999", b"9223372036854775807", b"0", b"", b"1970", b"0001",
    b"9999", b"1,5", b"1.000,5", b"\xd9\xa3", b"=1+1", b"0x10", b"1e-320", b"00000000000000000001", b"-0", b"60", b"31", b"24",
)  # fmt: skip
NOISE = (
    b"\x00", b"\xff" * 9, b"\n", b"\r\n\r\n", b'"', b"'", b",", b";", b"\t", b" ", b"=cmd|' /C calc'!A1", b"../", b"\xef\xbb\xbf",
    b"\xff\xfe", b"<", b"]]>", b"}", b"{" * 40, b"NaN", b"\xe2\x80\xae", b"\x1a", b"2024-03-31 02:30:00", b"1970-01-01 00:00:00",
)  # fmt: skip
ENCODINGS = ("utf-16", "utf-16-be", "utf-8-sig", "latin-1", "utf-32", "cp037")


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content with one to three things done to it that happen to files, or that somebody does to them."""
    for _ in range(chance.choice((1, 1, 2, 3))):
        content = chance.choice(DAMAGES)(content, chance)
    return content


def _cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content) + 1)]


def _flip(content: bytes, chance: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.randint(1, 6)):
        if changed:
            changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + chance.choice((*NOISE, chance.randbytes(12))) + content[at:]


def _leave_out(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content) + 1)
    return content[:at] + content[at + chance.choice((1, 2, 7, 80, 512)) :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    rows = content.split(b"\n")
    at, other = chance.randrange(len(rows)), chance.randrange(len(rows))
    match chance.randrange(4):
        case 0:
            rows[at:at] = [rows[other]] * chance.choice((1, 3, 200))
        case 1:
            rows[at], rows[other] = rows[other], rows[at]
        case 2:
            del rows[min(at, other) : max(at, other)]
        case _:
            rows.sort()
    return b"\n".join(rows)


def _number(content: bytes, chance: random.Random) -> bytes:
    found = list(re.finditer(rb"\d+", content[:200_000]))
    if not found:
        return content
    at = chance.choice(found)
    return content[: at.start()] + chance.choice(NUMBERS) + content[at.end() :]


def _encode(content: bytes, chance: random.Random) -> bytes:
    return content.decode("utf-8", "replace").encode(chance.choice(ENCODINGS), "replace")


DAMAGES = (_cut, _flip, _flip, _insert, _leave_out, _lines, _number, _number, _encode)
