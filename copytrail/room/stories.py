"""Pages about stories: the list of all, one as its story page shows it, its graph, its watch."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from archive.kinds import State
from archive.records import Selection, Story
from archive.selecting import EDITS, chosen, state_of
from archive.vault import Archive
from copytrail.graphrows import story_graph
from copytrail.relatedview import by_document, ties
from copytrail.room.looks import page, with_style
from copytrail.room.refusals import Refused
from copytrail.room.rooms import Room, room_of
from copytrail.statusrows import judged_rows, member_rows, outlet_rows, standing_alarms, told
from copytrail.storypage import count, days
from copytrail.storypage import page as story_page
from copytrail.storyview import ArticleView, StoryView, story_view
from crawlers.relating import judged_of
from crawlers.storytexts import FIRST, of_story

A_PAGE = 20  # stories
LOOSE_ENDS = 200  # of each kind that are shown
GRAPHS = {"json": "application/json", "graphml": "application/graphml+xml", "dot": "text/vnd.graphviz"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A story in the list."""

    slug: str
    title: str
    told: str


def story_of(room: Room, slug: str) -> Story:
    """The newest version of a story; Refused (404) when there is none."""
    story = room.archive.catalogue.story(slug)
    if story is None:
        raise Refused(404, f"There is no story {slug[:60]!r}.")
    return story


def home(request: Request) -> Response:
    """``/``."""
    room = room_of(request)
    slugs = room.archive.catalogue.slugs()
    pages = max(1, -(-len(slugs) // A_PAGE))
    number = page_number(request, pages)
    shown = slugs[(number - 1) * A_PAGE : number * A_PAGE]
    with room.heavy():
        cards = [_card(room.archive, story_of(room, slug)) for slug in shown]
    return page("home", room, heading="Stories", at="/", cards=cards, total=len(slugs), pages=pages, page=number)


def page_number(request: Request, pages: int) -> int:
    """Which page of a list is asked for; Refused (404) when there is none."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and 1 <= int(text) <= pages):
        raise Refused(404, f"There are {pages} pages.")
    return int(text)


def _card(archive: Archive, story: Story) -> Card:
    captured, first, last = 0, None, None
    for capture in chosen(archive, Selection(story=story.slug)):
        captured += 1
        first = min(first or capture.time, capture.time)
        last = max(last or capture.time, capture.time)
    changes = [told(archive, member.url) for member in story.members]
    edited = sum(any(item.change in EDITS for item in found) for found in changes)
    gone = sum(state_of(found) is State.GONE for found in changes)
    parts = [count(len(story.members), "article")]
    if first is not None and last is not None:
        parts.append(f"captured {count(captured, 'time')}, {days(first, last)}")
    parts += [
        f"{number} {words}"
        for number, words in ((edited, "changed after publication"), (gone, "gone from the web, and kept here"))
        if number
    ]
    return Card(slug=story.slug, title=story.title, told="; ".join(parts) + ".")


def _view(room: Room, slug: str) -> StoryView:
    story = story_of(room, slug)
    with room.heavy():
        return story_view(room.archive, story, room.clock())


def story(request: Request) -> Response:
    """``/stories/SLUG``."""
    view = _view(room_of(request), request.path_params["slug"])
    return with_style(story_page(view, room=True))


def graph(request: Request) -> Response:
    """``/stories/SLUG/graph``."""
    room = room_of(request)
    view = _view(room, request.path_params["slug"])
    known = by_document(view)
    told = partial(_told, known=known)
    every = ties(view)
    return page(
        "graph",
        room,
        heading="Who took what from whom",
        view=view,
        ties=every,
        taken=[tie for tie in every if tie.drawn],
        shared=[tie for tie in every if not tie.drawn],
        told=told,
        articles=known,
        forms=tuple(GRAPHS),
    )


def _told(text: str | None, known: Mapping[str, ArticleView]) -> str:
    """A sentence in which documents go by their ids, told of outlets."""
    for identifier, article in known.items():
        text = (text or "").replace(identifier, f"{article.outlet} ({article.number})")
    return text or ""


def graph_file(request: Request) -> Response:
    """``/stories/SLUG/graph.json``, ``.graphml`` and ``.dot``."""
    room = room_of(request)
    slug, form = request.path_params["slug"], request.path_params["form"]
    if form not in GRAPHS:
        raise Refused(404, f"A graph is given as {', '.join(GRAPHS)}.")
    story = story_of(room, slug)
    with room.heavy():
        texts, _ = of_story(room.archive, story.slug)
        text = story_graph(story.slug, texts, judged_of(room.archive, story.slug, texts), form, FIRST)
    return Response(text, media_type=GRAPHS[form], headers={"content-disposition": f'attachment; filename="{story.slug}.{form}"'})


def watch(request: Request) -> Response:
    """``/stories/SLUG/status``."""
    room = room_of(request)
    story = story_of(room, request.path_params["slug"])
    catalogue = room.archive.catalogue
    with room.heavy():
        rows = sorted(member_rows(room.archive, story, room.clock()), key=lambda row: (row["due"] is None, str(row["due"])))
        outlets = outlet_rows(room.archive, story.slug)
    waiting, unresolved = catalogue.waiting(story.slug), catalogue.unresolved(story.slug)
    return page(
        "watch",
        room,
        heading="The watch",
        story=story,
        rows=rows,
        outlets=outlets,
        judged=[row for row, _ in judged_rows(room.archive, story.slug)],
        waiting=waiting[:LOOSE_ENDS],
        unresolved=unresolved[:LOOSE_ENDS],
        more=max(len(waiting) - LOOSE_ENDS, 0) + max(len(unresolved) - LOOSE_ENDS, 0),
    )


def status(request: Request) -> Response:
    """``/status``."""
    room = room_of(request)
    with room.heavy():
        alarms = standing_alarms(room.archive, room.settings, room.clock())
        dues = list(_dues(room))
    return page("status", room, heading="Status", at="/status", alarms=alarms, dues=dues)


def _dues(room: Room) -> Iterator[dict[str, object]]:
    """For each story when its next visit is due."""
    for slug in room.archive.catalogue.slugs():
        story = story_of(room, slug)
        rows = list(member_rows(room.archive, story, room.clock()))
        due = [str(row["due"]) for row in rows if row["due"]]
        yield {
            "slug": slug,
            "title": story.title,
            "members": len(rows),
            "due": sum(bool(row["is_due"]) for row in rows),
            "next": min(due, default=None),
            "waiting": len(room.archive.catalogue.waiting(slug)),
        }
