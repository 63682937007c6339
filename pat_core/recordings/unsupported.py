"""Files that are well known and not read: what each is, and what to export instead. By ending, and by the first bytes whatever the name.

No sentence here repeats anything that the file holds: it is no recording, and may be anybody's.
"""

from __future__ import annotations

import re

from pat_core.recordings.tables.text_shape import is_text

_EPOCHS = "Export 60-second epochs as CSV from the maker's program, with date, time and activity in every row, and import those."
_TABLE = "Save the table as CSV or Parquet, one row a minute with its time, or one row a person, and import that."
_DOCUMENT = "It holds no recording. Export the recording itself as CSV from the device's program."
_PICTURE = "This is a picture. " + _DOCUMENT
_PACKED = "This archive is not a zip. Unpack it and import its contents as a folder or a zip."
_STATISTICS = "This is a data file from {program}. " + _TABLE
_WORKOUT = (
    "This is a {kind}, which holds single workouts and not whole days. For Garmin, ask for the epoch summaries of a study export (JSON "
    "or CSV); for others, export minute-by-minute activity as CSV."
)
_SIGNALS = "This is a signal file ({kind}) from a sleep laboratory. Export its activity or acceleration as CSV and import that."


def _each(sentence: str, *endings: str) -> dict[str, str]:
    return dict.fromkeys(endings, sentence)


UNREAD: dict[str, str] = {
    **_each("This is a binary Excel workbook. Save it as .xlsx, or its sheet as CSV, and import that.", ".xlsb"),
    **_each("This is an old Excel workbook. Save it as .xlsx, or its sheet as CSV, and import that.", ".xls"),
    **_each("This is a spreadsheet from another office program. Save its sheet as CSV and import that.", ".ods", ".numbers", ".gsheet"),
    **_each("Pickled files can run programs and are never opened. Save the arrays as .npz.", ".pkl", ".pickle", ".joblib"),
    # Devices
    **_each("This is an ActiGraph file in CentrePoint's own format. Export .agd or 60-second CSV from CentrePoint or ActiLife.", ".gtx"),
    **_each(
        "This is an Actical file, whose header is longer than an Actiwatch's. Export it as CSV with 60-second epochs.", ".awc", ".acd"
    ),
    **_each("This is Actiware's own database of recordings. Export the epochs of each recording from Actiware as CSV.", ".awf"),
    **_each("This is a file in Daqtometer's own format. Export it as CSV from the Daqtix program.", ".dqa"),
    **_each("This is a file in the watch's own format, which only its maker's program opens. " + _EPOCHS, ".wt", ".wtv", ".wgt"),
    **_each("This is an activPAL recording. Export its epochs or its uncompressed acceleration as CSV from PALanalysis.", ".datx", ".pal"),
    **_each((
        "This is an audio file, such as omconvert makes from Axivity recordings. Import the .cwa it was made from, or export CSV."
    ), ".wav"),
    **_each(_WORKOUT.format(kind="sports watch workout"), ".fit"),
    **_each(_WORKOUT.format(kind="training file"), ".tcx"),
    **_each(_WORKOUT.format(kind="GPS track"), ".gpx", ".kml", ".kmz"),
    # Programs of statistics and of laboratories
    **_each(_STATISTICS.format(program="SPSS"), ".sav", ".zsav", ".por"),
    **_each(_STATISTICS.format(program="Stata"), ".dta"),
    **_each(_STATISTICS.format(program="SAS"), ".sas7bdat", ".sas7bcat"),
    **_each(_STATISTICS.format(program="R"), ".rds", ".rda", ".rdata"),
    **_each(_STATISTICS.format(program="MATLAB"), ".mat"),
    **_each(_STATISTICS.format(program="Access"), ".mdb", ".accdb"),
    **_each(_STATISTICS.format(program="Arrow"), ".feather", ".arrow", ".orc"),
    **_each("This is an HDF5 file. If it holds a model, add it on the Models page; if it holds activity, save that as .npz or CSV.",
            ".h5", ".hdf5", ".hdf", ".nc"),
    **_each("This is a model, not a recording. Add it on the Models page.", ".safetensors", ".keras", ".onnx"),
    **_each("This is a PyTorch model or a pickle, which can run programs and is never opened.", ".pt", ".pth", ".ckpt"),
    **_each(_SIGNALS.format(kind="EDF or BDF"), ".edf", ".bdf"),
    # Everything else that people drop
    **_each("This is a document. " + _DOCUMENT, ".pdf", ".doc", ".docx", ".odt", ".rtf", ".ppt", ".pptx", ".pages", ".md", ".tex"),
    **_each(_PICTURE, ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".heic", ".webp", ".svg"),
    **_each("This is a sound or video file. " + _DOCUMENT, ".mp3", ".mp4", ".mov", ".avi", ".m4a"),
    **_each(_PACKED, ".7z", ".rar", ".tar", ".tgz", ".bz2", ".xz", ".zst"),
    **_each("This is a program. " + _DOCUMENT, ".exe", ".dll", ".msi", ".dmg", ".app", ".sh", ".bat", ".py", ".r", ".m", ".ipynb"),
    **_each("This is a web page. " + _DOCUMENT, ".html", ".htm"),
}  # fmt: skip
"""What to do with files of these endings, which no reader takes."""

OTHERS: dict[str, str] = {
    ".mtn": "This .mtn is not in the format that MotionWare writes (XML). Open it in MotionWare and export the epochs as CSV.",
    ".bin": "This .bin is not from a GENEActiv, whose header is text. Export it as CSV from its own program.",
    ".cwa": "This .cwa does not start as Axivity's recorders write it. Download it from the recorder again, or export CSV from OMGUI.",
    ".gt3x": (
        "This .gt3x is not a complete zip of a device's files. Download it from the device again, or export .agd or CSV from ActiLife."
    ),
    ".agd": "This .agd is not an ActiLife database. Export it from ActiLife again.",
    ".xpt": "This .xpt is not a SAS transport file of version 5. " + _TABLE,
    ".npz": "This .npz is not a zip of NumPy arrays. Save the arrays with numpy.savez.",
    ".npy": "This .npy is not a NumPy array. Save the array with numpy.save.",
    ".parquet": "This .parquet does not start like a Parquet file. Save the table again.",
    ".asc": "This .asc is not in a known format. " + _EPOCHS,
    ".aws": "This is an Actiwatch file in the maker's own format. Export .AWD, or the epochs as CSV.",
}
"""What is said of these endings where no reader recognises the file, and it is no text."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n", _PICTURE), (0, b"\xff\xd8\xff", _PICTURE),
    (0, b"GIF8", _PICTURE), (0, b"II*\x00", _PICTURE), (0, b"MM\x00*", _PICTURE), (0, b"MATLAB 5.0 MAT-file", UNREAD[".mat"]),
    (0, b"\x89HDF\r\n\x1a\n", UNREAD[".h5"]), (0, b"$FL2", UNREAD[".sav"]), (0, b"$FL3", UNREAD[".sav"]),
    (0, b"<stata_dta>", UNREAD[".dta"]), (0, b"\x00" * 12 + b"\xc2\xea\x81\x60", UNREAD[".sas7bdat"]), (0, b"RDX", UNREAD[".rds"]),
    (0, b"RDA", UNREAD[".rds"]), (0, b"X\n\x00\x00\x00", UNREAD[".rds"]), (8, b".FIT", UNREAD[".fit"]), (0, b"0       ", UNREAD[".edf"]),
    (0, b"\xffBIOSEMI", UNREAD[".edf"]), (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", (
        "This is an old or password-protected Office file. Save it as .xlsx or CSV without a password and import that."
    )), (0, b"7z\xbc\xaf\x27\x1c", _PACKED), (0, b"Rar!", _PACKED),
    (0, b"BZh", _PACKED), (0, b"\xfd7zXZ\x00", _PACKED), (0, b"\x28\xb5\x2f\xfd", _PACKED), (257, b"ustar", _PACKED),
    (8, b"WAVE", UNREAD[".wav"]),
    (0, b"MZ", UNREAD[".exe"]), (0, b"\x7fELF", UNREAD[".exe"]), (0, b"ARROW1", UNREAD[".arrow"]), (0, b"FEA1", UNREAD[".arrow"]),
    (0, b"ORC", UNREAD[".arrow"]), (0, b"SQLite format 3\x00", "This database is not from ActiLife. " + _TABLE),
    (0, b"\x80\x02", UNREAD[".pkl"]), (0, b"\x80\x03", UNREAD[".pkl"]), (0, b"\x80\x04", UNREAD[".pkl"]), (0, b"\x80\x05", UNREAD[".pkl"]),
)  # fmt: skip
"""Place, bytes, sentence."""
_JSON = (
    "This JSON is of an unknown kind. Supported are Fitbit's files in Google's and Fitbit's exports, and Garmin's epoch summaries. Save "
    "the minutes as CSV."
)
_XML = "This XML is of an unknown kind. Supported are Apple Health's export.xml and MotionWare's .mtn. Export the minutes as CSV."
_ROOTS = (
    (b"<gpx", UNREAD[".gpx"]),
    (b"<kml", UNREAD[".gpx"]),
    (b"<trainingcenterdatabase", UNREAD[".tcx"]),
    (b"<svg", _PICTURE),
    (b"<!doctype html", UNREAD[".html"]),
    (b"<html", UNREAD[".html"]),
)


def by_content(head: bytes) -> str | None:
    """Why a file that begins so is not read, in a sentence; None where these bytes tell nothing. To be asked where no device's reader
    recognises the file: some of them begin in the same way."""
    if head.startswith((b"%PDF", b"{\\rtf")):
        return UNREAD[".pdf"]
    if not is_text(head):  # letters alone may begin a table too
        return next((sentence for at, magic, sentence in _MAGIC if head[at : at + len(magic)] == magic), None)
    begin = head[:2000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if re.match(rb"\{\s*[\"}]|\[\s*[\[{\"\d\]-]", begin):
        return _JSON
    if begin[:1] != b"<":
        return None
    return next((sentence for root, sentence in _ROOTS if root in begin), _XML)


def by_ending(ending: str) -> str | None:
    """What is said of a file of this ending that no reader recognises; None where the ending tells nothing."""
    return OTHERS.get(ending)
