"""GDELT DOC 2.0: the address of a question, and what the answers say.

Contract: pure.  ``request`` gives the URL of an article list in JSON (mode artlist, at most ``MOST`` records, window as startdatetime and
enddatetime); a question for captures has none.  ``read`` gives the entries.  An answer that is full stands for more: its window is halved,
down to ``NARROWEST``, and the halves are the next questions.

Its bad days (coverage.md §6): errors are a line of text with status 200 and text/html, also the one that asks for five seconds between two
questions; JSON holds control characters and escapes that JSON forbids; a question without hits is answered ``{}``.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from archive.kinds import Found, Verdict
from archive.records import Page
from pipeline.listing import Entry, absolute, plain
from pipeline.questions import Answer, Question, readable

BASE = "https://api.gdeltproject.org/api/v2/doc/doc"
MOST = 250
SECONDS = 5.0  # between two questions, as its texts ask of callers
NARROWEST = timedelta(hours=1)
_STAMP = "%Y%m%d%H%M%S"
_ESCAPE = re.compile(r'\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})')
_SHORT = 3  # letters: it refuses a question with a shorter word


def request(base: str, question: Question) -> str | None:
    """The URL that asks ``question``; None for one that GDELT cannot answer."""
    words = [word for word in question.words if len(word) >= _SHORT]
    asked = f'"{question.phrase}"' if question.phrase else " ".join(words)
    return _url(base, asked, question.first, question.last) if asked else None


def _url(base: str, asked: str, first: datetime | None, last: datetime | None) -> str:
    fields = {"query": asked, "mode": "artlist", "format": "json", "maxrecords": str(MOST), "sort": "datedesc"}
    if first is not None and last is not None:
        fields |= {"startdatetime": f"{first.astimezone(UTC):{_STAMP}}", "enddatetime": f"{last.astimezone(UTC):{_STAMP}}"}
    return f"{base}?{urlencode(fields)}"


def read(base: str, page: Page) -> Answer:
    """What the answer to a question lists."""
    text = page.body.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return _apology(text)
    try:
        answer = _loads(text)
    except (ValueError, RecursionError) as error:
        return Answer(problem=f"GDELT's answer is not JSON: {error}")
    rows = answer.get("articles", [])
    if not isinstance(rows, list):
        return Answer(problem="GDELT's answer has no list of articles")
    taken, cut = readable(rows)
    entries = tuple(entry for entry in (_entry(row, page.capture.url) for row in taken) if entry)
    halves, narrow = _halves(base, page.capture.url) if len(rows) >= MOST else ((), None)
    return Answer(found=Found.GDELT, entries=entries, next=halves, cut=cut or narrow)


def _apology(text: str) -> Answer:
    words = plain(text) or "nothing at all"
    asks = "limit requests" in words or "5 seconds" in words
    return Answer(problem=f"GDELT says: {words[:200]}", verdict=Verdict.THROTTLED if asks else Verdict.FAILED)


def _loads(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, strict=False)
    except ValueError:
        found = json.loads(_ESCAPE.sub("", text), strict=False)
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found


def _entry(row: object, url: str) -> Entry | None:
    """One article; None for a row without an address that can be fetched."""
    target = absolute(row.get("url"), url) if isinstance(row, dict) else None
    if target is None or not isinstance(row, dict):
        return None
    return Entry(url=target, title=plain(row.get("title")), published=_seen(row.get("seendate")))


def _seen(text: object) -> datetime | None:
    """When GDELT first saw the article: within a quarter of an hour after it was published."""
    try:
        return datetime.strptime(str(text), "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return None


def _halves(base: str, url: str) -> tuple[tuple[str, ...], str | None]:
    """The questions for the two halves of a full answer's window, or why there are none."""
    fields = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    try:
        first, last = (datetime.strptime(fields[name], _STAMP).replace(tzinfo=UTC) for name in ("startdatetime", "enddatetime"))
    except (KeyError, ValueError):
        return (), f"{MOST} records, the most that it gives: there may be more"
    if last - first < 2 * NARROWEST:
        return (), f"{MOST} records within {last - first}, the most that it gives: there may be more"
    middle = (first + (last - first) / 2).replace(microsecond=0)
    return (_url(base, fields["query"], first, middle), _url(base, fields["query"], middle, last)), None
