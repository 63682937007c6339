"""Small writers of device files, and the two ways in which a reader answers: a recording or a sentence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.gzipped import is_gzip, unfolded
from pat_core.recordings.source import Format, Source, file_source
from pat_core.records import Reading, Recording

START = datetime(2019, 3, 4, 21, 58)


def source(path: Path) -> Source:
    """The file, unfolded where it is gzipped, as formats are given it."""
    given = file_source(path)
    return unfolded(given) if is_gzip(given.head()) else given


def read_all(form: Format, path: Path) -> Reading:
    """Everything in a file, whether or not the format recognises it."""
    return form.read(source(path), Silent())


def recognised(form: Format, path: Path) -> Reading:
    """Everything in a file that the format recognises."""
    assert form.recognises(source(path).head(), path.name)
    return read_all(form, path)


def read_one(form: Format, path: Path) -> Recording:
    """The only recording of a file that the format recognises."""
    (recording,) = recognised(form, path).recordings
    return recording


def refusal(form: Format, path: Path) -> str:
    """The sentence with which the format refuses the file."""
    with pytest.raises(RecordingError) as caught:
        read_all(form, path)
    return str(caught.value)


def stamps(count: int, epoch: float, start: datetime = START) -> list[datetime]:
    return [start + timedelta(seconds=epoch * i) for i in range(count)]


def awd(
    values: Sequence[object],
    code: str = " 4 ",
    date: str = "04-Mar-2019",
    clock: str = "21:58",
    end: str = "\r\n",
    serial: str = "V123456",
    channel: str = "",
    marked: Sequence[int] = (),
    age: str = "31",
    sex: str = "F",
) -> bytes:
    rows = [f"{value}{channel}{' M' if i in marked else ''}" for i, value in enumerate(values)]
    return end.join(["person one", date, clock, code, age, serial, sex, *rows, ""]).encode("latin-1")


def condor(
    values: Sequence[object], epoch: int = 60, interval: str | None = None, states: Sequence[int] = (), drop: Sequence[int] = ()
) -> bytes:
    head = [
        "+-------------+ Condor Instruments Report +-------------+",
        "SOFTWARE_VERSION : 1.0.17",
        "SUBJECT_NAME : person one",
        "SUBJECT_GENDER : F",
        "DEVICE_ID : 4711",
        "DEVICE_MODEL : ActTrust2",
        "MODE : PIM/TAT/ZCM",
        f"INTERVAL : {interval or epoch}",
        "DATE_TIME : 04/03/2019 08:00:00",
        "+-------------------------------------------------------+",
        "DATE/TIME;MS;EVENT;TEMPERATURE;PIM;PIMn;TAT;ZCM;LIGHT;STATE",
    ]
    rows = [
        f"{time:%d/%m/%Y %H:%M:%S};0;{int(i == 1)};29.5;{value};0.1;7;8;12.5;{states[i] if states else 0}"
        for i, (time, value) in enumerate(zip(stamps(len(values), epoch), values, strict=True))
        if i not in drop
    ]
    return "\r\n".join([*head, *rows, ""]).encode()


def tempatilumi(
    values: Sequence[object], epoch: int = 60, form: str = "%Y/%m/%d", encoding: str = "utf-8", temperature: bool = False
) -> bytes:
    head = [
        "Comentário",
        "",
        "N° de série: 00815",
        "",
        "Aceleração: Mini-Mitter",
        "Sensibilidade do acelerômetro: 1.5 G",
        "",
        f"Data; Hora; Evento;{' Temperatura;' if temperature else ''} Luminosidade; Atividade",
    ]
    rows = [
        f"{time.strftime(form)}; {time:%H:%M:%S}; {int(i == 0)};{' 29,5;' if temperature else ''} 0; {value};"
        for i, (time, value) in enumerate(zip(stamps(len(values), epoch), values, strict=True))
    ]
    return "\r\n".join([*head, *rows, ""]).encode(encoding)


def daqtometer(
    values: Sequence[object], epoch: int = 1, binning: str = "Sum", name: str = "Accelleration X+Y", end_after: int = 0
) -> bytes:
    times = stamps(len(values) + end_after, epoch)
    head = [
        f"Start: {times[0]} GMT",
        f"End: {times[-1]} GMT",
        "",
        "Serial number:,A77,A77",
        f"Name:,{name},Light",
        "",
        "Group:,0,1",
        "Sample rate:,10,10",
        "Store rate:,1,1",
        "",
        f"Binning mode:,{binning},Average",
        "",
    ]
    rows = [f"{time},{value},53" for time, value in zip(times[: len(values)], values, strict=True)]
    return "\r\n".join([*head, *rows, ""]).encode()


def motionwatch(
    values: Sequence[object],
    epoch: object = 60,
    properties: str = "",
    prologue: str = "",
    offset: str = "0",
    extra: str = "",
    encoding: str = "text",
) -> bytes:
    def change(inner: str) -> str:
        return f'<change user="x" time="2019-03-14 10:49:07">{inner}</change>\n'

    said = {
        "+UserID": "person one",
        "+Sex": "Female",
        "=Device": "MW8",
        "=SerialNo": "007565",
        "+Position": "Wrist (Left)",
        "=StartTime": str(START),
    }
    facts = "".join(change(f"<property><name>{name}</name><content>{value}</content></property>") for name, value in said.items())
    lines = ",\n".join(",".join(str(v) for v in values[i : i + 10]) for i in range(0, len(values), 10))

    def channel(name: str, numbers: str) -> str:
        return change(
            f"<channel><name>{name}</name><units>Triaxial-Counts</units><epoch>{epoch}</epoch><offset>{offset}</offset>"
            f'<data encoding="{encoding}">{numbers},</data></channel>'
        )

    body = facts + properties + channel("motion", lines) + extra + channel("Light", "1.5,2.5,3.5")
    return (
        f'\ufeff<?xml version="1.0" encoding="UTF-8"?>{prologue}<motionfile><log2 major="2" minor="1">{body}</log2></motionfile>'.encode()
    )


MESA_COLUMNS = (
    "mesaid,line,linetime,offwrist,activity,marker,whitelight,redlight,greenlight,bluelight,wake,interval,dayofweek,daybymidnight,daybynoon"
)


def mesa(
    values: Sequence[object],
    person: str = "1",
    start: datetime = START,
    off: Sequence[int] = (),
    excluded: Sequence[int] = (),
    drop: Sequence[int] = (),
    number_from: int = 1,
    epoch: int = 30,
    columns: bool = True,
) -> bytes:
    rows = [
        f"{person},{number_from + i},{time:%H:%M:%S},{int(i in off)},{value},{int(i == 2)},1.0,2.0,3.0,4.0,1,"
        f"{'EXCLUDED' if i in excluded else 'ACTIVE'},{time.isoweekday() % 7 + 1},1,1"
        for i, (time, value) in enumerate(zip(stamps(len(values), epoch, start), values, strict=True))
        if i not in drop
    ]
    return "\n".join([*([MESA_COLUMNS] if columns else []), *rows, ""]).encode()


def oxford_header(
    values: Sequence[object], epoch: int = 30, imputed: Sequence[int] | None = None, rows_cut: int = 0, ends: tuple[str, str] | None = None
) -> bytes:
    times = stamps(len(values), epoch)
    begun, ended = ends or (times[0], times[-1])
    first = f"acceleration (mg) - {begun} - {ended} - sampleRate = {epoch} seconds"
    rows = [f"{value}" + ("" if imputed is None else f",{int(i in imputed)}") for i, value in enumerate(values)]
    return "\n".join([first + ("" if imputed is None else ",imputed"), *rows[: len(rows) - rows_cut], ""]).encode()


def oxford_rows(values: Sequence[object], epoch: int = 30, imputed: Sequence[int] = (), times: Sequence[str] | None = None) -> bytes:
    written = times or [f"{time:%Y-%m-%d %H:%M:%S}.439000+0000 [Europe/London]" for time in stamps(len(values), epoch)]
    rows = [f"{time},{value},{int(i in imputed)},1.5" for i, (time, value) in enumerate(zip(written, values, strict=True))]
    return "\n".join(["time,acc,imputed,MET", *rows, ""]).encode()
