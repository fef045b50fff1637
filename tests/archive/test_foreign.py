"""What others captured is read like ours, decides nothing that was not looked at, and is the same after a rebuild."""

import hashlib
import io
import tempfile
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.exchanges import page
from support.strangers import TEXT
from support.warcs import BODY, DATE, HEAD, LATER, URL, Rec, changed, digest, good, name_of, write

from archive.findings import Severity, Tally
from archive.importing import Import, NotImportable, bring, find, rejoined
from archive.rebuild import rebuild
from archive.records import Capture
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


# Revisits, and what is decided by an import


def revisit(**changes: str | None) -> Rec:
    record = good()["revisit"]
    for name, value in changes.items():
        record.set(name.replace("_", "-"), value)
    return record


REVISITS = {
    "by id": revisit(),
    "by URL and date": revisit(WARC_Refers_To=None),
    "by an id that is elsewhere": revisit(WARC_Refers_To=name_of(99)),
    "by URL and a finer date": revisit(WARC_Refers_To=None, WARC_Refers_To_Date="2026-11-21T10:30:00.000Z"),
}


@pytest.mark.parametrize("record", REVISITS.values(), ids=REVISITS)
@pytest.mark.parametrize("together", [True, False], ids=["one file", "two files"])
def test_a_revisit_finds_its_original(archive: Archive, tmp_path: Path, record: Rec, together: bool) -> None:  # noqa: FBT001 -- a case
    """Each way in which a tool may name it, in the same file or in another."""
    others = list(good().values())[:4]
    if together:
        take(archive, file(tmp_path, "a.warc.gz", write([record, *others])))
    else:
        take(archive, file(tmp_path, "a.warc.gz", write(others)))
        take(archive, file(tmp_path, "b.warc.gz", write([record])))
    first, second = archive.catalogue.captures_of(URL)

    assert (second.kind, second.refers_to) == ("revisit", first.id)
    assert archive.page(second).body == BODY
    assert rebuilt(archive) == [first, second]


def test_a_revisit_without_any_head_has_that_of_its_original(archive: Archive, tmp_path: Path) -> None:
    """The block of a revisit may be empty (WARC 1.1 §6.7.2)."""
    record = revisit()
    record.block = b""
    take(archive, file(tmp_path, "a.warc.gz", write([*list(good().values())[:4], record])))
    _, second = archive.catalogue.captures_of(URL)
    found = archive.page(second)

    assert (second.status, second.mime, found.body, dict(found.headers)["Content-Type"]) == (200, "text/html", BODY, "text/html")


def test_a_revisit_may_come_before_its_original(archive: Archive, tmp_path: Path) -> None:
    """It is there from the start, stands for nothing yet, and a rebuild finds what came later, wherever that lies."""
    earlier = good()["warcinfo"]
    earlier.set("WARC-Date", "2026-11-20T00:00:00Z")  # so that its file is read first
    take(archive, file(tmp_path, "b.warc.gz", write([earlier, revisit(WARC_Refers_To=None)])))
    (alone,) = archive.catalogue.captures_of(URL)
    take(archive, file(tmp_path, "a.warc.gz", write(list(good().values())[:4])))
    rebuilt(archive)
    first, second = archive.catalogue.captures_of(URL)

    assert (alone.kind, alone.refers_to) == ("revisit", None)
    assert second.refers_to == first.id


def test_what_we_fetch_may_stand_for_what_others_fetched(archive: Archive, tmp_path: Path) -> None:
    """The same payload is stored once, whoever brought it: our capture is a revisit of theirs, and is read through it."""
    take(archive, file(tmp_path, "a.warc.gz", write(changed({"record": "response", "set": {"WARC-Payload-Digest": None}}))))
    deposit = archive.deposit(clock=lambda: NOW, info={"software": "copytrail/test"})
    deposit.keep(page(BODY, b"Content-Type: text/html", url="http://other.example/"))
    (capture,) = deposit.seal()

    assert (capture.kind, capture.refers_to) == ("revisit", name_of(2)[1:-1])
    assert archive.page(capture).body == BODY
    assert errors(archive) == []


def test_a_false_digest_costs_us_no_page(archive: Archive, tmp_path: Path) -> None:
    """A header that lies about its payload must not make us write a revisit of bytes that are not there."""
    lying = good()["response"]
    lying.set("WARC-Payload-Digest", digest(TEXT))
    take(archive, file(tmp_path, "a.warc.gz", write([good()["warcinfo"], lying])))
    deposit = archive.deposit(clock=lambda: NOW, info={"software": "copytrail/test"})
    deposit.keep(page(TEXT, b"Content-Type: text/html"))
    (capture,) = deposit.seal()

    assert capture.kind == "response"
    assert archive.page(capture).body == TEXT


def test_a_body_that_its_head_contradicts_is_no_original(archive: Archive, tmp_path: Path) -> None:
    """Chunks announced and taken out, as some recorders do: the capture is kept, and nothing of ours is made to stand on it."""
    record = good()["response"]
    record.block = HEAD.replace(b"Content-Length: 21", b"Transfer-Encoding: chunked") + BODY
    record.set("WARC-Payload-Digest", digest(BODY))
    take(archive, file(tmp_path, "a.warc.gz", write([record])))
    (found,) = archive.catalogue.all_captures()

    assert (found.url, found.time.isoformat(), found.payload_length) == (URL, DATE.replace("Z", "+00:00"), None)
    assert archive.catalogue.with_payload(digest(BODY)) is None
    assert LATER > DATE


def _package() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as package:
        package.writestr("archive/a.warc.gz", write(good().values()))
        package.writestr("archive/b.warc", write(list(good().values())[:3], compressed=False))
        package.writestr("datapackage.json", b"{}")
    return held.getvalue()


FILES = [write(good().values()), write(good().values(), compressed=False), _package()]


@given(st.sampled_from(FILES), st.lists(st.tuples(st.integers(0, 4000), st.integers(0, 255)), max_size=6), st.integers(0, 5000))
@example(FILES[2], [], 5000)
def test_whatever_a_file_holds_it_comes_in_whole_or_not_at_all(data: bytes, changes: list[tuple[int, int]], end: int) -> None:
    """With any bytes changed and any end cut off: the file can be put together again, or nothing of it is in the store's records."""
    changed_data = bytearray(data)
    for place, value in changes:
        changed_data[place % len(data)] = value
    content = bytes(changed_data[:end])
    with tempfile.TemporaryDirectory() as folder, open_archive(Settings(store=f"{folder}/archive")) as archive:
        path = file(Path(folder), "file", content)
        try:
            done = take(archive, path)
        except NotImportable:
            assert find(archive.store, sha(content)) is None
            return
        captures = list(archive.catalogue.all_captures())
        assert b"".join(rejoined(archive.store, done)) == content
        assert rebuilt(archive) == captures
