"""Manifests stamped by an authority: ``openssl ts`` answers and ``openssl ts`` verifies; an authority that fails loses nothing."""

import logging
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

import pytest
import urllib3
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.certificates import make_authority
from support.exchanges import page
from support.programs import program, signers_file, ssh_key
from support.smallarchive import settings as archive_settings
from support.tsa import StampServer, stamp_server

from archive import manifest, timestamps
from archive.findings import Tally
from archive.notary import Notary
from archive.records import Seed
from archive.store import Store, open_store
from archive.stories import save_seeds
from archive.timestamps import LIMIT, Authority, BadStamp, NoStamp
from archive.trust import Trust, read_trust
from archive.vault import open_archive
from archive.verify import verify
from archive.verify_signed import CLOCK, verify_signed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StampServer]:
    with stamp_server(tmp_path_factory.mktemp("tsa")) as running:
        yield running


@pytest.fixture
def authority(server: StampServer) -> Authority:
    server.answers.clear()
    server.asked.clear()
    return Authority(url=server.url)


@pytest.fixture(scope="module")
def token(server: StampServer) -> bytes:
    return Authority(url=server.url).stamp(b"message")


def append(store: Store, name: str, notary: Notary, now: datetime | None = None) -> str:
    return manifest.append(store, "host", [store.create(name, name.encode())], now or datetime.now(UTC), notary=notary)


def openssl_verifies(server: StampServer, folder: Path, stamp: Path, data: Path) -> bool:
    command = [program("openssl"), "ts", "-verify", "-in", str(stamp), "-data", str(data), "-CAfile", str(server.ca_file)]
    return subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=False).returncode == 0


def test_openssl_verifies_the_stamps_as_they_lie(server: StampServer, authority: Authority, tmp_path: Path) -> None:
    """``openssl ts -verify`` with link and token from the store; not when a byte of the link has changed."""
    store = open_store(str(tmp_path / "store"))
    key = append(store, "warc/1", Notary(ssh_key(tmp_path / "key"), authority.url))
    (stamp,) = (tmp_path / "store/manifests/host").glob("000001-*.tsr")
    link = tmp_path / "store" / key

    assert openssl_verifies(server, tmp_path, stamp, link)
    link.write_bytes(link.read_bytes().replace(b"warc/1", b"warc/2"))
    assert not openssl_verifies(server, tmp_path, stamp, link)


def test_the_question_is_that_of_the_protocol(server: StampServer, authority: Authority) -> None:
    """A POST of type application/timestamp-query; the answer states the time of the authority."""
    answer = authority.stamp(b"message")
    ((kind, question),) = server.asked
    time = timestamps.read(answer, b"message")

    assert kind == "application/timestamp-query"
    assert len(question) < 200
    assert abs(datetime.now(UTC) - time) < timedelta(minutes=1)


OTHER = b"another message"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        pytest.param(500, "status 500", id="error"),
        pytest.param(302, "status 302", id="a redirect is not followed"),
        pytest.param(b"<html>", "not an answer of RFC 3161", id="a page"),
        pytest.param(b"", "not an answer of RFC 3161", id="nothing"),
        pytest.param(b"\x30" * (LIMIT + 1), f"{LIMIT + 1} bytes", id="too much"),
        pytest.param("refusal", "refused, status 2", id="a refusal"),
        pytest.param("other", "token over other bytes", id="a token for somebody else"),
        pytest.param("again", "answer to another question", id="the token of an earlier question"),
    ],
)
def test_an_answer_that_is_no_token_is_said(
    server: StampServer, authority: Authority, token: bytes, answer: bytes | int | str, words: str
) -> None:
    """Nothing but a token for these bytes and this question is taken, and no second question is asked."""
    given = {"refusal": lambda: server.token(b"nonsense"), "other": lambda: authority.stamp(OTHER), "again": lambda: token}
    prepared = given[answer]() if isinstance(answer, str) else answer
    server.asked.clear()
    server.answers.append(prepared)

    with pytest.raises(NoStamp, match=words):
        authority.stamp(b"message")
    assert len(server.asked) == 1


def test_an_authority_that_does_not_answer_is_given_up(server: StampServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a limit, and at once when nobody listens or the address is none."""
    monkeypatch.setattr(timestamps, "TIMEOUT", urllib3.Timeout(connect=0.2, read=0.2))
    server.answers.append(0.6)

    for url in (server.url, "http://127.0.0.1:1/", "ftp://127.0.0.1/", "127.0.0.1"):
        with pytest.raises(NoStamp):
            Authority(url=url).stamp(b"message")


def test_an_authority_behind_tls_is_asked(tmp_path: Path) -> None:
    """Its certificate must be one of the system's, or of the file that the settings name."""
    with stamp_server(tmp_path, tls=True) as server:
        stamp = Authority(url=server.url, ca_file=server.ca_file).stamp(b"message")
        with pytest.raises(NoStamp, match="certificate verify failed"):
            Authority(url=server.url).stamp(b"message")

    assert timestamps.read(stamp, b"message") <= datetime.now(UTC)


def test_an_authority_that_fails_loses_nothing(
    server: StampServer, authority: Authority, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """The link is written without a stamp and the log says so; the next link asks again, and its stamp covers both."""
    notary = Notary(timestamp_url=authority.url)
    server.answers.append(503)
    with caplog.at_level(logging.WARNING):
        first = append(store, "warc/1", notary)
    append(store, "warc/2", notary)

    assert f"{first} has no time stamp" in caplog.text
    assert [key.partition("-")[0] for key in store.keys("manifests/") if key.endswith(".tsr")] == ["manifests/host/000002"]
    assert list(manifest.check(store)) == []
    assert list(verify_signed(store, read_trust(None, server.ca_file))) == []


def rules(folder: Path, trust: Trust | None = None) -> list[str]:
    return [item.rule for item in verify_signed(open_store(str(folder)), trust or Trust())]


@pytest.fixture
def stamped(authority: Authority, tmp_path: Path) -> Path:
    """A store with two links that are stamped."""
    store, notary = open_store(str(tmp_path / "store")), Notary(timestamp_url=authority.url)
    for name in ("warc/1", "warc/2"):
        append(store, name, notary)
    return tmp_path / "store"


def test_stamps_are_believed_when_somebody_says_whom_to_believe(server: StampServer, stamped: Path, tmp_path: Path) -> None:
    """Nothing is found with the authority's certificate; one note without any; an error a stamp with another authority's."""
    (tmp_path / "other").mkdir()
    other = make_authority(tmp_path / "other").ca_file

    assert rules(stamped, read_trust(None, server.ca_file)) == []
    assert rules(stamped) == ["timestamp-authority"]
    assert rules(stamped, read_trust(None, other)) == ["timestamp-untrusted"] * 2


def test_a_certificate_may_be_named_twice(server: StampServer, stamped: Path, tmp_path: Path) -> None:
    """A bundle of authorities, with the one in it that stamps for ours."""
    bundle = server.ca_file.read_bytes() * 2 + (server.folder / "tsa.pem").read_bytes()
    (tmp_path / "bundle.pem").write_bytes(bundle)

    assert rules(stamped, read_trust(None, tmp_path / "bundle.pem")) == []


@pytest.mark.parametrize("content", [b"", b"junk", b"\x30" * (LIMIT + 1), "other"])
def test_a_stamp_that_is_none_is_found(stamped: Path, authority: Authority, content: bytes | str) -> None:
    """Bytes that are no token, and a token over something else."""
    path = min(stamped.glob("manifests/host/*.tsr"))
    path.write_bytes(authority.stamp(OTHER) if isinstance(content, str) else content)

    assert sorted(rules(stamped)) == ["timestamp-authority", "timestamp-wrong"]


def test_a_manifest_from_the_future_is_found(authority: Authority, tmp_path: Path) -> None:
    """A link that says it was written after it was stamped: one of the clocks is wrong."""
    store, notary = open_store(str(tmp_path)), Notary(timestamp_url=authority.url)
    append(store, "warc/1", notary, datetime.now(UTC) + CLOCK - timedelta(minutes=1))
    assert rules(tmp_path) == ["timestamp-authority"]

    append(store, "warc/2", notary, datetime.now(UTC) + CLOCK + timedelta(minutes=1))

    assert rules(tmp_path) == ["timestamp-authority", "timestamp-time"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_changed_token_is_never_believed(server: StampServer, token: bytes, at: int, bit: int) -> None:
    """One bit of it turned: it is refused, or it says what it said; it never makes the reader fall."""
    changed = bytearray(token)
    changed[at % len(token)] ^= 1 << bit
    authorities = read_trust(None, server.ca_file).authorities
    assert authorities is not None
    try:
        timestamps.vouched(bytes(changed), b"message", authorities)
    except BadStamp:
        return
    assert timestamps.read(bytes(changed), b"message") == timestamps.read(token, b"message")


@given(st.binary(max_size=600))
def test_no_bytes_make_the_reader_of_tokens_fall(data: bytes) -> None:
    """Whatever lies where a token should is no token, and no crash."""
    with pytest.raises(BadStamp):
        timestamps.read(data, b"message")


def test_two_settings_are_all_that_it_takes(server: StampServer, authority: Authority, tmp_path: Path) -> None:
    """With a key and an authority in the settings every link of a crawl's chain is signed and stamped, and the whole store verifies."""
    key = ssh_key(tmp_path / "key")
    asked = replace(archive_settings(tmp_path), signing_key=key, timestamp_url=authority.url)
    with open_archive(asked) as archive:
        deposit = archive.deposit(
            clock=lambda: datetime.now(UTC), info={"software": "copytrail/test", "operator": "tests@copytrail.example"}
        )
        deposit.keep(replace(page(b"<p>one</p>", b"Content-Type: text/html"), started=datetime.now(UTC)))
        deposit.seal()
        save_seeds(archive, "story", [Seed(id="one", kind="text", source="one.txt", text="words")], datetime.now(UTC))
        trust = read_trust(signers_file(tmp_path / "signers", {archive.writer: key}), server.ca_file)
        keys = list(archive.store.keys("manifests/"))

        assert list(verify([archive.store], open_store, Tally(), trust)) == []
    assert [PurePosixPath(name).suffix for name in keys] == [".sig", ".tsr", ".json"] * 2
