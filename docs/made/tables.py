"""The reference of the tables, from the codebook that also goes into every package.

Contract: every table of the codebook, every column with type, meaning, unit and source; a table or column that the codebook does not
describe raises there.
"""

from archive.codebook import TABLES, Column, Table, describe
from docs.made.markdown import code, page, plain, table

_FEW = 8  # values of a closed list that are shown here; longer ones have a page


def tables_page() -> str:
    """All tables."""
    return page(
        "Tables and columns",
        "The tables are in the store as Parquet (`tables/…`, and `merged/…` for past days), and `copytrail pull` writes what is selected "
        "of them. Times are UTC with microseconds, digests are labelled, what is not known is null. "
        "The words are those of the codebook, which goes along with every package as `datapackage.json`.",
        *(part for each in TABLES.values() for part in _table(each)),
    )


def _table(each: Table) -> tuple[str, ...]:
    links = [f"{code(column)} is {code(there)} of {code(other)}" for column, other, there in each.links]
    columns = ((code(column.name), column.type, _meaning(column)) for column in describe(each.name))
    return (
        f"## {each.name}",
        f"{plain(each.description)} Key: {', '.join(map(code, each.key))}." + (f" {'; '.join(links)}." if links else ""),
        table(("column", "type", "meaning"), columns),
    )


def _meaning(column: Column) -> str:
    values = f" One of: {', '.join(map(code, column.values))}." if 0 < len(column.values) <= _FEW else ""
    unit = f" In {plain(column.unit)}." if column.unit else ""
    return f"{plain(column.description)}{unit}{values} <small>From {plain(column.source)}.</small>"
