"""Actiware exports (Philips Respironics, the tables of RPX centres): a preamble, statistics and then one row an epoch.

Words are read by meaning in English, French, German, Dutch, Spanish, Italian, Portuguese and Swedish; the separator is a comma or
semicolon, decimals have a point or a comma.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from pat_core.plurals import counted
from pat_core.progress import Progress
from pat_core.recordings.clock.epochs import Epochs, check_epoch, on_grid
from pat_core.recordings.clock.named_zones import device_notes
from pat_core.recordings.clock.times import parse_times
from pat_core.recordings.source import Format, Source, quoted, refuse_unless
from pat_core.recordings.tables import columns
from pat_core.recordings.tables.report_table import Cells, cells, find_header, folded, numbers, split
from pat_core.recordings.tables.text_shape import encoding_of
from pat_core.records import COUNTS, Reading, Recording

MOST_HEADER = 2000
"""Signs of a line within which a header names its columns."""
_WORDS = {
    "date": ("date", "datum", "fecha", "data", "dato"),
    "time": ("time", "heure", "zeit", "uhrzeit", "tijd", "hora", "ora", "tid"),
    "activity": (
        "activity",
        "activite",
        "aktivitat",
        "aktivitaet",
        "activiteit",
        "actividad",
        "attivita",
        "atividade",
        "actividade",
        "aktivitet",
    ),
}
_OFF_WRIST = re.compile(r"offwrist|poignet|nonporte|handgelenk|nichtgetragen|pols|muneca|pulso|handled|nietgedragen|handledd")
_INTERVAL = re.compile(r"interval")
_EXCLUDED = re.compile(r"exclu|ausgeschl|uitgesloten|esclus|exklu|uteslut|udeluk|utelukk")
_FACTS = {
    "identity": r"identity|identite|identitat|identitaet|identiteit|identidad|identidade|identita|identitet|identificacion|identificacao",
    "serial": r"(actiwatch)?serialnumber|actiwatchserialnumber|numerodeseriedelactiwatch|(actiwatch)?seriennummer|(actiwatch)?serienummer|"
    r"numerodeserie(d[eo]l?actiwatch)?|numerodiserie(dellactiwatch|actiwatch)?|(actiwatch)?serienummer(actiwatch)?|serienummer(van)?actiwatch",
    "device": r"actiwatchtype|typedactiwatch|actiwatchtyp|typeactiwatch|tipodeactiwatch|tipo(di|do)?actiwatch|actiwatchtyp",
    "epoch": r"epochlength|longueurdelaperiode|dureedelaperiode|epochenlange|epochenlaenge|epochlengte|epochelengte|tijdvaklengte|"
    r"(longitud|duracion)dela?epoca|(lunghezza|durata)(dell)?(a)?epoca|(duracao|comprimento)daepoca|epoklangd|epoklengd?e?|epokelengde",
    "samples": r"numberofdatasamples|nombredechantillonsdedonnees|anzahlderdatensamples|aantal(data)?samples|numerodemuestras(dedatos)?|"
    r"numerodi?campioni(didati)?|numerodeamostras(dedados)?|antaldatasampel|antaldataprov",
    "gender": r"gender|sexe|geschlecht|geslacht|sexo|genero|sesso|kon|kjonn",
    "age": r"age(atstartofdatacollection|audebutdelacollectedesdonnees)|alterzubeginnderdatenerfassung",
    "time_zone": r"timezone|fuseauhoraire|zeitzone|tijdzone|zonahoraria|fusoorario|fusohorario|tidszon",
    "utc_offset": r"timezoneoffset|decalagedufuseauhoraire|zeitzonenverschiebung",
}
_UNTYPED = (
    "*", "nonsaisi", "nichteingegeben", "notentered", "nichtverfugbar", "notavailable", "nonapplicable", "notapplicable", "nietingevoerd",
    "noingresado", "nointroducido", "noninserito", "naoinserido", "naoinformado", "ejangivet", "ejangiven",
)  # fmt: skip
_EXPECTED = (
    "An Actiware export has a line with the columns Date, Time and Activity (Date, Heure, Activité; Datum, Zeit, Aktivität; Datum, Tijd, "
    "Activiteit; Fecha, Hora, Actividad; Data, Ora, Attività; Data, Hora, Atividade; Datum, Tid, Aktivitet)"
)


def recognises(head: bytes, filename: str) -> bool:
    """The first line names Actiware; or, where title or preamble were cut away, a row has an epoch's columns and an interval status."""
    text = head.decode(encoding_of(head), errors="ignore").lstrip("\ufeff\r\n ")
    if "Actiware" in text.split("\n", 1)[0][:200]:
        return True
    telling = (line for line in text.split("\n") if "nterval" in line[:MOST_HEADER])
    return any(_is_header(split(line[:MOST_HEADER], separator)) for line in telling for separator in ",;\t")


def read(source: Source, progress: Progress) -> Reading:
    """The one person of an Actiware export. Raises RecordingError naming the line or column that cannot be read."""
    header = find_header(source, _is_header, _EXPECTED)
    at = _columns(header.names)
    facts = _facts(header.preamble)
    wanted = [at.date, at.time, at.activity, *(i for i in (at.off_wrist, at.interval) if i is not None)]
    table = cells(source, header, wanted, progress)
    notes: list[str] = []
    values, corrections = numbers(table.texts[at.activity], table.lines, header.names[at.activity], whole=True)
    notes += corrections
    if at.interval is not None:
        interval = table.texts[at.interval]
        excluded = interval.spread(interval.texts.map(folded).str.contains(_EXCLUDED).to_numpy(bool), False)
        if excluded.any():
            values = np.where(excluded, np.nan, values)
            notes.append(f"{counted(int(excluded.sum()), 'epoch was', 'epochs were')} excluded in Actiware: empty here.")
    worn = None
    if at.off_wrist is not None:
        flags, _ = numbers(table.texts[at.off_wrist], table.lines, header.names[at.off_wrist])
        worn = ~(flags > 0)
    stamps = _stamps(table, at, header.names)
    epochs = on_grid(stamps, values, worn, _epoch(facts), table.lines)
    return Reading((_recording(source, facts, epochs, (*notes, *epochs.notes, *_count(facts, table.lines.size))),))


@dataclass(frozen=True)
class _Columns:
    date: int
    time: int
    activity: int
    off_wrist: int | None
    interval: int | None


def _is_header(names: list[str]) -> bool:
    keys = {folded(name) for name in names}
    return all(keys & set(words) for words in _WORDS.values())


def _columns(names: list[str]) -> _Columns:
    keys = [folded(name) for name in names]
    named = {what: next(i for i, key in enumerate(keys) if key in words) for what, words in _WORDS.items()}
    off_wrist = next((i for i, key in enumerate(keys) if _OFF_WRIST.search(key)), None)
    interval = next((i for i, key in enumerate(keys) if _INTERVAL.search(key) and i != off_wrist), None)
    return _Columns(**named, off_wrist=off_wrist, interval=interval)


def _facts(preamble: list[list[str]]) -> dict[str, str]:
    """What the preamble says, by meaning; cells that stand for nothing left out. The first mention counts."""
    facts: dict[str, str] = {}
    for row in preamble:
        if len(row) < 2:
            continue
        name = folded(row[0])
        for fact, pattern in _FACTS.items():
            if re.fullmatch(pattern, name) and row[1] and row[1] != "*" and folded(row[1]) not in _UNTYPED:
                facts.setdefault(fact, row[1])
    return facts


def _epoch(facts: Mapping[str, str]) -> int | None:
    """The epoch's seconds as the preamble has them, None where it has none."""
    text = facts.get("epoch", "")
    if not text.isdecimal() or len(text) > 6:
        refuse_unless(not text, f"The preamble's epoch length is not in whole seconds: {quoted(text)}. Export the file again.")
        return None
    return check_epoch(int(text), "the preamble")


def _stamps(table: Cells, at: _Columns, names: list[str]) -> np.ndarray:
    """(n,) datetime64. Exports in other languages write the day first, English ones either way, which the whole column decides."""
    dates = table.texts[at.date]
    if folded(names[at.time]) != "time":
        dotted = dates.texts.str.replace(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{2,4})$", r"\1.\2.\3", regex=True)
        table = replace(table, texts={**table.texts, at.date: replace(dates, texts=dotted)})
    return table.joined(at.date, at.time, parse_times)


def _count(facts: Mapping[str, str], rows: int) -> tuple[str, ...]:
    """A sentence where the preamble promises another number of epochs than there are rows."""
    stated = re.sub(r"\D", "", facts.get("samples", ""))
    if not stated or len(stated) > 12 or int(stated) == rows:
        return ()
    return (f"The preamble announces {int(stated)} epochs; the table has {rows}. The export was cut short, or the file is incomplete.",)


def _recording(source: Source, facts: Mapping[str, str], epochs: Epochs, notes: tuple[str, ...]) -> Recording:
    labels: dict[str, str | float | None] = {
        name: facts[name] if name in ("serial", "time_zone", "utc_offset") else columns.label(facts[name])
        for name in ("serial", "gender", "age", "time_zone", "utc_offset")
        if name in facts
    }
    if epochs.grid.repeated:
        labels["repeated_minutes"] = float(epochs.grid.repeated)
    if zone := facts.get("time_zone"):
        notes += device_notes(zone, facts.get("utc_offset"), epochs.grid.start, epochs.grid.values.size * epochs.grid.epoch_seconds // 60)
    return Recording(
        participant=facts.get("identity") or source.stem,
        values=epochs.grid.values,
        start=epochs.grid.start,
        epoch_seconds=epochs.grid.epoch_seconds,
        unit=COUNTS,
        device=facts.get("device"),
        placement=None,
        labels=labels,
        source=source.name,
        worn=epochs.worn,
        notes=notes,
    )


FORMAT = Format("Actiware export (Philips Respironics CSV)", recognises, read)
