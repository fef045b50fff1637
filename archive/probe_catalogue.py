"""Whether the catalogue can be opened, has the tables of this version, and can be written.

Contract: ``probe_catalogue`` creates and changes nothing: an SQLite file that is not there is not made, what is tried is rolled back.  It
raises nothing; the catalogue is named without its password.
"""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from archive.catalogue_tables import metadata, stories
from archive.charter import Check
from archive.probe import failed, passed, warned
from archive.probe_dir import existing, filesystem, is_remote

_NAME = "catalogue"
_ANEW = "name another catalogue, or delete this one, and run `copytrail rebuild`: it is only an index"


def probe_catalogue(url: str) -> Check:
    """Look into the catalogue at a SQLAlchemy URL, and try to write."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return failed(_NAME, "not a SQLAlchemy URL", "write it like sqlite:///folder/catalogue.sqlite")
    name = parsed.render_as_string(hide_password=True)
    if parsed.get_backend_name() == "sqlite" and (early := _file_check(parsed, name)):
        return early
    try:
        engine = sa.create_engine(parsed)
        try:
            with engine.connect() as connection:
                return _looked_into(connection, name)
        finally:
            engine.dispose()
    except SQLAlchemyError as error:
        return failed(_NAME, f"{name}: {getattr(error, 'orig', None) or error}", "is its server running, and may this user write there?")
    except ImportError as error:
        return failed(_NAME, f"{name}: {error}", "install the driver of that database")


def _file_check(parsed: URL, name: str) -> Check | None:
    """What is known without opening an SQLite file; None when it is to be opened."""
    if not parsed.database or parsed.database.startswith(("file:", ":")):
        return None
    path = Path(parsed.database).absolute()
    kind = filesystem(existing(path))
    if is_remote(kind):
        return warned(
            _NAME, f"{name} lies on {kind}, where SQLite's locks do not hold", "set work to a folder on this machine, or use PostgreSQL"
        )
    return None if path.exists() else passed(_NAME, f"{name} is not there yet: it is made when it is first used")


def _looked_into(connection: Connection, name: str) -> Check:
    inspector = sa.inspect(connection)
    there = [table for table in metadata.sorted_tables if inspector.has_table(table.name)]
    for table in there:
        if unlike := {column["name"] for column in inspector.get_columns(table.name)} ^ set(table.columns.keys()):
            return failed(_NAME, f"{name}: table {table.name} is of another version ({', '.join(sorted(unlike))})", _ANEW)
    connection.rollback()
    if stories in there:
        connection.execute(stories.insert(), {"slug": "", "version": 0, "body": ""})
        connection.rollback()
    return passed(_NAME, f"{name} can be written, and has {len(there)} of this version's {len(metadata.sorted_tables)} tables")
