"""Dates as pages write them, as ISO 8601, no more and no less exact than they were written.

``iso(text)`` gives ``YYYY-MM-DD``, or date and time with the precision and the zone of the text; None for anything that is not one whole
date.  A zone that is not written is not added; nothing is converted to UTC, because the day in the page's own zone is what it states.
``plausible(date, captured)`` refuses what no news page can mean: before the web, or after the capture.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

_DATE = r"(\d{4})-?(\d{2})-?(\d{2})"
_TIME = r"(\d{1,2}):?(\d{2})(?::?(\d{2})(?:[.,](\d+))?)?"
_ZONE = r"(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
_ISO = re.compile(rf"{_DATE}(?:[T ]\s*{_TIME}\s*{_ZONE})?(?:\[[\w/+-]+\])?", re.IGNORECASE)
_OTHERS = ("%Y/%m/%d", "%B %d, %Y", "%b %d, %Y", "%d %B %Y", "%d %b %Y", "%d.%m.%Y", "%Y%m%d")
_OTHERS_WITH_TIME = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%B %d, %Y %I:%M %p", "%b %d, %Y %I:%M %p", "%d.%m.%Y %H:%M", "%d.%m.%Y, %H:%M")
_WEB = datetime(1991, 1, 1, tzinfo=UTC)


def iso(text: str) -> str | None:
    """``text`` as ISO 8601 with its own precision; None when it is not one date."""
    text = " ".join(text.split())
    if match := _ISO.fullmatch(text):
        return _from_parts(*match.groups())
    for form in _OTHERS:
        if (moment := _strptime(text, form)) is not None:
            return moment.date().isoformat()
    for form in _OTHERS_WITH_TIME:
        if (moment := _strptime(text, form)) is not None:
            return moment.isoformat(timespec="minutes" if "%S" not in form else "seconds")
    return _from_mail(text)


def _from_parts(
    year: str, month: str, day: str, hour: str | None, minute: str | None, second: str | None, fraction: str | None, zone: str | None
) -> str | None:
    try:
        moment = datetime(int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=_zone(zone))
    except ValueError:
        return None
    if hour is None:
        return moment.date().isoformat()
    written = moment.isoformat(timespec="minutes" if second is None else "seconds")
    return f"{written[:19]}.{fraction}{written[19:]}" if fraction else written


def _zone(text: str | None) -> timezone | None:
    if text is None:
        return None
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _strptime(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form)  # noqa: DTZ007 -- a zone that is not written is not added
    except ValueError:
        return None


def _from_mail(text: str) -> str | None:
    """The date of RFC 5322, which feeds and some meta elements use."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError):
        return None


def instant(date: str) -> datetime:
    """The moment of an ISO date as ``iso`` gives it; midnight where no time, UTC where no zone is written."""
    moment = datetime.fromisoformat(date)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def plausible(date: str, captured: datetime) -> bool:
    """Whether a page captured at ``captured`` can bear the date; a day of grace covers the zones."""
    return _WEB <= instant(date) <= captured + timedelta(days=1)
