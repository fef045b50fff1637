"""One pull under way: what it takes, in the shapes that the formats ask for, and what is said of it afterwards.

Contract: everything is lazy, so that memory does not grow with the selection, and nothing is left out in silence: ``Pulled`` counts what
was taken, what came along for revisits and pages, what has no text, and names every problem.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from archive import codec, wacz
from archive.durable import sync_file
from archive.inbulk import Shown, with_texts
from archive.kinds import PageKind
from archive.pullplan import Plan
from archive.pullwarc import Copied
from archive.records import Capture, Document, Selection
from archive.selecting import chosen, requisites_of
from archive.vault import Archive
from archive.warcfields import visible

GROUP = 500  # captures about which the catalogue is asked at a time
READABLE = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})


class NothingSelected(ValueError):
    """No capture fits the selection."""


@dataclass(slots=True, kw_only=True)
class Pulled:
    """What a pull took: captures that the selection takes, records that were copied, rows and bytes that were written."""

    captures: int = 0
    originals: int = 0  # captures outside the selection that came along: what revisits stand for, what pages need to be shown
    records: int = 0
    texts: int = 0
    without_text: int = 0
    restricted: int = 0  # captures whose text and bytes the audience may not have: in no file of these
    repeated: int = 0  # of a pull as text: captures that show what an earlier one shows
    bytes: int = 0
    rows: dict[str, int] = field(default_factory=dict)  # of each table that was written
    problems: list[str] = field(default_factory=list)


def describe(selection: Selection) -> str:
    """A selection in words."""
    parts = {name: value for name, value in codec.plain(selection).items() if value is not None}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts.items()) or "the whole archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One pull in one format; ``target`` is the file to write, or a folder that is there and empty."""

    archive: Archive
    selection: Selection
    target: Path
    software: str
    pulled: Pulled
    copied: Copied = field(default_factory=Copied)

    def captures(self) -> Iterator[Shown]:
        """What is selected, with its text; NothingSelected at the end when that was nothing."""
        for capture, document, state in with_texts(self.archive, chosen(self.archive, self.selection)):
            readable = document is not None and document.quality.kind in READABLE
            self.pulled.texts += readable
            self.pulled.without_text += not readable
            yield capture, document, state
        self.pulled.captures = self.pulled.texts + self.pulled.without_text
        self.something()

    def articles(self) -> Iterator[tuple[Capture, Document]]:
        """The captures that show an article, with its text."""
        restricted = 0
        for capture, document, _ in self.captures():
            if document is not None and document.quality.kind in READABLE:
                if self.archive.reader.may_have(capture.url, document):
                    yield capture, document
                else:
                    restricted += 1
        self.pulled.restricted = max(self.pulled.restricted, restricted)  # of a WACZ the records were counted before

    def versions(self) -> Iterator[tuple[Capture, Document]]:
        """Each text of each article once, under the first capture that shows it; the captures of one article come one after another."""
        url, shown = "", set[str]()
        for capture, document in self.articles():
            if capture.url != url:
                url, shown = capture.url, set()
            if document.capture in shown:
                self.pulled.repeated += 1
            else:
                shown.add(document.capture)
                yield capture, document

    @contextmanager
    def planned(self, *, whole: bool) -> Iterator[tuple[Plan, IO[bytes]]]:
        """A plan, and the file to write it to."""
        with self.plan(whole=whole) as plan, self.target.open("wb") as out:
            yield plan, out

    @contextmanager
    def plan(self, *, whole: bool) -> Iterator[Plan]:
        """What is selected and what it needs, gathered; NothingSelected when that is nothing."""
        with Plan(whole=whole) as plan:
            self._gather(plan)
            self.pulled.captures, self.pulled.originals = plan.count(asked=True), plan.count(asked=False)
            self.something()
            yield plan
            self.pulled.records = self.copied.records

    def something(self) -> None:
        """NothingSelected when nothing was taken."""
        if not self.pulled.captures:
            raise NothingSelected(f"no capture fits {describe(self.selection)}")

    def _gather(self, plan: Plan) -> None:
        captures = chosen(self.archive, self.selection)
        while group := list(islice(captures, GROUP)):
            group = self._permitted(group)
            self._take(plan, group, asked=True)
            needed = requisites_of(self.archive, group)
            while some := list(islice(needed, GROUP)):
                self._take(plan, some, asked=False)

    def _permitted(self, captures: list[Capture]) -> list[Capture]:
        """Those whose bytes the audience may have."""
        reader = self.archive.reader
        if reader.is_house:
            return captures
        left = [capture for capture, document, _ in with_texts(self.archive, captures) if reader.may_have(capture.url, document)]
        self.pulled.restricted += len(captures) - len(left)
        return left

    def _take(self, plan: Plan, captures: list[Capture], *, asked: bool) -> None:
        plan.add(captures, asked=asked)
        originals = self.archive.catalogue.captures_with({capture.refers_to for capture in captures if capture.refers_to is not None})
        plan.add(originals.values(), asked=False)
        for capture in captures:
            if capture.kind == "revisit" and capture.refers_to not in originals:
                when = f"{capture.time:%Y-%m-%dT%H:%M:%SZ}"
                problem = f"{capture.url} at {when}: the record that this revisit stands for is not in the archive"
                if problem not in self.pulled.problems:
                    self.pulled.problems.append(problem)

    def cover(self) -> wacz.Cover:
        """What the file says of itself."""
        story = self.archive.catalogue.story(self.selection.story) if self.selection.story else None
        title = story.title if story else "Archive"
        info = {
            "software": self.software,
            "description": visible(f"Pulled from a copytrail archive: {describe(self.selection)}; records are copied byte for byte"),
            "isPartOf": story.slug if story else "archive",
            "copytrail-selection": visible(json.dumps(codec.plain(self.selection), ensure_ascii=False)),
        }
        return wacz.Cover(title=title, description=f"Captures of {describe(self.selection)}.", software=self.software, info=info)

    def settled(self) -> None:
        """Make the files durable, and count their bytes."""
        files = [item for item in self.target.rglob("*") if item.is_file()] if self.target.is_dir() else [self.target]
        for item in files:
            sync_file(item)
        self.pulled.bytes = sum(item.stat().st_size for item in files)
