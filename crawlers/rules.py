"""What a robots.txt answer means for us (RFC 9309), and the store of answers that are still good.

Contract: ``rules_of(…)`` decides: 2xx is read (the first 500 KiB), 4xx and a redirect chain that does not end mean
that everything may be fetched (§2.3.1.3), 5xx, 429 and no answer mean that nothing may (§2.3.1.4; a site that asks
for patience has not said yes).  ``RobotsCache`` holds the answers by origin for the 24 hours of §2.4, by the clock
that its caller gives, and an unreachable one for a shorter time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urljoin, urlsplit

from protego import Protego

from archive.records import Failure
from crawlers.useragent import PRODUCT

SIZE_LIMIT: Final = 500 * 1024  # §2.5: the least that must be read
GOOD_FOR: Final = timedelta(hours=24)
SEARCHED: Final = 64 * 1024  # characters of a file in which the line of a refusal is looked for
UNREACHABLE_FOR: Final = timedelta(hours=1)

_NOTHING_FORBIDDEN = Protego.parse("")
_EVERYTHING_FORBIDDEN = Protego.parse("User-agent: *\nDisallow: /")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one origin."""

    origin: str  # "https://paper.example:8443"
    fetched: datetime
    reason: str  # in words, for outcomes: "robots.txt forbids it", "robots.txt answered 503"
    parsed: Protego
    text: str = ""  # what was read
    status: int | None = None
    reachable: bool = True
    record: str | None = None  # id of the record that holds the answer
    failure: Failure | None = None  # why there was no answer

    def allows(self, url: str) -> bool:
        """Whether ``url`` may be fetched."""
        return bool(self.parsed.can_fetch(url, PRODUCT))

    @property
    def crawl_delay(self) -> float | None:
        """Seconds between requests that the site asks of us."""
        return self.parsed.crawl_delay(PRODUCT)

    @property
    def sitemaps(self) -> tuple[str, ...]:
        """The sitemaps that the file announces, absolute."""
        return tuple(dict.fromkeys(urljoin(f"{self.origin}/robots.txt", url) for url in self.parsed.sitemaps))

    @property
    def until(self) -> datetime:
        """Until when the answer may be used."""
        return self.fetched + (GOOD_FOR if self.reachable else UNREACHABLE_FOR)

    def line_against(self, url: str) -> str | None:
        """The line that forbids ``url``; None when no line does, and of a file that is too long to be searched for every refusal.

        It is the longest that matches and that forbids it by itself, when no other line that matches is there.
        """
        if len(self.text) > SEARCHED:
            return None
        lines = self.text.splitlines()
        matching = {number for number, line in enumerate(lines) if _forbids(line, url)}
        for number in sorted(matching, key=lambda number: len(lines[number]), reverse=True):
            alone = "\n".join(line for at, line in enumerate(lines) if at == number or at not in matching)
            if not Protego.parse(alone).can_fetch(url, PRODUCT):
                return lines[number].strip()
        return None


class RobotsCache:
    """Rules by origin, for as long as a session lasts."""

    def __init__(self) -> None:
        """Start with none."""
        self._rules: dict[str, Rules] = {}

    def get(self, origin: str, now: datetime) -> Rules | None:
        """The rules of ``origin`` when they are known and still good."""
        rules = self._rules.get(origin)
        return rules if rules is not None and now < rules.until else None

    def put(self, rules: Rules) -> None:
        """Keep rules in place of older ones of the same origin."""
        self._rules[rules.origin] = rules

    def sitemaps(self, url: str) -> Sequence[str]:
        """What the robots.txt of a URL's origin announces; nothing when it is not known."""
        rules = self._rules.get(origin_of(url))
        return rules.sitemaps if rules is not None else ()


def origin_of(url: str) -> str:
    """Scheme and authority: each has a robots.txt of its own (§2.3)."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def rules_of(origin: str, now: datetime, *, status: int, body: bytes, record: str | None) -> Rules:
    """What an answer means."""
    if 200 <= status < 300:
        text = _text(body)
        parsed = Protego.parse(text)
        return Rules(origin=origin, fetched=now, record=record, status=status, reason="robots.txt forbids it", parsed=parsed, text=text)
    if status >= 500 or status == 429:
        reason = f"robots.txt answered {status}, so nothing may be fetched"
        return Rules(origin=origin, fetched=now, record=record, status=status, reason=reason, parsed=_EVERYTHING_FORBIDDEN, reachable=False)
    return Rules(origin=origin, fetched=now, record=record, status=status, reason="there is no robots.txt", parsed=_NOTHING_FORBIDDEN)


def unreachable(origin: str, now: datetime, why: str, *, failure: Failure | None = None, record: str | None = None) -> Rules:
    """What no answer means."""
    return Rules(
        origin=origin,
        fetched=now,
        record=record,
        reason=f"robots.txt could not be fetched ({why}), so nothing may be",
        parsed=_EVERYTHING_FORBIDDEN,
        reachable=False,
        failure=failure,
    )


def _forbids(line: str, url: str) -> bool:
    """Whether a line of any group would forbid a URL."""
    return "disallow" in line.lower() and not Protego.parse(f"User-agent: *\n{line}").can_fetch(url, PRODUCT)


def _text(body: bytes) -> str:
    """The part that is read; a line that the limit cuts would say something else than what was meant."""
    if len(body) > SIZE_LIMIT:
        body = body[: body.rfind(b"\n", 0, SIZE_LIMIT) + 1]
    return body.decode("utf-8-sig", errors="replace")
