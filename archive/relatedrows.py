"""What a story's texts have to do with one another, as rows of the tables quotes and relations.

Contract: ``related_rows`` gives what the catalogue keeps of a story (``archive/keptrelations.py``) and what people judged of it: a relation
that was rejected is there with its verdict, one that only a person saw has ``computed`` false.  The record of a row is that of the text
that quotes, cites or derives; of a relation the columns ``target_…`` give the other one's.  Offsets count characters of the texts.  Texts
that may not be shown now have no rows.
"""

from collections.abc import Iterable, Iterator, Mapping

from archive.judgements import judgements_of, laid_over
from archive.records import Capture
from archive.relations import Evidence, Quote, Relation
from archive.tables import Row, of_record
from archive.vault import Archive


def related_rows(archive: Archive, story: str, edition: int | None = None) -> Iterator[tuple[str, Row]]:
    """Each row with its table; ``edition`` counts how often the story's were published."""
    quotes, relations = archive.catalogue.quotes_of(story), archive.catalogue.relations_of(story)
    ends = (end for item in relations for end in (item.source, item.target))
    known = _shown(archive, {*(item.document for item in quotes), *ends})
    told = (item for item in relations if item.source in known and item.target in known)
    over = laid_over(told, judgements_of(archive.store, story), {capture.url: name for name, capture in known.items()})
    of_story: Row = {"story": story, "edition": edition}
    for quote in quotes:
        if quote.document in known:
            yield "quotes", {**of_story, **quote_row(quote, known[quote.document])}
    for item in (*over.relations, *over.rejected):
        yield "relations", {**of_story, **relation_row(item, known[item.source], known[item.target])}


def _shown(archive: Archive, identifiers: Iterable[str]) -> Mapping[str, Capture]:
    veil = archive.veil()
    return {name: capture for name, capture in archive.catalogue.captures_with(sorted(identifiers)).items() if veil.hides(capture) is None}


def quote_row(item: Quote, capture: Capture) -> Row:
    """Words that a text gives as somebody's."""
    return {
        "url": capture.url,
        "fetch_time": capture.time,
        "quote_start": item.start,
        "quote_stop": item.end,
        "quotation": item.text,
        "direct": item.direct,
        "speaker": item.speaker,
        "source": item.via,
        "inside": item.inside,
        "rule": item.rule,
        **of_record(capture.ref, capture.id),
    }


def relation_row(item: Relation, source: Capture, target: Capture) -> Row:
    """How two texts hang together, and what a person said of it."""
    judged = item.judged
    return {
        "kind": item.kind,
        "directed": item.directed,
        "versions": item.versions,
        "url": source.url,
        "fetch_time": source.time,
        "target_url": target.url,
        "target_fetch_time": target.time,
        "score": item.score,
        "method": item.method,
        "why": item.why,
        "passages": [_passage(evidence) for evidence in item.evidence],
        "computed": item.computed,
        "judged": judged.verdict if judged else None,
        "coder": judged.coder if judged else None,
        "judged_time": judged.time if judged else None,
        "judged_note": judged.note if judged else None,
        **of_record(source.ref, source.id),
        **{f"target_{name}": value for name, value in of_record(target.ref, target.id).items()},
    }


def _passage(item: Evidence) -> Row:
    (start, stop), (other, last) = item.source or (None, None), item.target or (None, None)
    return {
        "kind": item.kind,
        "words": item.words,
        "note": item.note,
        "start": start,
        "stop": stop,
        "target_start": other,
        "target_stop": last,
    }
