"""A CDX server's interface over the catalogue, with the parameters of pywb's and of the clients that are written for it (cdx_toolkit).

Contract: ``asked`` reads a query; Refused (400) for a parameter that makes no sense, so that nobody takes a slip for an answer.  ``rows``
gives what fits as the index has it (``archive/cdxj.py``), in the index's order, the other way round, or the nearest in time first; what
the veil hides is not there.  ``text`` writes rows as CDXJ lines, or as JSON lines.  Nothing is held: memory does not grow with the answer.

* ``url``, with ``*`` at its end or ``*.`` before its host, or ``matchType`` exact, prefix, host or domain.
* ``from``, ``to``: four to fourteen digits, both included.  ``closest``: a moment; only of one address.
* ``filter``: ``[!][=|~]field:value``, contains, ``=`` is, ``~`` fits as a plain regular expression; may be given several times.
* ``collapse``: ``field`` or ``field:N``; of neighbours with the same value, or with the same first N characters, the first.
* ``limit``, ``sort`` (reverse or closest), ``fl`` (fields, comma-separated), ``output`` (cdxj, json, text), ``page`` and ``pageSize``.
"""

import heapq
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from archive import cdxj
from archive.indexranges import Range, captures
from archive.records import Capture
from archive.urls import BadUrl, host
from archive.vault import Archive
from copytrail.room.addresses import asked_url, moment
from copytrail.room.refusals import Refused

PAGE_SIZE, MOST_ROWS = 10_000, 150_000  # rows of a page unless it is said, and at most
SECONDS = 30.0  # that an answer may take to find its next row
_FIELD_ORDER = ("urlkey", "timestamp", "url", "mime", "status", "digest", "length", "offset", "filename")
_FIELDS = frozenset(_FIELD_ORDER)
_SELECTING = ("url", "matchType", "from", "to", "from_ts", "closest", "filter", "collapse")
_SHAPING = ("limit", "sort", "fl", "output", "page", "pageSize", "showNumPages", "crawl", "gzip")
_PARAMETERS = frozenset((*_SELECTING, *_SHAPING))
_SAME = {"statuscode": "status", "mimetype": "mime", "original": "url"}  # as the Wayback Machine's server calls them
_MATCHES: Mapping[str, Callable[[str], Range]] = {
    "exact": Range.key,
    "prefix": Range.prefix,
    "host": lambda url: Range.host(host(url)),
    "domain": lambda url: Range.domain(host(url)),
}
_FILTER = re.compile(r"(?P<no>!?)(?P<how>[=~]?)(?P<field>[a-z]+):(?P<value>.*)", re.DOTALL)
_MOST_REPEATS = {"[*+{]": 2, "[?|]": 6}  # marks of an expression, each of which multiplies the time that it can take
_LONGEST_EXPRESSION = 200
Row = dict[str, str]


class Test(NamedTuple):
    """One filter."""

    field: str
    passes: Callable[[str], bool]
    wanted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A query that was understood."""

    wanted: Range
    since: datetime | None = None
    until: datetime | None = None
    closest: datetime | None = None
    newest_first: bool = False
    tests: tuple[Test, ...] = ()
    collapse: tuple[str, int | None] | None = None
    limit: int | None = None
    fields: tuple[str, ...] = ()
    output: str = "cdxj"
    page: int | None = None
    page_size: int = PAGE_SIZE
    pages_only: bool = False


def asked(given: Sequence[tuple[str, str]]) -> Asked:
    """Understand the parameters of a query, as pairs in the order given."""
    unknown = {name for name, _ in given} - _PARAMETERS
    if unknown:
        raise Refused(400, f"No such parameter: {', '.join(sorted(unknown))[:100]}; known are {', '.join(sorted(_PARAMETERS))}.")
    one = {name: value for name, value in given if value}
    wanted = _range(one.get("url", ""), one.get("matchType"))
    sort, closest = one.get("sort"), one.get("closest")
    if sort not in {None, "reverse", "closest"}:
        raise Refused(400, "sort is reverse or closest.")
    if closest is not None and not wanted.is_key:
        raise Refused(400, "closest is for one address.")
    output = one.get("output", "cdxj")
    if output not in {"cdxj", "json", "text"}:
        raise Refused(400, "output is cdxj, json or text.")
    since, until = one.get("from") or one.get("from_ts"), one.get("to")
    return Asked(
        wanted=wanted,
        since=moment(since) if since else None,
        until=moment(until, end=True) if until else None,
        closest=moment(closest) if closest and sort != "reverse" else None,
        newest_first=sort == "reverse" or (sort == "closest" and closest is None),  # what is nearest to now
        tests=tuple(_test(value) for name, value in given if name == "filter" and value),
        collapse=_collapse(one["collapse"]) if "collapse" in one else None,
        limit=_number(one, "limit", most=10**9),
        fields=tuple(_field(name.strip()) for name in one["fl"].split(",")) if "fl" in one else (),
        output=output,
        page=_number(one, "page", most=10**6),
        page_size=_number(one, "pageSize", most=MOST_ROWS) or PAGE_SIZE,
        pages_only=one.get("showNumPages", "false").lower() in {"true", "1"},
    )


def _range(url: str, match: str | None) -> Range:
    if not url:
        raise Refused(400, "Name an address in url.")
    if url.startswith("*."):
        url, match = url[2:], "domain"
    elif url.endswith("*"):
        url, match = url[:-1], "prefix"
    if match not in {None, *_MATCHES}:
        raise Refused(400, f"matchType is one of {', '.join(_MATCHES)}.")
    try:
        return _MATCHES[match or "exact"](asked_url(url))
    except BadUrl as error:
        raise Refused(400, str(error)) from error


def _number(one: Mapping[str, str], name: str, *, most: int) -> int | None:
    text = one.get(name)
    if text is None or (name == "page" and text == "-1"):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 12 and int(text) <= most):
        raise Refused(400, f"{name} is a number from 0 to {most}.")
    return int(text)


def _field(name: str) -> str:
    found = _SAME.get(name, name)
    if found not in _FIELDS:
        raise Refused(400, f"There is no field {name[:40]!r}; known are {', '.join(sorted(_FIELDS))}.")
    return found


def _collapse(text: str) -> tuple[str, int | None]:
    name, _, length = text.partition(":")
    return _field(name), _number({"collapse": length}, "collapse", most=1000) if length else None


def _test(text: str) -> Test:
    match = _FILTER.fullmatch(text)
    if match is None:
        raise Refused(400, "A filter is such as =status:200, !mime:image or ~url:.*pdf.")
    value = match["value"]
    tests: Mapping[str, Callable[[str], bool]] = {"": lambda held: value in held, "=": lambda held: value == held}
    passes = tests[match["how"]] if match["how"] in tests else _expression(value)
    return Test(field=_field(match["field"]), passes=passes, wanted=not match["no"])


def _expression(text: str) -> Callable[[str], bool]:
    """An expression that cannot take for ever: no group that is repeated, no look-around, few repeats and choices."""
    bare = re.sub(r"\\.|\[\^?\]?[^\]]*\]", "x", text)
    few = all(len(re.findall(marks, bare)) <= most for marks, most in _MOST_REPEATS.items())
    try:
        tame = len(text) <= _LONGEST_EXPRESSION and few and not re.search(r"\(\?|\)[*+?{]", bare) and not re.search(r"\\\d", text)
        pattern = re.compile(text) if tame else None
    except re.error as error:
        raise Refused(400, f"{text[:80]!r} is no regular expression: {error}.") from error
    if pattern is None:
        raise Refused(400, "This expression could take too long: at most two of * + {, six of ? |, and no group that is repeated.")
    return lambda held: pattern.fullmatch(held) is not None


def rows(archive: Archive, query: Asked) -> Iterator[Row]:
    """What fits, a row at a time; TimeoutError when the next one is not found in time."""
    found = (_row(capture) for capture in _captures(archive, query))
    fitting = (row for row in found if all(test.passes(row.get(test.field, "-")) is test.wanted for test in query.tests))
    kept: Iterable[Row] = _collapsed(fitting, *query.collapse) if query.collapse else fitting
    start = (query.page or 0) * query.page_size
    end = None if query.page is None else start + query.page_size
    paged = islice(kept, start, end)
    return paged if query.limit is None else islice(paged, query.limit)


def _captures(archive: Archive, query: Asked) -> Iterator[Capture]:
    veil = archive.veil()
    deadline = time.monotonic() + SECONDS
    for capture in _ordered(archive, query):
        if time.monotonic() > deadline:
            raise TimeoutError("the next row was not found in time")
        if veil.hides(capture) is None:
            yield capture
            deadline = time.monotonic() + SECONDS


def _ordered(archive: Archive, query: Asked) -> Iterator[Capture]:
    at = query.closest
    if at is None:
        return captures(archive.catalogue, query.wanted, since=query.since, until=query.until, newest_first=query.newest_first)
    since = max(filter(None, (at, query.since)))
    until = min(filter(None, (at - timedelta(microseconds=1), query.until)))
    later = captures(archive.catalogue, query.wanted, since=since, until=query.until)
    earlier = captures(archive.catalogue, query.wanted, since=query.since, until=until, newest_first=True)
    return heapq.merge(earlier, later, key=lambda capture: abs(capture.time - at))


def _row(capture: Capture) -> Row:
    key, stamp, fields = cdxj.line(capture, plain=True).split(" ", 2)
    return {"urlkey": key, "timestamp": stamp, **json.loads(fields)}


def _collapsed(found: Iterable[Row], field: str, length: int | None) -> Iterator[Row]:
    last: str | None = None
    for row in found:
        value = row.get(field, "-")[:length]
        if value != last:
            yield row
        last = value


def text(query: Asked, found: Iterable[Row]) -> Iterator[str]:
    """The lines of an answer."""
    for row in found:
        if query.output == "text":
            yield " ".join(row.get(name, "-") for name in query.fields or _FIELD_ORDER) + "\n"
            continue
        shown = {name: row[name] for name in query.fields if name in row} if query.fields else row
        if query.output == "json":
            yield json.dumps(shown) + "\n"
        else:
            rest = {name: value for name, value in shown.items() if name not in {"urlkey", "timestamp"}}
            yield f"{row['urlkey']} {row['timestamp']} {json.dumps(rest)}\n"
