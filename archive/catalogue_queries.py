"""The look-ups of captures, built once: to build a statement costs more than to run it in ten million rows.

Contract: each gives the nouns as JSON (``body``); the names of the parameters are those of the values that are looked for.
"""

import sqlalchemy as sa

from archive.catalogue_tables import Moment, captures

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
