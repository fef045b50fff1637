"""All that is worked out about some texts, and the number of the rules by which it is."""

import hashlib
from pathlib import Path
from random import Random

import yaml

from archive.kinds import PageKind
from archive.records import Document, Quality
from archive.relations import Related
from benchmarks.invented import independent, rewritten
from pipeline.related import RULES, related

CASES = Path(__file__).parent / "cases"
KNOWN = yaml.safe_load((CASES / "related.yaml").read_text("utf-8"))


def document(name: str, text: str) -> Document:
    return Document(capture=name, url="", extractor="x/1", quality=Quality(kind=PageKind.ARTICLE), text=text)


def documents() -> list[Document]:
    """The texts: a report that is written over, and what three outlets in three languages tell of one event."""
    rng = Random(2)
    source = independent(rng)[0]
    return [document(name, text) for name, text in {"source": source, "copy": rewritten(rng, source), **KNOWN["texts"]}.items()]


def outcome(found: Related) -> str:
    """What comes out, without scores and reasons in words."""
    shown = [[(one.source, one.target) for one in item.evidence] for item in found.relations]
    relations = [(str(item.kind), item.source, item.target, spans) for item, spans in zip(found.relations, shown, strict=True)]
    quotes = [(item.document, item.start, item.end, item.speaker, item.via) for item in found.quotations]
    sayings = [[(one.document, one.span) for one in item.renderings] for item in found.utterances]
    facts = [(str(item.verdict), item.copy_error, [(one.document, one.span, one.value) for one in item.values]) for item in found.facts]
    primary = found.primary.document if found.primary else None
    told = repr((relations, quotes, sayings, facts, primary, found.absent, found.unread))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def test_other_results_have_another_number() -> None:
    """The same texts give what the rules of this number gave; else RULES is raised, and the new digest stands beside it."""
    assert (KNOWN["rules"], KNOWN["digest"]) == (RULES, outcome(related(documents(), one_story=True)))


def test_nothing_of_nothing() -> None:
    """No text has nothing to do with nobody."""
    assert related([]) == Related()
