"""The nouns of copytrail: read this file and you know the domain (and ``archive/relations.py``, of what texts have to do with one another).

Every value that crosses a module border is one of these: frozen, slotted, keyword-only, made of plain parts, so that it can be compared,
hashed by its parts, pickled to a worker process and written as JSON.  No noun does input or output.

Conventions, here and everywhere: times are aware datetimes in UTC; digests are labelled, ``sha256:`` and lower-case hexadecimal;
URLs are as they were asked for, without a fragment (a fragment never goes over the wire); offsets into text count characters,
offsets into files count bytes; a value that is not known is ``None``, never a guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from archive.kinds import AlarmKind, BlockKind, Change, Deed, EventKind, Found, PageKind, Phase, State, TextAlarmKind, Truncation, Verdict
from archive.spool import Spool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What a person gave us, before anything was read out of it."""

    id: str  # file name without its extension, or file name and row number
    kind: str  # "text", "row", "url" or "feed"
    source: str  # the file or argument it came from, as the person wrote it
    text: str | None = None
    url: str | None = None
    title: str | None = None
    published: str | None = None
    digest: str | None = None  # of the file's bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A URL worth fetching, or a title whose URL is not known yet, with how it was found and what speaks for it."""

    url: str | None
    found: Found
    hop: int = 0
    title: str | None = None
    published: datetime | None = None
    parent: str | None = None  # the URL or seed id on which it was found
    evidence: str = ""  # the words, line or element that it was read from
    confidence: float = 1.0
    seed: str | None = None  # id of the seed whose original this may be: the fetched page must confirm it
    rank: int = 0  # among the candidates of one broken URL; lower is tried first
    record: str | None = None  # id of the record whose body names the URL; None when a person did, or an archive from before this field
    offset: int | None = None  # where the address stands in that body, codings undone, in bytes (``pipeline.places`` says when None)
    depth: int = 0  # tables of contents above it: index files of a sitemap, earlier answers of a back end
    refused: str | None = None  # why it is not followed, however it fits: a sold slot, another outlet's page in a feed


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a fetch has no whole answer."""

    phase: Phase
    kind: str  # a short machine word: refused, timeout, reset, not_found, certificate, private_address, bad_head …
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response as bytes on the wire.

    ``request`` is what was sent.  ``response`` is what came, from the first byte of the final status line to the end of the framed
    message, or to the break when it was cut; None when no response head arrived.  Heads of 1xx messages and bytes after the message
    stand apart, because a WARC response block holds exactly one message (capture.md: a block that starts with 103 makes readers take
    103 as the status).
    """

    url: str
    method: str = "GET"
    started: datetime
    request: bytes = b""
    response: Spool | None = None
    head_length: int = 0  # bytes of status line and header section in response
    status: int | None = None
    chunked: bool = False
    payload_digest: str | None = None  # entity body, transfer coding removed, content coding kept (WARC 1.1 §5.9)
    payload_length: int | None = None
    interim: tuple[bytes, ...] = ()
    trailing: bytes = b""
    truncated: Truncation | None = None
    ip: str | None = None
    protocols: tuple[str, ...] = ()  # "http/1.1", "tls/1.3"
    cipher: str | None = None
    certificate: bytes | None = None  # the leaf, DER
    chain: tuple[bytes, ...] = ()  # the certificates above the leaf, DER, as the server sent them, where Python tells
    proxy: str | None = None  # HOST:PORT of the proxy through which it went; ``ip`` is then the proxy's
    phases: Mapping[str, float] = field(default_factory=dict)  # milliseconds since started: dns, connect, tls, sent, head, body
    attempt: int = 1
    failure: Failure | None = None
    found: Found | None = None
    via: str | None = None
    hop: int = 0
    robots: str | None = None  # id of the record that holds the robots.txt on which the permission rests
    conditional: bool = False  # the request carried a validator
    decoded_digest: str | None = None  # of the payload with its content codings undone too, where somebody has undone them already
    decoded_length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRef:
    """Where a record lies: the WARC's key in the store, offset and length of its gzip member in bytes."""

    key: str
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Capture:
    """A response, or a revisit that stands for one, in the archive; what an index row holds."""

    id: str  # WARC-Record-ID without the angle brackets
    url: str
    surt: str
    time: datetime
    kind: str  # "response" or "revisit"
    status: int
    mime: str | None
    ref: RecordRef
    payload_digest: str | None
    payload_length: int | None
    block_digest: str
    found: Found | None = None
    via: str | None = None
    hop: int = 0
    refers_to: str | None = None  # of a revisit: the record that holds the payload
    refers_to_url: str | None = None
    refers_to_time: datetime | None = None
    profile: str | None = None  # of a revisit: "identical-payload-digest" or "server-not-modified"
    etag: str | None = None
    last_modified: str | None = None
    location: str | None = None
    truncated: Truncation | None = None
    ip: str | None = None
    robots: str | None = None
    event_length: int = 0  # bytes from ``ref.offset`` to the end of the last record of the event; 0 where that is not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What the pipeline reads: one capture's answer, transfer and content codings undone, straight from the archive."""

    capture: Capture
    headers: tuple[tuple[str, str], ...]  # names as sent, latin-1; they may repeat
    body: bytes
    charset: str | None  # as the Content-Type header says
    problem: str | None = None  # why the body is not whole: a coding that could not be undone, a limit or a server that cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What kind of page a capture is, with the reasons; ``confidence`` is the expected share of such verdicts that are right (0 to 1)."""

    kind: PageKind
    reasons: tuple[str, ...] = ()
    confidence: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TextAlarm:
    """A sign that a text is not all of its article, with the figures."""

    kind: TextAlarmKind
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """Text that cleaning took out, with the rule that took it; offsets into the text before cleaning."""

    text: str
    start: int
    end: int
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One paragraph of a document's text; offsets into ``Document.text``."""

    text: str
    start: int
    end: int
    kind: BlockKind = BlockKind.BODY


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who signed; ``type`` is person, agency, outlet or team."""

    name: str
    type: str = "person"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A value that one place in a page states for a field, whether the document took it or not."""

    field: str
    value: str
    place: str  # json-ld:headline, microdata:author, meta:og:title, visible:h1, header:x-robots-tag, url, htmldate …


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link in a page, absolute and without fragment."""

    url: str
    text: str
    rel: Found
    refused: str | None = None  # why nobody follows it: a sold slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The clean text of one capture.  ``text`` is the blocks joined by one newline; nothing that cleaning took is lost (``removed``)."""

    capture: str  # Capture.id
    url: str
    extractor: str  # names and versions of what made it: an edit is never reported across two of them
    quality: Quality
    problem: str | None = None  # that of its page: the text is of a part, and is held against no other
    alarms: tuple[TextAlarm, ...] = ()  # why the text may not be all of the article
    title: str | None = None
    standfirst: str | None = None
    authors: tuple[Author, ...] = ()
    outlet: str | None = None
    published: str | None = None  # ISO 8601, as exact as the page is
    modified: str | None = None
    language: str | None = None
    canonical: str | None = None
    text: str = ""
    blocks: tuple[Block, ...] = ()
    credits: tuple[str, ...] = ()
    rights: str | None = None
    links: tuple[Link, ...] = ()
    removed: tuple[Removal, ...] = ()
    original: str = ""  # the text before cleaning, into which the offsets of ``removed`` point
    provenance: tuple[tuple[str, str], ...] = ()  # a field above and the place in the page that it was read from
    section: str | None = None
    agencies: tuple[str, ...] = ()  # that the page credits, as it writes them: a signer, a dateline, a credit line
    expires: str | None = None  # ISO 8601, from when the page itself is not to be shown
    paywall: bool | None = None  # whether reading all of it takes a payment or an account, as the page says
    noarchive: bool = False  # the page asks crawlers not to keep a copy (``archive/rights.py``)
    candidates: tuple[Candidate, ...] = ()  # what any place states, by field, the best first


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlace:
    """A place in the pages of an outlet, and the blocks that its articles had there."""

    path: str  # the element and two around it with their first classes, digits as "#"
    pages: int  # that have a block there
    blocks: int
    repeated: int  # of the blocks: whose words stand in the same place of another article
    linked: int  # of the blocks: that are links
    text: int  # of the blocks: that stand in the article's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What the pages of one outlet have in common, learned from one capture each of different articles."""

    outlet: str  # registered domain
    version: int = 0  # of the object that holds it; 0 while none does
    extractor: str  # by which it is known what stands in a text
    since: datetime  # time of the first capture that it was learned from, and of the last
    until: datetime
    articles: tuple[tuple[str, str], ...]  # URL and Capture.id of each, by time
    places: tuple[PagePlace, ...] = ()  # those of several articles
    lines: tuple[tuple[str, int], ...] = ()  # digest of a block's letters and digits, and how many of the articles have it


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One changed passage: character offsets in the older and the newer text, and the words."""

    before: tuple[int, int]
    after: tuple[int, int]
    removed: str
    added: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that a version changed, with the passages; of the article as a whole it has none."""

    kind: EventKind
    field: str = "text"  # whose offsets the spans are: text, title, authors (joined by ", ") or published
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """A later version of an article held against the one before it."""

    url: str
    number: int  # 1 is the first capture; the first revision is number 2
    change: Change
    before: str  # Capture.id
    after: str
    time: datetime  # of the later capture
    extractor: str
    title_before: str | None = None
    title_after: str | None = None
    spans: tuple[Span, ...] = ()
    events: tuple[Event, ...] = ()  # what kind of change each is; one of the article is confirmed unless ``change`` is SUSPECTED
    text_before: str | None = None  # digest of the older text in UTF-8
    text_after: str | None = None
    suspected: str | None = None  # of WITHDRAWN: the capture of the first visit that did not find the article


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one URL ended one run: exactly one for each URL that the run knew (law 3)."""

    run: str
    url: str
    verdict: Verdict
    reason: str
    time: datetime
    lead: Lead
    status: int | None = None
    capture: str | None = None  # Capture.id
    ref: RecordRef | None = None
    final_url: str | None = None  # where redirects led
    robots: str | None = None
    again: bool = False  # the verdict holds for now alone: the next run asks once more
    entries: int | None = None  # of a feed or sitemap: what it lists
    fresh: int | None = None  # of these, what its last capture did not list
    skew: float | None = None  # seconds by which the server's clock is ahead of ours, by its Date (and Age)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person should look at: raised once, and over once; ``kind`` and ``about`` together name it."""

    kind: AlarmKind
    about: str  # a feed, an outlet's registered domain, or "feeds", "clock", "store", "work", "quota", "schedule"
    time: datetime  # when it was raised, or found to be over
    since: datetime  # since when it has been so, as far as is known
    evidence: Mapping[str, float] = field(default_factory=dict)  # the numbers on which it rests
    message: str  # what is seen
    advice: str  # what to do
    over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent:
    """One line of a run's request log: what it did towards a site, or left undone, and on what that rests."""

    deed: Deed
    time: datetime  # of a request: when its last byte had been handed over, or when it failed before that
    url: str
    domain: str  # the registered domain, or the host that stands for itself: what has one delay
    attempt: int = 1
    status: int | None = None  # of the answer
    record: str | None = None  # id of the record of this exchange
    robots: str | None = None  # id of the record that holds the robots.txt on which the permission or the refusal rests
    why: str = ""  # the rule, line or limit in words; of a request that had no answer, what failed
    seconds: float | None = None  # of a delay
    until: datetime | None = None  # of a delay, and until when a robots.txt is good
    via: str | None = None  # the URL whose redirect led here


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An article that belongs to a story, and why."""

    url: str
    why: str
    seed: str | None = None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is watched: seeds and the articles that belong together.  Versions are numbered objects; none is ever replaced."""

    slug: str
    version: int
    created: datetime
    title: str
    words: tuple[str, ...] = ()  # what the story is about: filters feeds and sitemaps
    earliest: datetime | None = None
    latest: datetime | None = None
    seeds: tuple[str, ...] = ()  # keys of the objects that hold them
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a pull takes: every field that is given narrows it."""

    story: str | None = None
    outlet: str | None = None
    captured_from: datetime | None = None
    captured_to: datetime | None = None
    url: str | None = None  # glob
    published_from: datetime | None = None  # as the page states it; a page without a date is not taken
    published_to: datetime | None = None
    text: str | None = None  # a query of ``archive/fulltext.py``
    language: str | None = None  # "de" also takes "de-AT"
    kind: PageKind | None = None
    state: State | None = None
    relation: str | None = None  # KIND (``archive/relations.py``), or KIND:URL of the other article
