"""A story taken home: a selection of captures as WARC, WACZ, rows or text, in one file that appears whole or not at all.

Contract: ``pull`` writes to ``<path>.tmp``, makes it durable and renames it over ``path``; what was there before stays until then.  It
never grows in memory with the selection and leaves nothing out in silence: ``Pulled`` counts what was taken, what came along for
revisits, what has no text, and names every problem.  The same selection on the same state of the archive gives the same bytes.
NothingSelected when the selection is empty, PullError when the store does not hold what the catalogue says, StoreError and OSError as
they come.

* ``warc``: the records of every capture, of what its page needs to be shown, and of the originals that revisits stand for, byte for byte
  (``archive/pullwarc.py``).
* ``wacz``: the same with index and pages (``archive/wacz.py``).
* ``jsonl``: one row a capture (``archive/pullrows.py``).
* ``txt``: one file with all texts when ``path`` ends in ``.txt``, else a folder with one file a text.  Each version of an article stands
  there once, under the first capture in the selection that shows it.
"""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO

from archive import codec, pullrows, wacz
from archive.durable import sync_folder
from archive.kinds import PageKind
from archive.pullplan import Plan, PullError
from archive.pullwarc import Copied, copy
from archive.records import Capture, Document, Selection
from archive.selecting import NoSuchStory, chosen, requisites_of, text_of
from archive.urls import host
from archive.vault import Archive
from archive.warcfields import visible

__all__ = ["FORMATS", "NoSuchStory", "NothingSelected", "PullError", "Pulled", "pull"]

GROUP = 500  # captures about which the catalogue is asked at a time
_READABLE = frozenset({PageKind.ARTICLE, PageKind.BRIEF, PageKind.LIVE_BLOG})
_RULE = "\n" + "=" * 80 + "\n\n"


class NothingSelected(ValueError):
    """No capture fits the selection."""


@dataclass(slots=True, kw_only=True)
class Pulled:
    """What a pull took: captures that the selection takes, records that were copied, bytes that were written."""

    captures: int = 0
    originals: int = 0  # captures outside the selection that came along: what revisits stand for, what pages need to be shown
    records: int = 0
    texts: int = 0
    without_text: int = 0
    repeated: int = 0  # of a pull as text: captures that show what an earlier one shows
    bytes: int = 0
    problems: list[str] = field(default_factory=list)


def pull(archive: Archive, selection: Selection, form: str, path: Path, software: str) -> Pulled:
    """Write what ``selection`` takes to ``path`` as one of :data:`FORMATS`; ``software`` is what made it, with its version."""
    pulled = Pulled()
    with _replacing(path, folder=form == "txt" and path.suffix != ".txt") as target:
        FORMATS[form](_Job(archive=archive, selection=selection, target=target, software=software, pulled=pulled))
        pulled.captures = pulled.captures or pulled.texts + pulled.without_text
        if not pulled.captures:
            raise _nothing(selection)
        pulled.bytes = sum(item.stat().st_size for item in ([target] if target.is_file() else target.iterdir()))
    return pulled


def _nothing(selection: Selection) -> NothingSelected:
    return NothingSelected(f"no capture fits {describe(selection)}")


def describe(selection: Selection) -> str:
    """A selection in words."""
    parts = {name: value for name, value in codec.plain(selection).items() if value is not None}
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in parts.items()) or "the whole archive"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Job:
    """One pull under way."""

    archive: Archive
    selection: Selection
    target: Path
    software: str
    pulled: Pulled
    copied: Copied = field(default_factory=Copied)

    def captures(self) -> Iterator[tuple[Capture, Document | None]]:
        """What is selected, with its text."""
        for capture in chosen(self.archive, self.selection):
            document = text_of(self.archive, capture)
            readable = document is not None and document.quality.kind in _READABLE
            self.pulled.texts += readable
            self.pulled.without_text += not readable
            yield capture, document

    def articles(self) -> Iterator[tuple[Capture, Document]]:
        """The captures that show an article, with its text."""
        for capture, document in self.captures():
            if document is not None and document.quality.kind in _READABLE:
                yield capture, document

    @contextmanager
    def planned(self, *, whole: bool) -> Iterator[tuple[Plan, IO[bytes]]]:
        """What is selected and what it needs, gathered, and the file to write it to; NothingSelected when that is nothing."""
        with Plan(whole=whole) as plan, self.target.open("wb") as out:
            self._gather(plan)
            self.pulled.captures, self.pulled.originals = plan.count(asked=True), plan.count(asked=False)
            if not self.pulled.captures:
                raise _nothing(self.selection)
            yield plan, out
            self.pulled.records = self.copied.records
            _settle(out)

    def _gather(self, plan: Plan) -> None:
        captures = chosen(self.archive, self.selection)
        while group := list(islice(captures, GROUP)):
            self._take(plan, group, asked=True)
            needed = requisites_of(self.archive, group)
            while some := list(islice(needed, GROUP)):
                self._take(plan, some, asked=False)

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


def _pull_warc(job: _Job) -> None:
    with job.planned(whole=False) as (plan, out):
        for _ in copy(job.archive.store, plan, out, job.cover().info, job.target.name, job.copied):
            pass


def _pull_wacz(job: _Job) -> None:
    with job.planned(whole=True) as (plan, out):
        wacz.write(out, job.archive.store, plan, job.articles(), job.cover(), job.copied, job.archive.notary.key)


def _pull_rows(job: _Job) -> None:
    with job.target.open("wb") as out:
        for capture, document in job.captures():
            out.write(pullrows.line(capture, document))
        _settle(out)


def _pull_text(job: _Job) -> None:
    if job.target.is_dir():
        for capture, document in _versions(job):
            with (job.target / pullrows.file_name(capture, host(capture.url))).open("wb") as out:
                out.write(pullrows.article(capture, document).encode())
                _settle(out)
        return
    with job.target.open("wb") as out:
        for number, (capture, document) in enumerate(_versions(job)):
            out.write((_RULE if number else "").encode() + pullrows.article(capture, document).encode())
        _settle(out)


FORMATS: dict[str, Callable[[_Job], None]] = {"warc": _pull_warc, "wacz": _pull_wacz, "jsonl": _pull_rows, "txt": _pull_text}


def _versions(job: _Job) -> Iterator[tuple[Capture, Document]]:
    """Each text of each article once; the captures of one article come one after another."""
    url, shown = "", set[str]()
    for capture, document in job.articles():
        if capture.url != url:
            url, shown = capture.url, set()
        if document.capture in shown:
            job.pulled.repeated += 1
        else:
            shown.add(document.capture)
            yield capture, document


def _settle(out: IO[bytes]) -> None:
    out.flush()
    os.fsync(out.fileno())


@contextmanager
def _replacing(path: Path, *, folder: bool) -> Iterator[Path]:
    """A file or folder beside ``path`` that takes its name when all went well, and goes when not."""
    if folder and path.is_dir() and any(path.iterdir()):
        raise FileExistsError(17, "the folder is not empty", str(path))
    target = path.with_name(f"{path.name}.tmp")
    _remove(target)
    if folder:
        target.mkdir()
    try:
        yield target
        target.replace(path)
        sync_folder(path.absolute().parent)
    finally:
        _remove(target)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
