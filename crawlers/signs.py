"""What a capture tells besides its text: how the server's clock goes, and what a feed lists that it did not list before.

Contract: reads the archive, changes nothing.  Alarms rest on it (``pipeline/alarms.py``).
"""

from contextlib import suppress
from email.utils import parsedate_to_datetime

from archive.records import Capture, Page
from archive.store import ObjectMissing
from archive.vault import Archive
from archive.warcread import WarcError
from pipeline.feeds import parse_feed
from pipeline.listing import FeedError
from pipeline.sitemaps import is_sitemap, parse_sitemap

OLDEST = 10 * 365 * 86400  # seconds that an answer may have lain in a cache; more is no age


def skew(page: Page) -> float | None:
    """Seconds by which the server's clock is ahead of ours: its Date and, from a cache, its Age (RFC 9110 §6.6.1, 9111 §5.1)."""
    told = {name.lower(): value for name, value in page.headers}
    try:
        date = parsedate_to_datetime(told["date"])
        age = int(told.get("age", "0"))
    except (KeyError, ValueError, OverflowError):
        return None
    if date.tzinfo is None or not 0 <= age <= OLDEST:
        return None
    return (date - page.capture.time).total_seconds() + age


def listed(archive: Archive, page: Page) -> tuple[int, int] | None:
    """How many addresses a feed or sitemap lists, and how many of them its capture before this one did not; None for what is neither."""
    now = _addresses(page)
    return None if now is None else (len(now), len(now - _before(archive, page.capture)))


def _before(archive: Archive, capture: Capture) -> set[str]:
    earlier = [item for item in archive.catalogue.captures_of(capture.url) if item.status == 200 and item.time < capture.time]
    for old in earlier[-1:]:
        with suppress(WarcError, ObjectMissing):
            return _addresses(archive.page(old)) or set()
    return set()


def _addresses(page: Page) -> set[str] | None:
    with suppress(FeedError):
        found = parse_sitemap(page.body, page.capture.url).entries if is_sitemap(page.body) else parse_feed(page.body, page.capture.url)
        return {entry.url for entry in found}
    return None
