"""Tombstones of any length: whole records that any reader takes, exactly as long as what they replace."""

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warcio.archiveiterator import ArchiveIterator

from archive.tombstonerecords import LONGEST, CannotFit, Tomb, filled
from archive.warcstream import records
from archive.withdrawals import Place

TOMB = Tomb(withdrawal="0123456789ab", time=datetime(2026, 11, 22, 10, tzinfo=UTC))
STOOD = tuple(
    (f"urn:uuid:00000000-0000-4000-8000-{number:012}", kind, f"sha256:{number:064x}") for number, kind in enumerate(("response", "request"))
)


def tombstone(length: int, *, plain: bool) -> bytes:
    return b"".join(filled(Place(key="warc/a", offset=7, length=length, records=STOOD), TOMB, plain=plain))


def said(data: bytes, *, plain: bool) -> list[bytes]:
    """The blocks of the records, by our strict reader."""
    return [record.block.read() for record in records(io.BytesIO(data + b"\r\n\r\n" * plain), plain=plain)]


@given(st.integers(350, 5000) | st.integers(60_000, 70_000) | st.integers(2 * LONGEST - 40, 2 * LONGEST + 3000), st.booleans())
def test_it_is_as_long_as_what_it_replaces(length: int, plain: bool) -> None:  # noqa: FBT001 -- an example of either kind
    """Whatever the length, the records fill it to the byte and are whole, with the withdrawal in each."""
    data = tombstone(length, plain=plain)

    blocks = said(data, plain=plain)
    assert len(data) == length
    assert all(block.startswith(b"copytrail-withdrawal: 0123456789ab\r\n") for block in blocks)
    assert max(map(len, blocks)) <= 2 * LONGEST


@pytest.mark.parametrize(("plain", "most"), [(False, 280), (True, 350)])
def test_where_there_is_no_room_nothing_is_written(plain: bool, most: int) -> None:  # noqa: FBT001 -- a case of either kind
    """The id of the withdrawal alone fits into fewer bytes than an event of a crawl has (1300 as members); into a few less nothing does."""
    assert said(tombstone(most, plain=plain), plain=plain)[0].startswith(b"copytrail-withdrawal: 0123456789ab\r\n")
    assert b"copytrail-erased" not in said(tombstone(most, plain=plain), plain=plain)[0]
    with pytest.raises(CannotFit, match="too few"):
        tombstone(most - 40, plain=plain)


def test_it_names_what_stood_there() -> None:
    """Id, type and digest of each record stand in the first tombstone of a place, and nowhere is it said twice."""
    first, *others = said(tombstone(3 * LONGEST, plain=False), plain=False)

    assert first.count(b"copytrail-erased: ") == 2
    assert f"copytrail-erased: response {STOOD[0][0]} {STOOD[0][2]}".encode() in first
    assert b"copytrail-erased" not in b"".join(others)


@pytest.mark.parametrize("length", [300, 700, 1200, 20_000, 100_000, 600_000])
def test_a_public_reader_reads_on_behind_it(length: int) -> None:
    """Warcio gives each tombstone as a metadata record, and the records behind it."""
    behind = tombstone(1000, plain=False)

    kinds = [record.rec_type for record in ArchiveIterator(io.BytesIO(tombstone(length, plain=False) + behind))]

    assert set(kinds) == {"metadata"}
    assert len(kinds) == len(said(tombstone(length, plain=False) + behind, plain=False))


def test_the_same_place_gives_the_same_bytes() -> None:
    """An erasure that is done again writes what it wrote."""
    assert tombstone(5000, plain=False) == tombstone(5000, plain=False)
