"""An S3 server that fails, lies or refuses is met with a clear error that names it, and nothing is lost on the way."""

import base64
import hashlib
import http.server
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from support.weed import BUCKET, Weed

from archive import store_s3
from archive.store import ObjectExists, Store, StoreError, StoreFull, StoreUnreachable, open_store
from archive.store_s3 import S3Store

DATA = b"the same bytes"
HEX = hashlib.sha256(DATA).hexdigest()
CHECKSUM = base64.b64encode(hashlib.sha256(DATA).digest()).decode()

Answer = tuple[int, dict[str, str], bytes]


def error(status: int, code: str) -> Answer:
    return status, {"Content-Type": "application/xml"}, f"<Error><Code>{code}</Code><Message>as told</Message></Error>".encode()


@dataclass
class Scripted:
    """A server that gives prepared answers in turn, the last one for ever, and remembers what it was asked."""

    url: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    """A scripted server on loopback, and credentials for it."""
    script = Scripted()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            script.asked.append((self.command, {name.lower(): value for name, value in self.headers.items()}))
            prepared = script.answers[self.command]
            status, headers, body = prepared.pop(0) if len(prepared) > 1 else prepared[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)
            self.close_connection = True

        do_PUT = do_GET = do_HEAD = answer  # noqa: N815 -- named by the base class

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name in the base class
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    script.url = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    yield script
    server.shutdown()
    thread.join()
    server.server_close()


def store(script: Scripted) -> S3Store:
    return S3Store("s3://bucket/prefix", endpoint=script.url, attempts=2, sleep=lambda _: None)


HELD: Answer = (200, {"Content-Length": str(len(DATA)), "x-amz-checksum-sha256": CHECKSUM, "x-amz-checksum-type": "FULL_OBJECT"}, b"")
UNTOLD: Answer = (200, {"Content-Length": str(len(DATA))}, b"")
STORED: Answer = (200, {}, b"")


def test_a_put_asks_for_what_the_archive_needs(scripted: Scripted) -> None:
    """The server is told the digest to check and not to overwrite, and is asked afterwards what it holds."""
    scripted.answers = {"PUT": [STORED], "HEAD": [HELD]}

    info = store(scripted).create("a", DATA)

    (method, headers), (then, later) = scripted.asked
    assert (method, headers["if-none-match"], headers["x-amz-checksum-sha256"], headers["x-amz-meta-sha256"]) == ("PUT", "*", CHECKSUM, HEX)
    assert (then, later["x-amz-checksum-mode"]) == ("HEAD", "ENABLED")
    assert info.sha256 == f"sha256:{HEX}"


def test_a_conflict_is_tried_again(scripted: Scripted) -> None:
    """409 says that another writer is at it: after a while the answer is clear."""
    scripted.answers = {"PUT": [error(409, "ConditionalRequestConflict"), error(409, "ConditionalRequestConflict"), STORED], "HEAD": [HELD]}

    store(scripted).create("a", DATA)

    assert [method for method, _ in scripted.asked] == ["PUT", "PUT", "PUT", "HEAD"]


def test_a_conflict_without_end_is_an_error(scripted: Scripted) -> None:
    """A server that never decides is given up."""
    scripted.answers = {"PUT": [error(409, "ConditionalRequestConflict")]}

    with pytest.raises(StoreError, match="ConditionalRequestConflict"):
        store(scripted).create("a", DATA)

    assert len(scripted.asked) == 1 + len(store_s3._WAITS)


def test_a_put_that_was_lost_on_the_way_is_found(scripted: Scripted) -> None:
    """When the answer to a PUT is lost, the second finds the key taken, by ourselves: that is success."""
    scripted.answers = {"PUT": [error(500, "InternalError"), error(412, "PreconditionFailed")], "HEAD": [HELD]}

    assert store(scripted).create("a", DATA).sha256 == f"sha256:{HEX}"


def test_a_server_that_tells_no_digest_is_read_back(scripted: Scripted) -> None:
    """Where HEAD knows no checksum the object itself is read, before the local file may go."""
    scripted.answers = {"PUT": [STORED], "HEAD": [UNTOLD], "GET": [(200, {}, DATA)]}
    store(scripted).create("a", DATA)

    scripted.answers["GET"] = [(200, {}, b"THE SAME BYTES")]
    with pytest.raises(StoreError, match="was stored as") as caught:
        store(scripted).create("a", DATA)

    assert not isinstance(caught.value, ObjectExists)


def test_a_digest_of_parts_is_not_taken_for_one_of_the_whole(scripted: Scripted) -> None:
    """An object that somebody uploaded in parts has a checksum of checksums: it is read back instead."""
    scripted.answers = {"PUT": [error(412, "PreconditionFailed")], "GET": [(200, {}, DATA)]}
    scripted.answers["HEAD"] = [(200, {**UNTOLD[1], "x-amz-checksum-sha256": f"{CHECKSUM}-3", "x-amz-checksum-type": "COMPOSITE"}, b"")]

    assert store(scripted).create("a", DATA).sha256 == f"sha256:{HEX}"


def test_a_server_that_swallows_an_object_is_found_out(scripted: Scripted) -> None:
    """Accepted and not there is an error, never a success."""
    scripted.answers = {"PUT": [STORED], "HEAD": [error(404, "NoSuchKey")]}

    with pytest.raises(StoreError, match="not there"):
        store(scripted).create("a", DATA)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (error(507, "InsufficientStorage"), StoreFull),
        (error(403, "QuotaExceeded"), StoreFull),
        (error(403, "AccessDenied"), StoreUnreachable),
        (error(404, "NoSuchBucket"), StoreUnreachable),
        (error(503, "SlowDown"), StoreUnreachable),
        (error(400, "BadDigest"), StoreError),
    ],
    ids=["507", "quota", "access", "bucket", "slow", "digest"],
)
def test_a_refusal_is_told_by_its_kind(scripted: Scripted, answer: Answer, kind: type[StoreError]) -> None:
    """Full, closed and wrong are three things, and the message names bucket and server."""
    scripted.answers = {"PUT": [answer]}

    with pytest.raises(StoreError, match=rf"s3://bucket/prefix at {scripted.url}: .*as told") as caught:
        store(scripted).create("a", DATA)

    assert type(caught.value) is kind


def test_a_body_that_breaks_off_is_told(scripted: Scripted) -> None:
    """A connection that is lost in the middle of an object is an error, never a short object."""
    scripted.answers = {"GET": [(200, {"Content-Length": "1000"}, DATA)]}

    with store(scripted).open("a") as stream, pytest.raises(StoreUnreachable):
        stream.read()


def test_a_wrong_digest_on_the_way_back_is_told(scripted: Scripted) -> None:
    """Bytes that do not have the checksum that the server sent with them are refused."""
    scripted.answers = {"GET": [(200, {"x-amz-checksum-sha256": CHECKSUM, "x-amz-checksum-type": "FULL_OBJECT"}, b"THE SAME BYTES")]}

    with pytest.raises(StoreError, match="checksum"):
        store(scripted).read("a")


OPERATIONS: dict[str, Callable[[Store], object]] = {
    "create": lambda store: store.create("a", DATA),
    "read": lambda store: store.read("a"),
    "info": lambda store: store.info("a"),
    "keys": lambda store: list(store.keys()),
}


@pytest.mark.usefixtures("scripted")
@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_server_that_is_not_there_is_unreachable(operation: str) -> None:
    """Nobody listens: every operation says so, with bucket and endpoint."""
    gone = S3Store("s3://bucket/prefix", endpoint="http://127.0.0.1:1", attempts=1)

    with pytest.raises(StoreUnreachable, match=r"s3://bucket/prefix at http://127\.0\.0\.1:1: Could not connect"):
        OPERATIONS[operation](gone)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_without_the_secret_gets_in(operation: str, weed: Weed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real server refuses a wrong secret, and nothing is read or written."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "guessed")

    with pytest.raises(StoreUnreachable, match=BUCKET):
        OPERATIONS[operation](open_store(f"s3://{BUCKET}/closed", endpoint=weed.endpoint))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_no_credentials_are_told(operation: str) -> None:
    """Without any credentials the message says that they are missing, and no server is asked."""
    with pytest.raises(StoreUnreachable, match="credentials"):
        OPERATIONS[operation](S3Store("s3://bucket", endpoint="http://127.0.0.1:1", attempts=1))


def test_a_bucket_that_is_not_there(weed: Weed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong bucket is told by whatever reads or writes, and not made."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", weed.access)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", weed.secret)
    nowhere = open_store("s3://nowhere", endpoint=weed.endpoint)

    for operation in ("create", "read", "keys"):
        with pytest.raises(StoreUnreachable, match="nowhere"):
            OPERATIONS[operation](nowhere)


def test_an_object_beyond_one_put_is_refused(monkeypatch: pytest.MonkeyPatch, scripted: Scripted) -> None:
    """What one PUT cannot take, whose digest the server would check, is refused before anything is sent."""
    monkeypatch.setattr(store_s3, "LARGEST_PUT", 5)

    with pytest.raises(StoreError, match="one PUT"):
        store(scripted).create("a", DATA)

    assert scripted.asked == []


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix"])
def test_a_url_without_a_bucket_is_refused(url: str) -> None:
    """A store in S3 needs a bucket."""
    with pytest.raises(StoreError, match="bucket"):
        open_store(url)


def test_an_endpoint_that_is_no_url_is_refused() -> None:
    """A wrong endpoint is told when the store is opened."""
    with pytest.raises(StoreError, match="localhost"):
        open_store("s3://bucket", endpoint="localhost")
