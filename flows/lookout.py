"""Looking for alarms: what ``pipeline.alarms`` decides, over this archive's history, disks and schedule; said once and kept.

Contract: ``look`` changes nothing and gives the alarms that stand now.  ``look_out`` also stores what has changed, as objects under
``alarms/``, one for each alarm that was raised and one for its end, so that who looks next knows what was said already.  A store that
cannot be written says so (StoreError): an alarm that nobody can keep would be told every time.
"""

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from archive import codec, layout, manifest
from archive.probe_dir import existing
from archive.records import Alarm, Outcome
from archive.settings import Settings, store_folder
from archive.store import Store
from archive.vault import Archive
from crawlers.stories import announcements, story_named
from crawlers.watch import most_wanted
from pipeline.alarms import HISTORY, PATIENCE, Room, State, changes, standing

LATELY = timedelta(days=7)  # over which growth is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a look gave: the alarms that stand, and of them those that are new, and those that have ended."""

    standing: tuple[Alarm, ...] = ()
    raised: tuple[Alarm, ...] = ()
    over: tuple[Alarm, ...] = ()


def look(archive: Archive, settings: Settings, now: datetime, *, thorough: bool = False, layout_breaks: Sequence[Alarm] = ()) -> Seen:
    """Look; ``thorough`` also adds up the store for the quota, which reads every manifest."""
    before = standing(stored(archive.store))
    outcomes = _history(archive, now)
    quiet = not outcomes or now - outcomes[-1].time >= PATIENCE
    state = State(
        outcomes=outcomes,
        rooms=list(_rooms(archive.store, settings, _growth(outcomes, now), thorough=thorough)),
        due=_due(archive, now) if quiet else None,
        layout=layout_breaks,
    )
    told = changes(before, state, now)
    return Seen(
        standing=tuple(standing([*before, *told])),
        raised=tuple(item for item in told if not item.over),
        over=tuple(item for item in told if item.over),
    )


def look_out(archive: Archive, settings: Settings, now: datetime, *, thorough: bool = False, layout_breaks: Sequence[Alarm] = ()) -> Seen:
    """Look, and keep what has changed."""
    seen = look(archive, settings, now, thorough=thorough, layout_breaks=layout_breaks)
    for alarm in (*seen.raised, *seen.over):
        data = codec.text_of(alarm).encode()
        archive.create(layout.alarm_key(now, f"{alarm.kind}-{sha256(data).hexdigest()[:12]}"), data, now)
    return seen


def stored(store: Store) -> Iterator[Alarm]:
    """Every alarm that was ever raised or ended, in order of time."""
    for key in store.keys(layout.ALARMS):
        yield codec.read(Alarm, store.read(key))


def _history(archive: Archive, now: datetime) -> list[Outcome]:
    """The outcomes of all stories, by time."""
    names = archive.catalogue.slugs()
    found = [item for name in names for item in archive.catalogue.outcomes_of(name, since=now - HISTORY)]
    return sorted(found, key=lambda item: item.time)


def _due(archive: Archive, now: datetime) -> datetime | None:
    """Since when the article that waits longest has been due."""
    stories = [story_named(archive, slug) for slug in archive.catalogue.slugs()]
    times = [due.time for story in stories for _, due in most_wanted(archive, story.members, announcements(archive, story), now)]
    return min((time for time in times if time is not None), default=None)


def _growth(outcomes: Iterable[Outcome], now: datetime) -> float:
    """Bytes a day that responses took in WARC files as of late."""
    refs = {item.ref: item.time for item in outcomes if item.ref is not None and now - item.time <= LATELY}
    return sum(ref.length for ref in refs) / (LATELY / timedelta(days=1))


def _rooms(store: Store, settings: Settings, growth: float, *, thorough: bool) -> Iterator[Room]:
    places: dict[str, Path] = {"work": settings.folder}
    if not settings.store.startswith("s3://"):
        places = {"store": store_folder(settings.store)} | places
    devices = {}
    for about, place in places.items():
        there = existing(place.absolute())
        if there.stat().st_dev not in devices:  # one disk is one alarm
            usage = devices[there.stat().st_dev] = shutil.disk_usage(there)
            yield Room(about=about, free=usage.free, size=usage.total, growth=growth)
    if settings.quota and thorough:
        used = sum(item.size for writer in manifest.writers(store) for link in manifest.read_chain(store, writer) for item in link.objects)
        yield Room(about="quota", free=max(0, settings.quota - used), size=settings.quota, growth=growth)
