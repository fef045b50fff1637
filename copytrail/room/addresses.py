"""The room's own addresses, and what stands in those that were asked for.

Contract: pure.  Every address that the room writes is made here and begins with a path of its own, so that none leads away.  ``asked_url``
reads an archived address out of a target as it was sent, whether it was escaped or not; Refused (400) for what is none.
"""

import re
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote

from archive.urls import BadUrl, clean
from copytrail.room.refusals import Refused

_AS_IS = "%/:=&?~#+!$,;'@()*[]"  # characters that an address may have in a path or a header
_ESCAPED = re.compile(r"https?%3a", re.IGNORECASE)
_ONE_SLASH = re.compile(r"^(https?:)/(?=[^/])", re.IGNORECASE)
_STAMP = re.compile(r"(\d{4,14})(id_)?")
_FORMATS = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 10: "%Y%m%d%H", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
_STEPS = {8: timedelta(days=1), 10: timedelta(hours=1), 12: timedelta(minutes=1), 14: timedelta(seconds=1)}


def article(url: str, story: str | None = None) -> str:
    """The page of an article, as one of a story."""
    return f"/article?url={quote(url, safe='')}" + (f"&story={quote(story, safe='')}" if story else "")


def capture(identifier: str) -> str:
    """The page of a capture."""
    return f"/capture/{quote(identifier, safe=':')}"


def memento(url: str, time: datetime, mark: str = "") -> str:
    """A page as it was."""
    return f"/memento/{stamp(time)}{mark}/{plain(url)}"


def plain(url: str) -> str:
    """An archived address as it can stand in a path or a header: whatever somebody archived, it has no quotation mark and no line end."""
    return quote(url, safe=_AS_IS)


def stamp(time: datetime) -> str:
    """Fourteen digits, UTC."""
    return f"{time.astimezone(UTC):%Y%m%d%H%M%S}"


def asked_url(raw: str) -> str:
    """The archived address in a target."""
    text = unquote(raw) if _ESCAPED.match(raw) else raw
    text = _ONE_SLASH.sub(r"\1//", text)  # what stands before a server may have taken two slashes for one
    if "://" not in text[:10]:
        text = f"http://{text}"
    try:
        return clean(text)
    except BadUrl as error:
        raise Refused(400, f"That is no address of a page: {error}") from error


def asked_time(text: str) -> tuple[datetime, str]:
    """The moment that four to fourteen digits name, and the mark after them; Refused (400) for anything else."""
    match = _STAMP.fullmatch(text)
    if match is None:
        raise Refused(400, "A time has four to fourteen digits, such as 20261121103000.")
    return moment(match[1]), match[2] or ""


def moment(digits: str, *, end: bool = False) -> datetime:
    """The first moment that digits such as ``2026`` or ``20261121`` name, or the last one."""
    try:
        start = datetime.strptime(digits, _FORMATS[len(digits)]).replace(tzinfo=UTC)
    except (LookupError, ValueError) as error:
        raise Refused(400, f"{digits[:20]!r} is no time; four to fourteen digits are, such as 20261121103000.") from error
    return _next(start, len(digits)) - timedelta(microseconds=1) if end else start


def _next(start: datetime, digits: int) -> datetime:
    """The beginning of the next year, month, day, hour, minute or second."""
    if digits in _STEPS:
        return start + _STEPS[digits]
    long = start + timedelta(days=366 if digits == 4 else 31)
    return long.replace(month=1, day=1) if digits == 4 else long.replace(day=1)
