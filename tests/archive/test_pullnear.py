"""A pull of what another writer wrote: each capture with its neighbours, wherever they stand and however they name each other."""

import gzip
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

import pytest
from support import warcs
from support.warcs import Rec, good, name_of

from archive.catalogue import Catalogue
from archive.indexing import indexed
from archive.pull import pull
from archive.pullplan import PullError
from archive.records import Capture, Selection
from archive.store import Store, open_store
from archive.vault import Archive
from archive.warcread import records

KEY = "warc/2026/11/21/copytrail-20261121103000000-0001-other.warc"
NAMES = {"warcinfo": 1, "response": 2, "request": 3, "metadata": 4, "revisit": 5}


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An empty archive."""
    catalogue = Catalogue(f"sqlite:///{tmp_path}/catalogue.sqlite")
    yield Archive(store=open_store(f"{tmp_path}/store"), catalogue=catalogue, folder=tmp_path / "open", body_limit=1000, writer="tests")
    catalogue.close()


def bring(archive: Archive, data: bytes, *, compressed: bool = True) -> list[Capture]:
    """Put the file of somebody else into the archive; its captures."""
    key = f"{KEY}.gz" if compressed else KEY
    archive.store.create(key, data)
    found = [item for item in indexed(partial(archive.store.open, key), key, lambda *_: None) if isinstance(item, Capture)]
    archive.catalogue.add_captures(found)
    return found


def story(number: int, *, named_by: str = "both") -> dict[str, Rec]:
    """One event of another URL, whose records name each other as some writer has it."""
    made = good()
    event = {name: made[name] for name in ("response", "request", "metadata")}
    ids = {name: name_of(number * 10 + NAMES[name]) for name in event}
    for name, record in event.items():
        others = [ids["response"]] if name != "response" else [ids["request"], ids["metadata"]]
        silent = named_by == ("request" if name == "response" else "response")
        record.fields = [item for item in record.fields if item[0] != "WARC-Concurrent-To"]
        record.set("WARC-Record-ID", ids[name])
        record.set("WARC-Target-URI", f"http://news.example/{number}")
        record.fields += [("WARC-Concurrent-To", other) for other in others if not silent]
    return event


def taken(archive: Archive, path: Path, url: str | None = None) -> list[tuple[str, str | None]]:
    """Type and target of the records that a pull takes, but for what it says of itself."""
    pull(archive, Selection(url=url), "warc", path, "copytrail/test")
    with path.open("rb") as stream:
        return [(record.type, record.target) for record in records(stream)][1:]


ORDERS = [
    ("response", "request", "metadata"),
    ("request", "response", "metadata"),
    ("metadata", "request", "response"),
    ("response", "metadata"),
    ("request", "response"),
    ("response",),
]


@pytest.mark.parametrize("named_by", ["both", "request", "response"])
@pytest.mark.parametrize("order", ORDERS, ids="-".join)
@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
def test_neighbours_come_along(archive: Archive, tmp_path: Path, order: Sequence[str], named_by: str, *, compressed: bool) -> None:
    """Of three events in one file each is taken whole and alone, in the order of the file, with the file's warcinfo."""
    events = [[story(number, named_by=named_by)[name] for name in order] for number in range(3)]
    bring(archive, warcs.write([good()["warcinfo"], *chain.from_iterable(events)], compressed=compressed), compressed=compressed)

    for number in range(3):
        url = f"http://news.example/{number}"
        assert taken(archive, tmp_path / "one.warc.gz", url) == [("warcinfo", None), *((name, url) for name in order)]
    assert len(taken(archive, tmp_path / "all.warc.gz")) == 1 + 3 * len(order)


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
def test_records_keep_their_bytes(archive: Archive, store: Store, tmp_path: Path, *, compressed: bool) -> None:
    """A member is copied as it is; a record that was not compressed becomes a member with the very same content, on each kind of store."""
    archive, event = replace(archive, store=store), story(1).values()
    bring(archive, warcs.write(event, compressed=compressed), compressed=compressed)

    taken(archive, tmp_path / "one.warc.gz")

    data = (tmp_path / "one.warc.gz").read_bytes()
    if compressed:
        assert data.endswith(warcs.write(event))
    assert gzip.decompress(data).endswith(warcs.write(event, compressed=False))


def test_neighbours_are_found_in_a_long_file(archive: Archive, tmp_path: Path) -> None:
    """What lies far from each other is looked up on its own, and a request in front of it comes along from there, too."""
    filler = good()["metadata"]
    filler.set("WARC-Concurrent-To", None)
    filler.set("Content-Type", "application/octet-stream")
    filler.block = b"".join(number.to_bytes(4, "big") for number in range(400_000))
    blocks = [filler, *list(story(1).values())[::-1], filler, *list(story(2).values())[::-1], filler]
    bring(archive, b"".join(gzip.compress(record.data(), 1) for record in blocks))

    assert [kind for kind, _ in taken(archive, tmp_path / "one.warc.gz", "*/2")] == ["metadata", "request", "response"]
    assert len(taken(archive, tmp_path / "all.warc.gz")) == 6


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
def test_a_file_in_a_page_misleads_nobody(archive: Archive, tmp_path: Path, *, compressed: bool) -> None:
    """A page that is a WARC itself, with a record that claims all that follows for its block, hides no capture behind it."""
    behind = warcs.write(story(2).values(), compressed=False)
    liar = good()["request"]
    claimed = len(liar.block) + len(b"\r\n\r\n") * 2 + len(behind) - len(b"\r\n\r\n")
    liar.set("Content-Length", str(claimed))
    outer = story(1)["response"]
    outer.block = warcs.HEAD + bytes(300_000) + b"\n" + (warcs.write([liar]) if compressed else liar.data())
    outer.set("WARC-Payload-Digest", None)
    data = b"".join(gzip.compress(record.data(), 0, mtime=0) if compressed else record.data() for record in (outer, *story(2).values()))
    bring(archive, data, compressed=compressed)

    assert [kind for kind, _ in taken(archive, tmp_path / "one.warc.gz", "*/2")] == ["response", "request", "metadata"]


@pytest.mark.parametrize("compressed", [True, False], ids=["compressed", "plain"])
def test_a_damaged_neighbour_stays_behind(archive: Archive, tmp_path: Path, *, compressed: bool) -> None:
    """A request that cannot be read is not copied, and the capture is."""
    records_ = [record.data() for record in (story(1)["request"], story(1)["response"])]
    broken = [gzip.compress(record, mtime=0) for record in records_] if compressed else records_
    broken[0] = (
        broken[0][:50] + b"\x00" * 9 + broken[0][59:] if compressed else broken[0].replace(b"Content-Length: ", b"Content-Length: 9")
    )
    bring(archive, b"".join(broken), compressed=compressed)

    assert [kind for kind, _ in taken(archive, tmp_path / "one.warc.gz")] == ["response"]


@pytest.mark.parametrize("shift", [1, -1, 10**6])
def test_a_place_that_is_none_is_an_error(archive: Archive, tmp_path: Path, shift: int) -> None:
    """Where no record begins there is no pull, and no file."""
    found = bring(archive, warcs.write([story(1)["response"], story(2)["response"]]))
    archive.catalogue.clear()
    archive.catalogue.add_captures([replace(found[1], ref=replace(found[1].ref, offset=found[1].ref.offset + shift))])

    with pytest.raises(PullError, match=KEY):
        taken(archive, tmp_path / "one.warc.gz")

    assert not (tmp_path / "one.warc.gz").exists()
