"""Whom a reader believes: files of signers and of certificates, read as ssh-keygen and openssl take them."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.programs import ssh_key, ssh_verify

from archive.signing import load_key
from archive.trust import TrustError, read_trust

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two keys, called ours and other."""
    folder = tmp_path_factory.mktemp("keys")
    return ssh_key(folder / "ours"), ssh_key(folder / "other")


SIGNERS = {
    "the writer": ("host {ours}", True),
    "with a comment": ("host {ours} me@desk", True),
    "a pattern": ("h*t {ours}", True),
    "a pattern of one letter": ("hos? {ours}", True),
    "a pattern that is too short": ("hos?? {ours}", False),
    "a list": ("guest,host {ours}", True),
    "all but another": ("*,!guest {ours}", True),
    "all but this": ("*,!host {ours}", False),
    "a negation alone": ("!guest {ours}", False),
    "another writer": ("guest {ours}", False),
    "brackets mean themselves": ("[h]ost {ours}", False),
    "another key": ("host {other}", False),
    "the second line": ("# people\n\nguest {ours}\nhost {other}\nhost {ours}", True),
    "our purpose": ('host namespaces="copytrail" {ours}', True),
    "our purpose among others": ('host namespaces="git,copy*" {ours}', True),
    "another purpose": ('host namespaces="git" {ours}', False),
    "in quotes": ('"host" {ours}', True),
    "from a day on": ('host valid-after="20261121Z" {ours}', True),
    "from a later day on": ('host valid-after="20261122" {ours}', False),
    "until a minute": ('host valid-before="202611211030" {ours}', True),
    "until an earlier second": ('host valid-before="20261121102959Z" {ours}', False),
    "within a year": ('host namespaces="copytrail",valid-after="20260101",valid-before="20270101" {ours}', True),
    "an authority for certificates": ("host cert-authority {ours}", False),
    "names of options in capitals": ('host NAMESPACES="copytrail" {ours}', True),
}


@pytest.mark.parametrize(("text", "allowed"), SIGNERS.values(), ids=SIGNERS)
def test_a_file_of_signers_means_what_ssh_keygen_takes_it_to_mean(
    tmp_path: Path, keys: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, text: str, *, allowed: bool
) -> None:
    """The same file, principal and time: the same verdict from both."""
    monkeypatch.setenv("TZ", "UTC")
    lines = {path.name: path.with_name(f"{path.name}.pub").read_text(encoding="utf-8").strip() for path in keys}
    (tmp_path / "signers").write_text(text.format(**lines) + "\n", encoding="utf-8")
    key = load_key(keys[0])
    (tmp_path / "sig").write_bytes(key.sign(b"message"))

    trust = read_trust(tmp_path / "signers", None)

    assert (trust.signer(key.public, "host", NOW) is not None) is allowed
    time = f"verify-time={NOW:%Y%m%d%H%M%S}"
    assert ssh_verify(tmp_path / "signers", "host", tmp_path / "sig", b"message", "-O", time) is allowed


@pytest.mark.parametrize(
    "line",
    [
        "host",
        "host ssh-ed25519",
        "host ssh-ed25519 not/base64!",
        "host who-knows ssh-ed25519 AAAA",
        'host namespaces="git" AAAA',
        'host valid-before="tomorrow" ssh-ed25519 AAAA',
        'host valid-before="20261345" ssh-ed25519 AAAA',
        'host namespaces="a"valid-before="20270101" ssh-ed25519 AAAA',
    ],
)
def test_a_line_that_is_not_understood_is_an_error(tmp_path: Path, line: str) -> None:
    """No half of a rule is taken for the whole; the message names file and line."""
    (tmp_path / "signers").write_text(f"# people\n{line}\n", encoding="utf-8")

    with pytest.raises(TrustError, match=f"{tmp_path}/signers: line 2"):
        read_trust(tmp_path / "signers", None)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_a_file_of_certificates_must_hold_some(tmp_path: Path, content: bytes) -> None:
    """An empty or a broken one would let every time stamp fail without a reason."""
    (tmp_path / "ca.pem").write_bytes(content)

    with pytest.raises(TrustError, match=r"ca\.pem"):
        read_trust(None, tmp_path / "ca.pem")
