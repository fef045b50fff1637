"""What a selection takes: one way to choose captures, whatever is then made of them.

Contract: ``chosen`` gives the captures of a story's articles, all versions, in the order of the story's members and of time, that every
given field of the selection lets pass; of the whole archive where no story is named.  ``text_of`` gives the clean text that a capture
shows: its own, or of a revisit that of the record it stands for.  ``requisites_of`` gives what a capture's page needs to be shown, as it
was then: of each picture, style sheet, script and font, and of what those need, the capture that is nearest in time and no error.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import groupby, islice

from archive.records import Capture, Document, Selection
from archive.urls import host, registered_domain, surt
from archive.vault import Archive

CHUNK = 500  # captures looked at together
SHEETS = 64  # pages and style sheets whose needs are kept in memory: the versions of a page, the sheets of a site


_HOST = re.compile(r"https?://[^/?#*@\[\]]+/")


class NoSuchStory(LookupError):
    """The selection names a story that the catalogue does not know."""


def chosen(archive: Archive, selection: Selection) -> Iterator[Capture]:
    """The captures that a selection takes."""
    for capture in _candidates(archive, selection):
        if _fits(archive, selection, capture):
            yield capture


def text_of(archive: Archive, capture: Capture) -> Document | None:
    """The clean text that a capture shows; None where there is none."""
    own = archive.catalogue.document(capture.id)
    return own if own is not None or capture.refers_to is None else archive.catalogue.document(capture.refers_to)


def original_of(archive: Archive, capture: Capture) -> Capture | None:
    """The capture that a revisit stands for; None for a response, and where it is not in the archive."""
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


def _fits(archive: Archive, selection: Selection, capture: Capture) -> bool:
    early = selection.captured_from is not None and capture.time < selection.captured_from
    late = selection.captured_to is not None and capture.time > selection.captured_to
    elsewhere = selection.url is not None and not fnmatchcase(capture.url, selection.url)
    return not (early or late or elsewhere) and (selection.outlet is None or _is_of(archive, capture, selection.outlet))


def _is_of(archive: Archive, capture: Capture, outlet: str) -> bool:
    """Whether an outlet is meant by its host, its registered domain or the name that it gives itself."""
    name = host(capture.url)
    if outlet.lower() in {name, name.removeprefix("www."), registered_domain(name)}:
        return True
    document = text_of(archive, capture)
    return document is not None and (document.outlet or "").casefold() == outlet.casefold()
