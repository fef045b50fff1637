"""The catalogue's tables.

Contract: columns are what queries filter and sort by; the whole noun stands beside them as JSON (``archive/codec.py``), so that a new
field needs no migration: the catalogue is an index and can be rebuilt.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

metadata = sa.MetaData()


class Moment(TypeDecorator[datetime]):
    """An aware time kept as ISO 8601 text in UTC with microseconds: sorts as it reads, the same on every database."""

    impl = sa.String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Write ``2026-11-21T10:30:00.000123Z``."""
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").rjust(27, "0")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Read it back as an aware time."""
        return None if value is None else datetime.fromisoformat(value)


# CDXJ sorts bytewise; SQLite does by itself, PostgreSQL sorts as its locale has it.
_BYTEWISE = sa.String().with_variant(sa.String(collation="C"), "postgresql")

captures = sa.Table(
    "captures",
    metadata,
    sa.Column("id", sa.String, primary_key=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("surt", _BYTEWISE, nullable=False),
    sa.Column("time", Moment, nullable=False),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("payload_digest", sa.String),
    sa.Column("whole", sa.Boolean, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("captures_by_url", "url", "time", "id"),
    sa.Index("captures_by_surt", "surt", "time", "id"),
    # A payload may have one response and a million revisits: the index alone tells which is which.
    sa.Index("captures_by_payload", "payload_digest", "kind", "whole", "time", "id"),
)

stories = sa.Table(
    "stories",
    metadata,
    sa.Column("slug", sa.String, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("body", sa.Text, nullable=False),
)

leads = sa.Table(
    "leads",
    metadata,
    sa.Column("story", sa.String, primary_key=True),
    sa.Column("key", sa.String, primary_key=True),
    sa.Column("waiting", sa.Boolean, nullable=False),
    sa.Column("hop", sa.Integer, nullable=False),
    sa.Column("found", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("leads_waiting", "story", "waiting"),
)

# Who may ask a domain, and from when on.  The one table that no rebuild brings back: it speaks of the present.
# Times are seconds since 1970 by the database's clock, which all workers share.
leases = sa.Table(
    "leases",
    metadata,
    sa.Column("domain", sa.String, primary_key=True),
    sa.Column("holder", sa.String, nullable=False),
    sa.Column("fence", sa.BigInteger, nullable=False),
    sa.Column("until", sa.Double, nullable=False),
    sa.Column("ready", sa.Double, nullable=False),
)

# What a page or a style sheet needs to be shown, by URL: read from its bytes, kept as leads in the run logs.
requisites = sa.Table(
    "requisites",
    metadata,
    sa.Column("parent", sa.String, primary_key=True),
    sa.Column("url", sa.String, primary_key=True),
)

outcomes = sa.Table(
    "outcomes",
    metadata,
    sa.Column("run", sa.String, primary_key=True),
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("story", sa.String, nullable=False),
    sa.Column("time", Moment, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("outcomes_by_story", "story", "time"),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("capture", sa.String, primary_key=True),
    sa.Column("extractor", sa.String, primary_key=True),
    sa.Column("url", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

revisions = sa.Table(
    "revisions",
    metadata,
    sa.Column("url", sa.String, primary_key=True),
    sa.Column("after", sa.String, primary_key=True),
    sa.Column("time", Moment, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

# What a story's texts have to do with one another (``archive/keptrelations.py``): for each story what was worked out last, and under its
# ``state`` the quotations and relations, numbered in their order.
related = sa.Table(
    "related",
    metadata,
    sa.Column("story", sa.String, primary_key=True),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)

quotes = sa.Table(
    "quotes",
    metadata,
    sa.Column("story", sa.String, primary_key=True),
    sa.Column("state", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("quotes_by_document", "document"),
)

relations = sa.Table(
    "relations",
    metadata,
    sa.Column("story", sa.String, primary_key=True),
    sa.Column("state", sa.String, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("source", sa.String, nullable=False),
    sa.Column("target", sa.String, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("relations_by_source", "source"),
    sa.Index("relations_by_target", "target"),
)

# Where gathering stands (``archive/gatherings.py``): one row, the object up to which it has come, and what it goes on from.
gathered = sa.Table(
    "gathered",
    metadata,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
