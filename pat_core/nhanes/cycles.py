"""The NHANES cycles with activity of every minute: their files, where the CDC gives them, and how many people PAT's authors report.

File names and variables as in the CDC's codebooks (wwwn.cdc.gov/nchs/nhanes). Counts: Ruan et al., arXiv 2411.15240.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pat_core.recordings.tables.nhanes_days import MONITORS
from pat_core.records import COUNTS, MIMS

CDC = "https://wwwn.cdc.gov/Nchs/Data/Nhanes/Public"
CDC_LARGE = "https://ftp.cdc.gov/pub/NHANES/LargeDataFiles"
"""Files of several gigabytes stand here as well; the first place sometimes gives only their documentation."""


@dataclass(frozen=True)
class DataFile:
    """One file of the CDC. name: of the table (PAXRAW_C); filename: as downloaded; about_bytes: until the server says; addresses: in the
    order in which they are tried."""

    name: str
    filename: str
    about_bytes: int
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Cycle:
    """Two years of NHANES. kind: layout of the minute file, "PAXRAW" (hip, counts) or "PAXMIN" (wrist, MIMS).

    tables: DEMO, RXQ_RX and, from 2005 on, DPQ and SLQ. paper: name of a count -> what the authors report.
    """

    year: int
    letter: str
    kind: str
    unit: str
    minutes_bytes: int
    tables: tuple[str, ...]
    paper: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """ "2003-04" """
        return f"{self.year}-{(self.year + 1) % 100:02d}"

    @property
    def monitor(self) -> tuple[str, str]:
        """The device, and where it was worn."""
        return MONITORS[self.kind]

    def table_name(self, table: str) -> str:
        """ "DEMO" -> "DEMO_C" """
        return f"{table}_{self.letter}"

    def minutes_file(self, site: str = CDC) -> DataFile:
        """The file of minutes: zipped until 2006, plain and of 8 to 9 GB from 2011 on. site: another place laid out as the CDC's."""
        name = self.table_name(self.kind)
        filename = f"{name}.zip" if self.kind == "PAXRAW" else f"{name}.xpt"
        here = f"{site}/{self.year}/DataFiles/{filename}"
        large = (f"{CDC_LARGE}/{filename}",) if self.kind == "PAXMIN" and site == CDC else ()
        return DataFile(name, filename, self.minutes_bytes, (*large, here))

    def table_files(self, site: str = CDC) -> tuple[DataFile, ...]:
        """The tables about people."""
        names = [self.table_name(table) for table in self.tables]
        return tuple(DataFile(name, f"{name}.xpt", 4_000_000, (f"{site}/{self.year}/DataFiles/{name}.xpt",)) for name in names)


_ALL = ("DEMO", "RXQ_RX", "DPQ", "SLQ")

CYCLES: Mapping[int, Cycle] = {
    cycle.year: cycle
    for cycle in (
        # The questions on depression (DPQ) and sleep (SLQ) were first asked in 2005.
        Cycle(2003, "C", "PAXRAW", COUNTS, 430_000_000, ("DEMO", "RXQ_RX"), {"people": 7_176}),
        Cycle(2005, "D", "PAXRAW", COUNTS, 470_000_000, _ALL, {"people": 7_455}),
        Cycle(2011, "G", "PAXMIN", MIMS, 8_200_000_000, _ALL, {"people": 6_907}),
        Cycle(
            2013,
            "H",
            "PAXMIN",
            MIMS,
            9_300_000_000,
            _ALL,
            {"people": 7_769, "depression": 4_800, "sleep disorder": 5_429, "sleep abnormality": 5_429},
        ),
    )
}
"""First year -> cycle."""
