"""``copytrail verify [PATH…]``: check every byte."""

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from copytrail.output import Talk, json_flag

if TYPE_CHECKING:
    from archive.findings import Finding, Tally

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH…]")
@click.option("--signers", type=_FILE, metavar="FILE", help="Whose signatures count: an allowed_signers file of OpenSSH.")
@click.option("--tsa-ca", type=_FILE, metavar="PEM", help="Whose time stamps count: certificates of authorities.")
@click.option("--thorough", is_flag=True, help="Decode every body to its end; else, in a large archive, most at their beginning.")
@json_flag
@click.pass_obj
def command(talk: Talk, paths: Sequence[str], *, signers: Path | None, tsa_ca: Path | None, thorough: bool, as_json: bool) -> int:
    """Check every byte of WARC, WACZ or a whole store; without PATH, of ours.

    PATH is a WARC or WACZ file, a CDXJ index, a folder of them, or a store:
    ours or anybody's. All of them are one set, so that a revisit in one file may
    refer to a record in another. Exit 1 when there are errors, or nothing at all.

    A signature is held against the key that it carries. Whose key that is,
    --signers says: then what nobody listed has signed is an error.
    """
    from archive.findings import Tally
    from archive.store import open_store
    from archive.trust import read_trust
    from archive.verify import verify

    talk = talk.with_json(as_json=as_json)
    settings = talk.settings().settings
    opened = partial(open_store, endpoint=settings.s3_endpoint)
    tally = Tally()
    trust = read_trust(signers, tsa_ca)
    for finding in verify(paths or [opened(settings.store)], opened, tally, trust, thorough=thorough):
        talk.emit(None, asdict(finding), _text(finding))
    talk.say(_summary(tally))
    if not tally.files:
        talk.say("nothing was found to check: is the path or the store the right one?")
    return 1 if tally.errors or not tally.files else 0


def _text(finding: "Finding") -> str:
    place = finding.file if finding.offset is None else f"{finding.file}:{finding.offset}"
    record = f"  {finding.record_id}" if finding.record_id else ""
    return f"{finding.severity:5} {place}  {finding.message}  [{finding.rule}, {finding.section}]{record}"


def _summary(tally: "Tally") -> str:
    found = ", ".join(f"{tally.found[severity]} {name}" for severity, name in (("error", "errors"), ("weak", "weak"), ("note", "notes")))
    return f"{tally.records} records in {tally.files} files checked: {found}"
