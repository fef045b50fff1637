"""What a store can do is told by trying: a good server, a bad one, a folder, and those that cannot be asked at all."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import boto3
import pytest
from support.rclone import BUCKET as BAD_BUCKET
from support.rclone import Rclone, rclone_server
from support.weed import BUCKET, Weed

from archive.catalogue import Catalogue
from archive.catalogue_tables import metadata
from archive.charter import Check, Sharing, State
from archive.probe import Probed, probe, reach
from archive.probe_catalogue import probe_catalogue
from archive.probe_dir import filesystem, is_remote
from archive.store import StoreError, open_store

ON_S3 = ["reach", "clock skew", "read back", "create once", "race", "range", "stale If-Match", "checksum told", "wrong checksum", "listing"]
IN_A_FOLDER = ["reach", "file system", "read back", "create once", "race", "range", "wrong checksum", "fsync", "rename", "case", "listing"]


def now() -> datetime:
    return datetime.now(UTC)


def ask(url: str, endpoint: str | None = None, shift: timedelta = timedelta()) -> Probed:
    return probe(url, endpoint=endpoint, clock=lambda: now() + shift, name="of-this-test")


def states(probed: Probed) -> dict[str, State]:
    return {check.name: check.state for check in probed.checks}


def one(probed: Probed, name: str) -> Check:
    return next(check for check in probed.checks if check.name == name)


@pytest.fixture
def keys(weed: Weed, monkeypatch: pytest.MonkeyPatch) -> Weed:
    """The good server, with the right credentials."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    return weed


@pytest.fixture
def rclone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rclone]:
    """The bad server, with the right credentials."""
    with rclone_server(tmp_path / "rclone") as server:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.secret)
        yield server


def test_a_good_server_may_be_shared(keys: Weed, tmp_path: Path) -> None:
    """SeaweedFS keeps every promise; the probe deletes all that it wrote, and nothing else."""
    store = open_store(f"s3://{BUCKET}/{tmp_path.name}", endpoint=keys.endpoint)
    others = {"warc/a": b"a", "probe/of-this-test-too/b": b"b", "probe/other": b"c"}
    for key, data in others.items():
        store.create(key, data)
    found = ask(store.url, keys.endpoint)

    assert states(found) == dict.fromkeys([*ON_S3, "clean-up"], State.OK)
    assert found.sharing is Sharing.SHARED
    assert "1,005 keys" in one(found, "listing").found
    assert "SHA-256 is told" in one(found, "read back").found
    assert {key: store.read(key) for key in list(store.keys())} == others


def test_a_bad_server_is_told_what_it_ignores(rclone: Rclone) -> None:
    """With rclone conditions and the checksum are ignored, and no part of an object can be read: it is not to be used."""
    found = ask(f"s3://{BAD_BUCKET}/archive", rclone.endpoint)

    assert {name for name, state in states(found).items() if state is State.FAIL} == {"create once", "race", "range", "wrong checksum"}
    # After a race rclone sometimes goes on listing an object that it has deleted (3 of 12 probes).
    assert {name for name, state in states(found).items() if state is State.WARN} - {"clean-up"} == {"stale If-Match"}
    assert found.sharing is Sharing.UNFIT
    assert "If-None-Match is ignored" in one(found, "create once").found
    assert "8, 8, 8 won" in one(found, "race").found
    assert "cannot be read" in one(found, "range").found
    assert "the wrong SHA-256 is told back" in one(found, "wrong checksum").found
    assert all(check.advice for check in found.checks if check.state is not State.OK)


def test_a_folder_may_be_shared(tmp_path: Path) -> None:
    """A local file system keeps every promise; what was there is untouched, and the probe leaves nothing behind."""
    store = open_store(str(tmp_path))
    store.create("probe/of-another/object", b"somebody else's")
    found = ask(str(tmp_path))

    assert {name: state for name, state in states(found).items() if name != "file system"} == {
        name: State.OK for name in [*IN_A_FOLDER, "clean-up"] if name != "file system"
    }
    assert found.sharing is Sharing.SHARED
    assert "is durable after" in one(found, "fsync").found
    assert list(store.keys()) == ["probe/of-another/object"]


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    """As the archive would make it; only the folder itself stays."""
    found = ask(f"file://{tmp_path}/a/b")

    assert found.sharing is Sharing.SHARED
    assert "when it is made" in one(found, "reach").found
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_a_store_that_cannot_be_asked_has_no_verdict(keys: Weed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing bucket, a wrong secret, none at all, a server that is not there, a file: one row says what and what to do."""
    (tmp_path / "file").write_text("no folder")
    found = {
        "NoSuchBucket": ask("s3://nowhere/x", keys.endpoint),
        "Could not connect": ask(f"s3://{BUCKET}", "http://127.0.0.1:1"),
        "is not a folder": ask(str(tmp_path / "file")),
    }
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not the secret")
    found["SignatureDoesNotMatch"] = ask(f"s3://{BUCKET}", keys.endpoint)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    found["Unable to locate credentials"] = ask(f"s3://{BUCKET}", keys.endpoint)

    for words, probed in found.items():
        first = one(probed, "reach")
        assert (first.state, probed.sharing) == (State.FAIL, None)
        assert words in first.found
        assert first.advice
        assert set(states(probed)) <= {"reach", "clock skew"}
    assert "make the bucket" in one(found["NoSuchBucket"], "reach").advice
    assert "AWS_SECRET_ACCESS_KEY" in one(found["SignatureDoesNotMatch"], "reach").advice
    assert "AWS_SECRET_ACCESS_KEY" in one(found["Unable to locate credentials"], "reach").advice


def test_a_url_of_another_kind_is_an_error() -> None:
    """Neither a folder nor S3."""
    with pytest.raises(StoreError, match="no store of that kind"):
        ask("ftp://somewhere")


@pytest.mark.parametrize(
    ("shift", "state"),
    [
        (timedelta(), State.OK),
        (timedelta(seconds=50), State.OK),
        (timedelta(minutes=-2), State.WARN),
        (timedelta(minutes=2), State.WARN),
        (timedelta(minutes=20), State.FAIL),
        (timedelta(days=-900), State.FAIL),
    ],
    ids=str,
)
def test_clocks_are_compared(keys: Weed, shift: timedelta, state: State) -> None:
    """A minute apart is worth a warning, a quarter of an hour is more than S3 takes; reading alone tells."""
    found = reach(f"s3://{BUCKET}", endpoint=keys.endpoint, clock=lambda: now() + shift)

    assert [(check.name, check.state) for check in found] == [("reach", State.OK), ("clock skew", state)]
    assert (" s apart" in found[1].found) is (state is not State.OK)


def deny(keys: Weed, bucket: str, *actions: str) -> None:
    """Make a bucket in which nobody may do these."""
    client = boto3.client("s3", endpoint_url=keys.endpoint, region_name="us-east-1")
    client.create_bucket(Bucket=bucket)
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    rule = {"Effect": "Deny", "Principal": "*", "Action": list(actions), "Resource": resources}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [rule]}))


def test_what_may_not_be_deleted_is_told(keys: Weed) -> None:
    """Where deleting is forbidden the verdict holds, and what remains is counted and named."""
    deny(keys, "keeps-all", "s3:DeleteObject")
    found = ask("s3://keeps-all/x", keys.endpoint)
    left = list(open_store("s3://keeps-all/x", endpoint=keys.endpoint).keys())

    assert found.sharing is Sharing.SHARED
    assert one(found, "clean-up").state is State.WARN
    assert f"{len(left):,} small objects remain under probe/of-this-test/" in one(found, "clean-up").found
    assert len(left) > 1_005


def test_a_store_that_may_only_be_read_has_no_verdict(keys: Weed) -> None:
    """Who may not write learns that, and nothing is concluded about the server."""
    deny(keys, "for-readers", "s3:PutObject")
    found = ask("s3://for-readers/x", keys.endpoint)

    assert states(found) == {"reach": State.OK, "clock skew": State.OK, "write": State.FAIL, "clean-up": State.OK}
    assert "AccessDenied" in one(found, "write").found
    assert found.sharing is None


def test_the_kind_of_file_system_is_known() -> None:
    """By the mount that holds the path, also where the path is not there itself."""
    assert filesystem(Path("/proc/self")) == "proc"
    assert [is_remote(kind) for kind in ("nfs4", "cifs", "fuse.sshfs", "9p", "ext4", "overlay", "")] == [True] * 4 + [False] * 3


CATALOGUES = {
    "none yet": ("sqlite:///{folder}/new/catalogue.sqlite", State.OK, "is not there yet"),
    "no URL": ("catalogue.sqlite", State.FAIL, "not a SQLAlchemy URL"),
    "no database": ("sqlite:///{folder}/text", State.FAIL, "not a database"),
    "no server": ("postgresql://somebody:hidden@127.0.0.1:1/x", State.FAIL, "postgresql://somebody:***@127.0.0.1:1/x"),
    "another version": ("sqlite:///{folder}/old.sqlite", State.FAIL, "table leads is of another version"),
    "read only": ("sqlite:///file:{folder}/good.sqlite?mode=ro&uri=true", State.FAIL, "readonly"),
    "good": ("sqlite:///{folder}/good.sqlite", State.OK, f"can be written, and has {len(metadata.sorted_tables)} of this version's"),
}


@pytest.fixture(scope="module")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good one, one with an old table, and a file that is none."""
    folder = tmp_path_factory.mktemp("catalogues")
    (folder / "text").write_text("a shopping list, longer than a header of SQLite would be: " + "milk, " * 40)
    for name in ("good", "old"):
        Catalogue(f"sqlite:///{folder}/{name}.sqlite").close()
    with closing(sqlite3.connect(folder / "old.sqlite")) as base:
        base.execute("ALTER TABLE leads DROP COLUMN body")
    return folder


@pytest.mark.parametrize(("url", "state", "words"), CATALOGUES.values(), ids=CATALOGUES)
def test_a_catalogue_is_looked_into(catalogues: Path, url: str, state: State, words: str) -> None:
    """It opens, its tables are of this version, it can be written; nothing is made or changed by looking, and no password told."""
    before = {path: path.read_bytes() for path in catalogues.iterdir() if path.suffix == ".sqlite"}
    found = probe_catalogue(url.format(folder=catalogues))

    assert found.state is state, found
    assert words in found.found
    assert "hidden" not in found.found
    assert bool(found.advice) is (state is State.FAIL)
    assert {path: path.read_bytes() for path in catalogues.iterdir() if path.suffix == ".sqlite"} == before
