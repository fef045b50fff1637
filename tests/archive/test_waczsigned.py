"""A signed WACZ: the browser's own cryptography, py-wacz and ssh-keygen accept it, and what was changed or forged is found."""

import base64
import json
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from support.programs import program, signers_file, ssh_key, ssh_verify
from support.smallarchive import SLUG, small_archive

from archive.findings import Tally
from archive.notary import Notary
from archive.pull import pull
from archive.records import Selection
from archive.signing import load_key
from archive.store import open_store
from archive.trust import Trust, read_trust
from archive.verify import verify

LIST, DIGEST = "datapackage.json", "datapackage-digest.json"
Digest = dict[str, Any]


@dataclass(frozen=True)
class Signed:
    """A package, the same pulled again, the key that signed both, and a file of signers that lists it."""

    path: Path
    again: Path
    key: Path
    signers: Path

    def read(self, name: str) -> bytes:
        with zipfile.ZipFile(self.path) as package:
            return package.read(name)

    @property
    def digest(self) -> Digest:
        found: Digest = json.loads(self.read(DIGEST))
        return found


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Signed:
    folder = tmp_path_factory.mktemp("signed")
    key = ssh_key(folder / "key")
    with small_archive(folder) as archive:
        signing = replace(archive, notary=Notary(key))
        for name in ("s.wacz", "again.wacz"):
            pull(signing, Selection(story=SLUG), "wacz", folder / name, "copytrail/test")
    return Signed(folder / "s.wacz", folder / "again.wacz", key, signers_file(folder / "signers", {"desk@paper.example": key}))


def repacked(signed: Signed, path: Path, change: Callable[[Digest], object], extra: bytes = b"") -> Path:
    """The package with another digest file, and with something behind the end of its list of files."""
    digest = signed.digest
    change(digest)
    with zipfile.ZipFile(signed.path) as old, zipfile.ZipFile(path, "w") as new:
        for name in old.namelist():
            data = json.dumps(digest).encode() if name == DIGEST else old.read(name) + (extra if name == LIST else b"")
            new.writestr(name, data)
    return path


def rules(path: Path, trust: Trust | None = None) -> list[str]:
    return sorted(item.rule for item in verify([str(path)], open_store, Tally(), trust))


def test_py_wacz_validates_it(signed: Signed, judge: Callable[[str], Path]) -> None:
    """``wacz validate`` sees that there is a signature, compares the times, and exits 0."""
    done = subprocess.run([judge("wacz"), "validate", "-f", signed.path], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Has signature" in done.stdout


def test_the_same_selection_gives_the_same_bytes(signed: Signed) -> None:
    """Neither signature has a time of its own or a random number in it."""
    assert signed.path.read_bytes() == signed.again.read_bytes()


def test_the_signature_of_the_format_has_what_it_asks_for(signed: Signed) -> None:
    """The six properties of an anonymous signature and no other, created when the package says it was."""
    data = signed.digest["signedData"]

    assert set(data) == {"hash", "created", "software", "version", "signature", "publicKey"}
    assert data["hash"] == signed.digest["hash"]
    assert data["created"] == json.loads(signed.read(LIST))["created"]
    assert (data["software"], data["version"]) == ("copytrail/test", "0.1.0")


PAGE = """<body><script>
const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
(async () => {
  const {hash, signature, publicKey} = SIGNED;
  const key = await crypto.subtle.importKey("spki", bytes(publicKey), {name: "ECDSA", namedCurve: "P-384"}, true, ["verify"]);
  const check = (text) => crypto.subtle.verify(
    {name: "ECDSA", hash: "SHA-256"}, key, bytes(signature), new TextEncoder().encode(text));
  document.body.textContent = `${await check(hash)} ${await check(hash + "0")}`;
})();
</script></body>
"""


def test_a_browser_verifies_it(signed: Signed, tmp_path: Path) -> None:
    """A player asks the browser: P-384, SHA-256, over the text of the hash."""
    (tmp_path / "page.html").write_text(PAGE.replace("SIGNED", json.dumps(signed.digest["signedData"])), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += [
        "--disable-component-update",
        "--disable-sync",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        f"--user-data-dir={tmp_path}/profile",
    ]
    command = [program("chromium"), *flags, "--virtual-time-budget=5000", "--dump-dom", f"file://{tmp_path}/page.html"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)

    assert "<body>true false" in done.stdout.replace("\n", ""), done.stderr


def test_ssh_keygen_verifies_it(signed: Signed, tmp_path: Path) -> None:
    """The other signature, over the list of files as it lies in the package."""
    (tmp_path / "sig").write_text(signed.digest["sshSignature"], encoding="utf-8")

    assert ssh_verify(signed.signers, "desk@paper.example", tmp_path / "sig", signed.read(LIST))
    assert not ssh_verify(signed.signers, "desk@paper.example", tmp_path / "sig", signed.read(LIST) + b" ")


def test_one_key_signs_packages_always_with_the_same_other_key(signed: Signed, tmp_path: Path) -> None:
    """The public key in the package can be published beside that of ssh; another key gives another."""
    stated = base64.b64decode(signed.digest["signedData"]["publicKey"])
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    assert load_key(signed.key).package_key().public_key().public_bytes(*form) == stated
    assert load_key(ssh_key(tmp_path / "other")).package_key().public_key().public_bytes(*form) != stated


def test_a_good_package_is_vouched_for(signed: Signed, tmp_path: Path) -> None:
    """Nothing is found when the key is listed; a note when nobody says whose key it is; an error when it is not listed."""
    other = signers_file(tmp_path / "signers", {"*": ssh_key(tmp_path / "other")})

    assert rules(signed.path, read_trust(signed.signers, None)) == []
    assert rules(signed.path) == ["signature-key"]
    assert rules(signed.path, read_trust(other, None)) == ["signer-unknown"]


def resigned(digest: Digest) -> None:
    """By a key of another kind, which no player reads."""
    key = rsa.generate_private_key(65537, 2048).public_key()
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    digest["signedData"]["publicKey"] = base64.b64encode(key.public_bytes(*form)).decode()


def cut(digest: Digest) -> None:
    digest["sshSignature"] = digest["sshSignature"][:200]


DAMAGE: dict[str, tuple[Callable[[Digest], object], set[str], set[str]]] = {
    # a change of the digest file, what is found without a file of signers, and with one
    "another hash": (lambda it: it["signedData"].update(hash="sha256:00"), {"wacz-signature", "signature-key"}, {"wacz-signature"}),
    "another signature": (
        lambda it: it["signedData"].update(signature=base64.b64encode(bytes(range(96))).decode()),
        {"wacz-signature", "signature-key"},
        {"wacz-signature"},
    ),
    "no base64": (lambda it: it["signedData"].update(signature="?"), {"wacz-signature", "signature-key"}, {"wacz-signature"}),
    "no signature": (
        lambda it: it["signedData"].pop("signature"),
        {"wacz-signature", "wacz-signature-form", "signature-key"},
        {"wacz-signature", "wacz-signature-form"},
    ),
    "a number as key": (lambda it: it["signedData"].update(publicKey=7), {"wacz-signature", "signature-key"}, {"wacz-signature"}),
    "a key of another kind": (resigned, {"wacz-signature", "signature-key"}, {"wacz-signature"}),
    "no object": (lambda it: it.update(signedData=[]), {"wacz-signature", "signature-key"}, {"wacz-signature"}),
    "one more property": (lambda it: it["signedData"].update(by="us"), {"wacz-signature-form", "signature-key"}, {"wacz-signature-form"}),
    "a cut SSH signature": (cut, {"signature-wrong"}, {"signature-wrong"}),
    "a number as SSH signature": (lambda it: it.update(sshSignature=7), {"signature-wrong"}, {"signature-wrong"}),
    "no SSH signature": (lambda it: it.pop("sshSignature"), {"wacz-signature-key"}, {"wacz-signature-key", "signer-none"}),
    "no signature at all": (lambda it: (it.pop("sshSignature"), it.pop("signedData")), set(), {"signer-none"}),
}


@pytest.mark.parametrize(("change", "alone", "with_signers"), DAMAGE.values(), ids=DAMAGE)
def test_what_is_wrong_with_a_signature_is_found(
    signed: Signed, tmp_path: Path, change: Callable[[Digest], object], alone: set[str], with_signers: set[str]
) -> None:
    """Exactly that, in the digest file."""
    path = repacked(signed, tmp_path / "s.wacz", change)

    assert set(rules(path)) == alone
    assert set(rules(path, read_trust(signed.signers, None))) == with_signers


def test_a_changed_list_breaks_both(signed: Signed, tmp_path: Path) -> None:
    """Also where the forger states the new hash everywhere."""
    forged = f"sha256:{hashlib_of(signed.read(LIST) + b' ')}"

    def change(digest: Digest) -> None:
        digest["hash"] = digest["signedData"]["hash"] = forged

    assert rules(repacked(signed, tmp_path / "s.wacz", change, b" ")) == ["signature-wrong", "wacz-signature"]


def hashlib_of(data: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(data)
    return digest.finalize().hex()


def by_domain(stated: str) -> Digest:
    """What a service signs that holds the certificate of a domain: DER, as authsign makes it."""
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sign.example")])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    pem = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    signature = base64.b64encode(key.sign(stated.encode(), ec.ECDSA(hashes.SHA256()))).decode()
    words = {"hash": stated, "created": "2026-11-21T10:30:00Z", "software": "authsigner", "version": "0.1.0"}
    return words | {"signature": signature, "domain": "sign.example", "domainCert": pem, "timeSignature": "", "timestampCert": ""}


def test_a_signature_by_domain_is_held_against_its_certificate(signed: Signed, tmp_path: Path) -> None:
    """A note that the certificate is not judged here; an error when the signature is not by its key."""

    def good(digest: Digest) -> None:
        digest.pop("sshSignature")
        digest["signedData"] = by_domain(digest["hash"])

    def bad(digest: Digest) -> None:
        good(digest)
        digest["signedData"]["domainCert"] = by_domain("sha256:00")["domainCert"]

    assert rules(repacked(signed, tmp_path / "good.wacz", good)) == ["wacz-signature-key"]
    assert rules(repacked(signed, tmp_path / "bad.wacz", bad)) == ["wacz-signature"]
