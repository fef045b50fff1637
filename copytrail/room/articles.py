"""Pages about one article: its versions, one capture of it, what was left out of its text and why, and two texts held against each other.

Contract: an article is asked for by its address, a capture by its record id.  Any two captures can be held against each other; where the
extractors of two texts differ the page says so, because then a difference may be theirs (text.md §5).
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, cast

from starlette.requests import Request
from starlette.responses import Response

from archive import unveiled
from archive.kinds import Change
from archive.records import Capture, Document, Member
from archive.relations import Fact
from archive.selecting import original_of, text_of
from archive.surts import surt
from archive.vault import Archive
from archive.withdrawals import Withdrawal
from copytrail.citations import STYLES, Citation
from copytrail.comparerows import comparison
from copytrail.marked import Paragraph, paragraphs, words
from copytrail.relaterows import relation_row
from copytrail.room import addresses
from copytrail.room.looks import page
from copytrail.room.refusals import Refused, Withdrawn, held, not_held
from copytrail.room.replaying import replay_link
from copytrail.room.rooms import Room, here, room_of
from copytrail.room.stories import page_number
from copytrail.sidebyside import two_sides
from copytrail.storyview import ArticleView, article_alone
from pipeline.edits import Incomparable, revision, spans
from pipeline.textpool import TextFailure
from pipeline.versions import readable

A_PAGE = 100  # captures
TEXT_LIMIT = 400_000  # characters of two texts together that are held against each other while somebody waits
_CITED = ("text", "bibtex", "csl", "robust")


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One capture in the list of an article's."""

    capture: Capture
    document: Document | None
    change: Change | None
    same: bool  # the words of the text before it


def article(request: Request) -> Response:
    """``/article?url=…``."""
    room = room_of(request)
    url = addresses.asked_url(_asked(request, "url"))
    captures = room.archive.catalogue.captures_of(url)
    if not captures:
        withdrawal = room.archive.veil().hides_url(url)
        raise Withdrawn(withdrawal) if withdrawal is not None else not_held(url)
    story, member = _member(room.archive, url, request.query_params.get("story"))
    with room.heavy():
        view, changes = article_alone(room.archive, member)
    pages = max(1, -(-len(captures) // A_PAGE))
    number = page_number(request, pages)
    shown = captures[::-1][(number - 1) * A_PAGE : number * A_PAGE]
    return page(
        "article",
        room,
        heading=view.title,
        article=view,
        changes=changes,
        story=story,
        hidden=list(_hidden(room.archive, url)),
        versions=list(_versions(room.archive, shown, dict(view.changes))),
        pages=pages,
        page=number,
        document=view.last,
    )


def _hidden(archive: Archive, url: str) -> Iterator[tuple[Capture, Withdrawal]]:
    """The captures of an address that are not shown, and why."""
    veil = archive.veil()
    for item in unveiled.at(archive.catalogue, surt(url)) if veil else ():
        withdrawal = veil.hides(item)
        if withdrawal is not None and item.url == url:
            yield item, withdrawal


def _asked(request: Request, name: str) -> str:
    value = request.query_params.get(name, "")
    if not value:
        raise Refused(400, f"Say which: {name}=…")
    return value


def _member(archive: Archive, url: str, slug: str | None) -> tuple[str | None, Member]:
    """The first story that the article belongs to, that of ``slug`` where it does."""
    names = archive.catalogue.slugs()
    for name in [slug, *names] if slug in names else names:
        story = archive.catalogue.story(name or "")
        found = next((member for member in story.members if member.url == url), None) if story else None
        if found is not None:
            return name, found
    first = archive.catalogue.captures_of(url)[0]
    return None, Member(url=url, why="it is in no story", since=first.time)


def _versions(archive: Archive, captures: list[Capture], changes: Mapping[datetime, Change]) -> Iterator[Version]:
    """Captures, the newest first, as they are given."""
    texts = [text_of(archive, item) for item in captures]
    for item, document, before in zip(captures, texts, [*texts[1:], None], strict=True):
        same = document is not None and before is not None and document.text == before.text
        yield Version(capture=item, document=document, change=changes.get(item.time), same=same)


def capture(request: Request) -> Response:
    """``/capture/ID``."""
    room = room_of(request)
    found = held(room.archive, request.path_params["id"])
    document = text_of(room.archive, found)
    original = original_of(room.archive, found)
    digest = (original or found).payload_digest
    cited = Citation(capture=found, digest=digest, document=document) if digest else None
    return page(
        "capture",
        room,
        heading=(document.title if document else None) or found.url,
        capture=found,
        original=original,
        document=document,
        is_article=readable(document),
        citations=[(name, STYLES[name](cited)) for name in _CITED] if cited else [],
        replay=replay_link(room.replay, found, here(request), _member(room.archive, found.url, None)[0] if room.replay else None),
    )


def ledger(request: Request) -> Response:
    """``/capture/ID/ledger``."""
    room = room_of(request)
    found = held(room.archive, request.path_params["id"])
    shown = request.query_params.get("show", "all")
    if shown not in {"all", "kept", "removed"}:
        raise Refused(400, "show is all, kept or removed.")
    archived = room.archive.page(found)
    with room.heavy():
        ((_, result),) = room.readers.extract([archived])
    problem = f"{result.kind}: {result.message}" if isinstance(result, TextFailure) else None
    entries = [] if problem else cast(list[dict[str, Any]], result)
    kept = [entry for entry in entries if entry["kept"]]
    chosen = {"all": entries, "kept": kept, "removed": [entry for entry in entries if not entry["kept"]]}[shown]
    document = text_of(room.archive, found)
    return page(
        "ledger",
        room,
        heading="Why is this text, and that not?",
        capture=found,
        document=document,
        entries=chosen,
        problem=problem,
        shown=shown,
        counts={"all": len(entries), "kept": len(kept), "removed": len(entries) - len(kept)},
    )


def diff(request: Request) -> Response:
    """``/diff?from=ID&to=ID``."""
    room = room_of(request)
    ends = [_text(room, _asked(request, name)) for name in ("from", "to")]
    (before, old), (after, new) = sorted(ends, key=lambda end: end[0].time) if ends[0][0].url == ends[1][0].url else ends
    _check_size(old, new)
    with room.heavy():
        marked, note, events = _difference(after, old, new)
    return page(
        "diff",
        room,
        heading=new.title or after.url,
        before=before,
        after=after,
        title=words(old.title, new.title),
        paragraphs=marked,
        note=note,
        events=events,
        same=old.text == new.text,
    )


def _difference(after: Capture, old: Document, new: Document) -> tuple[tuple[Paragraph, ...], str | None, tuple[str, ...]]:
    try:
        found = revision(old, new, number=2, time=after.time)
    except Incomparable as error:
        return paragraphs(new.text, spans(old.text, new.text)), f"A difference here may say nothing about the article: {error}.", ()
    return paragraphs(new.text, found.spans), None, tuple(dict.fromkeys(str(event.kind) for event in found.events))


def _text(room: Room, identifier: str) -> tuple[Capture, Document]:
    """A capture and its text, by record id."""
    found = held(room.archive, identifier)
    document = text_of(room.archive, found)
    if document is None or not document.text:
        raise Refused(404, "This capture shows no text that could be compared.")
    return found, replace(document, capture=found.id)


def _check_size(one: Document, other: Document) -> None:
    if len(one.text) + len(other.text) > TEXT_LIMIT:
        raise Refused(413, f"The two texts have more than {TEXT_LIMIT:,} characters; copytrail compare holds them against each other.")


def compare(request: Request) -> Response:
    """``/compare?left=ID&right=ID``."""
    room = room_of(request)
    (left, one), (right, other) = (_text(room, _asked(request, name)) for name in ("left", "right"))
    _check_size(one, other)
    if left.id == right.id:
        raise Refused(400, "That is one text and not two.")
    with room.heavy():
        found = comparison((one, other))
        sides = two_sides(_side(room.archive, left, one, 1), _side(room.archive, right, other, 2), found.shared)
    names = {one.capture: "the left text", other.capture: "the right text"}

    def told(text: str | None) -> str:
        for identifier, name in names.items():
            text = (text or "").replace(identifier, name)
        return (text or "")[:1].upper() + (text or "")[1:]

    return page(
        "compare",
        room,
        heading="Two side by side",
        sides=sides,
        left=left,
        right=right,
        shared=len(found.shared),
        relations=[(item, relation_row(item)) for item in found.found.relations],
        facts=list(_facts(found.found.facts, one.capture, other.capture)),
        names=names,
        told=told,
        pairs=(),
        more_pairs=0,
    )


def _facts(facts: Iterable[Fact], left: str, right: str) -> Iterator[tuple[Fact, str, str]]:
    """What both texts say something of, with what the left one says and what the right one does."""
    for fact in facts:
        said = {value.document: value.text for value in fact.values}
        if left in said and right in said:
            yield fact, said[left], said[right]


def _side(archive: Archive, capture: Capture, document: Document, number: int) -> ArticleView:
    view, _ = article_alone(archive, Member(url=capture.url, why="", since=capture.time))
    return replace(view, number=number, first=document)
