"""Manifests vouch for every object, and show what is no longer so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from archive import manifest
from archive.manifest import Finding
from archive.store import ObjectInfo, Store, open_store

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


def filled(store: Store, writer: str = "host", count: int = 3) -> list[str]:
    """A chain of links, each naming one new object; the keys of the links."""
    return [
        manifest.append(store, writer, [store.create(f"warc/{writer}-{number}", b"object %d" % number)], NOW + timedelta(hours=number))
        for number in range(1, count + 1)
    ]


def test_a_chain_is_written_and_read(store: Store) -> None:
    """Each link names its objects and the link before it; writers do not disturb each other."""
    keys = filled(store)
    filled(store, "other", 1)

    chain = list(manifest.read_chain(store, "host"))

    assert keys == ["manifests/host/000001.json", "manifests/host/000002.json", "manifests/host/000003.json"]
    assert [(link.writer, link.number, link.time) for link in chain] == [("host", n, NOW + timedelta(hours=n)) for n in (1, 2, 3)]
    assert [[item.key for item in link.objects] for link in chain] == [["warc/host-1"], ["warc/host-2"], ["warc/host-3"]]
    assert chain[0].previous is None
    assert len({link.previous for link in chain}) == 3
    assert list(manifest.writers(store)) == ["host", "other"]
    assert list(manifest.check(store)) == []


def test_an_object_without_digest_is_not_vouched_for(store: Store) -> None:
    """What nobody has measured cannot be listed."""
    with pytest.raises(ValueError, match="digest"):
        manifest.append(store, "host", [ObjectInfo(key="a", size=1, sha256=None)], NOW)

    assert list(manifest.writers(store)) == []


def test_a_number_that_is_taken_meanwhile_is_passed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes of one writer make one chain: whoever comes second takes the next number and links to the first."""
    filled(store, count=2)
    known = manifest._last(store, "host")
    taken = manifest.append(store, "host", [store.create("warc/theirs", b"theirs")], NOW)
    monkeypatch.setattr(manifest, "_last", lambda *_: known)

    ours = manifest.append(store, "host", [store.create("warc/ours", b"ours")], NOW)

    assert (taken, ours) == ("manifests/host/000003.json", "manifests/host/000004.json")
    assert list(manifest.check(store)) == []


def changed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"object", b"abject"))


def longer(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"!")


def forged(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"10:30", b"10:31").replace(b"T12:30", b"T12:31"))


def torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-5])


@pytest.mark.parametrize(
    ("key", "damage", "where", "problem"),
    [
        pytest.param("warc/host-2", Path.unlink, "warc/host-2", "missing", id="an object is missing"),
        pytest.param("warc/host-2", changed, "warc/host-2", ", not sha256:", id="an object has changed"),
        pytest.param("warc/host-2", longer, "warc/host-2", "9 bytes, not 8", id="an object has grown"),
        pytest.param(
            "manifests/host/000002.json", Path.unlink, "manifests/host/000003.json", "2 of the chain is missing", id="a link is missing"
        ),
        pytest.param(
            "manifests/host/000001.json", Path.unlink, "manifests/host/000002.json", "1 of the chain is missing", id="the first link"
        ),
        pytest.param(
            "manifests/host/000002.json", forged, "manifests/host/000003.json", "before it is not sha256:", id="a link has changed"
        ),
        pytest.param("manifests/host/000003.json", torn, "manifests/host/000003.json", "not a Manifest", id="a link is torn"),
    ],
)
def test_what_is_no_longer_so_is_found(tmp_path: Path, key: str, damage: Callable[[Path], None], where: str, problem: str) -> None:
    """Exactly the damage is found, and the rest is checked all the same."""
    store = open_store(str(tmp_path))
    filled(store)
    damage(tmp_path / key)

    (finding,) = manifest.check(store)

    assert finding.key == where
    assert problem in finding.problem


def test_every_damage_is_found_at_once(tmp_path: Path) -> None:
    """One check tells everything, over all writers."""
    store = open_store(str(tmp_path))
    filled(store)
    filled(store, "other")
    (tmp_path / "warc/host-1").unlink()
    (tmp_path / "warc/other-3").unlink()

    assert list(manifest.check(store)) == [Finding(key="warc/host-1", problem="missing"), Finding(key="warc/other-3", problem="missing")]
