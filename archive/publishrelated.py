"""Quotations and relations put beside the archive as Parquet tables, an edition for each time that they have changed.

Contract: what the catalogue keeps of a story, with what people judged, is one file of ``tables/quotes`` and one of ``tables/relations``,
named ``<story>-<edition>-<state>`` and lying by the day of the newest text in it; files are only added.  The rows of a story with the
greatest ``edition`` hold; earlier ones tell what was thought then.  When nothing has changed since the last edition, nothing is written.
The file of relations is written last, however few rows it has: it says that its edition is whole, and the next publication writes the very
same files of one that is not.  Texts of which the catalogue keeps something older are brought up to date before
(``crawlers/relating.py``).
"""

import hashlib
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from archive import layout
from archive.judgements import judgements_of
from archive.keptrelations import state_of
from archive.relatedrows import related_rows
from archive.store import ObjectInfo, Store, measured
from archive.tables import Row, write
from archive.vault import Archive

LAST = "relations"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)  # the day of an edition without a row
_FILE = re.compile(r"(?P<story>.+)-(?P<edition>\d{6})-(?P<state>[0-9a-f]{16})\.parquet")


def editions(store: Store) -> dict[str, tuple[int, str]]:
    """The newest edition of each story, and what it was made from."""
    found: dict[str, tuple[int, str]] = {}
    for key in store.keys(f"tables/{LAST}/"):
        if match := _FILE.fullmatch(key.rpartition("/")[2]):
            found[match["story"]] = max(found.get(match["story"], (0, "")), (int(match["edition"]), match["state"]))
    return found


def publish_related(archive: Archive, now: datetime) -> Iterator[tuple[str, dict[str, int]]]:
    """Publish what has changed of every story; each story of which there is a new edition, with its rows by table."""
    published = editions(archive.store)
    for story in archive.catalogue.slugs():
        state = _state(archive, story)
        edition, before = published.get(story, (0, None))
        if state is not None and state != before:
            yield story, _publish(archive, story, edition + 1, state, now)


def _state(archive: Archive, story: str) -> str | None:
    """What stands for the rows: texts, rules, judgements, and what may not be shown."""
    kept = state_of(archive.catalogue, story)
    if kept is None:
        return None
    judged = [item.id for item in judgements_of(archive.store, story)]
    hidden = [item.id for item in archive.veil().standing]
    return hashlib.sha256(repr((kept, judged, hidden)).encode()).hexdigest()[:16]


def _publish(archive: Archive, story: str, edition: int, state: str, now: datetime) -> dict[str, int]:
    rows: defaultdict[str, list[Row]] = defaultdict(list)
    for table, row in related_rows(archive, story, edition):
        rows[table].append(row)
    day = max((time for found in rows.values() for row in found if isinstance(time := row["fetch_time"], datetime)), default=_NEVER)
    with tempfile.TemporaryDirectory(prefix="copytrail-tables-") as folder:
        made = []
        for table in filter(lambda name: rows[name] or name == LAST, ("quotes", LAST)):
            path = Path(folder) / f"{table}.parquet"
            write(path, table, rows[table])
            made.append((_info(path, layout.table_key(table, day, f"{story}-{edition:06}-{state}")), path))
        for info, path in made[:-1]:
            archive.store.create(info.key, path, sha256=info.sha256)
        archive.vouch([info for info, _ in made], now)
        info, path = made[-1]
        archive.store.create(info.key, path, sha256=info.sha256)
    return {table: len(found) for table, found in rows.items()}


def _info(path: Path, key: str) -> ObjectInfo:
    with path.open("rb") as stream:
        size, digest = measured(stream)
    return ObjectInfo(key=key, size=size, sha256=digest)
