"""The flags by which a person selects captures, the same on every command that selects.

Contract: ``selection_flags`` adds them to a command; ``selection`` makes the value that the archive understands.  Times are UTC; a day is
meant whole, so that ``2026-11-21..2026-11-21`` is that day.  What cannot be understood is a wrong use (click.BadParameter).
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from archive.records import Selection
    from archive.vault import Archive

Command = TypeVar("Command", bound=Callable[..., Any])


class Span(click.ParamType["tuple[datetime | None, datetime | None]"]):
    """FROM..TO, either of them left out."""

    name = "FROM..TO"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[datetime | None, datetime | None]:
        """Two aware times; None for an end that is open."""
        start, dots, end = str(value).partition("..")
        if not dots:
            end = start
        try:
            found = _moment(start, time.min), _moment(end, time.max)
        except ValueError:
            self.fail(f"{value!r} is not FROM..TO with dates such as 2026-11-21 or times such as 2026-11-21T10:30", param, ctx)
        if found[0] and found[1] and found[0] > found[1]:
            self.fail(f"{value!r} ends before it begins", param, ctx)
        return found


def _moment(text: str, of_day: time) -> datetime | None:
    if not text:
        return None
    if len(text) <= len("2026-11-21"):
        return datetime.combine(date.fromisoformat(text), of_day, UTC)
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def selection_flags(command: Command) -> Command:
    """Add the flags to a command, which passes what it gets of them to ``selection``."""
    for flag in (
        click.option("--relation", metavar="KIND[:URL]", help="Only articles so related, to any other or to this one: derived, cites …"),
        click.option("--state", type=click.Choice(["current", "changed", "missing", "gone"]), help="Only articles of which this is so."),
        click.option("--kind", metavar="KIND", help="Only pages of this kind: article, brief, live_blog, consent_wall …"),
        click.option("--lang", "language", metavar="CODE", help="Only texts in this language, such as en or de."),
        click.option("--text", metavar="QUERY", help='Only texts with these words: all of them, "in a row", -without, title:word.'),
        click.option("--published", type=Span(), metavar="FROM..TO", help="Only pages that state a date of publication in these days."),
        click.option("--url", metavar="GLOB", help="Only URLs that match, such as '*/2026/*'."),
        click.option(
            "--captured", type=Span(), metavar="FROM..TO", help="Only captures of these days or times (UTC); an end may be left out."
        ),
        click.option("--outlet", help="Only this outlet: its host, its domain or its name."),
    ):
        command = flag(command)
    return command


def selection(story: str | None, flags: Mapping[str, Any]) -> "Selection":
    """What the flags select; click.BadParameter for a query or a kind that means nothing."""
    from archive.fulltext import BadQuery, Query
    from archive.kinds import PageKind, State
    from archive.records import Selection
    from archive.relations import RelationKind

    captured, published = (flags.get(name) or (None, None) for name in ("captured", "published"))
    try:
        if flags.get("text") is not None:
            Query.read(flags["text"])
        kind = PageKind(flags["kind"]) if flags.get("kind") else None
        relation = flags.get("relation")
        if relation is not None:
            RelationKind(relation.partition(":")[0])
    except (BadQuery, ValueError) as error:
        raise click.BadParameter(str(error)) from error
    return Selection(
        story=story,
        outlet=flags.get("outlet"),
        captured_from=captured[0],
        captured_to=captured[1],
        url=flags.get("url"),
        published_from=published[0],
        published_to=published[1],
        text=flags.get("text"),
        language=flags.get("language"),
        kind=kind,
        state=State(flags["state"]) if flags.get("state") else None,
        relation=relation,
    )


def make_ready(archive: "Archive", selection: "Selection") -> None:
    """See that what a selection asks for is known: relations are worked out when somebody asks for them."""
    if selection.relation is not None:
        relate(archive, selection.story)


def relate(archive: "Archive", story: str | None) -> None:
    """Bring a story's relations up to date, or those of all stories."""
    from crawlers.relating import refresh

    for _ in refresh(archive, [story] if story is not None else None):
        pass
