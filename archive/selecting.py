"""What a selection takes: one way to choose captures, whatever is then made of them.

Contract: ``chosen`` gives the captures of a story's articles, all versions, in the order of the story's members and of time, that every
given field of the selection lets pass; of the whole archive where no story is named.  What is withdrawn or under embargo is left out, here
and in all that follows, by the catalogue of an archive that is opened for people (``archive/shown.py``).  ``text_of`` gives the clean text
that a capture shows: its own, or of a revisit that of the record it stands for.  ``requisites_of`` gives what a capture's page needs to be
shown, as it was then: of each picture, style sheet, script and font, and of what those need, the capture that is nearest in time and no
error.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import groupby, islice

from archive.fulltext import Query
from archive.keptrelations import bound
from archive.kinds import Change, State
from archive.records import Capture, Document, Revision, Selection
from archive.relations import RelationKind
from archive.urls import host, registered_domain, surt
from archive.vault import Archive

CHUNK = 500  # captures looked at together
TEXTS = 100  # the same, with their texts
SHEETS = 64  # pages and style sheets whose needs are kept in memory: the versions of a page, the sheets of a site


QUIET = frozenset({Change.NONE, Change.COSMETIC})  # changes that say nothing to a reader
EDITS = frozenset({Change.EDIT, Change.HEADLINE, Change.CORRECTION})
_AWAY = {Change.SUSPECTED: State.MISSING, Change.WITHDRAWN: State.GONE}
_HOST = re.compile(r"https?://[^/?#*@\[\]]+/")


class NoSuchStory(LookupError):
    """The selection names a story that the catalogue does not know."""


def chosen(archive: Archive, selection: Selection) -> Iterator[Capture]:
    """The captures that a selection takes."""
    state = lru_cache(maxsize=SHEETS)(lambda url: state_of(archive.catalogue.revisions_of(url)))
    found, tied = _with_words(archive, selection), _tied(archive, selection)
    near = (
        capture
        for capture in _candidates(archive, selection)
        if (found is None or not found.isdisjoint({capture.id, capture.refers_to}))
        and (tied is None or capture.url in tied)
        and _is_there(selection, capture)
        and (selection.state is None or state(capture.url) is selection.state)
    )
    while group := list(islice(near, TEXTS)):
        texts = texts_of(archive, [capture for capture in group if _of_text(selection, capture)])
        yield from (item for item in group if not _of_text(selection, item) or _says(selection, item, texts.get(item.id)))


def _with_words(archive: Archive, selection: Selection) -> frozenset[str] | None:
    """The captures whose text has the words that are looked for; a revisit is found by the record that it stands for."""
    return frozenset(hit.capture for hit in archive.catalogue.hits(Query.read(selection.text))) if selection.text else None


def _tied(archive: Archive, selection: Selection) -> frozenset[str] | None:
    """The addresses of the articles that stand in the relation that is looked for; ValueError for an unknown kind."""
    if selection.relation is None:
        return None
    kind, _, url = selection.relation.partition(":")
    return bound(archive, RelationKind(kind), url or None, selection.story)


def text_of(archive: Archive, capture: Capture) -> Document | None:
    """The clean text that a capture shows; None where there is none, or it may not be shown."""
    return texts_of(archive, [capture]).get(capture.id)


def texts_of(archive: Archive, captures: Collection[Capture]) -> dict[str, Document]:
    """The same of some captures, by their ids, asked for at once; those that show none are left out."""
    held = archive.catalogue.documents_with({name for item in captures for name in (item.id, item.refers_to) if name is not None})
    shown = ((item.id, held.get(item.id) or held.get(item.refers_to or "")) for item in captures)
    return {name: document for name, document in shown if document is not None}


def original_of(archive: Archive, capture: Capture) -> Capture | None:
    """The capture that a revisit stands for; None for a response, and where it is not in the archive or may not be shown."""
    return archive.catalogue.capture(capture.refers_to) if capture.refers_to is not None else None


def requisites_of(archive: Archive, captures: Iterable[Capture]) -> Iterator[Capture]:
    """The captures of what pages needed to be shown when they were captured, some more than once; none where nobody has looked."""
    needed_by = lru_cache(maxsize=SHEETS)(archive.catalogue.captures_for)
    rest = iter(captures)
    while some := list(islice(rest, CHUNK)):
        parents = archive.catalogue.with_requisites({capture.url for capture in some})
        for capture in some:
            if capture.url in parents:
                yield from _requisites_of(capture, needed_by)


def _requisites_of(capture: Capture, needed_by: Callable[[str], list[Capture]]) -> Iterator[Capture]:
    seen, parents = {capture.url}, deque([capture.url])
    while parents:
        for url, versions in groupby(needed_by(parents.popleft()), key=lambda item: item.url):
            good = [] if url in seen else [item for item in versions if item.status < 400]
            if good:
                yield min(good, key=lambda item: abs(item.time - capture.time))
                seen.add(url)
                parents.append(url)


def state_of(revisions: Iterable[Revision]) -> State:
    """What became of an article, by all of its revisions in order."""
    changes = [item.change for item in revisions]
    if changes and changes[-1] in _AWAY:
        return _AWAY[changes[-1]]
    return State.CHANGED if set(changes) & EDITS else State.CURRENT


def _candidates(archive: Archive, selection: Selection) -> Iterable[Capture]:
    if selection.story is None:
        return archive.catalogue.all_captures(_key_prefix(selection.url or ""))
    story = archive.catalogue.story(selection.story)
    if story is None:
        raise NoSuchStory(f"there is no story {selection.story!r}")
    named = (member.url for member in story.members if selection.url is None or fnmatchcase(member.url, selection.url))
    return archive.catalogue.captures_of_each(named)


def _key_prefix(glob: str) -> str:
    """What the index keys of all URLs that a glob fits begin with: the host, where the glob spells it out."""
    spelled = _HOST.match(glob)
    return surt(spelled[0]) if spelled else ""


def _is_there(selection: Selection, capture: Capture) -> bool:
    """Whether address and time fit."""
    early = selection.captured_from is not None and capture.time < selection.captured_from
    late = selection.captured_to is not None and capture.time > selection.captured_to
    return not early and not late and (selection.url is None or fnmatchcase(capture.url, selection.url))


def _of_text(selection: Selection, capture: Capture) -> bool:
    """Whether the text must be read to know; an outlet is meant by its host, its registered domain or the name that it gives itself."""
    told = any((selection.published_from, selection.published_to, selection.language, selection.kind))
    return told or (selection.outlet is not None and not outlet_is_of(capture.url, selection.outlet))


def _says(selection: Selection, capture: Capture, document: Document | None) -> bool:
    if document is None or (selection.kind is not None and document.quality.kind is not selection.kind):
        return False
    outlet = selection.outlet
    if outlet is not None and not outlet_is_of(capture.url, outlet) and (document.outlet or "").casefold() != outlet.casefold():
        return False
    language = (document.language or "").lower().replace("_", "-")
    if selection.language is not None and selection.language.lower() not in {language, language.partition("-")[0]}:
        return False
    return _published(selection, document.published)


def _published(selection: Selection, stated: str | None) -> bool:
    """A date without a time stands for the whole day, one without a zone is taken for UTC."""
    start, end = selection.published_from, selection.published_to
    if start is None and end is None:
        return True
    try:
        time = datetime.fromisoformat(stated or "")
    except ValueError:
        return False
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    last = time + timedelta(days=1, microseconds=-1) if len(stated or "") == len("2026-11-21") else time
    return (start is None or last >= start) and (end is None or time <= end)


def outlet_is_of(url: str, outlet: str) -> bool:
    """Whether an outlet's host or registered domain is that of a URL."""
    name = host(url)
    return outlet.lower() in {name, name.removeprefix("www."), registered_domain(name)}
