"""What was worked out about some documents, as one object and as text: what ``relate`` prints.

Contract (issue 6): ``documents`` with id and path; ``relations`` with ``from`` derived from, citing, quoting ``to``, and of a symmetric
kind ``from`` < ``to``; offsets count characters of the document's ``text``, which is in the object, and ``file`` gives the same places in
the file.  ``facts`` have one value a document.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archive.records import Document, Seed
from archive.relations import Evidence, Fact, FactValue, FactVerdict, Judgement, Quote, Related, Relation, Rendering, TextSpan, Utterance
from pipeline.plaindocuments import Place, document_of, place_of
from pipeline.related import notes_on
from pipeline.seedfiles import Problem, load
from pipeline.seeds import read_seed

Row = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The documents of some files, where each lies, and what could not be read."""

    documents: tuple[Document, ...]
    paths: Mapping[str, str]
    places: Mapping[str, Place]
    problems: tuple[Problem, ...]


def texts(arguments: Sequence[str]) -> Texts:
    """The documents of the files and folders; of two files of one name the second is called ``NAME~2``, equal files are two documents."""
    documents: dict[str, Document] = {}
    paths: dict[str, str] = {}
    places: dict[str, Place] = {}
    problems: list[Problem] = []
    for path in (file for argument in arguments for file in _files(Path(argument))):
        loaded = load([str(path)])
        problems += loaded.problems
        for seed in loaded.seeds:
            if not seed.text:
                problems.append(Problem(source=seed.source, kind="empty", message="no text, and nothing is fetched"))
                continue
            document, place = _document(seed, documents)
            documents[document.capture], paths[document.capture], places[document.capture] = document, os.path.relpath(seed.source), place
    return Texts(documents=tuple(documents.values()), paths=paths, places=places, problems=tuple(problems))


def _files(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield path
        return
    for file in sorted(path.rglob("*")):
        if file.is_file() and not any(part.startswith(".") for part in file.relative_to(path).parts):
            yield file


def _document(seed: Seed, known: Mapping[str, Document]) -> tuple[Document, Place]:
    reading = read_seed(seed)
    document = document_of(seed, reading)
    number = 1
    name = document.capture
    while name in known:
        number += 1
        name = f"{document.capture}~{number}"
    return replace(document, capture=name), place_of(document, reading)


def whole(found: Related, documents: Sequence[Document], paths: Mapping[str, str], places: Mapping[str, Place] | None = None) -> Row:
    """Everything, as one object."""
    primary = found.primary
    return {
        "documents": [_document_row(document, paths[document.capture], (places or {}).get(document.capture)) for document in documents],
        "relations": [relation_row(item) for item in found.relations],
        "quotations": [quote_row(item) for item in found.quotations],
        "utterances": [_utterance_row(item) for item in found.utterances],
        "facts": [fact_row(item) for item in found.facts],
        "rejected": [relation_row(item) for item in found.rejected],
        "primary_source": {"id": primary.document, "why": primary.why, "evidence": [_evidence_row(item) for item in primary.evidence]}
        if primary
        else None,
        "absent": [{"name": item.name, "documents": list(item.documents), "why": item.why} for item in found.absent],
        "unread": list(found.unread),
    }


def _document_row(document: Document, path: str, place: Place | None) -> Row:
    blocks = [
        {"start": block.start, "end": block.end, "file": [place.in_file(block.start), place.in_file(block.end)] if place else None}
        for block in document.blocks
    ]
    return {
        "id": document.capture,
        "path": path,
        "url": document.url or None,
        "title": document.title,
        "outlet": document.outlet,
        "published": document.published,
        "language": document.language,
        "credits": list(document.credits),
        "agencies": list(document.agencies),
        "rights": document.rights,
        "notes": list(notes_on(document)),
        "text": document.text,
        "blocks": blocks,
    }


def relation_row(item: Relation) -> Row:
    """One relation."""
    return {
        "kind": str(item.kind),
        "from": item.source,
        "to": item.target,
        "directed": item.directed,
        "score": item.score,
        "method": item.method,
        "why": item.why,
        "evidence": [_evidence_row(evidence) for evidence in item.evidence],
        "versions": item.versions,
        "computed": item.computed,
        "judged": _judged(item.judged),
    }


def _judged(item: Judgement | None) -> Row | None:
    """What a person decided of a relation."""
    if item is None:
        return None
    return {"verdict": item.verdict, "coder": item.coder, "time": item.time.isoformat().replace("+00:00", "Z"), "note": item.note}


def _evidence_row(item: Evidence) -> Row:
    return {"kind": item.kind, "words": item.words, "from": _span(item.source), "to": _span(item.target), "note": item.note}


def _span(span: TextSpan | None) -> list[int] | None:
    return list(span) if span else None


def quote_row(item: Quote) -> Row:
    """One quotation; ``source`` is through whom the text has it."""
    return {
        "document": item.document,
        "start": item.start,
        "end": item.end,
        "text": item.text,
        "direct": item.direct,
        "speaker": item.speaker,
        "speaker_span": _span(item.speaker_span),
        "source": item.via,
        "source_span": _span(item.via_span),
        "inside": item.inside,
        "parts": [list(part) for part in item.parts],
        "rule": item.rule,
    }


def _utterance_row(item: Utterance) -> Row:
    renderings = [
        {"document": one.document, "start": one.span[0], "end": one.span[1], "text": one.text, "drift": one.drift}
        for one in item.renderings
    ]
    return {"id": item.id, "speaker": item.speaker, "told_by": item.told_by, "score": item.score, "renderings": renderings}


def _words(item: Rendering | FactValue) -> Row:
    return {"document": item.document, "start": item.span[0], "end": item.span[1], "text": item.text}


def fact_row(item: Fact) -> Row:
    """One fact; ``values`` by document."""
    said = [
        {
            "document": one.document,
            "start": one.span[0],
            "end": one.span[1],
            "text": one.text,
            "kind": one.kind,
            "value": one.value,
            "operator": one.operator,
        }
        for one in item.values
    ]
    return {
        "about": item.about,
        "values": {one.document: one.value for one in item.values},
        "verdict": str(item.verdict),
        "copy_error": item.copy_error,
        "why": item.why,
        "said": said,
    }


def as_text(found: Related, given: Texts) -> str:
    """Everything for a person: what binds whom and why, then conflicts, then the primary source."""
    lines = [f"{len(given.documents)} texts, {len(found.quotations)} quotations, {len(found.utterances)} sayings in several wordings"]
    for item in found.relations:
        lines += ["", *relation_lines(item)]
    for fact in found.facts:
        if fact.verdict is FactVerdict.CONFLICT:
            lines += ["", *fact_lines(fact)]
    agreed = sum(fact.verdict is FactVerdict.COMPATIBLE for fact in found.facts)
    lines += ["", f"{agreed} facts on which texts agree, or may: --json"] if agreed else []
    lines += [f"note on {document.capture}: {note}" for document in given.documents for note in notes_on(document)]
    if found.primary:
        lines += ["", f"primary source: {found.primary.document}", f"    {found.primary.why}"]
    return "\n".join([*lines, *limit_lines(found)]) + "\n"


def limit_lines(found: Related) -> list[str]:
    """Whom the texts rest on that is not here, and what was not compared."""
    absent = [f"not among the texts: {item.why}" for item in found.absent]
    return [*([""] if absent else []), *absent, *(f"note on {line}" for line in found.unread)]


def relation_lines(item: Relation) -> list[str]:
    """One relation for a person: who and what, why, and what shows it."""
    arrow = "->" if item.directed else "--"
    kind = "versions of one article" if item.versions else str(item.kind).replace("_", " ")
    head = f"{item.source} {arrow} {item.target}   {kind}"
    return [head, f"    {item.why}", *(f"    {_evidence_line(evidence)}" for evidence in item.evidence)]


def fact_lines(fact: Fact) -> list[str]:
    """One fact for a person."""
    said = "; ".join(f"{one.document}: {one.text}" for one in fact.values)
    kind = f"{fact.verdict}{', a copy error' if fact.copy_error else ''}"
    return [f"{kind}: {fact.about}", f"    {said}", *([f"    {fact.why}"] if fact.why else [])]


def _evidence_line(item: Evidence) -> str:
    words = " ".join(item.words.split())
    return f"{item.kind + ':':10}{words[:100]}{'…' if len(words) > 100 else ''}" + (f"  ({item.note})" if item.note else "")
