"""The text of a story that was first and that the others rest on, with the reason.

``primary(documents, relations, quotes)`` weighs what the relations show: a text that others cite, quote, take over or write over is their
source, and so, less, is the source of a source.  Of two with the same weight the one published earlier is primary; when that is not known
either, none is.  A text that itself rests on another one in the set is none.  ``absent(documents, quotes)`` names the outlets through
whom texts have their quotations and whose own text is not in the set; when more texts go through one of them than rest on any text here,
the primary source is that outlet's, and there is no ``Primary``.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from archive.records import Document
from archive.relations import Absent, Primary, Quote, Relation, RelationKind
from pipeline.dates import instant, iso
from pipeline.relations.naming import key_of, own_names

_RESTS = {
    RelationKind.CITES: "cites it",
    RelationKind.QUOTES: "has quotations that it told first",
    RelationKind.DERIVED: "is written over from it",
    RelationKind.SYNDICATED: "takes its text over",
}
_INDIRECT = 0.5  # what a text weighs that rests on one that rests on this one


def primary(documents: Sequence[Document], relations: Iterable[Relation], quotes: Mapping[str, Sequence[Quote]]) -> Primary | None:
    """The primary source among the documents; None where nothing rests on any, or two are equal."""
    listed = [relation for relation in relations if relation.kind in _RESTS]
    by = {document.capture: document for document in documents}
    resting: defaultdict[str, dict[str, Relation]] = defaultdict(dict)
    for relation in sorted(listed, key=lambda relation: list(_RESTS).index(relation.kind)):
        if relation.source in by and relation.target in by:
            resting[relation.target].setdefault(relation.source, relation)
    weights = {capture: _weight(capture, resting) for capture in resting}
    leaning = {source for sources in resting.values() for source in sources}
    best = sorted(
        (capture for capture in weights if capture not in leaning), key=lambda capture: (-weights[capture], _time(by[capture]), capture)
    )
    missing = absent(documents, quotes)
    if not best or (missing and len(missing[0].documents) > len(resting[best[0]])):
        return None
    if len(best) > 1 and (weights[best[0]], _time(by[best[0]])) == (weights[best[1]], _time(by[best[1]])):
        return None
    return Primary(
        document=best[0],
        why=_why(by[best[0]], resting[best[0]], by, missing),
        evidence=tuple(piece for relation in resting[best[0]].values() for piece in relation.evidence),
    )


def absent(documents: Sequence[Document], quotes: Mapping[str, Sequence[Quote]]) -> tuple[Absent, ...]:
    """The outlets through whom the documents quote and that have no document, the most named first."""
    present = {key for document in documents for key in own_names(document)}
    found: dict[str, dict[str, str]] = {}
    for document in documents:
        for quote in quotes.get(document.capture, ()):
            if quote.via and (key := key_of(quote.via)) not in present:
                found.setdefault(key, {}).setdefault(document.capture, quote.via)
    ranked = sorted(found.values(), key=lambda through: (-len(through), min(through)))
    return tuple(Absent(name=next(iter(through.values())), documents=tuple(through)) for through in ranked)


def _weight(capture: str, resting: Mapping[str, Mapping[str, Relation]]) -> float:
    """How much rests on a text: each text that does so by itself, half for those behind them."""
    direct = set(resting.get(capture, ()))
    behind: set[str] = set()
    border = set(direct)
    while border:
        border = {source for one in border for source in resting.get(one, ())} - direct - behind - {capture}
        behind |= border
    return len(direct) + _INDIRECT * len(behind)


def _time(document: Document) -> str:
    exact = iso(document.published) if document.published else None
    return instant(exact).isoformat() if exact else "9999"


def _why(source: Document, resting: Mapping[str, Relation], by: Mapping[str, Document], missing: Sequence[Absent]) -> str:
    said: defaultdict[str, list[str]] = defaultdict(list)
    for capture, relation in resting.items():
        said[_RESTS[relation.kind]].append(capture)
    name = next(iter(own_names(source).values()), None)
    told = [f"{_list(captures)} {_plural(words, captures)}" for words, captures in said.items()]
    reasons = [
        f"{source.capture}{f' is the report of {name}' if name else ' has no outlet'}: {'; '.join(told)}",
        "It rests on no other text here",
    ]
    if source.published and all(_time(source) <= _time(document) for document in by.values() if document.published):
        reasons.append(f"None here is dated earlier ({source.published})")
    return ". ".join([*reasons, *(one.why for one in missing)]) + "."


def _plural(words: str, captures: Sequence[str]) -> str:
    if len(captures) == 1:
        return words
    first, _, rest = words.partition(" ")
    return {"has": "have", "is": "are"}.get(first, first.removesuffix("s")) + f" {rest}"


def _list(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
