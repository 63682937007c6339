"""Actiware exports in eight languages: epochs, off-wrist flags and excluded epochs come back as they were written."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from pat_core.errors import RecordingError
from pat_core.progress import Silent
from pat_core.recordings.devices.actiware_csv import FORMAT
from pat_core.recordings.source import file_source
from pat_core.records import COUNTS
from tests.recordings.devices.device_files import read_one

START = datetime(2020, 1, 24, 9, 5)
WORDS = {
    "en": dict(
        top="Actiware Export File  (Version 05.00 )", identity="Identity:", type="Actiwatch Type:", epoch="Epoch Length:",
        samples="Number of Data Samples:", serial="Actiwatch Serial Number:", line="Line", date="Date", time="Time",
        off="Off-Wrist Status", activity="Activity", sleep="Sleep/Wake", interval="Interval Status", active="ACTIVE", excluded="EXCLUDED",
        none="NaN", form="%m/%d/%Y", point=".",
    ),
    "fr": dict(
        top="Fichier d'exportation Actiware (Version 05.00)", identity="Identité :", type="Type d'Actiwatch :",
        epoch="Longueur de la période :", samples="Nombre d'échantillons de données :", serial="Numéro de série de l'Actiwatch :",
        line="Ligne", date="Date", time="Heure", off="Statut hors poignet", activity="Activité", sleep="Sommeil/Éveil",
        interval="Statut de l'intervalle", active="ACTIVITÉ", excluded="EXCLU", none="NAN", form="%d/%m/%Y", point=",",
    ),
    "de": dict(
        top="Actiware-Exportdatei (Version 05.00 )", identity="Identität:", type="Actiwatch-Typ:", epoch="Epochenlänge:",
        samples="Anzahl der Daten-Samples:", serial="Actiwatch-Seriennummer:", line="Zeile", date="Datum", time="Zeit",
        off="Status „Nicht am Handgelenk“", activity="Aktivität", sleep="Schlaf/Wach", interval="Intervallstatus", active="AKTIV",
        excluded="AUSGESCHLOSSEN", none="kZ", form="%d.%m.%Y", point=",",
    ),
    "nl": dict(
        top="Actiware-exportbestand (Versie 06.00)", identity="Identiteit:", type="Actiwatch-type:", epoch="Epochlengte:",
        samples="Aantal datasamples:", serial="Actiwatch-serienummer:", line="Regel", date="Datum", time="Tijd", off="Status van pols af",
        activity="Activiteit", sleep="Slaap/Waak", interval="Intervalstatus", active="ACTIEF", excluded="UITGESLOTEN", none="NaN",
        form="%d-%m-%Y", point=",",
    ),
    "es": dict(
        top="Archivo de exportación de Actiware", identity="Identidad:", type="Tipo de Actiwatch:", epoch="Longitud de la época:",
        samples="Número de muestras de datos:", serial="Número de serie del Actiwatch:", line="Línea", date="Fecha", time="Hora",
        off="Estado fuera de la muñeca", activity="Actividad", sleep="Sueño/Vigilia", interval="Estado del intervalo", active="ACTIVO",
        excluded="EXCLUIDO", none="NaN", form="%d/%m/%Y", point=",",
    ),
    "it": dict(
        top="File di esportazione Actiware", identity="Identità:", type="Tipo di Actiwatch:", epoch="Durata dell'epoca:",
        samples="Numero di campioni di dati:", serial="Numero di serie dell'Actiwatch:", line="Riga", date="Data", time="Ora",
        off="Stato fuori polso", activity="Attività", sleep="Sonno/Veglia", interval="Stato intervallo", active="ATTIVO",
        excluded="ESCLUSO", none="NaN", form="%d/%m/%Y", point=",",
    ),
    "pt": dict(
        top="Arquivo de exportação do Actiware", identity="Identidade:", type="Tipo de Actiwatch:", epoch="Duração da época:",
        samples="Número de amostras de dados:", serial="Número de série do Actiwatch:", line="Linha", date="Data", time="Hora",
        off="Estado fora do pulso", activity="Atividade", sleep="Sono/Vigília", interval="Estado do intervalo", active="ATIVO",
        excluded="EXCLUÍDO", none="NaN", form="%d/%m/%Y", point=",",
    ),
    "sv": dict(
        top="Actiware-exportfil (version 06.00)", identity="Identitet:", type="Actiwatch-typ:", epoch="Epoklängd:",
        samples="Antal datasampel:", serial="Actiwatch-serienummer:", line="Rad", date="Datum", time="Tid", off="Status ej på handled",
        activity="Aktivitet", sleep="Sömn/Vaken", interval="Intervallstatus", active="AKTIV", excluded="UTESLUTEN", none="NaN",
        form="%Y-%m-%d", point=",",
    ),
}  # fmt: skip


def _row(cells: list[object], separator: str) -> str:
    return separator.join(f'"{cell}"' for cell in cells) + separator


def _actiware(
    path: Path,
    counts: list,
    words: dict[str, str],
    *,
    epoch: int = 60,
    separator: str = ",",
    encoding: str = "utf-8",
    off: tuple = (),
    excluded: tuple = (),
    flagged: bool = True,
    clock: str = "%H:%M:%S",
    form: str | None = None,
    samples: int | None = None,
) -> Path:
    w = words
    rows: list[list[object]] = [
        [w["top"]],
        [],
        [w["identity"], "P-03"],
        [w["type"], "Spectrum PRO"],
        [w["epoch"], epoch, "s"],
        [w["samples"], samples or len(counts)],
        [w["serial"], "X017"],
        [],
        ["Interval Type", w["date"], w["time"], "Duration"],
        [w["line"] + ":", "1 = " + w["activity"]],
        [],
        [w["line"], w["date"], w["time"], *([w["off"]] if flagged else []), w["activity"], "Light", w["sleep"], w["interval"]],
        [],
    ]
    for i, count in enumerate(counts):
        when = START + timedelta(seconds=epoch * i)
        status = w["excluded"] if i in excluded else w["active"]
        text = w["none"] if count is None else str(count).replace(".", w["point"])
        flags = [int(i in off)] if flagged else []
        rows.append([i + 1, when.strftime(form or w["form"]), when.strftime(clock), *flags, text, f"1{w['point']}5", 0, status])
    path.write_bytes("\r\n".join(_row(row, separator) for row in rows).encode(encoding))
    return path


_read = partial(read_one, FORMAT)


@pytest.mark.parametrize("language", WORDS)
@pytest.mark.parametrize("epoch", [15, 30, 60])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
def test_what_was_written_is_read(tmp_path: Path, language: str, epoch: int, separator: str, encoding: str) -> None:
    counts = [None if i == 4 else i * 11 % 300 for i in range(80)]
    path = _actiware(tmp_path / "a.csv", counts, WORDS[language], epoch=epoch, separator=separator, encoding=encoding, off=(7, 8))
    recording = _read(path)
    expected = np.array([np.nan if count is None else count for count in counts], np.float32)
    assert np.array_equal(recording.values, expected, equal_nan=True) and recording.epoch_seconds == epoch and recording.start == START
    assert np.flatnonzero(~recording.worn).tolist() == [7, 8] and recording.notes == ()
    assert (recording.participant, recording.labels["serial"], recording.device) == ("P-03", "X017", "Spectrum PRO")
    assert recording.unit == COUNTS


@pytest.mark.parametrize("language", WORDS)
def test_excluded_epochs_are_missing_and_told(tmp_path: Path, language: str) -> None:
    recording = _read(_actiware(tmp_path / "a.csv", [3] * 9, WORDS[language], excluded=(2, 3)))
    assert np.flatnonzero(np.isnan(recording.values)).tolist() == [2, 3] and recording.notes[0].startswith("2 epochs were excluded")


@pytest.mark.parametrize("language", WORDS)
def test_decimals_have_a_point_or_a_comma(tmp_path: Path, language: str) -> None:
    assert _read(_actiware(tmp_path / "a.csv", [0.5, 12.25, 3], WORDS[language])).values.tolist() == [0.5, 12.25, 3]


def test_without_an_off_wrist_column_nothing_is_said_of_wear(tmp_path: Path) -> None:
    assert _read(_actiware(tmp_path / "a.csv", [1, 2, 3], WORDS["en"], flagged=False)).worn is None


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d", "%d-%b-%y"])
@pytest.mark.parametrize("clock", ["%H:%M:%S", "%I:%M:%S %p", "%H:%M"])
def test_english_dates_come_either_way(tmp_path: Path, form: str, clock: str) -> None:
    recording = _read(_actiware(tmp_path / "a.csv", list(range(900)), WORDS["en"], form=form, clock=clock))
    assert recording.start == START and recording.values.tolist() == list(range(900))


def test_clocks_with_points_in_their_halves_of_the_day_are_read(tmp_path: Path) -> None:
    path = _actiware(tmp_path / "a.csv", list(range(900)), WORDS["en"], form="%Y-%m-%d", clock="%I:%M:%S %p")
    path.write_text(path.read_text().replace(" AM", " a.m.").replace(" PM", " p.m."))
    assert _read(path).start == START and _read(path).values.size == 900


def test_a_promise_of_more_epochs_than_there_are_is_told(tmp_path: Path) -> None:
    recording = _read(_actiware(tmp_path / "a.csv", [1, 2, 3], WORDS["de"], samples=10**9))
    assert "1000000000 epochs; the table has 3" in recording.notes[0]


def test_a_table_whose_preamble_was_cut_away_is_known_by_its_columns(tmp_path: Path) -> None:
    text = _actiware(tmp_path / "a.csv", [1, 2, 3], WORDS["fr"]).read_text()
    (tmp_path / "b.csv").write_text(text[text.index('"Ligne","Date"') :])
    recording = _read(tmp_path / "b.csv")
    assert recording.values.tolist() == [1, 2, 3] and recording.participant == "b"


@pytest.mark.parametrize(("change", "old", "new", "word"), [
    ({"epoch": 120}, "", "", "one value a minute"), ({}, '"60","s"', '"soon","s"', "epoch length"),
    ({}, '"60","s"', '"30","s"', "30 s long, but its rows are 60 s apart"), ({}, '"7"', '"seven"', "line 16"),
    ({}, "09:07:00", "noon", "line 16"), ({}, '"Activity","Light"', '"Movement","Light"', "columns Date, Time and Activity"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_its_place(tmp_path: Path, change: dict, old: str, new: str, word: str) -> None:
    path = _actiware(tmp_path / "a.csv", [5, 6, 7], WORDS["en"], **change)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(RecordingError, match=word):
        _read(path)


def test_every_cut_and_noise_end_in_a_sentence_or_in_what_stands_before(tmp_path: Path) -> None:
    whole = _actiware(tmp_path / "a.csv", list(range(50)), WORDS["de"]).read_bytes()
    noise = np.random.default_rng(0).integers(0, 256, 70_000).astype(np.uint8).tobytes()
    for content in [whole[:length] for length in range(0, len(whole), 59)] + [whole[:40] + noise, whole + noise]:
        (tmp_path / "b.csv").write_bytes(content)
        try:
            (recording,) = FORMAT.read(file_source(tmp_path / "b.csv"), Silent()).recordings
        except RecordingError:
            continue
        assert recording.values.size <= 50 and (recording.values.size == 50 or "incomplete" in recording.notes[-1])


@pytest.mark.parametrize("language", WORDS)
def test_an_export_whose_title_was_removed_is_still_one_with_its_person_and_flags(tmp_path: Path, language: str) -> None:
    made = _actiware(tmp_path / "made.csv", [5] * 300, WORDS[language], off=range(30, 50), excluded=range(100, 110))
    bare = tmp_path / "bare.csv"
    bare.write_bytes(made.read_bytes().split(b"\r\n", 2)[2])
    assert FORMAT.recognises(bare.read_bytes(), "bare.csv")
    recording = _read(bare)
    assert (recording.participant, recording.device) == ("P-03", "Spectrum PRO")
    assert np.isnan(recording.values).sum() == 10 and (~recording.worn).sum() == 20


def test_a_plain_table_with_date_time_and_activity_is_no_actiware_export() -> None:
    assert not FORMAT.recognises(b"date,time,activity\n2024-03-04,00:00:00,1\n", "a.csv")
