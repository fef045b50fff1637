"""A package to take home: a selection in one or more forms, with everything that says what it is and how to check and repeat it.

Contract: ``pack`` makes a folder that appears whole or not at all: the data, ``README.md``, ``CITATION.cff``, ``datapackage.json``
(Frictionless, every column described), ``ro-crate-metadata.json`` and, last, ``manifest.json``: the selection, the state of the archive,
the software, and size and sha256 of every other file.  Bytes depend on selection, state and software alone: times are those of the newest
capture.  What is finished of an interrupted pack stays in ``<path>.tmp``, form by form; the same pack on the same state goes on there, any
other begins anew.  The state is the head of every writer's chain of manifests, records of custody passed over (a pull writes one), and the
story's version.  ``differences`` says what two packages of one selection have not in common, and why.
"""

import json
import platform
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from archive import codec, manifest, takehomefiles
from archive.custody import handed_out
from archive.durable import sync_file, sync_folder
from archive.pull import FOLDERS, FORMATS, write
from archive.pulljob import NothingSelected, Pulled
from archive.records import Selection
from archive.rights import Audience
from archive.selecting import chosen
from archive.store import ObjectInfo
from archive.takehomefiles import Package
from archive.tombstones import row, withheld
from archive.vault import Archive

MANIFEST = "manifest.json"
_NOTE = "unfinished.json"
_ENDINGS = {"warc": "warc.gz", "features": "features.jsonl"}
_LIBRARIES = ("pyarrow", "warcio")  # beside Python and SQLite, what bytes may depend on


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Of an archive: the newest link of each writer's chain that names more than custody, and the story's version."""

    heads: Mapping[str, tuple[int, str]]  # number and sha256, by writer
    story: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one form gave: its counts and its files, by their paths in the package."""

    counts: Pulled
    files: tuple[ObjectInfo, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a package is; ``created`` is the time of the newest capture in it."""

    schema: str = "copytrail.package/1"
    selection: Selection
    formats: tuple[str, ...]
    created: datetime | None = None
    operator: str | None = None
    audience: Audience = Audience.PRIVATE
    state: State
    software: Mapping[str, str]
    parts: Mapping[str, Part] = field(default_factory=dict)  # by form
    files: tuple[ObjectInfo, ...] = ()  # that describe the parts
    withheld: tuple[Mapping[str, str | None], ...] = ()  # tombstones of what is withdrawn or under embargo (``archive/tombstones.py``)


def pack(archive: Archive, selection: Selection, forms: Sequence[str], path: Path, software: str) -> Manifest:
    """Make a package at ``path``, which must not be there or be an empty folder; NothingSelected, PullError and the rest as of a pull."""
    if not path.absolute().parent.is_dir():
        raise FileNotFoundError(2, "there is no such folder", str(path.parent))
    if path.is_dir() and any(path.iterdir()):
        raise FileExistsError(17, "the folder is not empty", str(path))
    target = path.with_name(f"{path.name}.tmp")
    made = _begun(target, _wanted(archive, selection, forms, software))
    for form in made.formats:
        if form not in made.parts:
            made = replace(made, parts={**made.parts, form: _part(archive, made, form, target, software)})
            _write(target / _NOTE, made)
    made = _described(archive, made, target)
    _write(target / MANIFEST, made)
    (target / _NOTE).unlink()
    target.replace(path)
    sync_folder(path.absolute().parent)
    return made


def is_begun(path: Path) -> bool:
    """Whether a part of a package that was to lie here is finished."""
    return path.with_name(f"{path.name}.tmp").joinpath(_NOTE).is_file()


def read(path: Path) -> Manifest:
    """The manifest of a package; CodecError when it is none."""
    return codec.read(Manifest, path.read_bytes())


def all_files(made: Manifest) -> Iterator[ObjectInfo]:
    """Every file but the manifest itself."""
    for part in made.parts.values():
        yield from part.files
    yield from made.files


def state_of(archive: Archive, selection: Selection) -> State:
    """Where the archive stands."""
    story = archive.catalogue.story(selection.story) if selection.story else None
    heads = {writer: (number, digest) for writer, number, digest in manifest.heads(archive.store)}
    return State(heads=heads, story=story.slug if story else None, version=story.version if story else None)


def differences(then: Manifest, now: Manifest) -> tuple[list[str], list[str]]:
    """Which files are not the same, and what may be the reason; nothing to tell of files gives two empty lists."""
    old, new = ({item.key: item for item in all_files(made)} for made in (then, now))
    files = [f"{name}: {_difference(old.get(name), new.get(name))}" for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return files, _reasons(then, now) if files else []


def _difference(old: ObjectInfo | None, new: ObjectInfo | None) -> str:
    if old is None or new is None:
        return "was not there then" if old is None else "is not there now"
    return f"{old.size} bytes {old.sha256} then, {new.size} bytes {new.sha256} now"


def _reasons(then: Manifest, now: Manifest) -> list[str]:
    found = [
        f"the chain of {writer} ended with link {_link(then, writer)}, and ends with {_link(now, writer)}: the archive has changed"
        for writer in sorted({*then.state.heads, *now.state.heads})
        if then.state.heads.get(writer) != now.state.heads.get(writer)
    ]
    if then.state.version != now.state.version:
        found.append(f"the story was at version {then.state.version}, and is at {now.state.version}")
    names = sorted(name for name in {*then.software, *now.software} if then.software.get(name) != now.software.get(name))
    found += [f"{name} was {then.software.get(name)}, and is {now.software.get(name)}" for name in names]
    if then.operator != now.operator:
        found.append(f"it was made by {then.operator}, and now by {now.operator}")
    return found or [
        "neither objects nor software have changed: an embargo has ended, or the catalogue or the outlets' profiles are others"
    ]


def _link(made: Manifest, writer: str) -> int:
    return made.state.heads.get(writer, (0, ""))[0]


def _wanted(archive: Archive, selection: Selection, forms: Sequence[str], software: str) -> Manifest:
    name, _, number = software.partition("/")
    versions = {name: number, "python": platform.python_version(), "sqlite": sqlite3.sqlite_version}
    newest = max((capture.time for capture in chosen(archive, selection)), default=None)
    return Manifest(
        selection=selection,
        formats=tuple(form for form in FORMATS if form in forms),
        created=newest,
        operator=archive.agent.operator if archive.agent else None,
        audience=archive.reader.audience,
        state=state_of(archive, selection),
        software={**versions, **{library: version(library) for library in _LIBRARIES}},
        withheld=tuple(row(*item) for item in withheld(archive, selection)),
    )


def _begun(target: Path, wanted: Manifest) -> Manifest:
    """What is finished already of a package that is wanted, in a folder that holds nothing else."""
    with suppress(OSError, codec.CodecError):
        found = read(target / _NOTE)
        if replace(found, parts={}) == wanted:
            whole = {form: part for form, part in found.parts.items() if handed_out(target / form, target) == part.files}
            return replace(found, parts=whole)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    return wanted


def _part(archive: Archive, made: Manifest, form: str, target: Path, software: str) -> Part:
    """One form, in a folder of its own."""
    folder = target / form
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    name = made.selection.story or "archive"
    place = folder if form in FOLDERS else folder / f"{name}.{_ENDINGS.get(form, form)}"
    try:
        counts = write(archive, made.selection, form, place, software)
    except NothingSelected:
        shutil.rmtree(target)
        raise
    return Part(counts=counts, files=handed_out(folder, target))


def _described(archive: Archive, made: Manifest, target: Path) -> Manifest:
    story = archive.catalogue.story(made.selection.story) if made.selection.story else None
    package = Package(
        name=made.selection.story or "archive",
        title=story.title if story else "Captures of an archive",
        selection=made.selection,
        created=made.created,
        operator=made.operator or "a copytrail archive",
        audience=made.audience,
        version=made.state.version,
        software=made.software,
        files={item.key: item for part in made.parts.values() for item in part.files},
        counts={form: part.counts for form, part in made.parts.items()},
    )
    texts = takehomefiles.texts(package)
    for name, text in texts.items():
        (target / name).write_text(text, encoding="utf-8")
        sync_file(target / name)
    found = {item.key: item for item in handed_out(target) if item.key in texts}
    return replace(made, files=tuple(found[name] for name in texts))


def _write(path: Path, made: Manifest) -> None:
    """Write or replace a manifest in one step."""
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(codec.plain(made), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    sync_file(new)
    new.replace(path)
