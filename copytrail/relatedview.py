"""What the story page shows of what its articles have to do with one another: the noun ``Related``, told of articles.

Contract: pure.  ``ties`` gives every relation between two articles of the page, that of a directed kind from the one who gave to the one
who took, of the others from the earlier to the later; ``sayings`` what several articles give in their own wordings, and what only one has;
``disagreements`` the facts.  A document that no article of the page has takes no part.  Words that a text has no longer are marked as such
by ``kept``.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise

from archive.records import Document
from archive.relations import Fact, FactValue, FactVerdict, Quote, Relation, RelationKind, Rendering, TextSpan, Utterance
from copytrail.marked import REMOVED, SAME, Piece, words
from copytrail.storyview import ArticleView, StoryView

AROUND = 70  # characters shown on either side of a value
NEAR = 12  # characters on either side that must stand in the newest text too
_PLAIN = frozenset({RelationKind.COMMON_SOURCE, RelationKind.SAME_STORY})  # bind without anything having been taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """A relation between two articles."""

    relation: Relation
    giver: ArticleView
    taker: ArticleView

    @property
    def drawn(self) -> bool:
        """Whether one has text, words or facts from the other."""
        return self.relation.kind not in _PLAIN or self.relation.versions


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """How one article words what was said; pieces that the wording before it does not have are ADDED."""

    article: ArticleView
    pieces: tuple[Piece, ...]
    drift: float
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Saying:
    """One thing said, and its wordings."""

    speaker: str | None
    told_by: str | None
    wordings: tuple[Wording, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What one speaker is given as saying by one article alone."""

    speaker: str
    quotes: tuple[tuple[ArticleView, Quote], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What one article says of a thing, with the words around it."""

    article: ArticleView
    said: FactValue
    before: str
    after: str
    kept: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """One thing and what the articles say of it."""

    fact: Fact
    values: tuple[Value, ...]

    @property
    def conflict(self) -> bool:
        """Whether the values cannot all be true."""
        return self.fact.verdict is FactVerdict.CONFLICT

    @property
    def groups(self) -> tuple[tuple[Value, ...], ...]:
        """Those who say the same, together; what most say comes first."""
        found: dict[tuple[str, str], list[Value]] = {}
        for value in self.values:
            found.setdefault((value.said.operator, value.said.value), []).append(value)
        return tuple(tuple(group) for group in sorted(found.values(), key=len, reverse=True))


def by_document(view: StoryView) -> Mapping[str, ArticleView]:
    """The articles by the capture of the text that was related."""
    return {article.first.capture: article for article in view.articles if article.first is not None}


def ties(view: StoryView) -> tuple[Tie, ...]:
    """Every relation, the strongest kind first."""
    return _sorted(_ties(view, view.related.relations))


def rejected(view: StoryView) -> tuple[Tie, ...]:
    """Those that computation gives and a person has rejected."""
    return _sorted(_ties(view, view.related.rejected))


def _sorted(found: Iterable[Tie]) -> tuple[Tie, ...]:
    order = list(RelationKind)
    return tuple(sorted(found, key=lambda tie: (order.index(tie.relation.kind), tie.taker.number, tie.giver.number)))


def _ties(view: StoryView, relations: Iterable[Relation]) -> Iterator[Tie]:
    known = by_document(view)
    for item in relations:
        source, target = known.get(item.source), known.get(item.target)
        if source is None or target is None:
            continue
        giver, taker = (target, source) if item.directed else sorted((source, target), key=_place_in_time)
        yield Tie(relation=item, giver=giver, taker=taker)


def _place_in_time(article: ArticleView) -> tuple[float, int]:
    return (article.since.timestamp() if article.since else float("inf")), article.number


def in_time(articles: Iterable[ArticleView]) -> list[ArticleView]:
    """Articles, the earliest first."""
    return sorted(articles, key=_place_in_time)


def sayings(view: StoryView) -> tuple[Saying, ...]:
    """What several articles have in wordings of their own, that with the most wordings first."""
    known = by_document(view)
    found = [_saying(item, known) for item in view.related.utterances]
    return tuple(sorted((item for item in found if len(item.wordings) > 1), key=lambda item: -len(item.wordings)))


def _saying(item: Utterance, known: Mapping[str, ArticleView]) -> Saying:
    shown = [one for one in item.renderings if one.document in known]
    first = [_wording(known, one, None) for one in shown[:1]]
    return Saying(
        speaker=item.speaker,
        told_by=item.told_by,
        wordings=(*first, *(_wording(known, later, earlier) for earlier, later in pairwise(shown))),
    )


def _wording(known: Mapping[str, ArticleView], one: Rendering, earlier: Rendering | None) -> Wording:
    article = known[one.document]
    text = _line(one.text)
    marked = [piece for piece in words(_line(earlier.text), text, alike=0.0) if piece.kind != REMOVED] if earlier else [Piece(SAME, text)]
    drift = one.drift if earlier else 0.0
    return Wording(article=article, pieces=tuple(_apart(marked)), drift=drift, kept=_kept(article, one.text))


def _apart(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces whose marks do not take in the spaces around them."""
    for piece in pieces:
        bare = piece.text.strip()
        start, _, end = piece.text.partition(bare) if bare else (piece.text, "", "")
        yield from (item for item in (Piece(SAME, start), Piece(piece.kind, bare), Piece(SAME, end)) if item.text)


def voices(view: StoryView) -> tuple[Voice, ...]:
    """Quotations that one article alone has, by speaker in the order in which they are first met."""
    known = by_document(view)
    told = [item for item in view.related.utterances if len(item.renderings) > 1]
    spans = {document: [one.span for item in told for one in item.renderings if one.document == document] for document in known}
    alone = [
        item
        for item in view.related.quotations
        if item.speaker and item.direct and item.inside is None and not _told(item, spans.get(item.document))
    ]
    first = {item.speaker: number for number, item in reversed(list(enumerate(alone)))}
    alone.sort(key=lambda item: first[item.speaker])
    return tuple(
        Voice(speaker=speaker or "", quotes=tuple((known[item.document], item) for item in group))
        for speaker, group in groupby(alone, key=lambda item: item.speaker)
    )


def _told(quote: Quote, spans: Iterable[TextSpan] | None) -> bool:
    """Whether some of its words are among the sayings; those of no article of the page are not asked about."""
    return spans is None or any(start < quote.end and quote.start < end for start, end in spans)


def disagreements(view: StoryView) -> tuple[Disagreement, ...]:
    """The facts of which at least two articles speak, conflicts first."""
    known = by_document(view)
    found = [Disagreement(fact=fact, values=tuple(_values(fact, known))) for fact in view.related.facts]
    return tuple(sorted((item for item in found if len(item.values) > 1), key=lambda item: not item.conflict))


def _values(fact: Fact, known: Mapping[str, ArticleView]) -> Iterator[Value]:
    for item in fact.values:
        article = known.get(item.document)
        if article is not None and article.first is not None:
            yield _value(article, article.first, item)


def _value(article: ArticleView, document: Document, item: FactValue) -> Value:
    before, after = around(document.text, item.span)
    start, end = item.span
    return Value(
        article=article, said=item, before=before, after=after, kept=_kept(article, document.text[max(0, start - NEAR) : end + NEAR])
    )


def _kept(article: ArticleView, passage: str) -> bool:
    """Whether the newest text has these words still."""
    return article.last is None or _line(passage) in _line(article.last.text)


def around(text: str, span: TextSpan) -> tuple[str, str]:
    """The words before and after a place, of its paragraph, cut between words."""
    start, end = span
    before, after = text[:start].rpartition("\n")[2], text[end:].partition("\n")[0]
    if len(before) > AROUND:
        before = f"… {before[-AROUND:].partition(' ')[2]}"
    return before, f"{after[:AROUND].rpartition(' ')[0]} …" if len(after) > AROUND else after


def spoken(text: str, known: Mapping[str, ArticleView]) -> str:
    """A sentence in which documents go by their ids, told of articles."""
    for document, article in known.items():
        text = text.replace(document, f"article {article.number}")
    return text[:1].upper() + text[1:]


def _line(text: str) -> str:
    return " ".join(text.split())
