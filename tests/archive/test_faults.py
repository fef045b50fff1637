"""The wire and the server fail in every way that is known, between us and a real S3 server: retried or reported, never half an object.

Each case says how the creation of one object ends and what the server holds then; with the fault gone, the same creation succeeds, and the
object is there whole, once.  The same faults on the way of a sealed WARC leave its file in the folder, and the next start brings it home.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.exchanges import STARTED, page
from support.faultproxy import Fault, fault_proxy, s3_error
from support.weed import BUCKET, Weed

from archive.findings import Tally
from archive.resume import resume
from archive.settings import Settings
from archive.store import ObjectExists, Store, StoreError, StoreFull, StoreUnreachable, open_store
from archive.store_s3 import S3Store
from archive.vault import Archive, open_archive
from archive.verify import verify

OURS = bytes(range(256)) * 1200
THEIRS = b"somebody else's"
OTHER_SUM: dict[str, str | None] = {"x-amz-checksum-sha256": "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}  # of no bytes
NO_SUM: dict[str, str | None] = {"x-amz-checksum-sha256": None}
EVER = 99
Row = tuple[tuple[Fault, ...], type[StoreError] | None, bytes | None]

# name: what strikes; the error, or None for success; what the server holds then
CASES: Mapping[str, Row] = {
    "500 once": ((s3_error(500, "InternalError"),), None, OURS),
    "500 always": ((s3_error(500, "InternalError", times=EVER),), StoreUnreachable, None),
    "500 once, though it is stored": ((s3_error(500, "InternalError", reaches=True),), None, OURS),
    "500 always, though it is stored": ((s3_error(500, "InternalError", reaches=True, times=EVER),), StoreUnreachable, OURS),
    "502 once": ((s3_error(502, "BadGateway"),), None, OURS),
    "503 SlowDown twice": ((s3_error(503, "SlowDown", times=2),), None, OURS),
    "503 SlowDown always": ((s3_error(503, "SlowDown", times=EVER),), StoreUnreachable, None),
    "409 twice": ((s3_error(409, "ConditionalRequestConflict", times=2),), None, OURS),
    "409 always": ((s3_error(409, "ConditionalRequestConflict", times=EVER),), StoreError, None),
    "412 for what is there": ((s3_error(412, "PreconditionFailed", reaches=True),), None, OURS),
    "412 for what is not there": ((s3_error(412, "PreconditionFailed"),), StoreError, None),
    "cut in the body, once": ((Fault(cut=0.5),), None, OURS),
    "cut in the body, always": ((Fault(cut=0.5, times=EVER),), StoreUnreachable, None),
    "cut before the body, always": ((Fault(cut=0.0, times=EVER),), StoreUnreachable, None),
    "the answer is lost, once": ((Fault(lost=True),), None, OURS),
    "the answer is lost, always": ((Fault(lost=True, times=EVER),), StoreUnreachable, OURS),
    "no answer, once": ((Fault(silent=True),), None, OURS),
    "no answer, always": ((Fault(silent=True, reaches=False, times=EVER),), StoreUnreachable, None),
    "a byte is changed on the way, once": ((Fault(garbled=True),), None, OURS),
    "a byte is changed on the way, always": ((Fault(garbled=True, times=EVER),), StoreError, None),
    "expired token": ((s3_error(400, "ExpiredToken"),), StoreUnreachable, None),
    "expired token, 403": ((s3_error(403, "ExpiredToken"),), StoreUnreachable, None),
    "a clock that is wrong": ((s3_error(403, "RequestTimeTooSkewed"),), StoreUnreachable, None),
    "no credentials for this": ((s3_error(403, "AccessDenied"),), StoreUnreachable, None),
    "no room": ((s3_error(507, "InsufficientStorage", times=EVER),), StoreFull, None),
    "no room in the quota": ((s3_error(403, "QuotaExceeded"),), StoreFull, None),
    "200, and nothing is stored": ((Fault(reaches=False, answer=(200, "OK", b"")),), StoreError, None),
    "PUT tells another checksum": ((Fault(fields=OTHER_SUM),), None, OURS),
    "HEAD tells another checksum": ((Fault(method="HEAD", fields=OTHER_SUM),), StoreError, OURS),
    "HEAD tells no checksum": ((Fault(method="HEAD", fields=NO_SUM),), None, OURS),
    "HEAD tells no checksum, GET gives other bytes": (
        (Fault(method="HEAD", fields=NO_SUM), Fault(method="GET", answer=(200, "OK", THEIRS))),
        StoreError,
        OURS,
    ),
    "HEAD fails once": ((s3_error(500, "InternalError", method="HEAD"),), None, OURS),
    "HEAD fails always": ((s3_error(500, "InternalError", method="HEAD", times=EVER),), StoreUnreachable, OURS),
    "HEAD is refused": ((s3_error(403, "", method="HEAD"),), StoreUnreachable, OURS),
    "the token runs out between PUT and HEAD": ((s3_error(400, "", method="HEAD"),), StoreUnreachable, OURS),
    "the answer to HEAD is lost, once": ((Fault(method="HEAD", lost=True),), None, OURS),
}


@dataclass(frozen=True)
class Way:
    """A store behind a proxy, and the same store without it."""

    direct: Store
    weed: Weed
    prefix: str

    def through(self, endpoint: str) -> Store:
        return S3Store(self.prefix, endpoint=endpoint, attempts=3, patience=0.5, sleep=lambda _: None)


@pytest.fixture
def way(weed: Weed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Way:
    """An empty store on the real server."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    prefix = f"s3://{BUCKET}/{tmp_path.name}"
    return Way(open_store(prefix, endpoint=weed.endpoint), weed, prefix)


def held(store: Store) -> dict[str, bytes]:
    """Everything that the server has, read back."""
    return {key: store.read(key) for key in store.keys("")}


@pytest.mark.parametrize("name", CASES)
def test_a_fault_on_the_way(name: str, way: Way, tmp_path: Path) -> None:
    """The creation ends as the table says, the server holds nothing or the whole object, and the next try makes it good."""
    faults, kind, left = CASES[name]
    (tmp_path / "file").write_bytes(OURS)

    with fault_proxy(way.weed.endpoint, faults) as proxy:
        store = way.through(proxy.endpoint)
        if kind is None:
            assert store.create("a/b", tmp_path / "file").size == len(OURS)
        else:
            with pytest.raises(StoreError, match=way.prefix) as caught:
                store.create("a/b", tmp_path / "file")
            assert type(caught.value) is kind
        assert proxy.struck >= len(faults)
        assert held(way.direct) == ({} if left is None else {"a/b": left})
        proxy.faults.clear()

        store.create("a/b", tmp_path / "file")

    assert held(way.direct) == {"a/b": OURS}


@pytest.mark.parametrize("name", ["none", "500 once", "409 twice", "cut in the body, once", "the answer is lost, once", "no answer, once"])
def test_a_fault_on_the_way_to_a_key_that_is_taken(name: str, way: Way) -> None:
    """Other content under the key stays, whatever happens on the way, and is told as such."""
    way.direct.create("a/b", THEIRS)

    faults = CASES[name][0] if name in CASES else ()
    with fault_proxy(way.weed.endpoint, faults) as proxy, pytest.raises(ObjectExists):
        way.through(proxy.endpoint).create("a/b", OURS)

    assert held(way.direct) == {"a/b": THEIRS}


def test_the_digest_is_signed(way: Way) -> None:
    """The body is bound to the signature by its digest, which is measured once: whoever changes both on the way is refused."""
    with fault_proxy(way.weed.endpoint) as proxy:
        way.through(proxy.endpoint).create("a", OURS)
        (signed,) = [head for method, _, head in proxy.asked if method == "PUT"]

    assert "x-amz-checksum-sha256" in signed["authorization"]
    assert "if-none-match" in signed["authorization"]
    assert signed["x-amz-content-sha256"] == "UNSIGNED-PAYLOAD"


def sealing(archive: Archive) -> Callable[[], object]:
    """What seals a file with three exchanges in it."""
    deposit = archive.deposit(clock=lambda: datetime.now(UTC), info={"software": "copytrail/test"})
    for number in range(3):
        deposit.keep(page(OURS + b"%d" % number, url=f"http://news.example/{number}", started=STARTED))
    return deposit.seal


def assert_home(archive: Archive) -> None:
    """After one more start all three captures are there once, listed, indexed and sound, and no local file waits."""
    told = list(resume(archive.deposit(clock=lambda: datetime.now(UTC), info={})))
    findings = [f"{item.rule}: {item.message}" for item in verify([archive.store], open_store, Tally()) if item.severity == "error"]

    assert len(told) == 1
    assert findings == []
    assert sorted(item.url for item in archive.catalogue.all_captures()) == [f"http://news.example/{number}" for number in range(3)]
    assert [len(list(archive.store.keys(prefix))) for prefix in ("warc/", "cdxj/")] == [1, 1]
    assert list(archive.folder.iterdir()) == []


@pytest.mark.parametrize(
    ("about", "fault"),
    [
        ("/warc/", s3_error(500, "InternalError", reaches=True, times=EVER)),
        ("/warc/", Fault(cut=0.5, times=EVER)),
        ("/cdxj/", s3_error(403, "ExpiredToken")),
        ("/cdxj/", Fault(lost=True, times=EVER)),
        ("/manifests/", s3_error(507, "InsufficientStorage", times=EVER)),
        ("/manifests/", Fault(lost=True, times=EVER)),
    ],
    ids=["WARC 500 though stored", "WARC cut", "index expired", "index answer lost", "manifest no room", "manifest answer lost"],
)
def test_a_sealed_file_waits_for_better_times(fault: Fault, about: str, way: Way, tmp_path: Path) -> None:
    """A store that fails at any step of the upload costs an error; the file waits, and the next start brings it home."""
    with open_archive(Settings(store=way.prefix, work=tmp_path / "work", s3_endpoint=way.weed.endpoint)) as archive:
        archive.deposit(clock=lambda: datetime.now(UTC), info={})  # admits this writer, before anything fails
        with fault_proxy(way.weed.endpoint, [replace(fault, about=about)]) as proxy:
            seal = sealing(replace(archive, store=way.through(proxy.endpoint)))
            with pytest.raises(StoreError):
                seal()
        assert len(list(archive.folder.glob("*.warc.gz"))) == 1
        assert list(archive.catalogue.all_captures()) == []

        assert_home(archive)


def test_a_sealed_file_waits_for_room(tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    """A folder without room for a WARC holds no part of it; the file waits, and comes home when there is room."""
    with open_archive(Settings(store=str(tmp_path / "store"), work=tmp_path / "work")) as archive:
        seal = sealing(archive)
        small_disk(4_000)
        with pytest.raises(StoreFull, match="warc/"):
            seal()
        small_disk(-1)
        assert [path for path in (tmp_path / "store").rglob("*") if path.is_file()] == []

        assert_home(archive)
