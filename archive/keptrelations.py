"""What a story's texts have to do with one another, as the catalogue keeps it.

Contract: derived from texts and nothing else, so that it may be dropped at any time (law 1); the pipeline makes it again
(``crawlers/relating.py``).  ``state`` stands for the texts and the rules that it was made from: what is kept under another state is out of
date.  ``keep`` replaces all of a story at once, or nothing; two who keep the same at one time do not disturb each other.  What people
judged is not in it, it is laid over whenever something is shown: ``bound`` does so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import sqlalchemy as sa

from archive import codec
from archive.catalogue import Catalogue
from archive.catalogue_tables import quotes, related, relations
from archive.gatherings import forget as forget_gathered
from archive.judgements import CONFIRM, REJECT, holding, judgements_of, read_subject, subject_of
from archive.relations import Related, RelationKind
from archive.vault import Archive


def keep(catalogue: Catalogue, story: str, state: str, found: Related) -> None:
    """Keep what was worked out."""
    place: dict[str, object] = {"story": story, "state": state}
    rest = codec.text_of(replace(found, relations=(), quotations=(), rejected=()))
    mine: tuple[sa.BindParameter[str], ...] = (sa.bindparam("story"), sa.bindparam("state"))
    older = [sa.delete(table).where(table.c.story == mine[0], table.c.state != mine[1]) for table in (quotes, relations)]
    spoken = [
        {**place, "number": number, "document": item.document, "body": codec.text_of(item)} for number, item in enumerate(found.quotations)
    ]
    tied = [
        {**place, "number": number, "kind": str(item.kind), "source": item.source, "target": item.target, "body": codec.text_of(item)}
        for number, item in enumerate(found.relations)
    ]
    insert = catalogue.insert
    now = insert(related).on_conflict_do_update(index_elements=["story"], set_={"state": state, "body": rest})
    fresh = [(insert(quotes).on_conflict_do_nothing(), spoken), (insert(relations).on_conflict_do_nothing(), tied)]
    catalogue.changes([*((statement, [place]) for statement in older), *fresh, (now, [{**place, "body": rest}])])


def state_of(catalogue: Catalogue, story: str) -> str | None:
    """Of which state that is what is kept of a story; None where nothing is."""
    found = catalogue.read(sa.select(related.c.state).where(related.c.story == story))
    return found[0].state if found else None


def kept(catalogue: Catalogue, story: str, state: str) -> Related | None:
    """What is kept of a story under this state; None where there is nothing, or another state's."""
    found = catalogue.read(sa.select(related.c.body).where(related.c.story == story, related.c.state == state))
    if not found:
        return None
    rest = codec.read(Related, found[0].body)
    return replace(rest, relations=tuple(catalogue.relations_of(story)), quotations=tuple(catalogue.quotes_of(story)))


def forget(catalogue: Catalogue, documents: Iterable[str]) -> None:
    """Drop what has words of these documents: all of the stories in which they have a part, and what gathering goes on from."""
    named = list(documents)
    tied = sa.or_(relations.c.source.in_(named), relations.c.target.in_(named))
    wanted = sa.select(quotes.c.story).where(quotes.c.document.in_(named)), sa.select(relations.c.story).where(tied)
    stories = {row.story for query in wanted for row in catalogue.read(query)}
    gone: list[dict[str, object]] = [{"gone": story} for story in stories]
    catalogue.changes((sa.delete(table).where(table.c.story == sa.bindparam("gone")), gone) for table in (quotes, relations, related))
    forget_gathered(catalogue)


def bound(archive: Archive, kind: RelationKind, url: str | None = None, story: str | None = None) -> frozenset[str]:
    """The addresses of the articles that stand in a relation of this kind, with the article ``url`` where one is named.

    Of one story or of all, as it was worked out last and as people have judged it.
    """
    pairs = {pair for slug in ([story] if story else archive.catalogue.slugs()) for pair in _pairs(archive, kind, slug)}
    return frozenset(end for pair in pairs if url is None or url in pair for end in pair if end != url or url is None)


def _pairs(archive: Archive, kind: RelationKind, story: str) -> Iterator[tuple[str, str]]:
    now = sa.select(related.c.state).where(related.c.story == story).scalar_subquery()
    mine = sa.and_(relations.c.story == story, relations.c.state == now, relations.c.kind == str(kind))
    rows = archive.catalogue.read(sa.select(relations.c.source, relations.c.target).where(mine))
    known = archive.catalogue.captures_with({end for row in rows for end in row})
    computed = [(known[source].url, known[target].url) for source, target in rows if source in known and target in known]
    names = {subject_of(kind, *pair): pair for pair in computed}
    judged = holding(judgements_of(archive.store, story))
    yield from (pair for name, pair in names.items() if name not in judged or judged[name].verdict != REJECT)
    for name, item in judged.items():
        if item.verdict == CONFIRM and name not in names and (ends := read_subject(name))[0] is kind:
            yield ends[1:]
