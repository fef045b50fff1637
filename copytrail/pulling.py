"""Taking a story home: what ``pull`` does with what was typed.

Contract: a pull is made whole on this machine first, beside the path that it is to have or, for stdout and a bucket, in a temporary folder;
only then does anything appear, so that nobody meets half of one.  Data goes to stdout when the output is ``-``, else the path or the links
do.  Exit 1 when nothing fits or, of a repeated pull, when bytes differ; 3 when something could not be resolved.
"""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from archive.codec import CodecError
from archive.custody import Act, handed_out
from archive.pull import FOLDERS, Pulled, describe, pull
from archive.pulljob import NothingSelected
from archive.pullplan import PullError
from archive.pullrows import WRITERS
from archive.records import Selection
from archive.rights import Audience
from archive.store import StoreError
from archive.takehome import differences, is_begun, pack, read
from archive.vault import Archive, open_archive
from copytrail import __version__
from copytrail.custody import leave_word
from copytrail.output import Talk
from copytrail.selecting import relate
from copytrail.withdrawrows import say_withheld
from crawlers.stories import story_named

SOFTWARE = f"copytrail/{__version__}"
COUNTED = ("captures", "originals", "records", "texts", "without_text", "repeated", "bytes")
_BUCKET, _STDOUT = "s3://", "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What to take, as what, to where; ``hours`` for which links are good."""

    selection: Selection
    forms: tuple[str, ...]
    output: str
    package: bool = False
    hours: float | None = None
    audience: str = "private"

    @property
    def folder(self) -> bool:
        """Whether a folder is meant rather than a file."""
        name = self.output.rstrip("/").rpartition("/")[2]
        bare = self.output.endswith("/") or "." not in name[1:] or Path(self.output).is_dir()
        return self.package or (self.forms[0] in FOLDERS and self.output != _STDOUT and bare)

    @property
    def related(self) -> bool:
        """Whether what texts have to do with one another is asked for, or among what is handed out."""
        told = {"sqlite", "features", *(WRITERS if self.folder else ())}
        return self.selection.relation is not None or not told.isdisjoint(self.forms)


def take(talk: Talk, wish: Wish) -> int:
    """Take it; the exit code."""
    settings = talk.settings().settings
    with open_archive(settings, audience=Audience(wish.audience)) as archive, _place(wish) as path:
        if wish.selection.story is not None:
            story_named(archive, wish.selection.story)
        if wish.related:
            relate(archive, wish.selection.story)
        try:
            parts = _taken(talk, archive, wish, path)
        except (NothingSelected, PullError) as error:
            talk.say(f"{error}; nothing was written")
            return 1
        who = f" for {wish.audience}" if wish.audience != "private" else ""
        about, counts = f"{describe(wish.selection)} as {' and '.join(parts)}{who}", _counts(parts)
        links = list(_delivered(wish, path, settings.s3_endpoint))
        custody = leave_word(talk, archive, Act.PULLED, about, selection=wish.selection, objects=handed_out(path), counts=counts)
        if wish.output == _STDOUT:
            with path.open("rb") as made:
                talk.pour(made)
        else:
            say_withheld(talk, archive, wish.selection)
    problems = sorted({problem for pulled in parts.values() for problem in pulled.problems})
    row = {"path": wish.output, "format": " ".join(parts), **counts, "problems": problems, "links": links, "custody": custody}
    if wish.output != _STDOUT:
        talk.emit("pull", row, "\n".join(links) or wish.output)
    for form, pulled in parts.items():
        talk.say(f"{describe(wish.selection)} as {form}: {pulled.captures} captures, {pulled.bytes} bytes{_beside(pulled, form)}")
    for problem in problems:
        talk.say(problem)
    return 3 if problems else 0


def again(talk: Talk, known: Path, output: str | None) -> int:
    """Make a package again, at ``output`` or only to look at it, and say in what it differs."""
    try:
        then = read(known)
    except CodecError as error:
        talk.warn(f"copytrail: {known} is no manifest of a package: {error}")
        return 2
    with (
        open_archive(talk.settings().settings, audience=then.audience) as archive,
        tempfile.TemporaryDirectory(prefix="copytrail-pull-") as folder,
    ):
        if then.selection.story is not None:
            story_named(archive, then.selection.story)
        relate(archive, then.selection.story)
        path = Path(output) if output is not None else Path(folder) / "again"
        try:
            now = pack(archive, then.selection, then.formats, path, SOFTWARE)
        except (NothingSelected, PullError) as error:
            talk.say(f"{error}; nothing was written")
            return 1
        objects = handed_out(path)
        leave_word(talk, archive, Act.PULLED, f"{describe(then.selection)} once more", selection=then.selection, objects=objects)
    files, reasons = differences(then, now)
    row = {"manifest": str(known), "path": output, "same": not files, "differences": files, "reasons": reasons}
    talk.emit("again", row, "\n".join(files) or "the same bytes")
    for reason in reasons:
        talk.say(reason)
    return 1 if files else 0


def _taken(talk: Talk, archive: Archive, wish: Wish, path: Path) -> Mapping[str, Pulled]:
    """What each form gave."""
    if not wish.package:
        form = wish.forms[0]
        return {form: pull(archive, wish.selection, form, path, SOFTWARE, folder=wish.folder)}
    try:
        made = pack(archive, wish.selection, wish.forms, path, SOFTWARE)
    except (KeyboardInterrupt, OSError, StoreError):
        if is_begun(path) and not wish.output.startswith(_BUCKET):
            talk.warn(f"what was finished stays in {path}.tmp: the same command goes on there")
        raise
    return {form: part.counts for form, part in made.parts.items()}


@contextmanager
def _place(wish: Wish) -> Iterator[Path]:
    """Where the pull is made."""
    if wish.output != _STDOUT and not wish.output.startswith(_BUCKET):
        yield Path(wish.output)
        return
    with tempfile.TemporaryDirectory(prefix="copytrail-pull-") as folder:
        yield Path(folder) / (wish.output.rstrip("/").rpartition("/")[2] if wish.output != _STDOUT else f"pull.{wish.forms[0]}")


def _delivered(wish: Wish, path: Path, endpoint: str | None) -> Iterator[str]:
    """Put what was made into its bucket, if that is where it goes; the links to it, if any were asked for."""
    if wish.output.startswith(_BUCKET):
        from archive.delivery import delivered, link

        for item in delivered(path, wish.output, endpoint):
            if wish.hours is not None:
                yield link(wish.output, item.key, max(1, round(wish.hours * 3600)), endpoint)


def _counts(parts: Mapping[str, Pulled]) -> dict[str, int]:
    """Of several forms the most of each, and all bytes."""
    counts = {name: max(int(asdict(pulled)[name]) for pulled in parts.values()) for name in COUNTED}
    return {**counts, "bytes": sum(pulled.bytes for pulled in parts.values())}


def _beside(pulled: Pulled, form: str) -> str:
    """What is in the file besides what was asked for, or is not in it."""
    parts = [f"{pulled.originals} more came along: what rows and revisits rest on and what pages need"] if pulled.originals else []
    if pulled.without_text and form not in {"warc", "wacz", "cdxj"}:
        left = "left out" if form in {"txt", "md"} else "in rows without text"
        parts.append(f"{pulled.without_text} of them show no article: {left}")
    if pulled.restricted:
        parts.append(f"{pulled.restricted} of them are not for everybody who is to have this: left out (--rights)")
    if pulled.repeated:
        parts.append(f"{pulled.repeated} of them show the text of an earlier one: not repeated")
    return "".join(f"; {part}" for part in parts)
