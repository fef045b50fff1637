"""Who may write into a store stands in the store: a server that ignores conditions lets one writer in, and the others learn why not."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.exchanges import page
from support.rclone import Rclone, rclone_server
from support.weed import BUCKET, Weed

from archive import charter, manifest
from archive.charter import Check, Gate, Sharing, State, StoreRefused
from archive.findings import Tally
from archive.rebuild import rebuild
from archive.settings import Settings
from archive.store import StoreError, open_store
from archive.vault import Archive, open_archive
from archive.verify import verify

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
FOUND = (Check(name="create once", state=State.FAIL, found="it is not kept", advice="x"),)


@contextmanager
def archive_at(url: str, endpoint: str | None, folder: Path) -> Iterator[Archive]:
    settings = Settings(store=url, s3_endpoint=endpoint, work=folder / "work", contact="tests@copytrail.example")
    with open_archive(settings) as archive:
        yield archive


def another(archive: Archive, name: str = "another") -> Archive:
    """The same archive, opened on another machine."""
    return replace(archive, writer=name, gate=Gate())


def capture(archive: Archive) -> None:
    deposit = archive.deposit(clock=lambda: NOW, info={"software": "copytrail/test"})
    deposit.keep(page(b"<p>The bridge is shut.</p>", b"Content-Type: text/html"))
    deposit.seal()


@pytest.fixture
def good(weed: Weed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive on a server that keeps conditions."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    with archive_at(f"s3://{BUCKET}/{tmp_path.name}", weed.endpoint, tmp_path) as archive:
        yield archive


@pytest.fixture
def bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    """An archive on a server that ignores them."""
    with rclone_server(tmp_path / "rclone") as server:
        rclone: Rclone = server
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", rclone.access)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", rclone.secret)
        with archive_at(f"s3://{BUCKET}/x", rclone.endpoint, tmp_path) as archive:
            yield archive


def test_the_first_writer_finds_out(good: Archive) -> None:
    """A store in S3 has a charter before it has anything else; it is in a manifest, and verification and rebuilding know it."""
    capture(good)
    found = charter.newest(good.store)

    assert found is not None
    assert (found.number, found.by, found.sharing, found.only, found.made) == (1, good.writer, Sharing.SHARED, None, NOW)
    first = next(manifest.read_chain(good.store, good.writer))
    assert [item.key for item in first.objects] == ["charter/000001.json"]
    assert list(verify([good.store], lambda _: good.store, Tally())) == []
    assert not [item for item in rebuild(good.store, good.catalogue) if item.problem]
    assert len(list(good.catalogue.all_captures())) == 1


def test_a_store_that_keeps_conditions_is_shared(good: Archive) -> None:
    """The second writer finds the charter, and adds none."""
    capture(good)
    capture(another(good))

    assert list(good.store.keys("charter/")) == ["charter/000001.json"]
    assert list(manifest.writers(good.store)) == sorted([good.writer, "another"])


def test_a_store_that_ignores_conditions_is_its_first_writers(bad: Archive) -> None:
    """Another writer is refused before it writes anything, and told why, whose the store is, and what to do; the first goes on."""
    capture(bad)
    before = list(bad.store.keys())

    with pytest.raises(StoreRefused) as caught:
        capture(another(bad))
    with pytest.raises(StoreRefused):
        another(bad).create("seeds/aa/seed", b"a seed", NOW)

    assert f"{bad.writer} writes there, and another may not" in str(caught.value)
    assert "create once" in str(caught.value)
    assert f"copytrail doctor --store {bad.store.url}" in str(caught.value)
    assert list(bad.store.keys()) == before
    bad.create("seeds/bb/seed", b"a seed", NOW)
    replace(bad, gate=Gate()).create("seeds/cc/seed", b"a seed", NOW)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """An archive in a folder, which nothing has been written into."""
    with archive_at(str(tmp_path / "archive"), None, tmp_path) as opened:
        yield opened


def tell(archive: Archive, sharing: Sharing, checks: tuple[Check, ...] = FOUND, only: str | None = None) -> charter.Charter:
    """Write down a verdict, as the doctor does."""

    def keep(key: str, data: bytes, now: datetime) -> None:
        manifest.append(archive.store, archive.writer, [archive.store.create(key, data)], now)

    return charter.write(archive.store, charter.made(archive.store, archive.writer, NOW, sharing, checks, only=only), keep)


def test_a_folder_needs_no_charter(archive: Archive) -> None:
    """Nothing is asked of a file system that cannot link: nothing can be written there at all."""
    capture(archive)

    assert charter.newest(archive.store) is None


def test_a_store_that_is_unfit_takes_nobody(archive: Archive) -> None:
    """What the doctor found wrong is named to everybody who wants to write."""
    tell(archive, Sharing.UNFIT)

    for each in (archive, another(archive)):
        with pytest.raises(StoreRefused, match="not to be used: it failed create once"):
            capture(each)


def test_the_newest_charter_holds(archive: Archive) -> None:
    """A server that was mended may be shared again; the old verdict stays readable."""
    tell(archive, Sharing.UNFIT)
    tell(archive, Sharing.SHARED, (replace(FOUND[0], state=State.OK),))
    capture(another(archive))

    assert list(archive.store.keys("charter/")) == ["charter/000001.json", "charter/000002.json"]


def test_the_same_verdict_is_written_once(archive: Archive) -> None:
    """Probing every day fills no store, whatever words a check uses."""
    first = tell(archive, Sharing.SINGLE)

    assert tell(archive, Sharing.SINGLE, (replace(FOUND[0], found="in other words"),)) == first
    assert list(archive.store.keys("charter/")) == ["charter/000001.json"]


def test_a_store_for_one_can_be_handed_over(archive: Archive) -> None:
    """It is the only writer's so far, until somebody names another; the doctor's own machine gets nothing by probing."""
    capture(another(archive, "crawler"))
    tell(archive, Sharing.SINGLE)
    capture(another(archive, "crawler"))
    with pytest.raises(StoreRefused, match="crawler writes there"):
        capture(archive)

    tell(archive, Sharing.SINGLE, only="successor")
    capture(another(archive, "successor"))
    with pytest.raises(StoreRefused, match="successor writes there"):
        capture(another(archive, "crawler"))


def test_a_writer_is_asked_once(archive: Archive) -> None:
    """Who is in stays in: no request is spent on each object."""
    capture(archive)
    tell(archive, Sharing.UNFIT)
    archive.create("seeds/aa/seed", b"a seed", NOW)

    with pytest.raises(StoreRefused):
        another(archive).create("seeds/bb/seed", b"a seed", NOW)


def test_a_damaged_charter_lets_nobody_in(archive: Archive) -> None:
    """A guess could cost an archive; verification names the object."""
    archive.store.create("charter/000001.json", b"{")
    with pytest.raises(StoreError, match=r"charter/000001\.json cannot be read"):
        capture(archive)

    found = {(item.rule, item.file.rpartition("/")[2]) for item in verify([archive.store], open_store, Tally())}
    assert found == {("store-object", "000001.json"), ("manifest-unlisted", "000001.json")}


def test_a_charter_stands_where_its_number_says(archive: Archive) -> None:
    """One that was copied to another place is found out."""
    capture(archive)
    tell(archive, Sharing.SHARED)
    archive.store.create("charter/000009.json", archive.store.read("charter/000001.json"))

    assert "holds charter 1" in {item.message for item in verify([archive.store], open_store, Tally())}


@pytest.mark.parametrize(
    ("failing", "sharing"),
    [
        ((), Sharing.SHARED),
        (("create once",), Sharing.SINGLE),
        (("race",), Sharing.SINGLE),
        (("stale If-Match", "clock skew"), Sharing.SHARED),
        (("wrong checksum",), Sharing.UNFIT),
        (("range", "race"), Sharing.UNFIT),
        (("read back",), Sharing.UNFIT),
        (("listing",), Sharing.UNFIT),
    ],
    ids=str,
)
def test_checks_add_up_to_a_verdict(failing: tuple[str, ...], sharing: Sharing) -> None:
    """Without conditions one may write, without what proves and reads an object nobody; the rest is good to know."""
    names = ("create once", "race", "read back", "wrong checksum", "range", "listing", "stale If-Match", "clock skew")
    checks = [Check(name=name, state=State.FAIL if name in failing else State.WARN, found="") for name in names]

    assert charter.verdict(checks) is sharing


def test_half_a_probe_is_no_verdict() -> None:
    """What was not asked is not known; but one grave fault is enough."""
    ok, fail = (Check(name="listing", state=state, found="") for state in (State.OK, State.FAIL))

    assert charter.verdict([ok]) is None
    assert charter.verdict([fail]) is Sharing.UNFIT
