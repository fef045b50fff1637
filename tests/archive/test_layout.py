"""Keys say what is where, sort as time does, and never lead out of the archive."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import layout
from archive.layout import BadName
from archive.store import checked_key

TIME = datetime(2026, 11, 21, 10, 30, 0, 123999, tzinfo=UTC)
DIGEST = "sha256:" + "ab" * 32
names = st.text(max_size=30) | st.from_regex(r"[a-zA-Z0-9._-]{1,30}", fullmatch=True)


def test_a_warc_is_named_by_time_serial_and_writer() -> None:
    """The name tells when the file was begun, to the millisecond, in UTC whatever the clock's zone."""
    name = layout.warc_name(TIME.astimezone(timezone(timedelta(hours=5, minutes=30))), 1, "host")

    assert name == "copytrail-20261121103000123-0001-host.warc.gz"
    assert layout.warc_key(name) == "warc/2026/11/21/copytrail-20261121103000123-0001-host.warc.gz"
    assert layout.cdxj_key(layout.warc_key(name)) == "cdxj/2026/11/21/copytrail-20261121103000123-0001-host.cdxj"
    assert layout.warc_time(name) == layout.warc_time(layout.warc_key(name)) == TIME.replace(microsecond=123000)


def test_other_keys() -> None:
    """Each kind of object has its place."""
    assert layout.story_key("dam-at-lake", 12) == "stories/dam-at-lake/v000012.json"
    assert layout.seed_key(DIGEST, "Seite 1 (größer).txt") == f"seeds/{'ab' * 32}/Seite-1-gr-er-.txt"
    assert layout.outcomes_key(TIME, "20261121T103000Z-host", 3) == "outcomes/2026/11/21/20261121T103000Z-host-000003.jsonl"
    assert layout.manifest_key("host", 1) == "manifests/host/000001.json"
    assert layout.table_key("captures", TIME, "part-1") == "tables/captures/2026/11/21/part-1.parquet"


def test_a_numbered_key_is_read_back() -> None:
    """Versions and manifests tell whose they are and which."""
    assert layout.numbered(layout.story_key("dam", 2)) == ("dam", 2)
    assert layout.numbered(layout.manifest_key("host", 1_000_000)) == ("host", 1_000_000)
    for key in ("stories/dam/v1.json", "stories/a/b/v000001.json", "warc/2026/11/21/x.warc.gz", "stories/dam/v00000٣.json"):
        with pytest.raises(BadName):
            layout.numbered(key)


@pytest.mark.parametrize(
    "name", ["", "x.warc.gz", "copytrail-20261399103000123-0001-host.warc.gz", "copytrail-20261121103000123-0001-host.warc"]
)
def test_a_name_of_others_is_no_warc_of_ours(name: str) -> None:
    """What was not named here has no time and no key."""
    with pytest.raises(BadName):
        layout.warc_key(name)


@pytest.mark.parametrize(
    "build",
    [
        lambda name: layout.warc_key(layout.warc_name(TIME, 1, name)),
        lambda name: layout.story_key(name, 1),
        lambda name: layout.manifest_key(name, 1),
        lambda name: layout.seed_key(DIGEST, name),
        lambda name: layout.seed_key(name, "seed.txt"),
        lambda name: layout.outcomes_key(TIME, name, 1),
        lambda name: layout.table_key(name, TIME, "part"),
        lambda name: layout.table_key("captures", TIME, name),
    ],
    ids=["warc", "story", "manifest", "seed name", "seed digest", "outcomes", "table", "table part"],
)
@given(name=names)
def test_every_key_can_be_stored(build: Callable[[str], str], name: str) -> None:
    """Whatever a name is, its key is refused or one that every store holds, inside the archive."""
    try:
        key = build(name)
    except BadName:
        return

    assert checked_key(key) == key
    assert ".." not in key.split("/")


def test_numbers_begin_at_one() -> None:
    """There is no version 0."""
    with pytest.raises(BadName, match="0"):
        layout.story_key("dam", 0)


@given(st.lists(st.integers(1, 999_999), min_size=2))
def test_keys_sort_as_their_numbers(numbers: list[int]) -> None:
    """The last key is the newest."""
    assert sorted(layout.manifest_key("host", number) for number in numbers) == [
        layout.manifest_key("host", number) for number in sorted(numbers)
    ]
