"""For whom the text of each outlet is: what may leave the house, and what stands in the place of what may not.

Contract: pure.  ``Profiles`` is what an operator says of outlets: a comma-separated list of ``DOMAIN=private|team|public``, of which the
nearest domain counts and ``*`` is every other; where nothing is said nothing is limited, and where something is said an outlet that is not
named is private.  A :class:`Reader` is one audience.  What an outlet does not let an audience have leaves as what can be said about it:
address, headline, names, dates, digests, counts and the figures of ``features``, from which no text can be made again.  Records are bytes
and leave whole or not at all.  A page that asks for no copy (``noarchive``) is private where the setting honours that.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from archive.records import Document, Revision
from archive.urls import BadUrl, host

SHINGLE = 5  # words in a row
SKETCH = 200  # shingle hashes that are given of a text, the smallest: two sketches tell how much of the texts is the same
QUOTED = 15  # words of the longest quotation that is given of a text that may not leave
_WORD = re.compile(r"\w+")


class Audience(StrEnum):
    """Who is to have something; each is a part of the next."""

    PRIVATE = "private"  # who keeps the archive
    TEAM = "team"
    PUBLIC = "public"


_WIDTH = {audience: width for width, audience in enumerate(Audience)}


@dataclass(frozen=True, slots=True)
class Profiles:
    """The widest audience of each outlet's text, by domain."""

    widest: Mapping[str, Audience] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str) -> "Profiles":
        """Understand the setting; ValueError for what means nothing."""
        widest = {}
        for part in filter(None, map(str.strip, text.split(","))):
            domain, equals, audience = (piece.strip().lower() for piece in part.partition("="))
            if not domain or not equals or audience not in {str(item) for item in Audience}:
                raise ValueError(f"expected DOMAIN=private|team|public, comma-separated, not {part!r}")
            widest[domain] = Audience(audience)
        return cls(widest)

    def of(self, url: str) -> Audience:
        """Who may have the text of an address."""
        if not self.widest:
            return Audience.PUBLIC
        try:
            labels = host(url).split(".")
        except BadUrl:
            labels = []
        domains = [".".join(labels[start:]) for start in range(len(labels))]
        return next((self.widest[domain] for domain in (*domains, "*") if domain in self.widest), Audience.PRIVATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """One audience, and what it may have."""

    audience: Audience = Audience.PRIVATE
    profiles: Profiles = Profiles()
    noarchive: bool = False  # whether a page that asks for no copy is private

    @property
    def is_house(self) -> bool:
        """Whether nothing is kept back."""
        return self.audience is Audience.PRIVATE

    def may_have(self, url: str, document: Document | None) -> bool:
        """Whether text and bytes of a page may go to the audience."""
        asks_not = self.noarchive and document is not None and document.noarchive
        return self.is_house or (not asks_not and _WIDTH[self.profiles.of(url)] >= _WIDTH[self.audience])

    def document(self, document: Document) -> Document:
        """A document as the audience may have it."""
        if self.may_have(document.url, document):
            return document
        return replace(document, text="", blocks=(), standfirst=None, removed=(), original="", candidates=(), alarms=())

    def revision(self, revision: Revision, after: Document | None) -> Revision:
        """A change likewise, to the text ``after``: that there was one and of what kind, without its words."""
        if self.may_have(revision.url, after):
            return revision
        return replace(revision, spans=(), events=tuple(replace(event, spans=()) for event in revision.events))


def features(document: Document) -> dict[str, object]:
    """What can be said of a text without giving it away: digest in UTF-8, counts, and the sketch of its shingles."""
    words = [word.casefold() for word in _WORD.findall(document.text)]
    shingles = {_hash(" ".join(words[start : start + SHINGLE])) for start in range(len(words) - SHINGLE + 1)}
    return {
        "text_digest": f"sha256:{hashlib.sha256(document.text.encode()).hexdigest()}",
        "characters": len(document.text),
        "words": len(words),
        "paragraphs": len(document.blocks) or len(list(filter(None, document.text.split("\n")))),
        "shingles": len(shingles),
        "sketch": sorted(shingles)[:SKETCH],
    }


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
