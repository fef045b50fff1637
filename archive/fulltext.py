"""Full text in the catalogue: every clean text, its headline and the names on it, found by words (SQLite FTS5, PostgreSQL tsvector).

Contract: ``Query.read`` understands what people type: words that must all be there, "words in a row", ``word*`` for a beginning, ``-word``
for one that must not be there, ``title:word`` and ``name:word``; BadQuery, which names the place, for anything else.  Case and accents
do not count on SQLite; on PostgreSQL accents do.  Of scripts that set no spaces each character is a word.  A capture is found by the text
that was made of it last.  Ranks are the database's own; the best comes first.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa

from archive.catalogue_tables import metadata
from archive.records import Document

_CJK = re.compile("([\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])")
_TERM = re.compile(r'\s*(?P<minus>-?)(?:(?P<field>[a-z]+):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))')
_WORD = re.compile(r"\w+")
FIELDS = {"title": "title", "name": "names", "text": "text"}
_WEIGHTS = {"title": "A", "names": "B", "text": "C"}

searchable = sa.Table(
    "searchable",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("capture", sa.String, unique=True, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("names", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)

_COLUMNS = ("title", "names", "text")
_LISTED, _NEW, _OLD = (", ".join(f"{prefix}{name}" for name in _COLUMNS) for prefix in ("", "new.", "old."))
_TAKE_OUT = f"INSERT INTO searched(searched, rowid, {_LISTED}) VALUES ('delete', old.id, {_OLD});"  # noqa: S608 -- names of our own columns
_PUT_IN = f"INSERT INTO searched(rowid, {_LISTED}) VALUES (new.id, {_NEW});"  # noqa: S608 -- the same
# An index over another table's rows, kept in step by triggers, as FTS5 asks for it (sqlite.org/fts5.html §4.4.3).
_TOKENS = "tokenize='unicode61 remove_diacritics 2'"
_SQLITE = (
    f"CREATE VIRTUAL TABLE IF NOT EXISTS searched USING fts5({_LISTED}, content='searchable', content_rowid='id', {_TOKENS})",
    f"CREATE TRIGGER IF NOT EXISTS searchable_in AFTER INSERT ON searchable BEGIN {_PUT_IN} END",
    f"CREATE TRIGGER IF NOT EXISTS searchable_out AFTER DELETE ON searchable BEGIN {_TAKE_OUT} END",
    f"CREATE TRIGGER IF NOT EXISTS searchable_anew AFTER UPDATE ON searchable BEGIN {_TAKE_OUT} {_PUT_IN} END",
)
_VECTOR = " || ".join(f"setweight(to_tsvector('simple', left({name}, 500000)), '{weight}')" for name, weight in _WEIGHTS.items())
_POSTGRESQL = (
    f"ALTER TABLE searchable ADD COLUMN IF NOT EXISTS words tsvector GENERATED ALWAYS AS ({_VECTOR}) STORED",
    "CREATE INDEX IF NOT EXISTS searchable_words ON searchable USING gin(words)",
)


def _on(when: str, dialect: str, *statements: str) -> None:
    for statement in statements:
        ddl = sa.DDL(statement).execute_if(dialect=dialect)  # type: ignore[no-untyped-call]
        sa.event.listen(searchable, when, ddl)


_on("after_create", "sqlite", *_SQLITE)
_on("after_create", "postgresql", *_POSTGRESQL)
_on("before_drop", "sqlite", "DROP TABLE IF EXISTS searched")


_FIND_SQLITE = """
SELECT capture, -bm25(searched, 4.0, 2.0, 1.0) AS rank
FROM searched JOIN searchable ON searchable.id = searched.rowid
WHERE searched MATCH :query ORDER BY rank DESC, capture
"""
_FIND_POSTGRESQL = """
SELECT capture, ts_rank_cd(words, asked) AS rank
FROM searchable, to_tsquery('simple', :query) AS asked
WHERE words @@ asked ORDER BY rank DESC, capture
"""


class BadQuery(ValueError):
    """A query that means nothing."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand in a row."""

    words: tuple[str, ...]
    field: str | None = None  # a column; None for any
    without: bool = False
    begins: bool = False  # the last word may go on


@dataclass(frozen=True, slots=True)
class Query:
    """What a person looks for."""

    terms: tuple[Term, ...]

    @classmethod
    def read(cls, text: str) -> "Query":
        """Understand what was typed."""
        terms, at = [], 0
        while text[at:].strip():
            found = _TERM.match(text, at)
            if found is None or found["phrase"] == "":
                raise BadQuery(f"not understood: {text[at:].strip()[:40]!r}; a quotation mark that is not closed?")
            terms += _terms(found)
            at = found.end()
        if not any(not term.without for term in terms):
            raise BadQuery("name at least one word that must be there")
        return cls(tuple(terms))

    def for_sqlite(self) -> str:
        """As FTS5 writes it; every word is a string of its own, so that nothing in it is taken for an operator."""
        wanted = " AND ".join(_fts5(term) for term in self.terms if not term.without)
        unwanted = " ".join(f"NOT {_fts5(term)}" for term in self.terms if term.without)
        return f"({wanted}) {unwanted}".strip()

    def for_postgresql(self) -> str:
        """As ``to_tsquery`` reads it."""
        return " & ".join(_tsquery(term) for term in self.terms)


def _terms(found: re.Match[str]) -> list[Term]:
    said = found["phrase"] if found["phrase"] is not None else found["word"]
    field = FIELDS.get(found["field"] or "")
    if said.endswith(":") and said[:-1] in FIELDS:
        raise BadQuery(f"no word after {said}")
    if found["field"] and field is None:
        raise BadQuery(f"there is no field {found['field']!r}; known are {', '.join(FIELDS)}")
    words = tuple(_WORD.findall(spaced(said)))
    return [Term(words=words, field=field, without=bool(found["minus"]), begins=said.endswith("*"))] if words else []


def _fts5(term: Term) -> str:
    phrase = " + ".join(f'"{word}"' for word in term.words) + ("*" if term.begins else "")
    return f"{{{term.field}}} : ({phrase})" if term.field else f"({phrase})"


def _tsquery(term: Term) -> str:
    marks = ("*" if term.begins else "", _WEIGHTS[term.field] if term.field else "")
    label = "".join(marks)
    words = [f"'{word}'" + (f":{_WEIGHTS[term.field]}" if term.field else "") for word in term.words]
    words[-1] = f"'{term.words[-1]}'" + (f":{label}" if label else "")
    return ("!" if term.without else "") + f"({' <-> '.join(words)})"


@dataclass(frozen=True, slots=True)
class Hit:
    """One capture whose text has the words."""

    capture: str
    rank: float  # the larger the better


def spaced(text: str) -> str:
    """``text`` with spaces around each character of a script that sets none."""
    return _CJK.sub(r" \1 ", text)


def row(document: Document) -> dict[str, object]:
    """What of a document is searched."""
    names = [*(author.name for author in document.authors), document.outlet or "", *document.credits]
    return {
        "capture": document.capture,
        "title": spaced(document.title or ""),
        "names": spaced("\n".join(filter(None, names))),
        "text": spaced(document.text).replace("\x00", ""),
    }


def found_by(query: Query, dialect: str) -> sa.TextClause:
    """The statement that gives capture and rank of every hit, the best first."""
    if dialect == "postgresql":
        return sa.text(_FIND_POSTGRESQL).bindparams(query=query.for_postgresql())
    return sa.text(_FIND_SQLITE).bindparams(query=query.for_sqlite())


def snippet(text: str, query: Query, width: int = 160) -> str:
    """A piece of ``text``, in one line, around the first of the words that it has; its beginning when it has none."""
    folded = [_plain(character) for character in text]
    starts = list(_positions(folded))
    plain = "".join(folded)
    places = [at for word in _wanted(query) if (at := plain.find(_folded(word))) >= 0]
    at = starts[min(places)] if places else 0
    start, end = max(0, at - width // 2), min(len(text), at + width // 2)
    cut = " ".join(text[start:end].split())
    return ("…" if start else "") + cut + ("…" if end < len(text) else "")


def _wanted(query: Query) -> Iterable[str]:
    return (word for term in query.terms if not term.without for word in term.words)


def _positions(folded: list[str]) -> Iterator[int]:
    """For each folded character the place of the one that it came from."""
    for number, piece in enumerate(folded):
        yield from [number] * len(piece)


def _plain(character: str) -> str:
    return _folded(character) if not character.isascii() else character.lower()


def _folded(text: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign))
