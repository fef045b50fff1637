"""What was learned of the outlets' pages, as objects: ``profiles/<outlet>/v000001.json``.

Contract: versions are numbered and none is ever replaced; whoever creates the next number owns it (put-if-absent is the lock).  A profile
names the captures that it was learned from, so that it can be learned again from the WARC, and be deleted.  No text depends on one.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from archive import codec, layout
from archive.records import Profile
from archive.store import ObjectExists, Store
from archive.vault import Archive


def save_profile(archive: Archive, profile: Profile, now: datetime) -> Profile:
    """The newest version where it says the same, else ``profile`` stored as the next one; BadName for an outlet that may be in no key."""
    while True:
        newest = next(versions(archive.store, profile.outlet), None)
        if newest is not None and replace(newest, version=profile.version) == profile:
            return newest
        stored = replace(profile, version=1 if newest is None else newest.version + 1)
        with suppress(ObjectExists):  # another writer's version is there now, and may say the same
            archive.create(layout.profile_key(stored.outlet, stored.version), codec.text_of(stored).encode(), now)
            return stored


def versions(store: Store, outlet: str) -> Iterator[Profile]:
    """All versions, the newest first."""
    for key in sorted(store.keys(layout.profiles_of(outlet)), reverse=True):
        yield codec.read(Profile, store.read(key))


def profile_at(store: Store, outlet: str, time: datetime) -> Profile | None:
    """The newest version of which a capture is no later than ``time``: an old page is not held against a layout that came after it."""
    return next((profile for profile in versions(store, outlet) if profile.since <= time), None)
