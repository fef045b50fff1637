"""What no fetch can give back, as objects: story definitions, seeds, leads with their evidence, outcomes.

Contract: a story's versions are ``stories/<slug>/v000001.json`` and up; whoever creates the next number owns it (put-if-absent is the
lock), so two writers never overwrite each other: the later one reads the newer version and tries again.  A run writes its leads and
outcomes as numbered JSON Lines objects, each row ``{"story", "lead"}`` or ``{"story", "outcome"}``.  The catalogue is told after the
store has it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from archive import codec, layout
from archive.records import Lead, Outcome, Seed, Story
from archive.spool import Spool
from archive.store import ObjectExists
from archive.vault import Archive

SEED_RECORDS = "metadata://copytrail/"  # and the key of an object of seeds: the address of its record in a WARC


def save_story(archive: Archive, story: Story, change: Callable[[Story], Story], now: datetime) -> Story:
    """Store the next version of a story; when somebody else took its number, ``change`` is applied to their version instead.

    ValueError in an archive from which something is hidden: what it shows of the story is not all of it.
    """
    if not archive.catalogue.is_whole():
        raise ValueError(f"story {story.slug} cannot be written in an archive that hides what is withdrawn")
    while True:
        try:
            data = codec.text_of(story).encode()
            archive.create(layout.story_key(story.slug, story.version), data, now, partial(archive.catalogue.put_story, story))
        except ObjectExists:
            newest = _newest(archive, story)
            story = replace(change(newest), version=newest.version + 1)
            continue
        return story


def _newest(archive: Archive, story: Story) -> Story:
    number = story.version
    while archive.store.info(layout.story_key(story.slug, number + 1)) is not None:
        number += 1
    return codec.read(Story, archive.store.read(layout.story_key(story.slug, number)))


def save_seeds(archive: Archive, name: str, seeds: Iterable[Seed], now: datetime) -> str:
    """Store what was given together as one JSON Lines object under its digest; the key."""
    data = "".join(f"{codec.text_of(seed)}\n" for seed in seeds).encode()
    key = layout.seed_key(Spool(data).digest, f"{name}.jsonl")
    if archive.store.info(key) is None:  # the key is the content's digest: what is there is the same
        archive.create(key, data, now)
    return key


def read_seeds(archive: Archive, key: str) -> list[Seed]:
    """The seeds of one object."""
    return [codec.read(Seed, line) for line in archive.store.read(key).splitlines()]


class RunLog:
    """The leads and outcomes of one run, written in numbered parts as the run goes on."""

    def __init__(self, archive: Archive, story: str, run: str, started: datetime) -> None:
        """Write for run ``run`` of ``story``; ``started`` dates the keys."""
        self._archive, self._story, self._run, self._started = archive, story, run, started
        self._part = 0
        self._known: set[str] = set()

    def write(self, leads: Iterable[Lead], outcomes: Sequence[Outcome]) -> None:
        """Store one part and tell the catalogue; an empty part is not written."""
        fresh = [lead for lead in leads if codec.text_of(lead) not in self._known]
        self._known.update(map(codec.text_of, fresh))
        rows = [{"story": self._story, "lead": codec.plain(item)} for item in fresh]
        rows += [{"story": self._story, "outcome": codec.plain(item)} for item in outcomes]
        if not rows:
            return
        self._part += 1
        text = "".join(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows)
        key = layout.outcomes_key(self._started, self._run, self._part)
        self._archive.create(key, text.encode(), self._started, partial(self._tell, fresh, outcomes))

    def _tell(self, leads: Sequence[Lead], outcomes: Sequence[Outcome]) -> None:
        self._archive.catalogue.add_leads(self._story, leads)
        self._archive.catalogue.add_outcomes(self._story, outcomes)


def read_log(data: bytes) -> Iterator[tuple[str, Lead | Outcome]]:
    """The rows of one part, with the story of each; CodecError when a row is damaged."""
    for line in data.splitlines():
        try:
            row = json.loads(line)
            story, kind = str(row["story"]), "lead" if "lead" in row else "outcome"
            body = json.dumps(row[kind])
        except (ValueError, KeyError, TypeError) as error:
            msg = f"not a row of a run's log: {line[:80]!r}"
            raise codec.CodecError(msg) from error
        yield story, codec.read(Lead, body) if kind == "lead" else codec.read(Outcome, body)
