"""What people hand us: paths and URLs become seeds.

``load(arguments)`` never raises for bad input: what cannot be used is a ``Problem`` that names its source (file, row or argument) and says
why, and costs nothing else.  ``notes`` are problems of seeds that were taken all the same: a guessed encoding, a second copy.

What an argument may be, decided by what is in it as much as by its name:

* a URL (http, https): one seed of kind ``url``, or ``feed`` when its path says so (``/rss``, ``.xml``)
* a folder: every file in it, sorted, hidden files left out
* a text file: one seed of kind ``text``; when its lines are URLs, one of kind ``url`` for each
* a table, ``.csv`` ``.tsv`` ``.jsonl`` ``.ndjson`` ``.json``: one seed of kind ``row`` for each row (columns: ``rules/columns.yaml``)
* a feed, saved: one seed of kind ``row`` for each entry

Ids are file names without extension, with ``:row`` in tables; a second file of the same name gets ``~2``.
"""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from itertools import count
from pathlib import Path

from archive.records import Seed
from archive.urls import BadUrl, clean
from pipeline.broken import candidates
from pipeline.charset import NotText, decode
from pipeline.feeds import FeedError, is_feed, parse_feed
from pipeline.seedtables import BadTable, Row, json_rows, table_rows

LIMIT = 5_000_000  # bytes of one file: a long article has 50,000
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.IGNORECASE)
_LISTED = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.)\S+", re.IGNORECASE)
_LISTED_TOO = re.compile(r"(?:[a-z][a-z0-9+.-]*:|www\.)\S+", re.IGNORECASE)  # mailto: and the like, in a list of URLs
_FEED_PATH = re.compile(r"(?:\.(?:rss|atom|rdf|xml)|/(?:rss|atom|feed|feeds)/?)(?:\?|$)", re.IGNORECASE)
_HTML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype html|html)\b", re.IGNORECASE)
_TABLES = {".csv": table_rows, ".tsv": table_rows, ".jsonl": json_rows, ".ndjson": json_rows, ".json": json_rows}
_HALF = re.compile("[\ud800-\udfff]")
_BLANK = "\ufeff \t\r\n\f\v\u00a0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something that was given and cannot be used, or not quite."""

    source: str
    kind: str  # a short machine word: missing, empty, binary, too_large, unreadable, encoding, html, table, row, url, scheme, feed, copy
    message: str
    refused: bool = True  # False: the seed was taken all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The seeds of all arguments, what could not be used, and what should be known about what was."""

    seeds: tuple[Seed, ...]
    problems: tuple[Problem, ...] = ()
    notes: tuple[Problem, ...] = ()


def load(arguments: Sequence[str], *, limit: int = LIMIT) -> Loaded:
    """The seeds that ``arguments`` name; a file of more than ``limit`` bytes is refused unread."""
    items = [item for argument in arguments for item in _argument(argument, limit)]
    seeds, copies = _distinct([_storable(item) for item in items if isinstance(item, Seed)])
    problems = [*(item for item in items if isinstance(item, Problem)), *copies]
    return Loaded(
        seeds=seeds,
        problems=tuple(problem for problem in problems if problem.refused),
        notes=tuple(problem for problem in problems if not problem.refused),
    )


def _storable(seed: Seed) -> Seed:
    """The seed without halves of characters, which a file's name and an escape in JSON can hold and UTF-8 cannot."""
    values = {item.name: value for item in fields(seed) if isinstance(value := getattr(seed, item.name), str)}
    return replace(seed, **{name: _HALF.sub("\ufffd", value) for name, value in values.items()})


def _distinct(seeds: Sequence[Seed]) -> tuple[tuple[Seed, ...], list[Problem]]:
    """Each seed once, with an id of its own."""
    kept: dict[tuple[str | None, ...], Seed] = {}
    copies: list[Problem] = []
    names: set[str] = set()
    for seed in seeds:
        same = (seed.kind, seed.text, seed.url, seed.title, seed.published)
        if same in kept:
            copies.append(Problem(source=seed.source, kind="copy", message=f"the same as {kept[same].id}; taken once", refused=False))
            continue
        name = next(name for number in count(1) if (name := seed.id if number == 1 else f"{seed.id}~{number}") not in names)
        names.add(name)
        kept[same] = replace(seed, id=name)
    return tuple(kept.values()), copies


def _argument(argument: str, limit: int) -> Iterator[Seed | Problem]:
    path = Path(argument)
    if _SCHEME.match(argument.strip()):
        yield from _address(argument, source=argument)
    elif path.is_dir():
        yield from _folder(path, limit)
    else:
        yield from _file(path, limit)


def _folder(folder: Path, limit: int) -> Iterator[Seed | Problem]:
    errors: list[OSError] = []
    files = []
    for base, folders, names in os.walk(folder, onerror=errors.append):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [Path(base, name) for name in names if not name.startswith(".")]
    for error in errors:
        yield Problem(source=str(error.filename), kind="unreadable", message=error.strerror or str(error))
    if not files:
        yield Problem(source=str(folder), kind="empty", message="a folder without files")
    for file in sorted(files):
        yield from _file(file, limit)


def _address(written: str, *, source: str, name: str | None = None) -> Iterator[Seed | Problem]:
    """A seed for a URL, mended where it is plain what was meant."""
    try:
        url = clean(written)
    except BadUrl as error:
        mended = candidates(written)
        scheme = _SCHEME.match(written.strip())
        foreign = scheme is not None and scheme[1].lower() not in {"http", "https"}
        reason = f"{scheme[1]} cannot be fetched; http and https can" if foreign and scheme else str(error)
        if not mended:
            yield Problem(source=source, kind="scheme" if foreign else "url", message=reason)
            return
        url = mended[0]
        yield Problem(source=source, kind="url", message=f"read as {url}: {reason}", refused=False)
    yield Seed(id=name or url, kind="feed" if _FEED_PATH.search(url) else "url", source=source, url=url)


def _file(path: Path, limit: int) -> Iterator[Seed | Problem]:
    """The seeds of one file."""
    source = str(path)
    try:
        if path.exists() and not path.is_file():
            yield Problem(source=source, kind="unreadable", message="neither a file nor a folder")
            return
        size = path.stat().st_size
        data = path.read_bytes() if size <= limit else b""
    except FileNotFoundError:
        yield Problem(source=source, kind="missing", message="no such file, and no URL")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the name
        yield Problem(source=source, kind="unreadable", message=getattr(error, "strerror", None) or str(error))
    else:
        if size > limit:
            yield Problem(source=source, kind="too_large", message=f"{size} bytes; the limit is {limit}")
        else:
            yield from _content(path, data)


def _content(path: Path, data: bytes) -> Iterator[Seed | Problem]:
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    if is_feed(data, None):
        yield from _feed(path, data, digest)
        return
    if _HTML.match(data):
        yield Problem(source=str(path), kind="html", message="a web page: give its URL, or the article's text")
        return
    try:
        text, doubt = decode(data)
    except NotText as error:
        yield Problem(source=str(path), kind="binary", message=str(error))
        return
    if doubt:
        yield Problem(source=str(path), kind="encoding", message=doubt, refused=False)
    if not text.strip(_BLANK):
        yield Problem(source=str(path), kind="empty", message="nothing in it")
    elif path.suffix.lower() in _TABLES:
        yield from _table(path, text, digest)
    elif lines := _listed(text):
        for number, line in lines:
            yield from _address(line, source=f"{path}:{number}", name=f"{path.stem}:{number}")
    else:
        yield Seed(id=path.stem, kind="text", source=str(path), text=text, digest=digest)


def _listed(text: str) -> list[tuple[int, str]]:
    """The lines of a list of URLs with their numbers; none when the text is anything else.  # begins a comment."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip() and line.strip()[0] != "#"]
    listed = any(_LISTED.fullmatch(line) for _, line in lines) and all(_LISTED_TOO.fullmatch(line) for _, line in lines)
    return lines if listed else []


def _table(path: Path, text: str, digest: str) -> Iterator[Seed | Problem]:
    row = None
    try:
        for row in _TABLES[path.suffix.lower()](text):
            yield from _row(path, row, digest)
    except BadTable as error:
        yield Problem(source=str(path), kind="table", message=str(error))
    else:
        if row is None:
            yield Problem(source=str(path), kind="empty", message="a table without rows")


def _row(path: Path, row: Row, digest: str) -> Iterator[Seed | Problem]:
    """The seed of one row; a row with a text is one whatever its URL."""
    source, name = f"{path}:{row.number}", f"{path.stem}:{row.number}"
    if row.problem:
        yield Problem(source=source, kind="row", message=row.problem)
        return
    url = None
    for item in _address(row.url, source=source) if row.url else ():
        if isinstance(item, Seed):
            url = item.url
        else:
            yield replace(item, refused=item.refused and not row.text)
    if url or row.text:
        yield Seed(id=name, kind="row", source=source, text=row.text, url=url, title=row.title, published=row.published, digest=digest)


def _feed(path: Path, data: bytes, digest: str) -> Iterator[Seed | Problem]:
    try:
        entries = parse_feed(data, "")
    except FeedError as error:
        yield Problem(source=str(path), kind="feed", message=str(error))
        return
    if not entries:
        yield Problem(source=str(path), kind="feed", message="a feed without entries that can be fetched")
    for number, entry in enumerate(entries, 1):
        source, name = f"{path}:{number}", f"{path.stem}:{number}"
        published = entry.published.isoformat() if entry.published else None
        yield Seed(id=name, kind="row", source=source, url=entry.url, title=entry.title, published=published, digest=digest)
