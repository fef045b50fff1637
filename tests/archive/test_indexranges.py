"""Ranges of the index, read in steps from either end: the same captures as reading everything and looking at each."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from support.smallarchive import PAPER, small_archive

from archive.catalogue import Catalogue
from archive.indexranges import MOST, Range, captures, count
from archive.records import Capture
from archive.surts import surt

FEED = "http://feed.example/rss"
NUMBER = 2 * MOST + 70


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, list[Capture]]]:
    """A catalogue in which one address has more captures than two steps read, between those of others; two of each in one moment."""
    with small_archive(tmp_path_factory.mktemp("archive")) as archive:
        one = archive.catalogue.captures_of(PAPER)[0]
        for number in range(NUMBER):
            url = FEED if number % 3 else f"http://feed.example/{number}"
            time = one.time + timedelta(seconds=number // 2)
            archive.catalogue.add_captures([replace(one, id=f"urn:uuid:{number:08}", url=url, surt=surt(url), time=time)])
        yield archive.catalogue, list(archive.catalogue.all_captures())


@pytest.mark.parametrize(
    ("wanted", "prefixes"),
    [
        (Range.key(FEED), ("example,feed)/rss",)),
        (Range.prefix("http://feed.example/1"), ("example,feed)/1",)),
        (Range.host("feed.example"), ("example,feed)/",)),
        (Range.domain("example"), ("example)", "example,")),
        (Range.key("http://nobody.example/"), ()),
    ],
)
def test_both_ends_give_the_same(held: tuple[Catalogue, list[Capture]], wanted: Range, prefixes: tuple[str, ...]) -> None:
    """All that lies in the range, in the index's order or the other way round, with nothing twice or left out between steps."""
    catalogue, every = held
    expected = [item for item in every if prefixes and item.surt.startswith(prefixes)]

    assert list(captures(catalogue, wanted)) == expected
    assert list(captures(catalogue, wanted, newest_first=True)) == expected[::-1]
    assert count(catalogue, wanted) == len(expected)


@pytest.mark.parametrize("wanted", [Range.key(FEED), Range.host("feed.example")], ids=["key", "host"])
@pytest.mark.parametrize("newest_first", [False, True])
def test_times_are_included(held: tuple[Catalogue, list[Capture]], wanted: Range, *, newest_first: bool) -> None:
    """From and to the moment of a capture, which is itself taken."""
    catalogue, _ = held
    whole = list(captures(catalogue, wanted, newest_first=newest_first))
    since, until = sorted(item.time for item in whole)[100], sorted(item.time for item in whole)[-100]
    found = list(captures(catalogue, wanted, since=since, until=until, newest_first=newest_first))

    assert found == [item for item in whole if since <= item.time <= until]
    assert {since, until} <= {item.time for item in found}
