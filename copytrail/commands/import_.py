"""``copytrail import PATH…``: files that somebody else wrote, brought in as they are."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from copytrail.output import Talk, json_flag

if TYPE_CHECKING:
    from archive.importing import Import

KINDS = (".warc", ".warc.gz", ".wacz")
SAID = 10  # damaged places of one file that are lines


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True), metavar="PATH…")
@json_flag
@click.pass_obj
def command(talk: Talk, paths: Sequence[Path], *, as_json: bool) -> int:
    """Bring in WARC and WACZ files of others, bytes unchanged.

    PATH is a .warc, .warc.gz or .wacz file, or a folder of them. Each WARC becomes
    an object of its own, indexed like one of ours; the rest of a WACZ is kept
    beside it, so that the package can be put together again. The same bytes
    again change nothing. What is damaged is kept, named, and not indexed; then
    exit 1, as for a file that is neither.
    """
    from archive.custody import Act
    from archive.importing import NotImportable, bring
    from archive.store import ObjectInfo
    from archive.vault import open_archive
    from copytrail.custody import leave_word
    from crawlers.run import system_clock

    talk = talk.with_json(as_json=as_json)
    files = list(_files(paths))
    if not files:
        talk.say(f"nothing to bring in: no name in these folders ends in {', '.join(KINDS)}")
        return 1
    bad = new = 0
    with open_archive(talk.settings().settings, everything=True) as archive:
        for path in files:
            try:
                done, is_new = bring(archive, path, system_clock)
            except NotImportable as error:
                bad += 1
                row = {"path": str(path), "state": "refused", "problem": str(error)}
                talk.emit("import", row, f"refused   {path}: {error}")
                continue
            new += is_new
            bad += bool(done.faults)
            _tell(talk, path, done, "imported" if is_new else "known")
            if is_new:
                about = ObjectInfo(key=done.name, size=done.size, sha256=done.sha256)
                leave_word(talk, archive, Act.IMPORTED, str(path.absolute()), objects=[about], counts={"captures": done.captures})
    if new:
        talk.say("copytrail rebuild reads their texts")
    return 1 if bad else 0


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files that are meant: those named, whatever their names, and in folders those that are called as WARC and WACZ are."""
    for path in paths:
        if path.is_dir():
            yield from sorted(item for item in path.rglob("*") if item.is_file() and item.name.lower().endswith(KINDS))
        else:
            yield path


def _tell(talk: Talk, path: Path, done: "Import", state: str) -> None:
    """A row for the file, and one for each place that is damaged; for a person the first of them."""
    row = {"path": str(path), "state": state, "problem": None, **asdict(done)}
    faults = row.pop("faults")
    damaged = len(done.faults) + done.more_faults
    said = f"{state:9} {path}: {done.captures} captures in {', '.join(done.warcs)}" + (f"; {damaged} places are damaged" if damaged else "")
    talk.emit("import", row, said)
    for number, fault in enumerate(faults):
        text = f"{'':9} {fault['file']}, offset {fault['offset']}: {fault['message']}"
        talk.emit("fault", {"path": str(path), **fault}, text if number < SAID else None)
    if damaged > SAID:
        talk.say(f"{path}: {damaged} places are damaged; --json names {len(done.faults)}")
