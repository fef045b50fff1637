"""Signatures as ``ssh-keygen -Y sign`` makes them and ``ssh-keygen -Y verify`` reads them (SSHSIG: OpenSSH's PROTOCOL.sshsig).

Contract: ed25519 keys alone, namespace ``copytrail``, so that a signature made for another purpose never counts here.  A public key is its
blob, as OpenSSH writes it in base64.  Signing is deterministic: the same bytes and key give the same signature.  ``read`` and ``verify``
take bytes of strangers and raise nothing but BadSignature.
"""

import base64
import binascii
import hashlib
import struct
import textwrap
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NAMESPACE = "copytrail"
LIMIT = 16 * 1024  # bytes of a signature that is read: ours have 302
KEY_TYPE = b"ssh-ed25519"
_MAGIC, _VERSION = b"SSHSIG", 1
_HASHES = {b"sha256": hashlib.sha256, b"sha512": hashlib.sha512}
_BEGIN, _END = b"-----BEGIN SSH SIGNATURE-----", b"-----END SSH SIGNATURE-----"


class BadSignature(ValueError):
    """Not a signature of these bytes; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature that was read; ``public`` is the key that it carries, of which nothing is known yet."""

    public: bytes
    namespace: str
    hash: bytes
    raw: bytes


def blob(key: Ed25519PublicKey) -> bytes:
    """A public key as OpenSSH writes it."""
    return _string(KEY_TYPE) + _string(key.public_bytes_raw())


def fingerprint(public: bytes) -> str:
    """How ``ssh-keygen -l`` calls a key."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(public).digest()).decode().rstrip("=")


def sign(key: Ed25519PrivateKey, message: bytes) -> bytes:
    """The armoured signature."""
    names = _string(NAMESPACE.encode()) + _string(b"") + _string(b"sha512")
    raw = key.sign(_MAGIC + names + _string(hashlib.sha512(message).digest()))
    body = _MAGIC + struct.pack(">I", _VERSION) + _string(blob(key.public_key())) + names + _string(_string(KEY_TYPE) + _string(raw))
    lines = textwrap.wrap(base64.b64encode(body).decode(), 70)
    return b"\n".join([_BEGIN, *(line.encode() for line in lines), _END, b""])


def read(armoured: bytes) -> Signature:
    """The parts of an armoured signature."""
    inner = armoured.strip()
    if len(armoured) > LIMIT or not inner.startswith(_BEGIN) or not inner.endswith(_END):
        raise BadSignature("not an SSH signature")
    try:
        body = base64.b64decode(b"".join(inner[len(_BEGIN) : -len(_END)].split()), validate=True)
    except binascii.Error as error:
        raise BadSignature(f"not an SSH signature: {error}") from error
    if body[:10] != _MAGIC + struct.pack(">I", _VERSION):
        raise BadSignature("not an SSH signature of version 1")
    public, namespace, _, name, signed = _strings(body[10:], 5)
    kind, raw = _strings(signed, 2)
    if kind != KEY_TYPE:
        raise BadSignature(f"made with a key of type {kind[:40].decode('ascii', 'replace')}, not {KEY_TYPE.decode()}")
    return Signature(public=public, namespace=namespace.decode("utf-8", "replace"), hash=name, raw=raw)


def verify(signature: Signature, message: bytes) -> None:
    """Nothing, when it is the signature of ``message`` by the key that it carries; else BadSignature."""
    if signature.namespace != NAMESPACE:
        raise BadSignature(f"made for {signature.namespace[:60]!r}, not for {NAMESPACE!r}")
    if signature.hash not in _HASHES:
        raise BadSignature(f"made over an unknown hash, {signature.hash[:40]!r}")
    names = _string(signature.namespace.encode()) + _string(b"") + _string(signature.hash)
    kind, key = _strings(signature.public, 2)
    if kind != KEY_TYPE:
        raise BadSignature(f"carries a key of type {kind[:40].decode('ascii', 'replace')}, not {KEY_TYPE.decode()}")
    try:
        signed = _MAGIC + names + _string(_HASHES[signature.hash](message).digest())
        Ed25519PublicKey.from_public_bytes(key).verify(signature.raw, signed)
    except InvalidSignature as error:
        raise BadSignature("the bytes are not those that were signed") from error
    except ValueError as error:
        raise BadSignature(f"carries no key that can be read: {error}") from error


def _string(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


def _strings(data: bytes, count: int) -> list[bytes]:
    """Exactly ``count`` strings, and nothing after them."""
    found = []
    for _ in range(count):
        length = int.from_bytes(data[:4], "big")
        if len(data) < 4 + length:
            raise BadSignature("an SSH signature that is cut short")
        found.append(data[4 : 4 + length])
        data = data[4 + length :]
    if data:
        raise BadSignature("an SSH signature with something after its end")
    return found
