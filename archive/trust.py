"""Whose signatures and time stamps a reader believes: OpenSSH's ``allowed_signers`` and PEM certificates, both from outside the archive.

Contract: a signature proves that the holder of a key made it; whose key that is, no archive can tell of itself.  ``read_signers`` takes the
format of ssh-keygen(1), ALLOWED SIGNERS: principals, options, key; a line that it cannot take literally is a TrustError, because a rule
half understood could trust too much.  A manifest is signed by a writer, so the principal is the writer's name; a package may come from
anybody whom the file names.  Keys are compared as blobs (``archive/sshsig.py``).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from cryptography import x509

from archive.sshsig import NAMESPACE

T = TypeVar("T")
_TOKEN = re.compile(r'(?:[^\s"]|"[^"]*")+')
_OPTION = re.compile(r'(?P<name>[a-z-]+)(?:="(?P<value>[^"]*)")?(?:,|$)', re.IGNORECASE)
_KEY_TYPE = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-[A-Za-z0-9@.-]+")
_TIMES = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}


class TrustError(ValueError):
    """A file of signers or certificates that cannot be taken as it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """One line: who may sign with which key, for what, and when."""

    principals: tuple[str, ...]  # patterns: * and ?, a leading ! refuses
    public: bytes
    namespaces: tuple[str, ...] = ("*",)
    valid_after: datetime | None = None
    valid_before: datetime | None = None

    def allows(self, principal: str | None, time: datetime) -> bool:
        """Whether ``principal`` (None: anybody) may sign for us at ``time``."""
        fits = principal is None or _matches(self.principals, principal)
        begun = self.valid_after is None or self.valid_after <= time
        return fits and begun and (self.valid_before is None or time <= self.valid_before) and _matches(self.namespaces, NAMESPACE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """What the reader brought along; None where that is nothing."""

    signers: tuple[Signer, ...] | None = None
    authorities: tuple[x509.Certificate, ...] | None = None

    def signer(self, public: bytes, principal: str | None, time: datetime) -> Signer | None:
        """The line that lets a key sign; None when no line does."""
        lines = (line for line in self.signers or () if line.public == public)
        return next((line for line in lines if line.allows(principal, time)), None)


def read_trust(signers: Path | None, authorities: Path | None) -> Trust:
    """What two files say; TrustError names the file that cannot be read or understood."""
    return Trust(
        signers=None if signers is None else _taken(signers, lambda data: tuple(read_signers(data.decode("utf-8").splitlines()))),
        authorities=None if authorities is None else _taken(authorities, lambda data: tuple(x509.load_pem_x509_certificates(data))),
    )


def _taken(path: Path, reader: Callable[[bytes], T]) -> T:
    try:
        return reader(path.read_bytes())
    except OSError as error:
        raise TrustError(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise TrustError(f"{path}: {error}") from error


def read_signers(lines: Iterable[str]) -> Iterable[Signer]:
    """The lines of an ``allowed_signers`` file that let somebody sign with a key of their own."""
    for number, line in enumerate(lines, 1):
        tokens = _TOKEN.findall(line)
        if not tokens or tokens[0].startswith("#"):
            continue
        options = {} if len(tokens) < 2 or _KEY_TYPE.fullmatch(tokens[1]) else _options(tokens[1], number)
        rest = tokens[1:] if not options else tokens[2:]
        if len(rest) < 2 or not _KEY_TYPE.fullmatch(rest[0]):
            raise TrustError(f"line {number}: expected principals, options if any, type of key, key")
        if "cert-authority" not in options:  # that key vouches for certificates of keys, which we never sign with
            yield _signer(tokens[0], options, rest[1], number)


def _signer(principals: str, options: Mapping[str, str], key: str, number: int) -> Signer:
    try:
        public = base64.b64decode(key, validate=True)
    except binascii.Error as error:
        raise TrustError(f"line {number}: the key is not base64") from error
    return Signer(
        principals=tuple(principals.replace('"', "").split(",")),
        public=public,
        namespaces=tuple(options.get("namespaces", "*").split(",")),
        valid_after=_time(options.get("valid-after"), number),
        valid_before=_time(options.get("valid-before"), number),
    )


def _options(text: str, number: int) -> dict[str, str]:
    found: dict[str, str] = {}
    at = 0
    while match := _OPTION.match(text, at):
        found[match["name"].lower()] = match["value"] or ""
        at = match.end()
        if at == len(text):
            break
    unknown = found.keys() - {"cert-authority", "namespaces", "valid-after", "valid-before"}
    if at != len(text) or unknown:
        raise TrustError(f"line {number}: not understood: {text[at:][:60] or ', '.join(sorted(unknown))}")
    return found


def _time(text: str | None, number: int) -> datetime | None:
    """A day or a second, in UTC with a Z behind it, else by the clock of this machine, as ssh-keygen takes it."""
    if text is None:
        return None
    digits = text.removesuffix("Z")
    try:
        time = datetime.strptime(digits, _TIMES[len(digits)])  # noqa: DTZ007 -- without a Z the format means local time
    except (KeyError, ValueError) as error:
        raise TrustError(f"line {number}: not a time: {text[:40]}") from error
    return time.replace(tzinfo=UTC) if text.endswith("Z") else time.astimezone(UTC)


def _matches(patterns: Iterable[str], name: str) -> bool:
    """OpenSSH's pattern list: one that fits lets in, one with a ! that fits keeps out, wherever it stands."""
    fits = [pattern for pattern in patterns if _fits(pattern.removeprefix("!"), name)]
    return bool(fits) and not any(pattern.startswith("!") for pattern in fits)


def _fits(pattern: str, name: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), name, re.DOTALL) is not None
