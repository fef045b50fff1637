"""What the composition root hands to a crawl: settings, a clock and a place for exchanges.

Contract: a door makes a ``CaptureSession``; it reaches Scrapy's components through the setting ``COPYTRAIL_SESSION``,
the only channel that Scrapy offers to all of them.  It is an object, never read from environment or file.
``CrawlRefused`` says why a crawl may not start.  A ``Sink`` keeps an exchange and returns when its records are
written; the answer reaches the spider only then.

One session may serve several crawls after each other: what robots.txt files said, which domains want to be left
alone, and when each may be asked again, is kept in it.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import UsageError

from archive.records import Capture, Exchange, RecordRef
from archive.settings import Settings
from crawlers.address import ConnectRule, parse_connect_to
from crawlers.leasing import Leaseholder
from crawlers.pace import Pace
from crawlers.requestlog import RequestLog
from crawlers.rules import RobotsCache
from crawlers.tls import trust
from crawlers.useragent import NoContact, user_agent

SESSION: Final = "COPYTRAIL_SESSION"
KEPT: Final = "copytrail"  # the key of request.meta under which every fetch, answered or failed, leaves its Kept


class CrawlRefused(UsageError):
    """The crawl may not start; the message says why and what to do."""

    def __init__(self, message: str) -> None:
        """Without Scrapy's page of help: the message is the help."""
        super().__init__(message, print_help=False)


class BadSettings(CrawlRefused):
    """A setting that cannot be understood, or names what is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Where an exchange lies in the archive."""

    capture: Capture | None  # None when no response came
    record: str  # id of the response record, or of the metadata record when no response came
    ref: RecordRef


class Sink(Protocol):
    """A place for exchanges."""

    async def keep(self, exchange: Exchange) -> Kept:
        """Write one exchange; whatever this raises ends the crawl, because nothing more could be kept."""

    async def seal(self) -> object:
        """Bring what was written so far to its final place; the crawl may go on."""

    async def close(self) -> None:
        """Seal, and let go of everything."""


async def _nothing_barred(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CaptureSession:
    """The values on which a crawl rests."""

    settings: Settings
    clock: Callable[[], datetime]
    sink: Sink
    simulated: bool = False  # whether the clock is not the machine's
    robots: RobotsCache = field(default_factory=RobotsCache)
    closed: dict[str, datetime] = field(default_factory=dict)  # registered domains that asked to be left alone, and until when
    pace: Pace = field(default_factory=Pace)
    log: RequestLog = field(default_factory=RequestLog)
    leases: Leaseholder | None = None  # None: nobody else can be at work
    barred: Callable[[str], Awaitable[str | None]] = _nothing_barred  # why an address is not asked for any more: it was withdrawn

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        """The session itself: Scrapy copies all settings for each crawler, and there is one archive."""
        return self

    @classmethod
    def of(cls, crawler: Crawler) -> Self:
        """The session of a crawl whose settings are complete; CrawlRefused when it has none."""
        session = crawler.settings.get(SESSION)
        if not isinstance(session, cls):
            raise CrawlRefused('no capture session: enable the add-on, ADDONS = {"crawlers.addon.Copytrail": 100}')
        return session


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the settings mean to the handler."""

    user_agent: str
    connect_to: tuple[ConnectRule, ...]
    trust: ssl.SSLContext


def terms(settings: Settings) -> Terms:
    """Read the settings; CrawlRefused when no crawl may start with them."""
    try:
        return Terms(
            user_agent=user_agent(settings.contact),
            connect_to=parse_connect_to(settings.connect_to),
            trust=trust(settings.ca_file),
        )
    except NoContact as error:
        raise CrawlRefused(str(error)) from None
    except ValueError as error:
        raise BadSettings(str(error)) from None
    except OSError as error:
        raise BadSettings(f"COPYTRAIL_CA_FILE {settings.ca_file}: {error}") from None


def kept_by(meta: Mapping[str, Any]) -> Kept | None:
    """Where the exchange of a request or response lies, by its ``meta``; None when it never reached the handler."""
    kept = meta.get(KEPT)
    return kept if isinstance(kept, Kept) else None
