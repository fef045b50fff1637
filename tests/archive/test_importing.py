"""Files of others come in with every byte as it was, and are read and handed out like ours."""

import gzip
import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.exchanges import page
from support.strangers import COUNTS, TEXT, made
from support.warcs import URL, Rec, good, name_of, write

from archive import layout, manifest
from archive.findings import Severity, Tally
from archive.importing import Import, NotImportable, bring, find, rejoined
from archive.pull import pull
from archive.rebuild import rebuild
from archive.records import Capture, Selection
from archive.settings import Settings
from archive.store import open_store
from archive.vault import Archive, open_archive
from archive.verify import verify

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive in a folder."""
    with open_archive(Settings(store=str(tmp_path / "archive"), contact="tests@copytrail.example")) as opened:
        yield opened


def take(archive: Archive, path: Path) -> Import:
    done, is_new = bring(archive, path, lambda: NOW)
    assert is_new
    return done


def file(folder: Path, name: str, data: bytes) -> Path:
    (folder / name).write_bytes(data)
    return folder / name


def sha(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def errors(archive: Archive) -> list[str]:
    found = verify([archive.store], open_store, Tally())
    return [f"{item.file} {item.rule} {item.message}" for item in found if item.severity is Severity.ERROR]


def rebuilt(archive: Archive) -> list[Capture]:
    """What the catalogue holds after it was made anew."""
    assert not [item for item in rebuild(archive.store, archive.catalogue) if item.problem]
    return list(archive.catalogue.all_captures())


# Files that other tools really wrote


@pytest.fixture(scope="module")
def strangers(tmp_path_factory: pytest.TempPathFactory, judge: Callable[[str], Path]) -> dict[str, Path]:
    """The same small site by wget, compressed and not, by warcio and by warcprox, and as packages by py-wacz."""
    return made(tmp_path_factory.mktemp("strangers"), warcprox=judge("warcprox").with_name("python"), wacz=judge("wacz"))


@pytest.mark.parametrize("name", COUNTS)
def test_a_warc_of_another_tool_is_an_object_like_ours(archive: Archive, strangers: dict[str, Path], name: str) -> None:
    """Its bytes are those of the file; every answer is a capture whose page is read; a rebuild gives the same; nothing is accused."""
    done = take(archive, strangers[name])
    captures = list(archive.catalogue.all_captures())

    (key,) = done.warcs
    assert archive.store.read(key) == strangers[name].read_bytes()
    assert key.endswith(".warc") is (name == "wget-plain.warc")
    assert (done.captures, len(captures), done.faults) == (COUNTS[name], COUNTS[name], ())
    pages = {capture.url.partition("//")[2].partition("/")[2]: archive.page(capture) for capture in captures}
    assert (pages["same"].body, pages["again"].body, pages["chunked"].body) == (TEXT, TEXT, b"ab")
    assert all(found.problem is None for found in pages.values())
    assert errors(archive) == []
    assert rebuilt(archive) == captures


@pytest.mark.parametrize("name", COUNTS)
def test_payloads_are_hashed_here(archive: Archive, strangers: dict[str, Path], name: str) -> None:
    """Whatever digest a tool states, over chunk framing or by SHA-1, a response has the SHA-256 of its payload."""
    take(archive, strangers[name])
    found = {item.url.rpartition("/")[2]: item for item in archive.catalogue.all_captures() if item.kind == "response"}

    assert found["same"].payload_digest == sha(TEXT)
    assert (found["chunked"].payload_digest, found["chunked"].payload_length) == (sha(b"ab"), 2)


@pytest.mark.parametrize(("name", "inner"), [("wget.wacz", "wget.warc.gz"), ("plain.wacz", "wget-plain.warc")])
def test_a_package_can_be_put_together_again(archive: Archive, strangers: dict[str, Path], name: str, inner: str) -> None:
    """Its WARC is the very object that the WARC alone would be; with the rest it is the package, byte for byte; nothing is there twice."""
    done = take(archive, strangers[name])
    again, is_new = bring(archive, strangers[inner], lambda: NOW)

    assert b"".join(rejoined(archive.store, done)) == strangers[name].read_bytes()
    assert archive.store.read(done.warcs[0]) == strangers[inner].read_bytes()
    assert (again.warcs, is_new) == (done.warcs, True)
    assert len(list(archive.store.keys("warc/"))) == 1
    rest = archive.store.info(layout.rest_key(done.sha256))
    assert rest is not None
    assert rest.size + strangers[inner].stat().st_size == strangers[name].stat().st_size
    assert errors(archive) == []


def test_a_pull_comes_back_in(archive: Archive, tmp_path: Path) -> None:
    """What one archive of ours gave away, another takes in: the captures keep how they were found."""
    deposit = archive.deposit(clock=lambda: NOW, info={"software": "copytrail/test"})
    deposit.keep(page(TEXT, b"Content-Type: text/html"))
    (capture,) = deposit.seal()
    path = file(tmp_path, "of-ours.warc.gz", archive.store.read(capture.ref.key))
    with open_archive(Settings(store=str(tmp_path / "other"), contact="tests@copytrail.example")) as other:
        take(other, path)
        (found,) = other.catalogue.all_captures()

    assert (found.id, found.found, found.payload_digest, found.time) == (capture.id, capture.found, capture.payload_digest, capture.time)


# Once and again


def test_the_same_bytes_again_change_nothing(archive: Archive, tmp_path: Path) -> None:
    """Under whatever name they come."""
    first = take(archive, file(tmp_path, "a.warc.gz", write(good().values())))
    before = list(archive.store.keys())
    again = bring(archive, file(tmp_path, "b.warc.gz", write(good().values())), lambda: NOW)

    assert again == (first, False)
    assert list(archive.store.keys()) == before


def test_every_object_is_vouched_for(archive: Archive, tmp_path: Path) -> None:
    """WARC, index and record of the import are in this writer's manifest."""
    done = take(archive, file(tmp_path, "a.warc.gz", write(good().values())))
    listed = {item.key for link in manifest.read_chain(archive.store, archive.writer) for item in link.objects}

    assert listed == {done.warcs[0], layout.cdxj_key(done.warcs[0]), layout.import_key(done.sha256)}
    assert find(archive.store, done.sha256) == done
    assert (done.name, done.time, done.size) == ("a.warc.gz", NOW, (tmp_path / "a.warc.gz").stat().st_size)


def test_an_import_that_was_cut_off_is_finished_by_the_next(archive: Archive, strangers: dict[str, Path]) -> None:
    """However little of it was done: the record of the import is what counts."""
    done = take(archive, strangers["wget.wacz"])
    folder = Path(archive.store.url)
    for lost in (layout.import_key(done.sha256), layout.rest_key(done.sha256), layout.cdxj_key(done.warcs[0])):
        (folder / lost).unlink()
        archive.catalogue.clear()
        again = take(archive, strangers["wget.wacz"])
        assert again == done
        assert len(list(archive.catalogue.all_captures())) == done.captures
        (folder / layout.import_key(done.sha256)).unlink()
    take(archive, strangers["wget.wacz"])

    assert errors(archive) == []


def test_an_index_that_is_there_stays(archive: Archive, tmp_path: Path) -> None:
    """An earlier version may have written it otherwise: an object is never replaced."""
    path = file(tmp_path, "a.warc.gz", write(good().values()))
    key = layout.cdxj_key(take(archive, path).warcs[0])
    (Path(archive.store.url) / layout.import_key(sha(path.read_bytes()))).unlink()
    (Path(archive.store.url) / key).write_bytes(b"as it was\n")
    take(archive, path)
    newest = list(manifest.read_chain(archive.store, archive.writer))[-2]

    assert archive.store.read(key) == b"as it was\n"
    assert (key, sha(b"as it was\n")) in {(item.key, item.sha256) for item in newest.objects}


# What is damaged


def test_what_is_whole_is_indexed_and_what_is_not_is_named(archive: Archive, tmp_path: Path) -> None:
    """A broken member and a cut end cost their own records; the bytes stay as they are, and a rebuild agrees."""
    pieces = [write([record]) for record in good().values()]
    records = [*pieces, write([_another(6)]), write([_another(7)]), write([_another(8)])[:-20]]
    broken = bytearray(b"".join(records))
    spoilt = sum(map(len, records[:5]))
    broken[spoilt + 30] ^= 0xFF
    done = take(archive, file(tmp_path, "broken.warc.gz", bytes(broken)))
    captures = list(archive.catalogue.all_captures())

    assert archive.store.read(done.warcs[0]) == bytes(broken)
    assert [fault.offset for fault in done.faults] == [spoilt, sum(map(len, records[:7]))]
    assert {fault.file for fault in done.faults} == {"broken.warc.gz"}
    assert {item.id for item in captures} == {name_of(number)[1:-1] for number in (2, 5, 7)}
    assert rebuilt(archive) == captures


def _another(number: int) -> Rec:
    """A response of its own."""
    record = good()["response"]
    record.fields = [item for item in record.fields if item[0] not in {"WARC-Concurrent-To", "WARC-Warcinfo-ID"}]
    record.set("WARC-Record-ID", name_of(number))
    record.set("WARC-Target-URI", f"{URL}/{number}")
    return record


def test_faults_beyond_a_thousand_are_counted(archive: Archive, tmp_path: Path) -> None:
    """A file that is mostly rubbish fills no record."""
    bad = _another(9)
    bad.set("WARC-Date", "yesterday")
    done = take(archive, file(tmp_path, "a.warc", write([*good().values(), *[bad] * 1007], compressed=False)))

    assert (len(done.faults), done.more_faults, done.captures) == (1000, 7, 2)


def test_several_records_in_one_gzip_member_cannot_be_addressed(archive: Archive, tmp_path: Path) -> None:
    """Such a file is kept, and what is wrong with it is told; its records would be found by no offset."""
    data = gzip.compress(write(good().values(), compressed=False), mtime=0)
    done = take(archive, file(tmp_path, "one.warc.gz", data))

    assert archive.store.read(done.warcs[0]) == data
    assert done.captures == 0
    assert "holds more than one record" in done.faults[0].message


NOTHING = {
    "a text": b"The bridge is shut.\n" * 100,
    "nothing": b"",
    "a text in gzip": gzip.compress(b"The bridge is shut."),
    "a page that speaks of WARC": b"<p>A record begins with\nWARC/1.0\r\nand so on.</p>",
}


@pytest.mark.parametrize("data", NOTHING.values(), ids=NOTHING)
def test_a_file_of_another_kind_is_refused(archive: Archive, tmp_path: Path, data: bytes) -> None:
    """Nothing of it comes into the store."""
    with pytest.raises(NotImportable, match="no WARC record"):
        bring(archive, file(tmp_path, "file", data), lambda: NOW)

    assert list(archive.store.keys()) == []


def _zip(path: Path, entries: dict[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as package:
        for name, data in entries.items():
            package.writestr(name, data)
    return path


PACKAGES = {
    "no WARC": ({"pages/pages.jsonl": b"{}"}, "without a WARC"),
    "a WARC elsewhere": ({"data.warc": write(good().values(), compressed=False)}, "without a WARC"),
    "a WARC in name": ({"archive/a.warc.gz": b"The bridge is shut."}, "without a WARC"),
}


@pytest.mark.parametrize(("entries", "words"), PACKAGES.values(), ids=PACKAGES)
def test_a_package_without_a_warc_is_refused(archive: Archive, tmp_path: Path, entries: dict[str, bytes], words: str) -> None:
    """A ZIP file of another kind."""
    with pytest.raises(NotImportable, match=words):
        bring(archive, _zip(tmp_path / "a.wacz", entries), lambda: NOW)

    assert list(archive.store.keys()) == []


def test_a_broken_package_is_refused(archive: Archive, tmp_path: Path) -> None:
    """One that was cut, and one whose directory points past its entries."""
    whole = _zip(tmp_path / "a.wacz", {"archive/a.warc.gz": write(good().values())}).read_bytes()
    for data in (whole[:-30], whole.replace(b"PK\x03\x04", b"PK\x00\x00", 1).replace(b"archive/", b"PK\x03\x04ive/", 1)):
        with pytest.raises(NotImportable):
            bring(archive, file(tmp_path, "b.wacz", data), lambda: NOW)


def test_a_compressed_entry_is_unpacked_and_kept(archive: Archive, tmp_path: Path) -> None:
    """WACZ forbids it: the WARC is taken out, and the package is kept whole beside it, because its bytes are nowhere else."""
    data = write(good().values(), compressed=False)
    path = _zip(tmp_path / "a.wacz", {"archive/a.warc": data}, zipfile.ZIP_DEFLATED)
    done = take(archive, path)

    assert archive.store.read(done.warcs[0]) == data
    assert archive.store.read(layout.rest_key(done.sha256)) == path.read_bytes()
    assert b"".join(rejoined(archive.store, done)) == path.read_bytes()


def test_a_good_and_a_bad_warc_in_one_package(archive: Archive, tmp_path: Path) -> None:
    """The good one is an object, the other stays among the rest, and a checksum of the package that is wrong is told."""
    good_one = write(good().values())
    path = _zip(tmp_path / "a.wacz", {"archive/a.warc.gz": b"no WARC at all", "archive/b.warc.gz": good_one, "x": b"y"})
    spoilt = bytearray(path.read_bytes())
    spoilt[spoilt.rindex(good_one) + len(good_one) - 1] ^= 0xFF  # the length at the end of the last member
    path.write_bytes(bytes(spoilt))
    done = take(archive, path)

    assert len(done.warcs) == 1
    assert {(fault.file, fault.message.partition(":")[0]) for fault in done.faults} >= {
        ("archive/a.warc.gz", "no WARC record can be read in it"),
        ("archive/b.warc.gz", "in the package"),
    }
    assert b"".join(rejoined(archive.store, done)) == bytes(spoilt)


def test_a_bomb_is_not_unpacked(archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry that claims to be a thousand times its size is refused before it fills a disk."""
    monkeypatch.setattr("archive.waczparts._LARGE", 1000)
    path = _zip(tmp_path / "a.wacz", {"archive/a.warc": b"\0" * 3_000_000}, zipfile.ZIP_DEFLATED)

    with pytest.raises(NotImportable, match="would unpack to 3000000 bytes"):
        bring(archive, path, lambda: NOW)


# A store that holds such files


@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_what_came_in_can_be_pulled(archive: Archive, strangers: dict[str, Path], tmp_path: Path, name: str, form: str) -> None:
    """As WARC and as WACZ, also from a file that is not compressed: every capture, with nothing wrong in what is handed out."""
    take(archive, strangers[name])
    path = tmp_path / f"story.{form}"
    path = path if form == "wacz" else path.with_suffix(".warc.gz")
    pulled = pull(archive, Selection(url="http*"), form, path, "copytrail/test")
    found = [item for item in verify([str(path)], open_store, Tally()) if item.severity is Severity.ERROR]

    assert (pulled.captures, pulled.problems, found) == (COUNTS[name], [], [])


def test_what_is_changed_later_is_found(archive: Archive, strangers: dict[str, Path], tmp_path: Path) -> None:
    """The rest of a package, its WARC and the record of the import are each held against what was written."""
    done = take(archive, strangers["wget.wacz"])
    folder = Path(archive.store.url)
    changes = {
        layout.rest_key(done.sha256): {"manifest-object", "store-object"},
        done.warcs[0]: {"manifest-object", "store-object"},
        layout.import_key(done.sha256): {"manifest-object"},
    }
    for key, rules in changes.items():
        copy = Path(shutil.copytree(folder, tmp_path / "copy"))
        data = bytearray((copy / key).read_bytes())
        data[len(data) // 2] ^= 1
        (copy / key).write_bytes(bytes(data))
        assert {item.rule for item in verify([open_store(str(copy))], open_store, Tally())} >= rules
        shutil.rmtree(copy)


def test_a_name_leads_from_index_to_warc_and_back() -> None:
    """For our files and for those of others, compressed or not."""
    names = [layout.imported_name(NOW, "sha256:" + "ab" * 32, suffix) for suffix in (".warc.gz", ".warc")]

    assert names[0] == f"imported-20261123090000000-{'ab' * 16}.warc.gz"
    for name in (*names, layout.warc_name(NOW, 1, "host")):
        key = layout.warc_key(name)
        assert layout.warc_of(layout.cdxj_key(key)) == key
        assert layout.warc_time(key) == NOW
    assert [layout.is_imported(layout.warc_key(name)) for name in names] == [True, True]
    assert not layout.is_imported(layout.warc_name(NOW, 1, "host"))
    assert len({layout.cdxj_key(layout.warc_key(name)) for name in names}) == 2
