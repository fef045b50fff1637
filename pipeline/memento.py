"""TimeMaps: who else has captured an address (RFC 7089), as link-format or as JSON.

Contract: pure.  ``request`` gives the TimeMap of a dead address; ``read`` its earliest and its latest memento, and the TimeMaps that go on
from it.  A memento of a server that replays as the Wayback Machine does is named at the URL of its bytes as they came (``id_``).
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from archive.kinds import Found
from archive.records import Page
from pipeline.listing import Entry, absolute, moment, plain
from pipeline.questions import Answer, Question, readable

# RFC 8288 §3: <target>, then parameters; possessive, because what is no link must not be tried again at each of its characters.
_LINK = re.compile(r'<([^<>]*+)>((?:\s*+;\s*+[\w*-]++\s*+(?:=\s*+(?:"[^"]*+"|[^\s";,]*+))?+)*+)')
_PARAMETER = re.compile(r';\s*+([\w*-]++)\s*+(?:=\s*+(?:"([^"]*+)"|([^\s";,]*+)))?+')
_REPLAYED = re.compile(r"(/\d{14})/(?=https?://)")


def request(base: str, question: Question) -> str | None:
    """The URL of a dead address's TimeMap: ``base``, then the address as it is; None for any other question."""
    return f"{base}{question.dead}" if question.dead is not None else None


def read(base: str, page: Page) -> Answer:
    """The mementos that a TimeMap lists."""
    text = page.body.decode("utf-8", "replace").strip()
    dead = page.capture.url.removeprefix(base)
    try:
        listed = _json(text) if text.startswith(("{", "[")) else _links(text)
    except (ValueError, RecursionError) as error:
        return Answer(problem=f"the TimeMap cannot be read: {error}: {(plain(text) or 'nothing at all')[:120]}")
    known, cut = readable(sorted({(time, url) for kind, url, time in listed if kind == "memento" and time is not None}))
    following = tuple(dict.fromkeys(url for kind, url, _ in listed if kind == "timemap" and url != page.capture.url))
    entries = tuple(Entry(url=url, modified=time) for time, url in dict.fromkeys((*known[:1], *known[-1:])))
    return Answer(found=Found.MEMENTO, entries=entries, next=following, dead=dead, cut=cut)


def _links(text: str) -> list[tuple[str, str, datetime | None]]:
    """Each memento and further TimeMap of a link-format document; ValueError when it holds no link at all."""
    matches = list(_LINK.finditer(text))
    if not matches:
        raise ValueError("no link in it")
    return [link for match in matches for link in _link(match[1], match[2])]


def _link(target: str, parameters: str) -> Iterator[tuple[str, str, datetime | None]]:
    values = {name.lower(): quoted or bare for name, quoted, bare in _PARAMETER.findall(parameters)}
    relations = values.get("rel", "").lower().split()
    if "memento" in relations and (url := _raw(target)):
        yield "memento", url, _date(values.get("datetime", ""))
    elif "timemap" in relations and "self" not in relations and (url := absolute(target, target)):
        yield "timemap", url, None


def _json(text: str) -> list[tuple[str, str, datetime | None]]:
    """The same of the JSON form that aggregators give."""
    found: Any = json.loads(text)
    if not isinstance(found, dict):
        raise ValueError("no object")
    mementos = found.get("mementos")
    rows = mementos.get("list") if isinstance(mementos, dict) else mementos
    further = found.get("timemap_index")
    if not isinstance(rows, list) and not isinstance(further, list):
        raise ValueError("neither mementos nor an index of TimeMaps")
    captures = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    parts = [row for row in further if isinstance(row, dict)] if isinstance(further, list) else []
    return [
        *(("memento", url, moment(row.get("datetime"))) for row in captures if (url := _raw(row.get("uri")))),
        *(("timemap", url, None) for row in parts if (url := absolute(row.get("uri"), ""))),
    ]


def _raw(target: object) -> str | None:
    return absolute(_REPLAYED.sub(r"\1id_/", target, count=1), target) if isinstance(target, str) else None


def _date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)
