"""A story taken home: a selection of captures in one of many forms, in a file or folder that appears whole or not at all.

Contract: ``pull`` writes to ``<path>.tmp``, makes it durable and renames it over ``path``; what was there before stays until then.  It
never grows in memory with the selection and leaves nothing out in silence (``archive/pulljob.py``).  The same selection on the same state
of the archive gives the same bytes.  NothingSelected when the selection is empty, PullError when the store does not hold what the
catalogue says, StoreError and OSError as they come.

* ``warc``: the records of every capture, of what its page needs to be shown, and of the originals that revisits stand for, byte for byte
  (``archive/pullwarc.py``); ``wacz``: the same with index and pages (``archive/wacz.py``).
* ``cdxj``: the index of the same records in the archive's own WARC files, whose keys it names.
* ``jsonl``, ``csv``, ``parquet``: one file of ``rows``, one a capture (``archive/pullrows.py``), or a folder with a file for each table
  (``archive/take.py``); ``sqlite``: all tables in one database.
* ``pywb``: a folder that pywb serves as it stands (``archive/pullpywb.py``).
* ``features``: one row a capture, as JSON Lines, with figures of its text in the text's place (``archive/featurerows.py``).
* ``txt``, ``md``: one file with all texts, or a folder with one file a text (``archive/pulltext.py``).  Each version of an article stands
  there once, under the first capture in the selection that shows it.
"""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from archive import cdxj, featurerows, pullpywb, pullrows, pulltext, wacz
from archive.durable import sync_folder
from archive.pulljob import Job, NothingSelected, Pulled, describe
from archive.pullplan import PullError
from archive.pullwarc import copy
from archive.records import Capture, Document, Selection
from archive.selecting import NoSuchStory
from archive.sortedlines import SortedLines
from archive.take import Take
from archive.vault import Archive

__all__ = ["FOLDERS", "FORMATS", "NoSuchStory", "NothingSelected", "PullError", "Pulled", "describe", "pull", "write"]

_RULE = "\n" + "=" * 80 + "\n\n"
Text = Callable[[Capture, Document], str]


def pull(archive: Archive, selection: Selection, form: str, path: Path, software: str, *, folder: bool | None = None) -> Pulled:
    """Write what ``selection`` takes to ``path`` as one of :data:`FORMATS`; ``software`` is what made it, with its version.

    One of :data:`FOLDERS` becomes a folder when ``folder`` says so, else when the path has no ending; ``pywb`` is one always.
    """
    wanted = form == "pywb" or (form in FOLDERS and (folder if folder is not None else path.is_dir() or not path.suffix))
    with replacing(path, folder=wanted) as target:
        return write(archive, selection, form, target, software)


def write(archive: Archive, selection: Selection, form: str, target: Path, software: str) -> Pulled:
    """The same into a file that is nobody's yet, or into an empty folder."""
    job = Job(archive=archive, selection=selection, target=target, software=software, pulled=Pulled())
    FORMATS[form](job)
    job.settled()
    return job.pulled


def _pull_warc(job: Job) -> None:
    with job.planned(whole=False) as (plan, out):
        for _ in copy(job.archive.store, plan, out, job.cover().info, job.target.name, job.copied):
            pass


def _pull_wacz(job: Job) -> None:
    with job.planned(whole=True) as (plan, out):
        wacz.write(out, job.archive.store, plan, job.articles(), job.cover(), job.copied, job.archive.notary.key)


def _pull_collection(job: Job) -> None:
    with job.plan(whole=True) as plan:
        pullpywb.write(job.target, job.selection.story or "archive", job.archive.store, plan, job.cover().info, job.copied)


def _pull_index(job: Job) -> None:
    with SortedLines() as lines, job.planned(whole=True) as (plan, out):
        for capture in plan.captures():
            lines.add(cdxj.line(capture, plain=True, filename=capture.ref.key).encode())
        for line in lines:
            out.write(line + b"\n")


def _pull_rows(job: Job, form: str) -> None:
    if job.target.is_dir():
        with Take() as take:
            take.gather(job)
            for table in take.tables():
                job.pulled.rows[table] = pullrows.write(form, job.target / f"{table}.{form}", table, take.rows(table))
    else:
        rows = (pullrows.row(*shown) for shown in job.captures())
        job.pulled.rows["rows"] = pullrows.write(form, job.target, "rows", rows)


def _pull_base(job: Job) -> None:
    with Take(job.target) as take:
        take.gather(job)
        take.finish(job)
        job.pulled.rows = take.counts()


def _pull_text(job: Job, suffix: str, text: Text, rule: str) -> None:
    if job.target.is_dir():
        for capture, document in job.versions():
            (job.target / pulltext.file_name(capture, suffix)).write_bytes(text(capture, document).encode())
        return
    with job.target.open("wb") as out:
        for number, (capture, document) in enumerate(job.versions()):
            out.write((rule if number else "").encode() + text(capture, document).encode())


def _pull_features(job: Job) -> None:
    with job.target.open("wb") as out:
        for row in featurerows.rows(job):
            out.write(pullrows.line(row))


FORMATS: dict[str, Callable[[Job], None]] = {
    "warc": _pull_warc,
    "wacz": _pull_wacz,
    "cdxj": _pull_index,
    "pywb": _pull_collection,
    "parquet": partial(_pull_rows, form="parquet"),
    "sqlite": _pull_base,
    "jsonl": partial(_pull_rows, form="jsonl"),
    "csv": partial(_pull_rows, form="csv"),
    "txt": partial(_pull_text, suffix=".txt", text=pulltext.plain, rule=_RULE),
    "features": _pull_features,
    "md": partial(_pull_text, suffix=".md", text=pulltext.markdown, rule="\n"),
}
FOLDERS = frozenset({"pywb", "parquet", "jsonl", "csv", "txt", "md"})


@contextmanager
def replacing(path: Path, *, folder: bool) -> Iterator[Path]:
    """A file or folder beside ``path`` that takes its name when all went well, and goes when not."""
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(2, "there is no such folder", str(path.parent))
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
