import hashlib
import os
import time

import pytest

from pat_core.errors import JobError
from pat_core.jobs.launchers.porter_store import PorterStore
from pat_core.jobs.parcel import KEPT, READS, Packed, make_parts, read_manifest, seal


@pytest.fixture
def store(tmp_path):
    return PorterStore(tmp_path / "there")


@pytest.fixture
def parcel(tmp_path):
    """A parcel with a file to read and one that was kept before."""
    reads, begun = make_parts(tmp_path / "draft"), tmp_path / "begun"
    (reads / "weeks.npy").write_bytes(b"1234567890")
    (begun / "fold-1").mkdir(parents=True)
    (begun / "fold-1" / "last.safetensors").write_bytes(b"half")
    return seal(tmp_path / "draft", "count", Packed({"seed": 1}, {"weeks.npy": "Numbers"}, 3), begun, ("fold-1/last.safetensors",))


def sent(store, content: bytes, step: int = 4) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    for first in range(0, len(content), step):
        store.append(sha256, len(content), first, content[first : first + step])
    return sha256


def laid(store, parcel) -> None:
    sent(store, b"1234567890")
    sent(store, b"half")
    store.open(parcel.as_plain())


def test_a_file_that_broke_off_goes_on_where_it_stopped(store):
    sha256 = hashlib.sha256(b"1234567890").hexdigest()
    assert store.append(sha256, 10, 0, b"1234") == 4
    assert PorterStore(store.folder).sent({sha256: 10}) == {sha256: 4}
    assert store.append(sha256, 10, 2, b"xx") == 4, "a second sender hears how much is there"
    assert store.append(sha256, 10, 4, b"567890") == 10
    assert (store.objects / sha256).read_bytes() == b"1234567890" and store.append(sha256, 10, 0, b"9") == 10


def test_a_damaged_file_starts_anew(store):
    sha256 = hashlib.sha256(b"1234567890").hexdigest()
    assert store.append(sha256, 10, 0, b"123456789x") == 0
    assert store.sent({sha256: 10}) == {sha256: 0}


def test_a_kill_between_the_last_byte_and_the_name_costs_nothing(store):
    sha256 = hashlib.sha256(b"1234567890").hexdigest()
    (store.objects / f"{sha256}.part").write_bytes(b"1234567890")
    assert store.sent({sha256: 10}) == {sha256: 10} and (store.objects / sha256).exists()


def test_a_parcel_is_laid_out_whole_and_says_what_is_in_it(store, parcel):
    laid(store, parcel)
    folder = store.parcel(parcel.id)
    assert (folder / READS / "weeks.npy").read_bytes() == b"1234567890" and read_manifest(folder) == parcel
    assert store.kept(parcel.id) == [{"name": "fold-1/last.safetensors", "size": 4, "sha256": hashlib.sha256(b"half").hexdigest()}]
    assert store.read(parcel.id, "fold-1/last.safetensors", 1, 2) == b"al"


def test_what_is_kept_at_the_sender_takes_the_place_of_what_is_kept_there(store, parcel):
    laid(store, parcel)
    (store.parcel(parcel.id) / KEPT / "fold-1" / "last.safetensors").write_bytes(b"old")
    store.open(parcel.as_plain())
    assert store.read(parcel.id, "fold-1/last.safetensors", 0, 9) == b"half"


def test_a_file_that_is_not_there_leaves_no_half_parcel(store, parcel):
    with pytest.raises(JobError):
        store.open(parcel.as_plain())
    assert list(store.parcels.iterdir()) == []


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a/../../x", ".hidden", "", "a//b", "a\nb"])
def test_no_name_leads_out_of_the_parcel(store, parcel, name):
    laid(store, parcel)
    plain = parcel.as_plain()
    plain["kept"] = [{**plain["kept"][0], "name": name}]
    for asked in (lambda: store.open(plain), lambda: store.read(parcel.id, name, 0, 9)):
        with pytest.raises(JobError, match="name of a file"):
            asked()
    for identity in ("../parcels", "x" * 16, ""):
        with pytest.raises(JobError, match="id of a parcel"):
            store.parcel(identity)


def test_arrays_go_when_no_parcel_has_them_and_nobody_used_them_for_long(store, parcel):
    laid(store, parcel)
    sent(store, b"unused")
    long_ago = time.time() - 20 * 86_400
    for path in store.objects.iterdir():
        os.utime(path, (long_ago, long_ago))
    store.sweep(14)
    assert [path.name for path in store.objects.iterdir()] == [hashlib.sha256(b"1234567890").hexdigest()]
    store.forget(parcel.id)
    store.sweep(14)
    assert list(store.objects.iterdir()) == []


def test_a_parcel_whose_work_was_silent_for_long_goes_and_one_that_only_waits_stays(store, parcel):
    laid(store, parcel)
    folder, long_ago = store.parcel(parcel.id), time.time() - 20 * 86_400
    os.utime(folder / "parcel.json", (long_ago, long_ago))
    store.sweep(14)
    assert folder.exists(), "it waits in a queue"
    (folder / "state.json").write_text("{}")
    store.sweep(14)
    assert folder.exists()
    os.utime(folder / "state.json", (long_ago, long_ago))
    store.sweep(14)
    assert not folder.exists()
