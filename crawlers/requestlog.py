"""What a crawl notes of every request and of every decision about one, until the sink writes it down (``archive/requestlog.py``).

Contract: a request that went out, or could not, gives one ``requested`` for each attempt (``crawlers/handler.py``); one that was not sent
one ``refused`` with the reason (``crawlers/decisions.py``); each robots.txt one ``robots``; each stretch for which a domain is left alone
beyond the delay one ``delayed``; each target of a redirect that was asked about anew, and let through, one ``redirect``: one that was not
is a ``refused`` with ``via``.  What a stopped crawl had not even begun is in its outcomes alone.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from archive.kinds import Deed
from archive.records import Exchange, RequestEvent
from crawlers.domains import slot_of

VIA: Final = "copytrail_via"  # meta: the URL whose redirect led to this request


class RequestLog:
    """The events that are not written down yet."""

    def __init__(self) -> None:
        """Start with none."""
        self._events: list[RequestEvent] = []

    def __len__(self) -> int:
        """How many there are."""
        return len(self._events)

    def note(self, deed: Deed, url: str, time: datetime, **more: Any) -> None:
        """Add one; ``more`` are the other fields of a RequestEvent."""
        self._events.append(RequestEvent(deed=deed, url=url, domain=slot_of(url), time=time, **more))

    def take(self) -> list[RequestEvent]:
        """All of them, which are then forgotten here."""
        events, self._events = self._events, []
        return events

    def put_back(self, events: list[RequestEvent]) -> None:
        """Keep what could not be written."""
        self._events = [*events, *self._events]

    def requested(self, exchange: Exchange, record: str, via: str | None) -> None:
        """An exchange was held, or tried."""
        sent = exchange.phases.get("sent", max(exchange.phases.values(), default=0.0))
        self.note(
            Deed.REQUESTED,
            exchange.url,
            exchange.started + timedelta(milliseconds=sent),
            attempt=exchange.attempt,
            status=exchange.status,
            record=record,
            robots=exchange.robots,
            why=f"{exchange.failure.phase}: {exchange.failure.kind}" if exchange.failure else "",
            via=via,
        )


def via_of(meta: Mapping[str, Any]) -> str | None:
    """The URL whose redirect led to a request: one of ours, or one that Scrapy's own middleware followed."""
    chain = (*meta.get("chain", ())[:-1], *meta.get("redirect_urls", ()))
    return meta.get(VIA) or (chain[-1] if chain else None)
