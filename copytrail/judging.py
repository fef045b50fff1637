"""What ``judge`` does and prints: a judgement stored, the story changed with it, lists and tables.

Contract: the judgement is stored first, with what computation said of its subject then; membership becomes a new version of the story, so
that every reader of the story sees it, and a crawl does not take in again what is out (``crawlers/rounds.py``).  A relation is named by the
addresses of two articles of the story and is laid over what is worked out whenever it is shown (``pipeline.judged``).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from archive import codec
from archive.judgements import IN, MEMBERSHIP, OUT, holding, judgements_of, read_subject, save, subject_of
from archive.records import Member, Story
from archive.relations import Judgement
from archive.stories import save_story
from archive.urls import BadUrl, clean
from archive.vault import Archive
from crawlers.relating import related_of
from crawlers.stories import StoryError
from crawlers.storytexts import of_story
from pipeline.judged import Agreement, agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a person says on the command line."""

    verdict: str
    subject: str
    coder: str
    note: str = ""


def decide(archive: Archive, story: Story, said: Said, now: datetime) -> Judgement:
    """Store a judgement and let it hold; StoryError for a subject that cannot be one."""
    subject = _address(said.subject) if said.verdict in MEMBERSHIP else _relation(story, said.subject)
    look = _membership if said.verdict in MEMBERSHIP else _holds
    judgement = Judgement(
        id="",
        story=story.slug,
        verdict=said.verdict,
        subject=subject,
        coder=said.coder,
        time=now,
        note=said.note,
        computed=look(archive, story, subject),
    )
    kept = save(archive, judgement, now)
    changed = _with(story, kept) if said.verdict in MEMBERSHIP else story
    if changed is not story:
        save_story(archive, replace(changed, version=story.version + 1), lambda newest: _with(newest, kept), now)
    return kept


def _with(story: Story, judgement: Judgement) -> Story:
    """The story as the judgement has it; the same one when nothing changes."""
    known = judgement.subject in {member.url for member in story.members}
    if known is (judgement.verdict == IN):
        return story
    if judgement.verdict == OUT:
        return replace(story, members=tuple(member for member in story.members if member.url != judgement.subject))
    why = f"judged in by {judgement.coder}" + (f": {judgement.note}" if judgement.note else "")
    return replace(story, members=(*story.members, Member(url=judgement.subject, why=why, since=judgement.time)))


def _address(text: str) -> str:
    try:
        return clean(text)
    except BadUrl as error:
        raise StoryError(str(error)) from error


def _relation(story: Story, text: str) -> str:
    try:
        kind, source, target = read_subject(text)
    except ValueError as error:
        raise StoryError(str(error)) from error
    known = {member.url for member in story.members}
    for url in (source, target):
        if url not in known:
            raise StoryError(f"{url} is not an article of story {story.slug}; copytrail status {story.slug} lists them")
    return subject_of(kind, source, target)


def _membership(archive: Archive, story: Story, url: str) -> str | None:
    """Whether computation had the article in the story: as it was before anybody judged; None where it never saw the address."""
    earlier = holding(judgements_of(archive.store, story.slug)).get(url)
    if earlier is not None:
        return earlier.computed
    if url in {member.url for member in story.members}:
        return IN
    return OUT if archive.catalogue.captures_of(url) else None


def _holds(archive: Archive, story: Story, subject: str) -> str | None:
    """Whether computation gives the relation; None where one of the articles has no text."""
    held, _ = of_story(archive, story.slug)
    urls = {item.document.capture: item.capture.url for item in held}
    if not set(read_subject(subject)[1:]) <= set(urls.values()):
        return None
    found = related_of(archive, story.slug, held).relations
    names = {subject_of(item.kind, urls[item.source], urls[item.target]) for item in found}
    return "confirm" if subject in names else "reject"


def rows(archive: Archive, story: str) -> Iterator[tuple[dict[str, Any], str]]:
    """Every judgement, the oldest first, and whether it is the one that holds."""
    made = judgements_of(archive.store, story)
    last = {item.id for item in holding(made).values()}
    for item in made:
        holds = item.id in last
        line = f"{item.time:%Y-%m-%d %H:%M} {item.verdict:8} {item.subject}\n{'':17}by {item.coder}"
        line += (
            f", computed: {item.computed or 'not known'}" + ("" if holds else ", overruled since") + (f"; {item.note}" if item.note else "")
        )
        yield {**codec.plain(item), "holds": holds}, line


def agreement_rows(archive: Archive, story: str) -> Iterator[tuple[dict[str, Any], str]]:
    """How far coders agree with computation and with one another."""
    for item in agreement(judgements_of(archive.store, story)):
        yield codec.plain(item), _line(item)


def _line(item: Agreement) -> str:
    beyond = "not defined" if item.kappa is None else f"{item.kappa:.2f}"
    return f"{item.about:10} {item.left} and {item.right}: {item.same} of {item.both} alike, kappa {beyond}"
