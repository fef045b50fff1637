"""Manifests signed by the operator: ssh-keygen accepts what we sign, we accept what ssh-keygen signs, and nothing forged passes."""

import base64
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.programs import program, signers_file, ssh_key, ssh_verify

from archive import codec, layout, manifest, sshsig
from archive.findings import Tally
from archive.notary import Notary
from archive.signing import KeyProblem, load_key
from archive.sshsig import BadSignature
from archive.store import ObjectInfo, Store, StoreUnreachable, open_store
from archive.trust import Trust, read_trust
from archive.verify import verify
from archive.verify_signed import verify_signed

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Keys:
    """Two keys, and a file that lists the first of them for the writer ``host``."""

    ours: Path
    other: Path
    signers: Path

    @property
    def trust(self) -> Trust:
        return read_trust(self.signers, None)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    folder = tmp_path_factory.mktemp("keys")
    ours, other = ssh_key(folder / "ours"), ssh_key(folder / "other")
    return Keys(ours, other, signers_file(folder / "signers", {"host": ours}))


def append(store: Store, key: Path | None, name: str, writer: str = "host", number: int = 1) -> str:
    """One object and the link that names it, an hour after the last."""
    info = store.create(name, name.encode())
    return manifest.append(store, writer, [info], NOW + timedelta(hours=number), notary=Notary(key))


@pytest.fixture
def signed(tmp_path: Path, keys: Keys) -> Path:
    """A store with a chain of three links, all of them signed."""
    store = open_store(str(tmp_path / "store"))
    for number in (1, 2, 3):
        append(store, keys.ours, f"warc/{number}", number=number)
    return tmp_path / "store"


def rules(folder: Path, trust: Trust | None = None) -> list[tuple[str, str]]:
    """What is found, without the folder: rule and key."""
    found = verify_signed(open_store(str(folder)), trust or Trust())
    return [(item.rule, item.file.rpartition("/")[2].partition("-")[0].partition(".")[0]) for item in found]


# The format


def test_ssh_keygen_verifies_the_links_as_they_lie(signed: Path, keys: Keys) -> None:
    """``ssh-keygen -Y verify`` with link and signature from the store; not for another writer, and not when a byte has changed."""
    links = sorted(signed.glob("manifests/host/*.json"))
    signatures = sorted(signed.glob("manifests/host/*.sig"))

    assert len(links) == len(signatures) == 3
    for link, signature in zip(links, signatures, strict=True):
        data = link.read_bytes()
        assert signature.name == layout.beside(link.name, data, "sig")
        assert ssh_verify(keys.signers, "host", signature, data)
        assert not ssh_verify(keys.signers, "guest", signature, data)
        assert not ssh_verify(keys.signers, "host", signature, data.replace(b"warc/", b"warc-"))


def test_a_signature_is_the_bytes_that_ssh_keygen_writes(tmp_path: Path, keys: Keys) -> None:
    """The same key and message give the same file from both programs."""
    (tmp_path / "message").write_bytes(b"anything\n")
    command = [program("ssh-keygen"), "-Y", "sign", "-f", str(keys.ours), "-n", "copytrail", "message"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)

    assert load_key(keys.ours).sign(b"anything\n") == (tmp_path / "message.sig").read_bytes()


@pytest.mark.parametrize(
    ("more", "kind", "problem"),
    [
        pytest.param(["-n", "copytrail", "-O", "hashalg=sha256"], "ed25519", None, id="over the other hash"),
        pytest.param(["-n", "git"], "ed25519", "made for 'git'", id="for another purpose"),
        pytest.param(["-n", "copytrail"], "ecdsa", "type ecdsa-sha2-nistp256", id="with a key of another kind"),
    ],
)
def test_what_ssh_keygen_signs_is_read(tmp_path: Path, more: list[str], kind: str, problem: str | None) -> None:
    """Another hash is a signature all the same; another namespace or kind of key is none of ours."""
    key = ssh_key(tmp_path / "key", kind=kind)
    (tmp_path / "message").write_bytes(b"anything")
    command = [program("ssh-keygen"), "-Y", "sign", "-f", str(key), *more, "message"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    armoured = (tmp_path / "message.sig").read_bytes()

    if problem is None:
        sshsig.verify(sshsig.read(armoured), b"anything")
        with pytest.raises(BadSignature, match="not those that were signed"):
            sshsig.verify(sshsig.read(armoured), b"Anything")
    else:
        with pytest.raises(BadSignature, match=problem):
            sshsig.verify(sshsig.read(armoured), b"anything")


def _tried(armoured: bytes) -> bool:
    try:
        sshsig.verify(sshsig.read(armoured), b"message")
    except BadSignature:
        return False
    return True


@given(st.binary(max_size=400))
def test_no_bytes_make_the_reader_fall(data: bytes) -> None:
    """Whatever lies where a signature should is no signature, and no crash."""
    assert not _tried(data)
    assert not _tried(b"-----BEGIN SSH SIGNATURE-----\n" + data + b"\n-----END SSH SIGNATURE-----\n")


@given(at=st.integers(0, 200), byte=st.integers(0, 255))
def test_a_changed_signature_is_wrong(keys: Keys, at: int, byte: int) -> None:
    """One byte of the key, the names or the signature itself changed: no signature."""
    armoured = load_key(keys.ours).sign(b"message")
    body = bytearray(base64.b64decode(b"".join(armoured.split(b"\n")[1:-2])))
    before, body[at % len(body)] = body[at % len(body)], byte
    changed = b"-----BEGIN SSH SIGNATURE-----\n" + base64.b64encode(bytes(body)) + b"\n-----END SSH SIGNATURE-----\n"

    assert _tried(changed) is (before == byte)


# The key


@pytest.mark.parametrize(
    ("make", "words"),
    [
        pytest.param(lambda path: ssh_key(path, passphrase="secret"), "locked with a passphrase", id="locked"),
        pytest.param(lambda path: ssh_key(path, kind="ecdsa"), "not an ed25519 key", id="ecdsa"),
        pytest.param(lambda path: ssh_key(path, kind="rsa"), "not an ed25519 key", id="rsa"),
        pytest.param(lambda path: ssh_key(path).chmod(0o640), "chmod 600", id="open to others"),
        pytest.param(lambda path: ssh_key(path).with_name("key.pub").replace(path).chmod(0o600), "no private key", id="public"),
        pytest.param(lambda path: path.touch(0o600), "no private key", id="empty"),
        pytest.param(lambda path: path.mkdir(), "Is a directory", id="folder"),
        pytest.param(lambda _: None, "No such file", id="missing"),
    ],
)
def test_a_key_that_cannot_be_used_is_said(tmp_path: Path, make: Callable[[Path], Any], words: str) -> None:
    """The message names the file and what would do."""
    make(tmp_path / "key")

    with pytest.raises(KeyProblem, match=words) as problem:
        load_key(tmp_path / "key")
    assert str(tmp_path / "key") in str(problem.value)


def test_without_a_usable_key_nothing_is_listed(tmp_path: Path) -> None:
    """A link that should be signed and cannot be is not written."""
    store = open_store(str(tmp_path / "store"))
    with pytest.raises(KeyProblem):
        append(store, tmp_path / "nowhere", "warc/1")

    assert list(store.keys("manifests/")) == []


# Verification


def test_a_signed_chain_is_vouched_for(signed: Path, keys: Keys) -> None:
    """Nothing is found with the file of signers; without it one note for the whole chain, that nobody knows the key."""
    assert rules(signed, keys.trust) == []
    assert rules(signed) == [("signature-key", "000001")]


def forged(folder: Path, _: Keys) -> None:
    """Another list in the place of the last, by somebody who has no key."""
    path = folder / "manifests/host/000003.json"
    path.write_bytes(path.read_bytes().replace(b"warc/3", b"warc/4"))


def resigned(folder: Path, keys: Keys) -> None:
    """The same, with the old signature renamed to fit."""
    forged(folder, keys)
    link = folder / "manifests/host/000003.json"
    (old,) = folder.glob("manifests/host/000003-*.sig")
    old.rename(link.with_name(layout.beside(link.name, link.read_bytes(), "sig")))


def bare(folder: Path, _: Keys) -> None:
    for path in folder.glob("manifests/host/*.sig"):
        path.unlink()


def stranger(folder: Path, keys: Keys) -> None:
    append(open_store(str(folder)), keys.other, "warc/4", number=4)


def keyless(folder: Path, _: Keys) -> None:
    append(open_store(str(folder)), None, "warc/4", number=4)


def reader(folder: Path, _: Keys) -> None:
    append(open_store(str(folder)), None, "custody/4", number=4)


def newcomer(folder: Path, _: Keys) -> None:
    append(open_store(str(folder)), None, "warc/4", "guest")


def junk(folder: Path, _: Keys) -> None:
    (path,) = folder.glob("manifests/host/000002-*.sig")
    path.write_bytes(b"x" * 100_000)


def swapped(folder: Path, keys: Keys) -> None:
    """Signed by another key than the link names."""
    link = folder / "manifests/host/000003.json"
    (path,) = folder.glob("manifests/host/000003-*.sig")
    path.write_bytes(load_key(keys.other).sign(link.read_bytes()))


def left(folder: Path, _: Keys) -> None:
    (folder / "manifests/host/000004-0123456789abcdef.sig").write_bytes(b"of a link that was never written")


NOTE = ("signature-key", "000001")
DAMAGE: dict[str, tuple[Callable[[Path, Keys], None], list[tuple[str, str]], list[tuple[str, str]]]] = {
    # what is done to a signed chain, what is found without a file of signers, and with one
    "a link is forged": (
        forged,
        [NOTE, ("signature-orphan", "000003"), ("signature-missing", "000003")],
        [("signature-orphan", "000003"), ("signature-missing", "000003")],
    ),
    "a link is forged under the old signature": (resigned, [NOTE, ("signature-wrong", "000003")], [("signature-wrong", "000003")]),
    "the signatures are gone": (
        bare,
        [("signature-missing", f"00000{number}") for number in (1, 2, 3)],
        [*(("signature-missing", f"00000{number}") for number in (1, 2, 3)), ("signer-none", "000001")],
    ),
    "somebody else signs": (stranger, [NOTE, ("signature-key", "000004")], [("signer-unknown", "000004")]),
    "signatures stop": (keyless, [NOTE, ("signature-stops", "000004")], [("signer-none", "000004")]),
    "a reader takes something away": (reader, [NOTE], []),
    "another writer does not sign": (newcomer, [NOTE], [("signer-none", "000001")]),
    "a signature is junk": (junk, [NOTE, ("signature-wrong", "000002")], [("signature-wrong", "000002")]),
    "a signature is by another key than named": (swapped, [NOTE, ("signature-wrong", "000003")], [("signature-wrong", "000003")]),
    "a signature was left behind": (left, [NOTE, ("signature-orphan", "000004")], [("signature-orphan", "000004")]),
}


@pytest.mark.parametrize(("damage", "alone", "with_signers"), DAMAGE.values(), ids=DAMAGE)
def test_what_is_wrong_with_signatures_is_found(
    signed: Path,
    keys: Keys,
    damage: Callable[[Path, Keys], None],
    alone: Iterable[tuple[str, str]],
    with_signers: Iterable[tuple[str, str]],
) -> None:
    """Exactly that, each at its link."""
    damage(signed, keys)

    assert sorted(rules(signed)) == sorted(alone)
    assert sorted(rules(signed, keys.trust)) == sorted(with_signers)


def test_a_writer_that_begins_to_sign_vouches_for_what_was_before(tmp_path: Path, keys: Keys) -> None:
    """The first signed link names the digest of the one before it, and so of all of them."""
    store = open_store(str(tmp_path))
    append(store, None, "warc/1", number=1)
    assert rules(tmp_path, keys.trust) == [("signer-none", "000001")]

    append(store, keys.ours, "warc/2", number=2)

    assert rules(tmp_path, keys.trust) == []


def test_a_key_may_be_changed(tmp_path: Path, keys: Keys) -> None:
    """Both keys in the file, the old one until a time: each counts while it was valid, by the time that the link states."""
    store = open_store(str(tmp_path / "store"))
    append(store, keys.ours, "warc/1", number=1)
    append(store, keys.other, "warc/2", number=3)
    lines = {'host valid-before="20261121120000Z"': keys.ours, 'host valid-after="20261121120000Z"': keys.other}
    trust = read_trust(signers_file(tmp_path / "signers", lines), None)

    assert rules(tmp_path / "store", trust) == []
    append(store, keys.ours, "warc/3", number=4)
    assert rules(tmp_path / "store", trust) == [("signer-unknown", "000003")]


# Kills and races


@dataclass
class Killed:
    """A store that is there until ``left`` more objects have been created."""

    store: Store
    left: int

    def create(self, key: str, source: Path | bytes, *, sha256: str | None = None) -> ObjectInfo:
        if self.left == 0:
            raise StoreUnreachable("killed here")
        self.left -= 1
        return self.store.create(key, source, sha256=sha256)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast(Callable[..., Any], getattr(self.store, name))


@pytest.mark.parametrize("created", [0, 1, 2, 3])
def test_no_kill_leaves_a_link_without_its_signature(store: Store, keys: Keys, created: int) -> None:
    """The signature is there before the link that it signs; what a kill leaves belongs to nothing and harms nothing."""
    append(store, keys.ours, "warc/1", number=1)
    killed = cast(Store, Killed(store, created))
    try:
        append(killed, keys.ours, "warc/2", number=2)
    except StoreUnreachable:
        pass
    else:
        assert created == 3
    left = [item.rule for item in verify_signed(store, keys.trust)]
    append(store, keys.ours, "warc/3", number=3)

    assert left == (["signature-orphan"] if created == 2 else [])
    assert [item.rule for item in verify_signed(store, keys.trust)] == left
    assert list(manifest.check(store)) == []


def test_a_number_that_is_taken_meanwhile_is_signed_anew(store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signature of the link that lost belongs to nothing; both links that stand are signed."""
    append(store, keys.ours, "warc/1")
    known = manifest._last(store, "host")
    append(store, keys.ours, "warc/theirs", number=2)
    monkeypatch.setattr(manifest, "_last", lambda *_: known)
    append(store, keys.ours, "warc/ours", number=3)

    assert [item.rule for item in verify_signed(store, keys.trust)] == ["signature-orphan"]
    assert len(list(manifest.links(store, "host"))) == 3


def test_what_somebody_left_in_the_store_is_never_signed(tmp_path: Path, keys: Keys) -> None:
    """A link that names our key without its signature stays without: the next of ours signs itself alone."""
    store = open_store(str(tmp_path))
    append(store, keys.ours, "warc/1", number=1)
    (chain,) = manifest.read_chain(store, "host")
    fake = replace(chain, number=2, previous=manifest._digest(store.read("manifests/host/000001.json")))
    store.create("manifests/host/000002.json", codec.text_of(fake).encode())

    append(store, keys.ours, "warc/2", number=2)

    assert rules(tmp_path, keys.trust) == [("signature-missing", "000002")]


def test_an_object_that_no_manifest_names_is_nobodys(signed: Path, keys: Keys) -> None:
    """Weak by itself; an error for whoever brings a file of signers."""
    open_store(str(signed)).create("tables/captures/slipped-in.parquet", b"")

    def found(trust: Trust | None) -> list[str]:
        return [item.rule for item in verify([str(signed)], open_store, Tally(), trust) if "slipped-in" in item.file]

    assert (found(None), found(keys.trust)) == (["manifest-unlisted"], ["signer-none"])
