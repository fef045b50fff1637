"""A story told by four outlets, made by hand: an agency, a paper that quotes it, a copy of the paper, and one that stands alone.

Everything that strangers wrote in it is hostile: markup in titles, names, quotations and reasons, a word without an end.
"""

from datetime import UTC, datetime, timedelta

from archive.kinds import PageKind, State
from archive.records import Capture, Document, Quality, RecordRef
from archive.relations import (
    Evidence,
    Fact,
    FactValue,
    FactVerdict,
    Primary,
    Quote,
    Related,
    Relation,
    RelationKind,
    Rendering,
    TextSpan,
    Utterance,
)
from copytrail.citations import Citation
from copytrail.storyview import ArticleView, StoryView

STARTED = datetime(2026, 5, 9, 8, tzinfo=UTC)
EVIL = '<img src=x onerror="alert(1)">'
LONG = "x" * 400
AGENCY_TEXT = "The lock is shut.\nNobody asked us to shut it, the keeper said.\nIt was built in 1971 and 40 boats wait."
PAPER_TEXT = (
    "Agency says the lock is shut.\nNobody told us to shut it, its keeper was quoted as saying.\nBuilt in 1971, it holds up 40 boats."
)
COPY_TEXT = f"The lock, built in 1917, holds up 40 boats.\nAgency says the lock is shut. {LONG}"
ALONE_TEXT = "The mayor likes boats.\nI like boats, said the mayor."


def article(number: int, outlet: str, text: str, title: str = "A lock", hours: int = 0) -> ArticleView:
    """An article that was published and captured so many hours after the start."""
    time, url = STARTED + timedelta(hours=hours), f"http://outlet{number}.example/{number}"
    capture = Capture(
        id=f"urn:uuid:00000000-0000-4000-8000-{number:012}",
        url=url,
        surt=f"example,outlet{number})/{number}",
        time=time + timedelta(hours=1),
        kind="response",
        status=200,
        mime="text/html",
        ref=RecordRef(key="warc/2026/05/09/a.warc.gz", offset=100 * number, length=90),
        payload_digest=f"sha256:{number:064}",
        payload_length=80,
        block_digest=f"sha256:{number:064}",
    )
    document = Document(capture=capture.id, url=url, extractor="test 1", quality=Quality(kind=PageKind.ARTICLE), title=title, text=text)
    return ArticleView(
        number=number,
        url=url,
        title=title,
        outlet=outlet,
        published=time,
        published_text=time.isoformat(),
        authors=(EVIL,),
        state=State.CURRENT,
        why=EVIL,
        seed=None,
        captures=(capture,),
        changes=(),
        first=document,
        last=document,
        citation=Citation(capture=capture, digest=capture.payload_digest or "", document=document),
    )


def span(text: str, words: str) -> TextSpan:
    """Where a text has these words."""
    start = text.index(words)
    return start, start + len(words)


def relation(kind: RelationKind, taker: ArticleView, giver: ArticleView, *evidence: Evidence, why: str | None = None) -> Relation:
    """A relation that ``taker`` has with ``giver``."""
    one, two = _id(taker), _id(giver)
    why = why or f"{one} has it from {two}, {EVIL}"
    shown = evidence or (Evidence(kind="cue", words=EVIL),)
    return Relation(kind=kind, source=one, target=two, score=0.9, method="test", why=why, evidence=shown)


def _id(view: ArticleView) -> str:
    assert view.first is not None
    return view.first.capture


ARTICLES = (
    article(1, "Agency", AGENCY_TEXT),
    article(2, f"Paper {EVIL}", PAPER_TEXT, EVIL, hours=5),
    article(3, f"Copy {LONG}", COPY_TEXT, LONG, hours=30),
    article(4, "Alone", ALONE_TEXT, hours=2),
)
AGENCY, PAPER, COPY, ALONE = ARTICLES


def _rendering(view: ArticleView, text: str, words: str, drift: float = 0.0) -> Rendering:
    return Rendering(document=_id(view), span=span(text, words), text=words, drift=drift)


def _value(view: ArticleView, text: str, words: str, kind: str = "date") -> FactValue:
    return FactValue(document=_id(view), span=span(text, words), text=words, kind=kind, value=words)


def _related() -> Related:
    said = "Agency says the lock is shut."
    run = Evidence(kind="run", words=said, source=span(COPY_TEXT, said), target=span(PAPER_TEXT, said))
    whole = Evidence(kind="sentence", words="all", source=(0, len(COPY_TEXT)), target=(0, len(PAPER_TEXT)))
    mayor = "I like boats"
    start, end = span(ALONE_TEXT, mayor)
    return Related(
        relations=(
            relation(RelationKind.DERIVED, COPY, PAPER, run, whole),
            relation(RelationKind.CITES, PAPER, AGENCY),
            relation(RelationKind.QUOTES, PAPER, AGENCY),
            relation(RelationKind.COMMON_SOURCE, AGENCY, COPY),
            relation(RelationKind.SAME_STORY, AGENCY, ALONE),
        ),
        quotations=(Quote(document=_id(ALONE), start=start, end=end, text=mayor, speaker=f"the mayor {EVIL}", via=EVIL),),
        utterances=(
            Utterance(
                id="nobody",
                speaker=f"the keeper {EVIL}",
                told_by=EVIL,
                renderings=(
                    _rendering(AGENCY, AGENCY_TEXT, "Nobody asked us to shut it"),
                    _rendering(PAPER, PAPER_TEXT, "Nobody told us to shut it", 0.17),
                ),
            ),
        ),
        facts=(
            Fact(
                about="boats",
                values=(_value(AGENCY, AGENCY_TEXT, "40", "number"), _value(PAPER, PAPER_TEXT, "40", "number")),
                verdict=FactVerdict.COMPATIBLE,
                why="the same number",
            ),
            Fact(
                about=f"year {EVIL}",
                values=(_value(COPY, COPY_TEXT, "1917"), _value(AGENCY, AGENCY_TEXT, "1971"), _value(PAPER, PAPER_TEXT, "1971")),
                verdict=FactVerdict.CONFLICT,
                copy_error=True,
                why=f"{_id(COPY)} differs, {EVIL}",
            ),
        ),
        primary=Primary(document=_id(AGENCY), why=f"it was first, {EVIL}"),
    )


def told_story() -> StoryView:
    """The story."""
    return StoryView(
        slug="lock",
        title="The lock",
        version=1,
        made=STARTED + timedelta(days=2),
        articles=ARTICLES,
        changes=(),
        seeds=(),
        leads=(),
        waiting=(),
        losses=(),
        spares=(),
        files=(),
        related=_related(),
    )
