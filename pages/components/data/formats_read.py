"""What the app reads, a line each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.components.shared.words import _
from pat_core.settings import COMMAND

READ = {
    _("CSV or Parquet, one row an epoch"): _(
        "Columns timestamp and activity (or counts, mims, enmo, steps); participant where a file holds "
        "several people, otherwise the file's name is the participant. Other columns whose value stays the same become labels."
    ),
    _("CSV or Parquet, one row a person"): _(
        "A column participant, then one column for each minute in order (10,080 a week). A column start, "
        "if there is one, says when the first minute was."
    ),
    _("Excel workbook (.xlsx, .xlsm)"): _(
        "Any of these tables, or a device's export that was saved in Excel: each visible sheet is a table of "
        "its own. A single sheet is named by the file, several by their names."
    ),
    _("ActiLife export (CSV, .dat)"): _(
        "As exported from ActiGraph's software, with its header lines. The vertical axis is read; in a .dat, "
        "the header's mode says which numbers are that axis."
    ),
    _("ActiGraph database (.agd)"): _("As ActiLife writes it; the vertical axis is read, with the device's name and serial number."),
    _("Raw .gt3x, .cwa, .bin"): _(
        "ActiGraph (the oldest .gt3x too): counts of the vertical axis are computed (Neishabouri 2022). Axivity and "
        "GENEActiv: ENMO in mg. Pauses and damaged blocks are reported."
    ),
    _("Raw acceleration as CSV"): _(
        "The RAW export of ActiLife, with times or without; OmGui's and omconvert's (time, x, y, z in g); "
        "GENEActiv's. It is processed like the device's own file, whatever its size; other columns are ignored."
    ),
    _("GENEActiv epochs (CSV)"): _(
        "The epoch export of GENEActiv's own software, with its hundred header lines. Its sum of vector magnitudes "
        "is divided by the number of samples to give mg."
    ),
    _("Clinical devices"): _(
        "Actiwatch .AWD and Actiware CSV (eight languages), ActTrust, MotionWatch .mtn, Tempatilumi, Daqtometer, "
        "Actical, MESA, GGIR, Oxford time series; the device's own off-wrist marks are kept."
    ),
    _("Fitbit, Google, Samsung, Withings, Garmin, Apple Health"): _(
        "Minutes of Fitbit (wide or narrow CSV, JSON), steps_YYYY-MM-DD.csv of Google Takeout, pedometer_step_count of Samsung, "
        "raw_tracker_steps.csv of Withings, epoch summaries of one minute, export.xml; also whole downloads as a zip or folder. These are "
        "steps: PAT was trained on counts. Minutes without a record count as 0."
    ),
    _("Any other table with times (CSV)"): _(
        "The page guesses what its columns mean, shows the first rows as understood for you to check, and "
        "remembers your answer for the next file with the same columns."
    ),
    _("NumPy .npy"): _("Numbers of shape (people, minutes) or (minutes,), missing minutes as NaN."),
    _("NumPy .npz"): _(
        "Such an array called weeks, values, x or activity; beside it, if known, participants, start, unit, device and labels."
    ),
    _("NHANES (.xpt)"): _(
        "The minute files PAXRAW_C and PAXRAW_D as the CDC publishes them, and parts of PAXMIN_G and PAXMIN_H "
        "(MIMS, with the CDC's wear flags); the whole of these, gigabytes each, with `{command} nhanes`. Other "
        ".xpt tables are joined as labels."
    ).format(command=COMMAND),
    _("Zip or folder"): _(
        "Any of these together. A layout <group>/<person>.csv gives everybody the label group; tables called participants, "
        "labels, demographics, scores or <group>-info are joined to the people."
    ),
}
"""Format -> how it should look."""

NOT_READ = _(
    "Any of them may be gzipped. Not read: workbooks with a password or in an old Excel format, data files of SPSS, Stata, SAS, R or "
    "MATLAB, workouts, and device files that only their maker's program opens; each refusal says what to export instead. Pickled files are "
    "never opened, because they can run programs."
)


def show() -> None:
    """The formats as a table, and what is left outside."""
    st.table(pd.DataFrame({_("Format"): READ.keys(), _("How it should look"): READ.values()}).set_index(_("Format")))
    st.markdown(NOT_READ)
    st.markdown(
        _(
            "The model reads one value a minute. Shorter epochs are aggregated to minutes; longer ones are refused. A person needs "
            "as many full days as you ask for, seven unless you choose others: shorter recordings are refused, with their length stated, "
            "never padded."
        )
    )
