"""The signatures of a WACZ package, in ``datapackage-digest.json``: the format's own, and one that ``ssh-keygen`` verifies.

Contract: ``signatures`` gives what an operator's key adds to that file; the same package and key give the same bytes.  ``signedData`` is
the anonymous signature of WACZ Signing 0.1.0 as ArchiveWeb.page makes it and ReplayWeb.page reads it: ECDSA on P-384 with SHA-256 over the
text of ``hash``, the signature as the two numbers one after the other, the public key as SPKI; ``created`` is that of datapackage.json,
which py-wacz compares.  ``sshSignature`` is an SSH signature (``archive/sshsig.py``) over datapackage.json: whose key that is, people can
say in a file of signers.  ``check`` takes what strangers wrote and gives what is wrong with it; certificates of the other kind of
``signedData``, domain identity, are read for their key alone: whether to believe them is not decided here.
"""

import base64
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from archive import sshsig
from archive.signing import SigningKey
from archive.sshsig import BadSignature
from archive.trust import Trust

VERSION = "0.1.0"  # of WACZ Signing
_WORDS = ("hash", "created", "software", "version", "signature")
_FORMS = (
    {*_WORDS, "publicKey"},
    {*_WORDS, "domain", "domainCert", "timeSignature", "timestampCert"},
    {*_WORDS, "domain", "domainCert", "timeSignature", "timestampCert", "crossSignedCert"},
)


def signatures(key: SigningKey, datapackage: bytes, stated: str, created: str, software: str) -> dict[str, object]:
    """Both signatures; ``stated`` is the hash of ``datapackage`` as the digest file states it."""
    private = key.package_key()
    size = (private.key_size + 7) // 8
    both = decode_dss_signature(private.sign(stated.encode(), ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
    signed = {
        "hash": stated,
        "created": created,
        "software": software,
        "version": VERSION,
        "signature": _base64(b"".join(number.to_bytes(size, "big") for number in both)),
        "publicKey": _base64(private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    }
    return {"signedData": signed, "sshSignature": key.sign(datapackage).decode()}


def check(digest: Mapping[str, Any], datapackage: bytes, created: object, trust: Trust) -> Iterator[tuple[str, str]]:
    """Rule and words of what is wrong with the signatures in a digest file; ``created`` is what datapackage.json states."""
    if "signedData" in digest:
        yield from _check_signed_data(digest["signedData"], digest.get("hash"), alone="sshSignature" not in digest)
    if "sshSignature" in digest:
        yield from _check_ssh(digest["sshSignature"], datapackage, created, trust)
    elif trust.signers is not None:
        yield "signer-none", "no SSH signature, so that no key of the file of signers can have made it"


def _check_signed_data(signed: Any, stated: object, *, alone: bool) -> Iterator[tuple[str, str]]:
    if not isinstance(signed, dict):
        yield "wacz-signature", "signedData is not a JSON object"
        return
    if signed.keys() not in _FORMS:
        yield "wacz-signature-form", f"signedData has the properties {', '.join(sorted(signed))[:200]}"
    if signed.get("hash") != stated:
        yield "wacz-signature", f"signedData is of the hash {str(signed.get('hash'))[:100]}, not of {str(stated)[:100]}"
    try:
        _verify(signed)
    except InvalidSignature:
        yield "wacz-signature", "the signature in signedData is not one of its hash by its key"
    except (ValueError, TypeError, KeyError, UnsupportedAlgorithm) as error:
        yield "wacz-signature", f"the signature in signedData cannot be read: {str(error)[:200] or type(error).__name__}"
    else:
        if alone:
            owner = "the signature is anonymous" if "publicKey" in signed else f"the certificate says {str(signed.get('domain'))[:100]}"
            yield "wacz-signature-key", f"{owner}: nothing here tells whether to believe it"


def _verify(signed: Mapping[str, Any]) -> None:
    if "publicKey" in signed:
        key = load_der_public_key(base64.b64decode(signed["publicKey"], validate=True))
    else:
        key = x509.load_pem_x509_certificates(str(signed["domainCert"]).encode())[0].public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise TypeError("not a key for ECDSA")
    raw = base64.b64decode(signed["signature"], validate=True)
    size = (key.key_size + 7) // 8
    if len(raw) == 2 * size:  # as browsers make it; authsign makes DER
        raw = encode_dss_signature(int.from_bytes(raw[:size], "big"), int.from_bytes(raw[size:], "big"))
    key.verify(raw, str(signed["hash"]).encode(), ec.ECDSA(hashes.SHA256()))


def _check_ssh(armoured: Any, datapackage: bytes, created: object, trust: Trust) -> Iterator[tuple[str, str]]:
    try:
        signature = sshsig.read(str(armoured).encode())
        sshsig.verify(signature, datapackage)
    except BadSignature as error:
        yield "signature-wrong", f"sshSignature: {error}"
        return
    name = sshsig.fingerprint(signature.public)
    if trust.signers is None:
        yield "signature-key", f"signed with {name}, and no file of signers says whose key that is"
    elif (time := _time(created)) is None or not trust.signer(signature.public, None, time):
        yield "signer-unknown", f"the file of signers does not allow {name} at {str(created)[:40]}"


def _time(text: object) -> datetime | None:
    try:
        time = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return time if time.tzinfo else None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
