"""The Wayback Machine's CDX server: the address of a question, and what the answers say.

Contract: pure.  Two questions have an answer here.  Captures of a dead address come back as mementos, the earliest and the latest that
answered 200, at the URL that replays their bytes as they came (``id_``): whoever fetches one archives a rescue.  Captures of all addresses
that begin alike come back as those addresses, each once: what an outlet published on a day.  Rows are asked for in JSON with a resume key,
``ROWS`` at a time; the key is the next question.

Its bad days: ``[]`` for nothing, HTML or a Java exception with any status, an answer cut in the middle, a resume key that never ends.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlencode, urlsplit

from archive.kinds import Found
from archive.records import Page
from pipeline.listing import Entry, absolute, plain
from pipeline.questions import Answer, Question, readable

BASE = "https://web.archive.org"
ROWS = 1000
SECONDS = 2.5  # between two questions: 80 % of the hard limit that EDGI's client keeps (coverage.md §6)
_CDX = "/cdx/search/cdx"
_FIELDS = ("timestamp", "original", "mimetype", "statuscode", "digest")
_STAMP = "%Y%m%d%H%M%S"


def request(base: str, question: Question) -> str | None:
    """The URL that asks ``question``; None for one that the CDX server cannot answer."""
    if question.dead is not None:
        fields = {"url": question.dead, "collapse": "digest"}
    elif question.prefix is not None:
        fields = {"url": question.prefix, "matchType": "prefix", "collapse": "urlkey"}
        fields |= {"from": f"{question.first.astimezone(UTC):{_STAMP}}"} if question.first else {}
        fields |= {"to": f"{question.last.astimezone(UTC):{_STAMP}}"} if question.last else {}
    else:
        return None
    fields |= {"output": "json", "fl": ",".join(_FIELDS), "filter": "statuscode:200", "limit": str(ROWS), "showResumeKey": "true"}
    return f"{base}{_CDX}?{urlencode(fields)}"


def read(base: str, page: Page) -> Answer:
    """What the answer to a question lists."""
    text = page.body.decode("utf-8", "replace").strip()
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Answer(problem=f"the Wayback Machine's answer is not JSON: {error}: {(plain(text) or 'nothing at all')[:120]}")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        return Answer(problem="the Wayback Machine's answer is not a list of rows")
    rows, key = _without_key(rows)
    rows, cut = readable(rows)
    table = list(_rows(rows))
    asked = {name: values[0] for name, values in parse_qs(urlsplit(page.capture.url).query).items()}
    following = _following(base, asked, key)
    if "matchType" in asked:
        return Answer(found=Found.WAYBACK, entries=tuple(_originals(table)), next=following, cut=cut)
    return Answer(found=Found.MEMENTO, entries=tuple(_mementos(base, table)), next=following, dead=asked.get("url"), cut=cut)


def replay(base: str, stamp: str, original: str) -> str:
    """The URL that gives a capture's bytes as they came."""
    return f"{base}/web/{stamp}id_/{original}"


def _without_key(rows: Sequence[list[object]]) -> tuple[Sequence[list[object]], str | None]:
    """The rows, and the resume key that stands in a row of its own behind an empty one."""
    if len(rows) >= 2 and rows[-2] == [] and len(rows[-1]) == 1:
        return rows[:-2], str(rows[-1][0])
    return rows, None


def _following(base: str, asked: dict[str, str], key: str | None) -> tuple[str, ...]:
    return (f"{base}{_CDX}?{urlencode(asked | {'resumeKey': key})}",) if key and asked else ()


def _rows(rows: Sequence[object]) -> Iterator[tuple[str, str, str]]:
    """Time stamp, address and media type of each row, by the names in the first one."""
    names = [str(name) for name in rows[0]] if rows and isinstance(rows[0], list) else []
    for row in rows[1:]:
        fields = dict(zip(names, map(str, row if isinstance(row, list) else ()), strict=False))
        stamp, original = fields.get("timestamp", ""), fields.get("original", "")
        if original and _moment(stamp) is not None and fields.get("statuscode", "200") == "200":
            yield stamp, original, fields.get("mimetype", "text/html")


def _moment(stamp: str) -> datetime | None:
    try:
        return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC)
    except ValueError:
        return None


def _mementos(base: str, table: Sequence[tuple[str, str, str]]) -> Iterator[Entry]:
    """The earliest and the latest capture: nearest to what was published, and the last that was seen."""
    ordered = sorted(table)
    for stamp, original, _ in dict.fromkeys((*ordered[:1], *ordered[-1:])):
        if url := absolute(replay(base, stamp, original), base):
            yield Entry(url=url, modified=_moment(stamp))


def _originals(table: Sequence[tuple[str, str, str]]) -> Iterator[Entry]:
    for original in dict.fromkeys(original for _, original, mime in table if mime in {"text/html", "application/xhtml+xml"}):
        if url := absolute(original, original):
            yield Entry(url=url)
