"""Why a conversation broke, in the words of ``archive.records.Failure``.

Contract: ``Broken`` carries a failure up to the place that writes the exchange down; ``failure_of(error, phase)``
names what the operating system or the TLS library reported; ``truncation_of(failure)`` says what the break means for
a response that had begun (WARC 1.1 §5.15). The kinds are a closed list, so that an outcome can be decided by them.
"""

import errno
import socket
import ssl
from typing import Final

from archive.kinds import Phase, Truncation
from archive.records import Failure

TIMEOUT: Final = "timeout"
REFUSED: Final = "refused"
RESET: Final = "reset"
UNREACHABLE: Final = "unreachable"
NETWORK: Final = "network"
NOT_FOUND: Final = "not_found"
BAD_NAME: Final = "bad_name"
RESOLVER: Final = "resolver"
PRIVATE_ADDRESS: Final = "private_address"
CERTIFICATE: Final = "certificate"
HANDSHAKE: Final = "handshake"
STALE: Final = "stale_connection"  # a kept connection that the server had closed: the request is sent again on a new one
BODY_LIMIT: Final = "body_limit"
STOPPED: Final = "stopped"  # a receiver of a Scrapy signal raised StopDownload
BAD_CHUNK: Final = "bad_chunk"
PROXY_AUTH: Final = "proxy_auth"
PROXY_REFUSED: Final = "proxy_refused"
PROXY_BROKEN: Final = "proxy_broken"

_BY_ERRNO = {
    errno.ECONNREFUSED: REFUSED,
    errno.ECONNRESET: RESET,
    errno.ECONNABORTED: RESET,
    errno.EPIPE: RESET,
    errno.ETIMEDOUT: TIMEOUT,
    errno.EHOSTUNREACH: UNREACHABLE,
    errno.ENETUNREACH: UNREACHABLE,
}
_TRUNCATIONS = {
    TIMEOUT: Truncation.TIME,
    BODY_LIMIT: Truncation.LENGTH,
    STOPPED: Truncation.UNSPECIFIED,
    BAD_CHUNK: Truncation.UNSPECIFIED,
}


class Broken(Exception):
    """A conversation cannot go on; ``heard`` is what a proxy said about it."""

    def __init__(self, phase: Phase, kind: str, message: str, heard: bytes = b"") -> None:
        super().__init__(message)
        self.failure = Failure(phase=phase, kind=kind, message=message)
        self.heard = heard


def failure_of(error: OSError, phase: Phase) -> Failure:
    """The failure that an error of the operating system, the resolver or the TLS library means in ``phase``."""
    return Failure(phase=phase, kind=_kind(error), message=str(error) or type(error).__name__)


def truncation_of(failure: Failure) -> Truncation:
    """Why the response is cut, when it had begun before the failure; a peer that goes away is the common case."""
    return _TRUNCATIONS.get(failure.kind, Truncation.DISCONNECT)


def _kind(error: OSError) -> str:
    match error:
        case ssl.SSLCertVerificationError():
            return CERTIFICATE
        case ssl.SSLError():
            return HANDSHAKE
        case socket.gaierror():
            return NOT_FOUND if error.errno in (socket.EAI_NONAME, socket.EAI_NODATA) else RESOLVER
        case TimeoutError():
            return TIMEOUT
        case ConnectionError() if error.errno is None:
            return RESET
    return _BY_ERRNO.get(error.errno or 0, NETWORK)
