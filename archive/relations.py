"""The nouns of what texts have to do with one another: quotations, facts, relations, and what people judge of them.

The conventions are those of :mod:`archive.records`, whose nouns stand for one text or one page each.  Offsets count characters of
``Document.text``; a document is named by its capture's id (or, of plain files, by the file's name without its extension).  Nothing here is
said without the words that show it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

TextSpan = tuple[int, int]  # start and end in a document's text


class RelationKind(StrEnum):
    """What one text has to do with another, the strongest first; unrelated texts have no relation."""

    SAME_PAYLOAD = "same_payload"  # one text at two addresses, character for character
    NEAR_DUPLICATE = "near_duplicate"  # nearly all of the shorter text is in the other
    SYNDICATED = "syndicated"  # an agency's or another outlet's text, taken over with its name
    DERIVED = "derived"  # written over from the other text
    CITES = "cites"  # names the other text's outlet as its source
    QUOTES = "quotes"  # has quotations that the other text told first
    COMMON_SOURCE = "common_source"  # both draw on a third
    SAME_STORY = "same_story"  # they tell of the same events; versions of one outlet are among these


DIRECTED = frozenset({RelationKind.SYNDICATED, RelationKind.DERIVED, RelationKind.CITES, RelationKind.QUOTES})


class FactVerdict(StrEnum):
    """Whether the values that texts give for one thing can all be true."""

    CONFLICT = "conflict"  # at most one of them is true
    COMPATIBLE = "compatible"  # all may be true: one is rounded, a range, or of another day


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Words that a text gives as somebody's."""

    document: str
    start: int  # of the words, the marks around them left out
    end: int
    text: str
    direct: bool = True
    speaker: str | None = None  # the fullest name that the text gives
    speaker_span: TextSpan | None = None  # of the words that name the speaker here
    via: str | None = None  # through whom the text has it: an agency, an outlet, a channel
    via_span: TextSpan | None = None
    cue: TextSpan | None = None  # of the verb or the words that attribute it
    inside: int | None = None  # start of the quotation that holds this one; None at the top
    parts: tuple[TextSpan, ...] = ()  # of a quotation that is broken by its attribution or goes on in the next paragraph
    rule: str = ""  # how the speaker was found


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """One text's wording of an utterance."""

    document: str
    span: TextSpan
    text: str
    drift: float = 0.0  # share of the words that differ from the rendering before it in time, 0 to 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """One thing said, in the wordings of several texts, the earliest first."""

    id: str
    speaker: str | None
    told_by: str | None = None  # who tells it, where the speaker's words come out of another's mouth
    renderings: tuple[Rendering, ...]
    score: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FactValue:
    """What one text says of a thing: number with operator and unit, date, place or name."""

    document: str
    span: TextSpan
    text: str  # the words
    kind: str  # number, duration, money, share, date, place, name
    value: str  # normalised: "139", "2004", "24 h"
    operator: str = "="  # = >= <= ~ < >


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing of which several texts speak, with what each says."""

    about: str  # the thing, in words of the texts
    values: tuple[FactValue, ...]
    verdict: FactVerdict
    copy_error: bool = False  # the conflict lies between a text and the one that it was written over from
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One thing that speaks for a relation; a span is None where only one of the texts shows it."""

    kind: str  # run, sentence, cue, quote, credit, time, novelty, conflict, payload, copyright
    words: str
    source: TextSpan | None = None
    target: TextSpan | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a person decided; it wins over computation and outlives it."""

    id: str
    story: str
    verdict: str  # in, out, confirm, reject
    subject: str  # the URL, or the relation as KIND:SOURCE:TARGET with the documents' URLs
    coder: str
    time: datetime
    note: str = ""
    computed: str | None = None  # what computation said then, in the same words as ``verdict``; None where it had not looked


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """How two documents hang together, with the spans that prove it; none is emitted without evidence."""

    kind: RelationKind
    source: str  # of a directed kind the one that is derived, cites, quotes; else the smaller id
    target: str
    score: float  # 0 to 1
    method: str
    why: str  # in words, for a reader
    evidence: tuple[Evidence, ...]
    versions: bool = False  # of SAME_STORY: both are one article of one outlet, at two times
    judged: Judgement | None = None  # what a person decided of it, where one did
    computed: bool = True  # False where a person alone saw it

    @property
    def directed(self) -> bool:
        """Whether source and target are not to be exchanged."""
        return self.kind in DIRECTED


@dataclass(frozen=True, slots=True, kw_only=True)
class Primary:
    """The text that was first and that the others rest on."""

    document: str
    why: str
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Absent:
    """An outlet that texts name as their source and that has no text among them."""

    name: str  # as the texts write it
    documents: tuple[str, ...]  # that have quotations through it

    @property
    def why(self) -> str:
        """In words."""
        named = self.documents[0] if len(self.documents) == 1 else f"{', '.join(self.documents[:-1])} and {self.documents[-1]}"
        return f"{self.name}, through whom {named} quote{'s' * (len(self.documents) == 1)}, has no text here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Related:
    """All that was worked out about a set of documents."""

    relations: tuple[Relation, ...] = ()
    quotations: tuple[Quote, ...] = ()
    utterances: tuple[Utterance, ...] = ()
    facts: tuple[Fact, ...] = ()
    primary: Primary | None = None
    absent: tuple[Absent, ...] = ()  # the most named first
    unread: tuple[str, ...] = ()  # a sentence for each limit that kept something from being compared
    rejected: tuple[Relation, ...] = ()  # worked out, and judged not to hold: none of ``relations``


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """Two gathered stories were one: ``into``, the older, keeps its id, ``gone`` is not used again."""

    into: str
    gone: str
    document: str  # that belongs to both
    score: float
    members: tuple[str, ...]  # that came over


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A gathered story was two: ``kept`` keeps its id, ``new`` is named after a document of the part that left."""

    kept: str
    new: str
    score: float  # the most that ties one part to the other
    members: tuple[str, ...]  # that went


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """Into which gathered story a document was put, and what that changed; ``story`` is the id of the story's first document."""

    document: str
    url: str
    story: str  # before ``changes``
    score: float
    changes: tuple[Merged | Split, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathering:
    """Documents put into stories, in the order in which they came; objects are numbered, and together they are all that was gathered."""

    number: int
    time: datetime
    placements: tuple[Placement, ...]
