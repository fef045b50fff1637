"""A story's state as rows: what ``status`` prints and the story page lists."""

from collections.abc import Iterator
from datetime import datetime

from archive.kinds import Change
from archive.records import Member, Story
from archive.vault import Archive
from crawlers.stories import announcements
from crawlers.watch import due
from pipeline.schedule import Signal

QUIET = frozenset({Change.NONE, Change.COSMETIC})


def member_row(archive: Archive, member: Member, now: datetime, signals: tuple[Signal, ...] = ()) -> dict[str, object]:
    """One article: how often it was captured, what became of it, when it is due and why; ``signals`` told of changes to it."""
    captures = archive.catalogue.captures_of(member.url)
    changes = [item.change for item in archive.catalogue.revisions_of(member.url) if item.change not in QUIET]
    document = next((found for capture in reversed(captures) if (found := archive.catalogue.document(capture.id))), None)
    visit = due(archive, member, now, signals)
    return {
        "url": member.url,
        "title": document.title if document else None,
        "outlet": document.outlet if document else None,
        "published": document.published if document else None,
        "state": _state(changes),
        "captures": len(captures),
        "edits": sum(change not in {Change.WITHDRAWN, Change.RESTORED} for change in changes),
        "first": captures[0].time.isoformat() if captures else None,
        "last": captures[-1].time.isoformat() if captures else None,
        "due": visit.time.isoformat(timespec="seconds") if visit.time else None,
        "is_due": bool(visit.time and visit.time <= now),
        "due_why": visit.why,
        "why": member.why,
        "seed": member.seed,
    }


def _state(changes: list[Change]) -> str:
    if changes and changes[-1] is Change.WITHDRAWN:
        return "gone"
    return "changed" if set(changes) - {Change.WITHDRAWN, Change.RESTORED} else "current"


def member_rows(archive: Archive, story: Story, now: datetime) -> Iterator[dict[str, object]]:
    """Every article of a story."""
    announced = announcements(archive, story)
    for member in story.members:
        yield member_row(archive, member, now, announced.get(member.url, ()))


def story_row(archive: Archive, story: Story) -> dict[str, object]:
    """A story in figures."""
    rows = [member_row(archive, member, story.created) for member in story.members]
    return {
        "story": story.slug,
        "title": story.title,
        "version": story.version,
        "members": len(rows),
        "captures": sum(int(str(row["captures"])) for row in rows),
        "edits": sum(int(str(row["edits"])) for row in rows),
        "gone": sum(row["state"] == "gone" for row in rows),
        "waiting": len(archive.catalogue.waiting(story.slug)),
    }
