"""Memento (RFC 7089) over the archive: TimeGate, TimeMaps, and what the answers of mementos carry.

Contract: an address is found by its index key, as web archives do, so that http and https, with www and without, are one original.  The
nearest capture in time is the memento; of two as near the older one.  What the veil hides is no memento.  ``datetime`` values are in
seconds; a second that holds two captures of one address is one memento, its first.  A TimeMap is streamed: memory does not grow with it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from archive.indexranges import Range, captures
from archive.records import Capture
from archive.vault import Archive
from copytrail.room.addresses import memento, plain
from copytrail.room.refusals import Refused, Withdrawn, not_held

_SECOND = timedelta(seconds=1)
LINK_FORMAT = "application/link-format"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A memento among those of its original."""

    here: Capture
    first: Capture
    last: Capture
    before: Capture | None
    after: Capture | None


def http_date(time: datetime) -> str:
    """``Sat, 21 Nov 2026 10:30:00 GMT``."""
    return format_datetime(time.astimezone(UTC).replace(microsecond=0), usegmt=True)


def asked(header: str | None) -> datetime | None:
    """What ``Accept-Datetime`` says; Refused (400) for what is no such date (RFC 7089 §4.5.3)."""
    if header is None:
        return None
    try:
        time = parsedate_to_datetime(header)
    except ValueError as error:
        raise Refused(400, "Accept-Datetime is no date such as Sat, 21 Nov 2026 10:30:00 GMT.") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def shown(archive: Archive, url: str, *, since: datetime | None = None) -> Iterator[Capture]:
    """The captures of an original that may be shown, the oldest first."""
    veil = archive.veil()
    return (item for item in captures(archive.catalogue, Range.key(url), since=since) if veil.hides(item) is None)


def shown_back(archive: Archive, url: str, *, until: datetime | None = None) -> Iterator[Capture]:
    """The same, the newest first."""
    veil = archive.veil()
    return (item for item in captures(archive.catalogue, Range.key(url), until=until, newest_first=True) if veil.hides(item) is None)


def nearest(archive: Archive, url: str, time: datetime | None) -> Capture:
    """The memento of a moment, or the newest one; Withdrawn or Refused (404) when there is none."""
    if time is None:
        found = next(shown_back(archive, url), None)
    else:
        later = next(shown(archive, url, since=time.replace(microsecond=0)), None)
        earlier = next(shown_back(archive, url, until=time.replace(microsecond=0) - timedelta(microseconds=1)), None)
        ends = [item for item in (earlier, later) if item is not None]
        found = min(ends, key=lambda item: abs(item.time.replace(microsecond=0) - time), default=None)
    if found is None:
        raise _absent(archive, url)
    return found


def _absent(archive: Archive, url: str) -> Refused:
    """Why there is no memento: nothing was ever kept, or all of it is hidden."""
    veil = archive.veil()
    hidden = next((by for item in captures(archive.catalogue, Range.key(url)) if (by := veil.hides(item)) is not None), None)
    withdrawal = hidden or veil.hides_url(url)
    return Withdrawn(withdrawal) if withdrawal is not None else not_held(url)


def place(archive: Archive, here: Capture) -> Place:
    """Where a memento stands among the others."""
    url, second = here.url, here.time.replace(microsecond=0)
    return Place(
        here=here,
        first=next(shown(archive, url), here),
        last=next(shown_back(archive, url), here),
        before=next(shown_back(archive, url, until=second - timedelta(microseconds=1)), None),
        after=next(shown(archive, url, since=second + _SECOND), None),
    )


def links(base: str, url: str, found: Place | None = None) -> str:
    """The ``Link`` header of a TimeGate's answer, or of a memento's (RFC 7089 §2.2)."""
    said = [
        f'<{plain(url)}>; rel="original"',
        f'<{base}/timegate/{plain(url)}>; rel="timegate"',
        f'<{base}/timemap/link/{plain(url)}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]
    if found is None:
        return ", ".join(said)
    roles: dict[str, list[str]] = {}
    times: dict[str, datetime] = {}
    for role, item in (("first", found.first), ("prev", found.before), ("", found.here), ("next", found.after), ("last", found.last)):
        if item is not None:
            address = base + memento(item.url, item.time)
            roles.setdefault(address, []).append(role)
            times[address] = item.time
    said += [f'<{address}>; rel="{_rel(names)}"; datetime="{http_date(times[address])}"' for address, names in roles.items()]
    return ", ".join(said)


def _rel(roles: list[str]) -> str:
    return " ".join([*filter(None, roles), "memento"])


def _each(archive: Archive, url: str) -> Iterator[tuple[Capture, str]]:
    """Every memento once, with its role."""
    items = _distinct(shown(archive, url))
    first = held = next(items, None)
    while held is not None:
        following = next(items, None)
        yield held, _rel([*(["first"] if held is first else []), *(["last"] if following is None else [])])
        held = following


def _distinct(items: Iterator[Capture]) -> Iterator[Capture]:
    known = ""
    for item in items:
        address = memento(item.url, item.time)
        if address != known:
            yield item
        known = address


def timemap_links(archive: Archive, base: str, url: str) -> Iterator[str]:
    """A TimeMap in link format (RFC 7089 §5), a line at a time; Refused or Withdrawn at once when there is nothing to list."""
    newest = nearest(archive, url, None)
    oldest = next(shown(archive, url), newest)
    yield f'<{plain(newest.url)}>; rel="original",\n'
    span = f'from="{http_date(oldest.time)}"; until="{http_date(newest.time)}"'
    yield f'<{base}/timemap/link/{plain(url)}>; rel="self"; type="{LINK_FORMAT}"; {span},\n'
    yield f'<{base}/timegate/{plain(url)}>; rel="timegate"'
    for item, rel in _each(archive, url):
        yield f',\n<{base}{memento(item.url, item.time)}>; rel="{rel}"; datetime="{http_date(item.time)}"'
    yield "\n"


def timemap_json(archive: Archive, base: str, url: str) -> Iterator[str]:
    """The same as JSON, in the shape that Memento aggregators give."""
    newest = nearest(archive, url, None)
    oldest = next(shown(archive, url), newest)
    head = {
        "original_uri": newest.url,
        "self": f"{base}/timemap/json/{plain(url)}",
        "timegate_uri": f"{base}/timegate/{plain(url)}",
        "timemap_uri": {"link_format": f"{base}/timemap/link/{plain(url)}", "json_format": f"{base}/timemap/json/{plain(url)}"},
    }
    ends = {"first": _row(base, oldest), "last": _row(base, newest)}
    yield f'{json.dumps(head)[:-1]}, "mementos": {json.dumps(ends)[:-1]}, "list": ['
    for number, (item, _) in enumerate(_each(archive, url)):
        yield f"{', ' if number else ''}{json.dumps(_row(base, item))}"
    yield "]}}\n"


def _row(base: str, item: Capture) -> dict[str, str]:
    return {"datetime": f"{item.time.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "uri": base + memento(item.url, item.time)}
