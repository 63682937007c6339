"""A document as a PDF, as pictures of its pages, or in a file."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from pat_core.errors import PatError
from pat_core.files import replacing
from pat_core.reports.paper.paper_html import html_of
from pat_core.reports.paper.paper_layout import pages_of
from pat_core.reports.paper.paper_parts import Document
from pat_core.reports.paper.paper_style import ONE_AT_A_TIME, PAPERS, settled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".pdf", ".html")
DOTS_PER_INCH = 110


def check_report(out: Path, paper: str) -> None:
    """PatError unless a report can be written under this name and on this paper."""
    if out.suffix.lower() not in ENDINGS:
        raise PatError(f"Expected an --out file ending in {' or '.join(ENDINGS)}, got {out.name}.")
    if paper not in PAPERS:
        raise PatError(f"Expected the paper to be one of {', '.join(PAPERS)}, got {paper!r}.")


def as_file_name(name: str) -> str:
    """A participant's name as a part of a file's name, without what a file system or a shell could take for something else."""
    return re.sub(r"[^\w.-]+", "_", name).strip("._")[:60] or "person"


def pdf_of(document: Document, created: datetime, paper: str = "a4") -> bytes:
    """The pages as a PDF with vector figures. created: what it says of when it was made."""
    return pdf_of_pages(pages_of(document, paper), document, created)


def pdf_of_pages(pages: Sequence[Figure], document: Document, created: datetime) -> bytes:
    """Pages that were laid out already, as a PDF."""
    from matplotlib.backends.backend_pdf import PdfPages

    about = {
        "Title": document.title, "Author": None, "Subject": document.foot, "Creator": "PAT Explorer", "CreationDate": created,
        "ModDate": created,
    }  # fmt: skip
    file = io.BytesIO()
    settled()
    with ONE_AT_A_TIME, PdfPages(file, metadata={name: value for name, value in about.items() if value}) as pdf:
        for page in pages:
            pdf.savefig(page)
    return file.getvalue()


def pictures_of(pages: Sequence[Figure], dots_per_inch: int = DOTS_PER_INCH) -> list[bytes]:
    """Each page as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    settled()
    pictures = []
    for page in pages:
        FigureCanvasAgg(page)
        file = io.BytesIO()
        with ONE_AT_A_TIME:
            page.savefig(file, format="png", dpi=dots_per_inch)
        pictures.append(file.getvalue())
    return pictures


def write_report(document: Document, out: Path, created: datetime, paper: str = "a4") -> int:
    """Write a document as what its ending says, whole or not at all; how many pages it has (0 of HTML, which has none before it is
    printed)."""
    check_report(out, paper)
    pages = pages_of(document, paper) if out.suffix.lower() == ".pdf" else []
    content = pdf_of_pages(pages, document, created) if pages else html_of(document).encode("utf-8")
    with replacing(out) as waiting:
        waiting.write_bytes(content)
    return len(pages)
