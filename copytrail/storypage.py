"""The story page: one HTML file that needs nothing else, no script, no request, no font, to be read, kept, mailed and printed.

Contract: ``page(view)`` is pure.  Everything that comes from outside (titles, texts, URLs, reasons) is escaped by the template engine; a
URL becomes a link only when it is http or https.  A Content-Security-Policy in the file forbids every request and every script.  The same
view gives the same page.  In the reading room (``room``) it also leads to the pages there, and the policy comes with the answer.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined

from archive.judgements import CONFIRM
from archive.kinds import Change, EventKind, State, Verdict
from archive.pull import describe
from archive.records import Capture
from archive.relations import Relation, RelationKind
from archive.selecting import EDITS
from copytrail import __version__
from copytrail.citations import as_bibtex, as_csl, as_text
from copytrail.relatedview import by_document, disagreements, rejected, sayings, spoken, ties, voices
from copytrail.relationgraph import graph
from copytrail.sidebyside import pairs
from copytrail.storyview import ArticleView, SeedView, StoryView
from copytrail.timeline import timeline

COLOURS = 8  # outlets beyond them share a colour: names tell them apart
CHANGES = {
    Change.NONE: "same text",
    Change.COSMETIC: "cosmetic",
    Change.EDIT: "edited",
    Change.HEADLINE: "headline changed",
    Change.CORRECTION: "corrected",
    Change.SUSPECTED: "not found once",
    Change.WITHDRAWN: "gone",
    Change.RESTORED: "back again",
}
EVENTS = {
    EventKind.HEADLINE: "headline",
    EventKind.FIGURE: "figure",
    EventKind.QUOTE: "quote",
    EventKind.ATTRIBUTION: "attribution",
    EventKind.PASSAGE_ADDED: "added",
    EventKind.PASSAGE_REMOVED: "removed",
    EventKind.CORRECTION: "correction note",
    EventKind.BYLINE: "byline",
    EventKind.DATE: "date",
    EventKind.COSMETIC: "cosmetic",
    EventKind.GONE: "no longer there",
    EventKind.RESTORED: "back again",
    EventKind.REDIRECT_HOME: "leads to the front page",
    EventKind.PAYWALLED: "behind a paywall",
    EventKind.LEGAL_BLOCK: "blocked by law",
}
VERDICTS = {
    Verdict.KEPT: "kept",
    Verdict.UNCHANGED: "unchanged",
    Verdict.EDITED: "edited",
    Verdict.GONE: "gone",
    Verdict.REFUSED_ROBOTS: "closed by robots.txt",
    Verdict.REFUSED_SCOPE: "out of scope",
    Verdict.OVER_BUDGET: "over budget",
    Verdict.THROTTLED: "throttled",
    Verdict.BLOCKED: "blocked",
    Verdict.LEGAL_BLOCK: "blocked by law",
    Verdict.UNREACHABLE: "unreachable",
    Verdict.FAILED: "failed",
    Verdict.DUPLICATE: "another way to an article",
}


RELATIONS = {
    RelationKind.SAME_PAYLOAD: "the same page as",
    RelationKind.NEAR_DUPLICATE: "nearly the same text as",
    RelationKind.SYNDICATED: "carries the text of",
    RelationKind.DERIVED: "written over from",
    RelationKind.CITES: "cites",
    RelationKind.QUOTES: "quotes the words of",
    RelationKind.COMMON_SOURCE: "same source as",
    RelationKind.SAME_STORY: "same story as",
}
WIDTHS = (116.0, 200.0)  # pixels for the lanes of the graph, on a phone and on a wide screen


def page(view: StoryView, *, room: bool = False) -> str:
    """The page of a story."""
    known, every = by_document(view), ties(view)
    rows, undrawn = graph(every, WIDTHS)
    shown, more = pairs(every, view.related.utterances)
    template = environment().get_template("story.html")
    return template.render(
        view=view,
        room=room,
        graph=rows,
        undrawn=undrawn,
        rejected=rejected(view),
        sayings=sayings(view),
        voices=voices(view),
        conflicts=[item for item in disagreements(view) if item.conflict],
        agreed=[item for item in disagreements(view) if not item.conflict],
        pairs=shown,
        more_pairs=more,
        primary=known.get(view.related.primary.document) if view.related.primary else None,
        told=partial(spoken, known=known),
        cited=[article for article in view.articles if article.citation is not None],
        part=describe(replace(view.selection, story=None)) if view.selection else None,
        timeline=timeline(view),
        groups=[(outlet, list(articles)) for outlet, articles in groupby(view.articles, key=lambda article: article.outlet)],
        colour={outlet: number % COLOURS for number, outlet in enumerate(view.outlets)},
        summary=summary(view),
        figures=figures(view),
        version=__version__,
    )


@cache
def environment() -> Environment:
    """The templates, with the filters that they share."""
    environment = Environment(
        loader=PackageLoader("copytrail"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters |= {
        "day": day,
        "minute": minute,
        "iso": iso,
        "count": count,
        "link": link,
        "bond": bond,
        "judged": judged,
        "bibtex": as_bibtex,
        "csl": as_csl,
        "footnote": as_text,
        "change": lambda change: CHANGES[Change(change)],
        "event": lambda kind: EVENTS[EventKind(kind)],
        "verdict": lambda verdict: VERDICTS[Verdict(verdict)],
        "file": lambda key: key.rpartition("/")[2],
        "seen": seen,
        "shown_seed": shown_seed,
        "described": described,
    }
    return environment


def summary(view: StoryView) -> str:
    """The story of the story, in two or three sentences."""
    times = [capture.time for capture in view.captures]
    if not times:
        return "Nothing has been captured yet."
    articles, outlets = count(len(view.articles), "article"), count(len(view.outlets), "outlet")
    text = f"{articles} from {outlets}, captured {count(len(times), 'time')}, {days(min(times), max(times))}."
    edited = len({change.article.url for change in view.changes if change.change in EDITS})
    gone, missing = (sum(article.state == state for article in view.articles) for state in (State.GONE, State.MISSING))
    if edited:
        text += f" {_number(edited).capitalize()} changed after publication."
    if gone:
        text += f" {_number(gone).capitalize()} {'is' if gone == 1 else 'are'} gone from the web, and kept here."
    if missing:
        text += f" {_number(missing).capitalize()} could not be found at the last visit."
    return text if edited or gone or missing else f"{text} None has changed since it was first seen."


def figures(view: StoryView) -> tuple[tuple[str, str], ...]:
    """What stands in large type: a number and what it counts."""
    edits = sum(change.change in EDITS for change in view.changes)
    gone = sum(article.state == "gone" for article in view.articles)
    matched = sum(seed.article is not None for seed in view.seeds)
    counted = (
        (len(view.articles), "article"),
        (len(view.outlets), "outlet"),
        (len(view.captures), "capture"),
        (edits, "edit"),
    )
    rows = [(str(number), noun if number == 1 else f"{noun}s") for number, noun in counted]
    return (*rows, (str(gone), "gone"), (f"{matched}/{len(view.seeds)}", "seeds matched"))


def day(time: datetime) -> str:
    """``20 May 2026``."""
    return f"{time.astimezone(UTC).day} {time.astimezone(UTC):%B %Y}"


def days(first: datetime, last: datetime) -> str:
    """``20 May 2026``, ``13–20 May 2026`` or ``30 April – 2 May 2026``."""
    start, end = first.astimezone(UTC), last.astimezone(UTC)
    if start.date() == end.date():
        return day(end)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day}–{day(end)}"
    return f"{start.day} {start:%B} – {day(end)}" if start.year == end.year else f"{day(start)} – {day(end)}"


def minute(time: datetime) -> str:
    """``20 May 2026, 09:00``, in UTC."""
    return f"{day(time)}, {time.astimezone(UTC):%H:%M}"


def iso(time: datetime) -> str:
    """For machines."""
    return time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def count(number: int, noun: str) -> str:
    """``1 article``, ``3 articles``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _number(number: int) -> str:
    small = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return small[number] if number < len(small) else f"{number:,}"


def link(url: str) -> str | None:
    """A URL that a page may link to: an archive of strangers' pages must not hand out ``javascript:``."""
    return url if url.startswith(("http://", "https://")) else None


def bond(item: Relation) -> str:
    """What one text has to do with another, as the words between their names."""
    return "another version of" if item.versions else RELATIONS[item.kind]


def judged(item: Relation) -> str | None:
    """What a person decided of a relation, beside what computation says; None where nobody has."""
    if item.judged is None:
        return None
    said = "Confirmed" if item.judged.verdict == CONFIRM else "Rejected"
    beside = "" if item.computed else ", not seen by computation"
    return f"{said} by {item.judged.coder}, {day(item.judged.time)}{beside}" + (f": {item.judged.note}" if item.judged.note else "")


def seen(captures: Sequence[Capture]) -> str:
    """When an article was seen."""
    return days(captures[0].time, captures[-1].time)


def shown_seed(seed: SeedView, length: int = 160) -> str:
    """How a seed begins, or what it names."""
    words = " ".join((seed.seed.title or seed.seed.text or seed.seed.url or "").split())
    return words if len(words) <= length else f"{words[:length].rsplit(' ', 1)[0]} …"


def described(article: ArticleView) -> str:
    """A lane of the timeline in words, for those who cannot see it."""
    parts = [f"published {day(article.published)}"] if article.published else []
    parts += [f"captured {count(len(article.captures), 'time')}, {seen(article.captures)}"] if article.captures else ["never captured"]
    parts += [f"{CHANGES[change]} {day(time)}" for time, change in article.changes]
    return "; ".join(parts)
