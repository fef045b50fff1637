"""Of many texts the little that the schedule asks for, without reading the texts: what kind of page, and when it says it was published.

Contract: of each capture what its text by the newest extractor says, as ``Catalogue.document`` chooses it; the database takes the values
out of the stored JSON.  A thousand captures cost 20 ms so and a second when every text is read.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from archive.catalogue import CHUNK, Catalogue
from archive.catalogue_tables import documents
from archive.kinds import PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class TextFacts:
    """What one capture's text says."""

    kind: PageKind
    published: str | None
    modified: str | None


class _Value(FunctionElement[str]):
    """One value of a JSON text, by its dotted path."""

    inherit_cache = False  # the path is no parameter

    def __init__(self, body: sa.Column[str], path: str) -> None:
        super().__init__(body)
        self.type = sa.String()
        self.path = path


@compiles(_Value, "sqlite")
def _sqlite(element: _Value, compiler: Any, **more: Any) -> str:
    return f"json_extract({compiler.process(element.clauses, **more)}, '$.{element.path}')"


@compiles(_Value, "postgresql")
def _postgresql(element: _Value, compiler: Any, **more: Any) -> str:
    return f"(CAST({compiler.process(element.clauses, **more)} AS json) #>> '{{{element.path.replace('.', ',')}}}')"


_FACTS = sa.select(
    documents.c.capture,
    _Value(documents.c.body, "quality.kind").label("kind"),
    _Value(documents.c.body, "published").label("published"),
    _Value(documents.c.body, "modified").label("modified"),
)


def facts_of(catalogue: Catalogue, captures: Iterable[str]) -> Mapping[str, TextFacts]:
    """The facts of each of some captures that has a text."""
    found: dict[str, TextFacts] = {}
    rest = iter(captures)
    while group := list(islice(rest, CHUNK)):
        rows: dict[str, list[sa.Row[Any]]] = {}
        for row in catalogue.read(_FACTS.where(documents.c.capture.in_(group))):
            rows.setdefault(row.capture, []).append(row)
        found |= {name: _facts(items[0]) for name, items in rows.items() if len(items) == 1}
        found |= dict(_by_the_newest(catalogue, [name for name, items in rows.items() if len(items) > 1]))
    return found


def _facts(row: sa.Row[Any]) -> TextFacts:
    return TextFacts(kind=PageKind(row.kind), published=row.published, modified=row.modified)


def _by_the_newest(catalogue: Catalogue, captures: Iterable[str]) -> Iterator[tuple[str, TextFacts]]:
    """Where several extractors have read a page, after an upgrade, the catalogue chooses."""
    for name, document in catalogue.documents_with(captures).items():
        yield name, TextFacts(kind=document.quality.kind, published=document.published, modified=document.modified)
