"""A story's state as rows: what ``status`` prints and the story page lists."""

from collections.abc import Iterator
from datetime import datetime

from archive import codec
from archive.judgements import holding, judgements_of
from archive.kinds import Change
from archive.records import Member, Revision, Story
from archive.selecting import EDITS, QUIET, state_of
from archive.settings import Settings
from archive.tries import tries
from archive.vault import Archive
from crawlers.stories import announcements
from crawlers.watch import plan
from flows.lookout import look
from pipeline.losses import by_outlet
from pipeline.schedule import Due
from pipeline.waiting import Wait, next_try, wait_of

_WAITS = {Wait.NEW: "waiting", Wait.LEFT: "waiting", Wait.TRIED: "asked again", Wait.REFUSED: "refused"}


def member_row(archive: Archive, member: Member, now: datetime, visit: Due) -> dict[str, object]:
    """One article: how often it was captured, what became of it, when its next ``visit`` is due and why."""
    captures = archive.catalogue.captures_of(member.url)
    changes = told(archive, member.url)
    document = next((found for capture in reversed(captures) if (found := archive.catalogue.document(capture.id))), None)
    return {
        "url": member.url,
        "title": document.title if document else None,
        "outlet": document.outlet if document else None,
        "published": document.published if document else None,
        "state": state_of(archive.catalogue.revisions_of(member.url)),
        "captures": len(captures),
        "edits": sum(item.change in EDITS for item in changes),
        "first": captures[0].time.isoformat() if captures else None,
        "last": captures[-1].time.isoformat() if captures else None,
        "due": visit.time.isoformat(timespec="seconds") if visit.time else None,
        "is_due": bool(visit.time and visit.time <= now),
        "due_why": visit.why,
        "why": member.why,
        "seed": member.seed,
    }


def told(archive: Archive, url: str) -> list[Revision]:
    """The changes of an article that say something to a reader, in order."""
    revisions = archive.catalogue.revisions_of(url)
    # What was suspected counts as long as no later visit has spoken.
    return [item for item in revisions if item.change not in QUIET and (item.change is not Change.SUSPECTED or item is revisions[-1])]


def member_rows(archive: Archive, story: Story, now: datetime) -> Iterator[dict[str, object]]:
    """Every article of a story."""
    visits = plan(archive, story.members, announcements(archive, story), now)
    for member in story.members:
        yield member_row(archive, member, now, visits[member.url])


def judged_rows(archive: Archive, slug: str) -> Iterator[tuple[dict[str, object], str]]:
    """What people decided of the story and holds, with a line for a reader."""
    for item in holding(judgements_of(archive.store, slug)).values():
        by = f"by {item.coder}" + (f": {item.note}" if item.note else "")
        yield codec.plain(item), f"judged {item.verdict:7} {item.subject}  ({by})"


def story_row(archive: Archive, story: Story) -> dict[str, object]:
    """A story in figures."""
    rows = list(member_rows(archive, story, story.created))
    return {
        "story": story.slug,
        "title": story.title,
        "version": story.version,
        "members": len(rows),
        "captures": sum(int(str(row["captures"])) for row in rows),
        "edits": sum(int(str(row["edits"])) for row in rows),
        "gone": sum(row["state"] == "gone" for row in rows),
        "waiting": sum(row["wait"] is not Wait.REFUSED for row, _ in waiting_rows(archive, story.slug, story.created)),
    }


def waiting_rows(archive: Archive, slug: str, now: datetime) -> Iterator[tuple[dict[str, object], str]]:
    """What is in a story's frontier: why it waits, how its last run ended it, when it is asked for again; with a line for a reader."""
    known = tries(archive.catalogue, slug)
    for lead in archive.catalogue.waiting(slug):
        ended = known.get(lead.url or "", ())
        wait = wait_of(ended)
        due = next_try(ended, now).time if wait is Wait.TRIED else None
        row: dict[str, object] = {
            "url": lead.url,
            "found": str(lead.found),
            "evidence": lead.evidence,
            "wait": wait,
            "verdict": ended[-1].verdict if ended else None,
            "reason": ended[-1].reason if ended else None,
            "due": due.isoformat(timespec="seconds") if due else None,
        }
        words = f"{ended[-1].verdict}: {ended[-1].reason}" if ended else f"{lead.found}: {lead.evidence}"
        again = f"  due {row['due']}" if due else ""
        yield row, f"{_WAITS[wait]:14} {lead.url}{again}  ({words})"


def outlet_rows(archive: Archive, slug: str) -> list[dict[str, str | int]]:
    """What became of each outlet's URLs, as their last run left them; the losses first."""
    last = {outcome.url: outcome for outcome in archive.catalogue.outcomes_of(slug)}
    return [account.row for account in by_outlet(last.values())]


def standing_alarms(archive: Archive, settings: Settings, now: datetime) -> list[dict[str, object]]:
    """What an operator should look at now, whether a job has said it already or not."""
    return [
        {
            "kind": str(alarm.kind),
            "about": alarm.about,
            "since": alarm.since.isoformat(timespec="seconds"),
            "message": alarm.message,
            "advice": alarm.advice,
            "evidence": dict(alarm.evidence),
        }
        for alarm in look(archive, settings, now).standing
    ]
