"""What several texts say of one thing: numbers, dates and names held against each other.

``facts(documents, relations)`` compares every pair that has a relation; unrelated texts are never compared.  A fact has one value for each
document that speaks of it, in the order of the documents.  It is a conflict when two of its values cannot both be true, and a copy error
when these two stand in a text and in the one that it was written over from.  ``unread(documents)`` has a sentence for each limit: a
document whose language has no file of numbers (``pipeline.facts.figures.LANGUAGES``), of which nothing but names is compared, and one that
is longer or has more numbers than are read.  ``read_all(documents)`` gives both what they read, so that it is read once.

Cost: linear in the texts, and in a pair by the mentions that share a word; ``benchmarks/facts.py`` has the figures.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from archive.records import Document
from archive.relations import Fact, FactVerdict, Relation, RelationKind
from archive.urls import host, registered_domain
from pipeline.dates import instant, iso
from pipeline.facts.figures import LANGUAGES
from pipeline.facts.links import COMPARED, Bond, Link, links
from pipeline.facts.mentions import READ, Mention, language, mentions
from pipeline.facts.names import name_facts

_WORDS = 6  # that name a thing
COPIES = frozenset({RelationKind.DERIVED, RelationKind.SYNDICATED, RelationKind.NEAR_DUPLICATE})


Read = Mapping[str, Sequence[Mention]]


def read_all(documents: Iterable[Document]) -> Read:
    """The numbers and dates of each document."""
    return {document.capture: mentions(document) for document in documents}


def facts(documents: Sequence[Document], relations: Iterable[Relation], numbers: Read | None = None) -> tuple[Fact, ...]:
    """The things of which at least two related documents speak, conflicts first, then in the order of the texts."""
    by = {document.capture: document for document in documents}
    order = {capture: number for number, capture in enumerate(by)}
    pairs = _pairs(relations, by)
    paired = sorted({name for pair in pairs for name in pair})
    read = {capture: numbers[capture] for capture in paired} if numbers is not None else read_all(by[capture] for capture in paired)
    rarity = _rarity(read.values())
    found = [
        link
        for (first, second), copied in pairs.items()
        for link in links(read[first], read[second], rarity, _bond(by[first], by[second], copied=copied))
    ]
    copies = {frozenset(pair) for pair, copied in pairs.items() if copied}
    told = [_fact(group, order, copies) for group in _groups(found)]
    told += name_facts([by[capture] for capture in read])
    return tuple(
        sorted(told, key=lambda fact: (fact.verdict is not FactVerdict.CONFLICT, [(order[one.document], one.span) for one in fact.values]))
    )


def unread(documents: Iterable[Document], numbers: Read | None = None) -> tuple[str, ...]:
    """A sentence for each document whose numbers are not compared, or not all of them."""
    every = tuple(documents)
    read = numbers if numbers is not None else read_all(every)
    limits = ((document.capture, _limit(document, len(read[document.capture]))) for document in every)
    return tuple(f"{capture}: {limit}" for capture, limit in limits if limit)


def _limit(document: Document, count: int) -> str | None:
    if language(document) is None:
        return f"numbers are not compared, its language is none of {', '.join(LANGUAGES)}" if document.text else None
    if len(document.text) > READ:
        return f"numbers behind the first {READ} characters are not compared"
    return f"only the first {COMPARED} numbers are compared" if count > COMPARED else None


def _pairs(relations: Iterable[Relation], by: Mapping[str, Document]) -> dict[tuple[str, str], bool]:
    """The pairs to compare, the source of a copy first; whether the second is a copy."""
    found: dict[tuple[str, str], bool] = {}
    for relation in relations:
        pair = relation.target, relation.source
        if relation.source == relation.target or not all(name in by for name in pair):
            continue
        copied = relation.kind in COPIES
        if relation.kind is RelationKind.NEAR_DUPLICATE and _time(by[pair[0]]) > _time(by[pair[1]]):
            pair = pair[1], pair[0]
        turned = pair[1], pair[0]
        if copied and found.get(turned) is False:
            del found[turned]
        if turned not in found:
            found[pair] = copied or found.get(pair, False)
    return found


def _time(document: Document) -> float:
    exact = iso(document.published) if document.published else None
    return instant(exact).timestamp() if exact else math.inf


def _bond(first: Document, second: Document, *, copied: bool) -> Bond:
    ahead, behind = _time(first), _time(second)
    known = math.isfinite(ahead) and math.isfinite(behind)
    return Bond(copied, _one_outlet(first, second), ((behind > ahead) - (behind < ahead)) if known else 0)


def _one_outlet(first: Document, second: Document) -> bool:
    if first.outlet and second.outlet:
        return first.outlet.casefold() == second.outlet.casefold()
    domains = [registered_domain(host(one.url)) if one.url else None for one in (first, second)]
    return domains[0] is not None and domains[0] == domains[1]


def _rarity(read: Iterable[Sequence[Mention]]) -> dict[str, float]:
    """What a word tells: less the more mentions stand beside it."""
    counts: Counter[str] = Counter()
    total = 0
    for found in read:
        total += len(found)
        counts.update(key for mention in found for key in mention.near)
    return {key: math.log1p(total / count) for key, count in counts.items()}


def _groups(found: Iterable[Link]) -> Iterator[list[Link]]:
    """The links about one thing; a group has one value for each document, so a second value for the same thing makes a group of its own."""
    groups: list[list[Link]] = []
    where: dict[tuple[str, tuple[int, int]], int] = {}
    values: list[dict[str, str]] = []
    for link in sorted(found, key=lambda link: (link.conflict, -link.likeness)):
        ends = [(one.document, one.span) for one in (link.first, link.second)]
        said = {one.document: one.value.value for one in (link.first, link.second)}
        known = sorted({where[end] for end in ends if end in where})
        if any(values[number].get(document, value) != value for number in known for document, value in said.items()) or (
            len(known) == 2 and any(values[known[0]].get(document, value) != value for document, value in values[known[1]].items())
        ):
            known = []
            if not link.conflict:
                continue
        number = known[0] if known else len(groups)
        if not known:
            groups.append([])
            values.append({})
        for other in known[1:]:
            groups[number] += groups[other]
            values[number] |= values[other]
            groups[other] = []
            where |= {end: number for end, at in where.items() if at == other}
        groups[number].append(link)
        values[number] |= said
        for end in ends:
            where.setdefault(end, number)
    yield from filter(None, groups)


def _fact(group: Sequence[Link], order: Mapping[str, int], copies: set[frozenset[str]]) -> Fact:
    values: dict[str, Mention] = {}
    for link in sorted(group, key=lambda link: (not link.conflict, -link.likeness)):
        for mention in (link.first, link.second):
            values.setdefault(mention.document, mention)
    against = [link for link in group if link.conflict]
    copied = [link for link in against if frozenset({link.first.document, link.second.document}) in copies]
    told = tuple(values[document].value for document in sorted(values, key=order.__getitem__))
    why = _why(copied[0] if copied else against[0], copied=bool(copied)) if against else group[0].why
    verdict = FactVerdict.CONFLICT if against else FactVerdict.COMPATIBLE
    return Fact(
        about=_about(max(group, key=lambda link: (link.conflict, link.likeness))),
        values=told,
        verdict=verdict,
        copy_error=bool(copied),
        why=why,
    )


def _why(link: Link, *, copied: bool) -> str:
    said = f"{link.first.document} has {link.first.text!r} and {link.second.document} has {link.second.text!r}: {link.why}"
    return (
        f"{said}; {link.second.document} was written over from {link.first.document}, so one of them is a slip in the copying"
        if copied
        else said
    )


def _about(link: Link) -> str:
    """The words that both texts have around the value, as the first one writes them; else those behind it."""
    near, other = link.first.near, link.second.near
    nearest = sorted(near.keys() & other.keys(), key=lambda key: (-min(near[key], other[key]), link.first.words[key]))[:_WORDS]
    words = dict.fromkeys(word for _, word in sorted(link.first.words[key] for key in nearest))
    return " ".join(words) or link.first.about or link.first.text
