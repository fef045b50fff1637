"""What ``withdraw`` does and prints: what a request is about, what was made of it, and all withdrawals.

Contract: a row of ``affected`` is one capture, with ``part`` (named, revisit, copy) and whether the request takes it; the operator, who has
the archive, sees addresses here, and nobody else gets to see these rows.  A row of ``listed`` is one withdrawal.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any

from archive.records import Capture, Selection
from archive.tombstones import row, withheld
from archive.vault import Archive
from archive.withdrawals import Mode, Withdrawal, standing, withdrawals
from archive.withdrawing import Affected, Request, WithdrawalError
from copytrail.output import Talk
from crawlers.stories import story_named

Row = dict[str, Any]


def addresses(archive: Archive, story: str | None, urls: tuple[str, ...], *, records: bool) -> tuple[str, ...]:
    """The addresses that are meant: as given, or those of a story's articles that match; StoryError and WithdrawalError when none is."""
    if story is None:
        for url in urls:
            if "://" not in url:
                raise WithdrawalError(f"no address: {url!r}")
        return urls
    members = [member.url for member in story_named(archive, story).members]
    found = tuple(url for url in members if any(fnmatchcase(url, glob) for glob in urls) or not (urls or records))
    if not found and not records:
        raise WithdrawalError(f"no article of {story} is at {', '.join(urls)}")
    return found


def end_of(text: str | None) -> datetime | None:
    """When an embargo ends: a time, or the beginning of a day, UTC; WithdrawalError for anything else."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise WithdrawalError(f"{text!r} is no day such as 2027-01-31 and no time such as 2027-01-31T12:00") from error
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def affected_rows(affected: Affected, request: Request) -> Iterator[tuple[Row, str]]:
    """Each capture of what a request is about."""
    for part, captures in (("named", affected.named), ("revisit", affected.revisits), ("copy", affected.copies)):
        for capture in captures:
            taken = part != "copy" or request.copies
            yield _row(capture, part, taken=taken), f"{'' if taken else 'NOT '}{part:8} {_when(capture.time)}  {capture.url}"


def _row(capture: Capture, part: str, *, taken: bool) -> Row:
    return {
        "record_id": capture.id,
        "url": capture.url,
        "captured": _when(capture.time),
        "digest": capture.payload_digest,
        "warc": capture.ref.key,
        "offset": capture.ref.offset,
        "part": part,
        "taken": taken,
    }


def listed(archive: Archive, now: datetime) -> Iterator[tuple[Row, str]]:
    """Every withdrawal, the oldest first, and whether it holds."""
    items = withdrawals(archive.store)
    holding = {item.id for item in standing(items, now)}
    for item in items:
        yield withdrawal_row(item, holds=item.id in holding or item.mode is Mode.LIFT)


def withdrawal_row(item: Withdrawal, *, holds: bool) -> tuple[Row, str]:
    """One withdrawal."""
    values = {
        "id": item.id,
        "time": _when(item.time),
        "by": item.agent.operator or item.agent.user,
        "mode": str(item.mode),
        "reason": item.reason,
        "until": _when(item.until) if item.until else None,
        "urls": list(item.urls),
        "records": [stone.record for stone in item.stones],
        "lifts": item.lifts,
        "holds": holds,
    }
    about = f"lifts {item.lifts}" if item.lifts else f"{len(item.stones)} captures" + (f" of {', '.join(item.urls)}" if item.urls else "")
    until = f" until {_when(item.until)}" if item.until else ""
    return values, f"{item.id}  {_when(item.time)}  {item.mode}{until}{'' if holds else ' (over)'}  {about}: {item.reason}"


def tombstone_rows(archive: Archive, selection: Selection) -> list[tuple[Row, str]]:
    """What is not shown of a selection: neither address nor words, so that everybody may see these rows."""
    rows = [dict(row(*item)) for item in withheld(archive, selection)]
    return [(item, f"{item['mode']} {item['record_id']}, captured {item['captured']}, {item['digest']}: {item['reason']}") for item in rows]


def say_withheld(talk: Talk, archive: Archive, selection: Selection) -> None:
    """Give a tombstone for each."""
    rows = tombstone_rows(archive, selection)
    for values, line in rows:
        talk.emit("tombstone", values)
        talk.detail(line)
    if rows:
        talk.say(f"{len(rows)} captures are withdrawn or under embargo, and not shown")


def _when(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")
