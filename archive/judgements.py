"""What people decide of a story, kept as objects: which articles belong to it, and which relations between them hold.

Contract: one object a :class:`Judgement`, ``judgements/<story>/<time>-<id>.json``, created once and listed in a manifest. They are read
from the store, never from the catalogue, so that no rebuild and no newer extractor touches them. Of several about one subject the newest
holds, whoever made it; the others stay, for tables of agreement.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from archive import codec, layout
from archive.relations import Judgement
from archive.store import Store
from archive.vault import Archive

IN, OUT, CONFIRM, REJECT = "in", "out", "confirm", "reject"
MEMBERSHIP = frozenset({IN, OUT})
VERDICTS = frozenset({IN, OUT, CONFIRM, REJECT})


def save(archive: Archive, judgement: Judgement, now: datetime) -> Judgement:
    """Store a judgement under an id of its content; ObjectExists when the same one is there."""
    if judgement.verdict not in VERDICTS:
        raise ValueError(f"{judgement.verdict!r} is no verdict; one of {sorted(VERDICTS)}")
    digest = hashlib.sha256(codec.text_of(replace(judgement, id="")).encode()).hexdigest()[:12]
    named = replace(judgement, id=digest)
    archive.create(layout.judgement_key(named.story, named.time, digest), codec.text_of(named).encode(), now)
    return named


def judgements_of(store: Store, story: str) -> tuple[Judgement, ...]:
    """Every judgement about a story, the oldest first; CodecError when one is damaged."""
    found = [codec.read(Judgement, store.read(key)) for key in store.keys(layout.judgements_of(story))]
    return tuple(sorted(found, key=lambda item: (item.time, item.id)))


def holding(judgements: Iterable[Judgement]) -> Mapping[str, Judgement]:
    """The one that holds for each subject, of judgements in order of time."""
    return {item.subject: item for item in judgements}


def ruled_out(store: Store, story: str) -> frozenset[str]:
    """The URLs of which a person says that they do not belong to the story."""
    return frozenset(subject for subject, item in holding(judgements_of(store, story)).items() if item.verdict == OUT)
