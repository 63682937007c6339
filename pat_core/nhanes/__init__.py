"""NHANES as PAT's authors use it: the CDC's files to weeks, standardized cycle by cycle, with the five labels.

Read cycles.py (which files), cdc_downloads.py and transport_files.py (how they come), minute_collector.py and tapes.py (rows in bounded
memory), nhanes_weeks.py (one week a person), nhanes_labels.py, and folder.py, which puts a cycle together.
"""

from pat_core.nhanes.cdc_downloads import download
from pat_core.nhanes.cycles import CDC, CYCLES, Cycle, DataFile
from pat_core.nhanes.folder import FLAGGED_MINUTES, CycleFiles, Prepared, Settings, locked, open_prepared, prepare
from pat_core.nhanes.minute_collector import collect
from pat_core.nhanes.minute_rows import Rows
from pat_core.nhanes.nhanes_labels import LABELS, derive, drug_classes
from pat_core.nhanes.nhanes_weeks import cut_weeks
from pat_core.nhanes.tapes import Tapes
from pat_core.nhanes.transport_files import TransportFile, read_table, transport_file, transport_files

__all__ = [
    "CDC",
    "CYCLES",
    "FLAGGED_MINUTES",
    "LABELS",
    "Cycle",
    "CycleFiles",
    "DataFile",
    "Prepared",
    "Rows",
    "Settings",
    "Tapes",
    "TransportFile",
    "collect",
    "cut_weeks",
    "derive",
    "download",
    "drug_classes",
    "locked",
    "open_prepared",
    "prepare",
    "read_table",
    "transport_file",
    "transport_files",
]
