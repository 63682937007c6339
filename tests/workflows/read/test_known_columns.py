"""The look at the files of an import: which have remembered columns, which have to be asked about, how many are left."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from pat_core.recordings.mapping.unknown_table import why_unknown
from pat_core.recordings.source import Source
from pat_core.workflows.read import column_mapping as known
from pat_core.workflows.read import column_mapping as mapped
from tests.workflows.read.test_column_mapping import said, upload, ward


def why(key: str, source: Source) -> str | None:
    return why_unknown(source)


def zipped(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as packed:
        for name, content in files.items():
            packed.writestr(f"control/{name}.csv", content)
    return held.getvalue()


def test_the_files_of_uploads_zips_folders_and_single_paths_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_bytes(ward(("C",)))
    brought = known.uploaded([upload("study.zip", zipped(a=ward())), upload("c.csv", ward())])
    assert known.look(brought, ()).files == ("a.csv", "c.csv")
    for place in (tmp_path, tmp_path / "b.csv"):
        assert known.look(known.lying_at(place), ()).files == ("b.csv",)
    for place in (tmp_path / "absent", Path("\x00")):
        assert known.lying_at(place) == []
    assert known.look(known.uploaded([upload("broken.zip", b"PK\x03\x04 broken")]), ()) == known.Looked()


def test_files_stand_with_what_is_remembered_and_only_the_others_are_asked_about(workspace) -> None:
    mapped.remember(workspace, said(ward()), "first.csv")
    asked: list[str] = []
    brought = known.uploaded([upload("study.zip", zipped(a=ward(), new=ward(light=3))), upload("c.csv", ward(("C",)))])
    looked = known.look(brought, mapped.remembered(workspace), why=lambda key, source: asked.append(source.filename) or why(key, source))
    (used,), (unknown,) = looked.used, looked.unknown
    assert used.files == ("a.csv", "c.csv") and used.mapping == said(ward()) and looked.left == 0
    assert asked == ["new.csv"] and "Zeitpunkt" in unknown.why
    for source, content in ((used.first, ward()), (unknown.source, ward(light=3))):
        with source.open() as stream:
            assert stream.read() == content, "a member of a zip cannot be read once the look is over"


@pytest.mark.parametrize("most", [1, 2, 3])
def test_a_bounded_look_counts_what_it_leaves(workspace, most: int) -> None:
    brought = known.uploaded([upload("study.zip", zipped(a=ward(), b=ward())), upload("c.csv", ward())])
    looked = known.look(brought, (), most, why)
    assert looked.files == ("a.csv", "b.csv", "c.csv")[:most] and looked.left == 3 - most and len(looked.unknown) == most


def test_a_file_that_cannot_be_opened_stops_no_look(workspace) -> None:
    def broken() -> io.BytesIO:
        raise PermissionError("closed")

    mapped.remember(workspace, said(ward()), "first.csv")
    brought = [Source("a.csv", "a.csv", 9, broken), *known.uploaded([upload("c.csv", ward())])]
    looked = known.look(brought, mapped.remembered(workspace), why=why)
    assert looked.used[0].files == ("c.csv",) and looked.unknown == ()
