"""What a failed fetch raises: Scrapy's own exceptions, carrying the failure and where its exchange lies in the archive.

Contract: ``error_of`` gives an exception of a Scrapy type, so that errbacks and RetryMiddleware know what to do with
it.  What we refused ourselves, a private address or a certificate, and a proxy that wants other credentials, is a
``DownloadCancelledError``, which is not tried again: another try would end the same way.
"""

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
)

from archive.kinds import Phase
from archive.records import Failure
from crawlers.failures import BAD_NAME, CERTIFICATE, PRIVATE_ADDRESS, PROXY_AUTH, REFUSED, TIMEOUT
from crawlers.session import Kept


class FetchFailed(Exception):
    """No response came; ``failure`` says why, ``kept`` where that is written down."""

    def __init__(self, failure: Failure, kept: Kept) -> None:
        """Carry both."""
        super().__init__(f"{failure.phase}: {failure.kind}: {failure.message}")
        self.failure = failure
        self.kept = kept


class NotResolved(FetchFailed, CannotResolveHostError):
    """The host's name leads nowhere."""


class NotConnected(FetchFailed, DownloadConnectionRefusedError):
    """The server does not take connections."""


class TooSlow(FetchFailed, DownloadTimeoutError):
    """No head came in time."""


class NotAllowed(FetchFailed, DownloadCancelledError):
    """We did not go on: the address is private, the certificate is not to be trusted, the name is none, or a proxy does not know us."""


class NoResponse(FetchFailed, DownloadFailedError):
    """The conversation broke before a head."""


_BY_KIND: dict[str, type[FetchFailed]] = {
    PRIVATE_ADDRESS: NotAllowed,
    CERTIFICATE: NotAllowed,
    BAD_NAME: NotAllowed,
    PROXY_AUTH: NotAllowed,
    REFUSED: NotConnected,
    TIMEOUT: TooSlow,
}


class KeepFailed(Exception):
    """An exchange could not be written down; the crawl stops."""


def error_of(failure: Failure, kept: Kept) -> FetchFailed:
    """The exception that tells Scrapy of a failure."""
    other = NotResolved if failure.phase is Phase.DNS else NoResponse
    return _BY_KIND.get(failure.kind, other)(failure, kept)
