"""Raw accelerometer recordings: ActiGraph .gt3x, Axivity .cwa, GENEActiv .bin, and text, read in pieces, made into one value a minute.

`read_raw(source, progress, measure)` chooses the measure: vertical counts, vector magnitude counts, or ENMO.
"""

from __future__ import annotations

from pat_core.recordings.raw import cwa, geneactiv, gt3x, raw_text
from pat_core.recordings.raw.counts import counts, enmo
from pat_core.recordings.raw.measures import MEASURES, Measure, read_raw
from pat_core.recordings.source import Format

GT3X = Format("ActiGraph raw (.gt3x)", gt3x.recognises, read_raw, ".gt3x")
CWA = Format("Axivity raw (.cwa)", cwa.recognises, read_raw, ".cwa")
GENEACTIV = Format("GENEActiv raw (.bin)", geneactiv.recognises, read_raw, ".bin")
TEXT = Format("raw acceleration as text (ActiLife, Axivity, GENEActiv CSV)", raw_text.recognises, read_raw, "OmGui")

__all__ = ["CWA", "GENEACTIV", "GT3X", "MEASURES", "TEXT", "Measure", "counts", "enmo", "read_raw"]
