"""The look-ups of captures, built once: to build a statement costs more than to run it in ten million rows.

Contract: each gives the nouns as JSON (``body``); the names of the parameters are those of the values that are looked for.
"""

from datetime import datetime

import sqlalchemy as sa

from archive.catalogue_tables import Moment, captures, documents, quotes, related, relations

_BODY = sa.select(captures.c.body)
_PLACE = (captures.c.surt, captures.c.time, captures.c.id)

BY_ID = _BODY.where(captures.c.id == sa.bindparam("id"))

# Of one URL, oldest first; and the newest alone.
OF_URL = _BODY.where(captures.c.url == sa.bindparam("url")).order_by(captures.c.time, captures.c.id)
LATEST = _BODY.where(captures.c.url == sa.bindparam("url")).order_by(captures.c.time.desc(), captures.c.id.desc()).limit(1)

# The oldest whole response with a payload.
WITH_PAYLOAD = (
    _BODY.where(captures.c.payload_digest == sa.bindparam("digest"), captures.c.kind == "response", captures.c.whole == sa.true())
    .order_by(captures.c.time, captures.c.id)
    .limit(1)
)

# The whole responses with some payloads, the oldest last.
WITH_PAYLOADS = _BODY.where(
    captures.c.payload_digest.in_(sa.bindparam("digests", expanding=True)), captures.c.kind == "response", captures.c.whole == sa.true()
).order_by(captures.c.time.desc(), captures.c.id.desc())

# The next ``step`` captures behind a place in CDXJ order, up to the SURT ``end``.
BEHIND = (
    _BODY.where(
        sa.tuple_(*_PLACE) > sa.tuple_(sa.bindparam("surt"), sa.bindparam("time", type_=Moment), sa.bindparam("id")),
        captures.c.surt < sa.bindparam("end"),
    )
    .order_by(*_PLACE)
    .limit(sa.bindparam("step", type_=sa.Integer))
)


def texts_of(outlet: str, before: datetime, limit: int) -> sa.Select[tuple[str, str, datetime]]:
    """The newest texts of the hosts whose SURTs begin with ``outlet``, captured before a time: capture, body, time."""
    ranges = [sa.and_(captures.c.surt >= f"{outlet}{mark}", captures.c.surt < f"{outlet}{chr(ord(mark) + 1)}") for mark in "),:"]
    query = sa.select(documents.c.capture, documents.c.body, captures.c.time).join(captures, captures.c.id == documents.c.capture)
    return query.where(sa.or_(*ranges), captures.c.time < before).order_by(captures.c.time.desc(), documents.c.extractor).limit(limit)


def relations_of(story: str) -> sa.Select[tuple[str]]:
    """The relations of a story that hold now, in their order."""
    return _of_related(relations, story)


def quotes_of(story: str) -> sa.Select[tuple[str]]:
    """The quotations in a story's texts, likewise."""
    return _of_related(quotes, story)


def _of_related(table: sa.Table, story: str) -> sa.Select[tuple[str]]:
    now = sa.select(related.c.state).where(related.c.story == story).scalar_subquery()
    return sa.select(table.c.body).where(table.c.story == story, table.c.state == now).order_by(table.c.number)
