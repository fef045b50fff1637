"""Time stamps of an authority over what a manifest says (RFC 3161): that the bytes were there at that time, by a clock that is not ours.

Contract: ``Authority.stamp`` asks for a token over some bytes and gives the whole answer, which ``openssl ts -verify`` reads; it follows no
redirect, reads no more than a token can be, and raises NoStamp for whatever goes wrong.  An answer is held against the question before it
counts.  ``read`` and ``vouched`` take bytes of strangers and raise BadStamp alone.  A token over one link of a chain covers every link
before it, because each names the digest of the one before.
"""

import re
import ssl
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256, sha384, sha512
from pathlib import Path

import urllib3
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    TimeStampResponse,
    TimeStampTokenInfo,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

LIMIT = 64 * 1024  # bytes of a token that is taken: one with its certificates has some 6,000
TIMEOUT = urllib3.Timeout(connect=5, read=10)
_REASON = re.compile(r"Verify error: ([^\"]+)")  # the words of OpenSSL in a page of its stack
_HASHES = {"2.16.840.1.101.3.4.2.1": sha256, "2.16.840.1.101.3.4.2.2": sha384, "2.16.840.1.101.3.4.2.3": sha512}


class NoStamp(Exception):
    """The authority gave no token; the message says why."""


class BadStamp(ValueError):
    """No token over these bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A server that stamps; ``ca_file`` is trusted besides the system's authorities when the URL is https."""

    url: str
    ca_file: Path | None = None

    def stamp(self, data: bytes) -> bytes:
        """A token over ``data``."""
        request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
        answer = self._ask(request.as_bytes())
        try:
            nonce = _held(_response(answer), data).nonce
        except BadStamp as error:
            raise NoStamp(f"{self.url}: {error}") from error
        if nonce != request.nonce:
            raise NoStamp(f"{self.url}: an answer to another question")
        return answer

    def _ask(self, question: bytes) -> bytes:
        if not self.url.startswith(("http://", "https://")):
            raise NoStamp(f"timestamp_url: {self.url} is not the URL of an authority")
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            with urllib3.PoolManager(ssl_context=_context(self.ca_file) if self.url.startswith("https:") else None) as pool:
                # retries=False also follows no redirect
                reply = pool.request(
                    "POST", self.url, body=question, headers=headers, timeout=TIMEOUT, retries=False, preload_content=False
                )
                body = reply.read(LIMIT + 1)
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoStamp(f"{self.url}: {error}") from error
        if reply.status != 200 or len(body) > LIMIT:
            raise NoStamp(f"{self.url}: status {reply.status}, {len(body)} bytes")
        return body


def read(token: bytes, data: bytes) -> datetime:
    """The time that a token states for ``data``; nothing is said about who made it."""
    return _held(_response(token), data).gen_time


def vouched(token: bytes, data: bytes, authorities: tuple[x509.Certificate, ...]) -> None:
    """Nothing, when the token was signed by one of the authorities, or by a certificate of theirs for time stamps; else BadStamp."""
    response = _response(token)
    roots = [item for item in dict.fromkeys(authorities) if item.issuer == item.subject]
    between = [item for item in dict.fromkeys(authorities) if item.issuer != item.subject]
    try:
        VerifierBuilder(roots=roots, intermediates=between).build().verify_message(response, data)
    except (VerificationError, ValueError) as error:
        why = _REASON.search(str(error))
        raise BadStamp(f"not to be believed: {why[1] if why else str(error)[:200]}") from error


def _response(token: bytes) -> TimeStampResponse:
    """An answer that grants what was asked."""
    try:
        response = decode_timestamp_response(token)
        status, words = response.status, response.status_string
    except ValueError as error:
        raise BadStamp(f"not an answer of RFC 3161: {error}") from error
    if status != PKIStatus.GRANTED:
        raise BadStamp(f"the authority refused, status {status}: {' '.join(words)[:200]}")
    return response


def _held(response: TimeStampResponse, data: bytes) -> TimeStampTokenInfo:
    """What a token says, when it says it of ``data``."""
    try:
        info = response.tst_info
        imprint = info.message_imprint
    except ValueError as error:
        raise BadStamp(f"not a token of RFC 3161: {error}") from error
    taken = _HASHES.get(imprint.hash_algorithm.dotted_string)
    if taken is None or taken(data).digest() != imprint.message:
        raise BadStamp("a token over other bytes")
    return info


def _context(ca_file: Path | None) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    return context
