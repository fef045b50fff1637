"""All that can be worked out about a few documents: relations, quotations, utterances, facts and the primary source.

``related(documents)`` is pure.  Quotations are parsed first, then sayings are matched, then every pair is judged, then facts are held
against each other along the relations.  ``notes`` of languages that are not supported are ``notes_on``'s: nothing is left out in silence.
"""

import importlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from archive.records import Document
from archive.relations import Quote, Related
from pipeline.relations import relate


def _of(name: str, function: str) -> Callable[..., Any]:
    try:
        found: Callable[..., Any] = getattr(importlib.import_module(f"pipeline.{name}"), function)
    except (ModuleNotFoundError, AttributeError, SyntaxError):
        return lambda *_: None if function == "primary" else ()
    return found


def related(documents: Iterable[Document]) -> Related:
    """What the documents have to do with one another."""
    every = tuple(documents)
    quotes: dict[str, Sequence[Quote]] = {document.capture: _of("quotes", "quotes_of")(document) for document in every}
    said = _of("utterances", "utterances")(every, quotes)
    relations = relate(every, quotes, said)
    return Related(
        relations=relations,
        quotations=tuple(quote for document in every for quote in quotes[document.capture]),
        utterances=said,
        facts=_of("facts", "facts")(every, relations),
        primary=_of("primary", "primary")(every, relations, quotes),
    )
