"""Citing captures of the archive, and holding citations against its bytes or against files that were taken home.

Contract: what is cited is a capture that shows an article, with the digest of its payload, which for a revisit lies in another record.  A
citation is verified when the record lies where it was found, its payload hashes to the digest that was cited, and a cited passage is what
the text by the same extractor has at that place; files that were taken home hold no texts, and of a passage it is said that it was not
looked at.  Each claim gives one row.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from archive.proving import TakenHome, prove
from archive.records import Capture, Document, Selection
from archive.selecting import chosen, text_of
from archive.store import StoreError
from archive.vault import Archive, open_archive
from archive.warcread import Source, WarcError
from copytrail.citations import STYLES, Citation, Claim, Passage, passage, read
from copytrail.output import Talk
from pipeline.versions import readable

Resolve = Callable[[str], Capture | None]
Text = Callable[[Capture], Document | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """The form of a citation and which version it means."""

    style: str | None = "text"
    at: str | None = None  # a day or a time, UTC; the last capture up to then
    words: str | None = None
    base: str | None = None


class NotCited(LookupError):
    """Nothing in the archive is what was asked for."""


class Withheld(NotCited):
    """What was asked for is withdrawn or under embargo."""


def cite(talk: Talk, what: str, how: How) -> int:
    """Print the citations of ``what``."""
    style = how.style or "text"
    with open_archive(talk.settings().settings) as archive:
        found = list(_captures(archive, what, _moment(how.at)))
        if not found:
            _refuse_withdrawn(archive, what)
            raise NotCited(f"no capture of {what} that could be cited")
        for capture in found:
            cited = _cited(archive, capture, how)
            text = STYLES[style](cited)
            talk.emit("citation", _row(cited, style, text), text)
    return 0


def _refuse_withdrawn(archive: Archive, what: str) -> None:
    """Say that what was asked for is not shown any more, and why."""
    veil = archive.veil()
    found = veil.hides_record(what) if what.startswith("urn:") else veil.hides_url(what)
    if found is not None:
        raise Withheld(f"{what} is withdrawn ({found.id}): {found.reason}")


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    moment = datetime.fromisoformat(text if len(text) > len("2026-11-21") else f"{text}T23:59:59.999999")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _captures(archive: Archive, what: str, at: datetime | None) -> Iterator[Capture]:
    if what.startswith("urn:"):
        found = archive.catalogue.capture(what)
        yield from [found] if found else []
    elif "://" in what:
        yield from _newest(archive, archive.catalogue.captures_of(what), at)
    else:
        for _, captures in groupby(chosen(archive, Selection(story=what)), key=lambda item: item.url):
            yield from _newest(archive, list(captures), at)


def _newest(archive: Archive, captures: Sequence[Capture], at: datetime | None) -> list[Capture]:
    """The last capture up to a time that shows an article; of a page that never did, the last that was answered."""
    seen = [item for item in captures if at is None or item.time <= at]
    shown = [item for item in seen if readable(text_of(archive, item))]
    return (shown or seen)[-1:]


def _cited(archive: Archive, capture: Capture, how: How) -> Citation:
    document = text_of(archive, capture)
    if how.words is not None and document is None:
        raise NotCited(f"{capture.id} has no text to cite from")
    return Citation(
        capture=capture,
        digest=prove(archive.store, capture, archive.catalogue.capture).payload_digest,
        document=document,
        passage=passage(document, how.words) if how.words is not None and document is not None else None,
        base=how.base,
    )


def _row(cited: Citation, style: str, text: str) -> dict[str, object]:
    ref = cited.capture.ref
    return {
        "url": cited.capture.url,
        "time": cited.time,
        "record_id": cited.capture.id,
        "digest": cited.digest,
        "warc": ref.key,
        "offset": ref.offset,
        "length": ref.length,
        "style": style,
        "citation": text,
    }


def verify(talk: Talk, text: str, paths: Sequence[Path]) -> int:
    """Hold every citation in ``text`` against the bytes; 1 when one does not stand, or none was found."""
    claims = read(text)
    if not claims:
        talk.warn("copytrail: no citation with a record and a digest, and no PWID, was found")
        return 1
    if paths:
        with TakenHome(paths) as taken:
            problems = [_checked(talk, claim, taken, taken.capture, None) for claim in claims]
    else:
        with open_archive(talk.settings().settings) as archive:
            problems = [
                _checked(talk, _named(archive, claim), archive.store, archive.catalogue.capture, lambda item: text_of(archive, item))
                for claim in claims
            ]
    return 1 if any(problems) else 0


def _named(archive: Archive, claim: Claim) -> Claim:
    """A PWID's claim, which names URL and second, with the record that was captured there and then."""
    if claim.record is not None or claim.url is None:
        return claim
    there = archive.catalogue.captures_of(claim.url)
    record = next((item.id for item in there if item.time.replace(microsecond=0) == claim.time), None)
    return Claim(record=record, url=claim.url, time=claim.time)


def _checked(talk: Talk, claim: Claim, source: Source, resolve: Resolve, text: Text | None) -> str | None:
    """Print what became of one claim; the problem, if there is one."""
    capture = resolve(claim.record) if claim.record else None
    problem = _problem(claim, capture, source, resolve, text)
    name = claim.record or claim.url
    unread = "the passage was not looked at: files hold no texts" if claim.words is not None and text is None and not problem else None
    row = {"record_id": claim.record, "url": capture.url if capture else claim.url, "digest": claim.digest, "problem": problem}
    said = f": {problem or unread}" if problem or unread else ""
    talk.emit("cited", {**row, "unread": unread}, f"{'BAD ' if problem else 'good'} {name}{said}")
    return problem


def _problem(claim: Claim, capture: Capture | None, source: Source, resolve: Resolve, text: Text | None) -> str | None:
    if capture is None:
        return "no such record here"
    try:
        found = prove(source, capture, resolve)
    except (WarcError, StoreError) as error:
        return str(error)
    if claim.digest is not None and found.payload_digest != claim.digest:
        return f"the payload is {found.payload_digest} now"
    if claim.words is None or text is None:
        return None
    return _passage_problem(claim, text(capture))


def _passage_problem(claim: Claim, document: Document | None) -> str | None:
    if document is None:
        return "there is no text of this record now"
    if document.extractor != claim.extractor:
        return f"the text is by {document.extractor} now, so the place of the passage says nothing; the payload is the same"
    words = Passage(text=document.text[claim.start : claim.end], start=0, end=0, extractor="")
    return None if words.digest == claim.words else "other words stand at that place of the text"
