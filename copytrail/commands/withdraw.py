"""``copytrail withdraw``: what is no longer shown, or is erased, on request."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from copytrail.output import Talk, json_flag

if TYPE_CHECKING:
    from archive.vault import Archive
    from archive.withdrawing import Request


@click.command()
@click.argument("story", required=False)
@click.option("--url", "urls", multiple=True, metavar="URL", help="Every capture of this address; with STORY a pattern.  [repeatable]")
@click.option("--record", "records", multiple=True, metavar="ID", help="The capture with this record id.  [repeatable]")
@click.option("--reason", metavar="TEXT", help="Why; everybody gets to see it.")
@click.option("--mode", type=click.Choice(["hide", "erase"]), default="hide", show_default=True, help="Hide it, or destroy its bytes.")
@click.option("--until", metavar="DATE", help="An embargo: hidden until then.")
@click.option("--all-copies", is_flag=True, help="Also what has the same bytes at other addresses.")
@click.option("-n", "--dry-run", is_flag=True, help="List what would be withdrawn; change nothing.")
@click.option("--list", "as_list", is_flag=True, help="List all withdrawals.")
@click.option("--resume", is_flag=True, help="Finish erasures that were cut off.")
@click.option("--lift", metavar="ID", help="Show again what this withdrawal hid.")
@json_flag
@click.pass_obj
def command(  # noqa: PLR0913 -- click gives each option by its name
    talk: Talk,
    story: str | None,
    urls: tuple[str, ...],
    records: tuple[str, ...],
    reason: str | None,
    mode: str,
    until: str | None,
    lift: str | None,
    *,
    all_copies: bool,
    dry_run: bool,
    as_list: bool,
    resume: bool,
    as_json: bool,
) -> int:
    r"""Withdraw captures: all of STORY, of a URL, or single records.

    What is hidden is in no search, pull, citation or page any more, but in
    the store's own files; a tombstone with digest and reason is, and the
    address is not fetched again. What is erased is gone from every file of
    the archive, other records stay byte for byte. Exit 3 when copies of it remain, 5 when a
    lock of the store forbids it.

    \b
    copytrail withdraw --url https://one.example/a --reason "court order" -n
    copytrail withdraw bridge --until 2027-01-31 --reason embargo
    """
    from archive.vault import open_archive
    from archive.withdrawals import Mode
    from archive.withdrawing import Request
    from archive.withdrawing import lift as lift_it
    from copytrail.withdrawrows import addresses, end_of, withdrawal_row
    from crawlers.run import system_clock

    talk, now = talk.with_json(as_json=as_json), system_clock()
    if not (as_list or resume or reason):
        raise click.UsageError("a withdrawal needs --reason")
    if not (as_list or resume or lift or story or urls or records):
        raise click.UsageError("name a STORY, --url or --record, or give --list, --lift or --resume")
    if mode == "erase" and (until or lift):
        raise click.UsageError("what is erased cannot come back: name no --until and no --lift")
    with open_archive(talk.settings().settings, everything=True) as archive:
        if not dry_run and not as_list:
            _resume(talk, archive)
        if as_list:
            _list(talk, archive, now)
        elif lift:
            talk.emit("withdrawal", *withdrawal_row(lift_it(archive, lift, reason or "", now), holds=True))
        elif not resume:
            request = Request(
                reason=reason or "",
                mode=Mode(mode),
                urls=addresses(archive, story, urls, records=bool(records)),
                records=records,
                until=end_of(until),
                copies=all_copies,
            )
            return _withdraw(talk, archive, request, now, dry_run=dry_run)
    return 0


def _list(talk: Talk, archive: "Archive", now: datetime) -> None:
    from copytrail.withdrawrows import listed

    for row, line in listed(archive, now):
        talk.emit("withdrawal", row, line)


def _resume(talk: Talk, archive: "Archive") -> None:
    from archive.erasing import resume_erasures
    from archive.resume import resume
    from copytrail.withdrawrows import withdrawal_row
    from crawlers.run import system_clock

    for item in resume(archive.deposit(clock=system_clock, info={})):  # what a killed process left is looked at too
        talk.say(f"recovered {item.name}: {item.outcome}")
    for order in resume_erasures(archive, system_clock):
        talk.emit("withdrawal", *withdrawal_row(order, holds=True))
        talk.say(f"{order.id} had been cut off, and is done now")


def _withdraw(talk: Talk, archive: "Archive", request: "Request", now: datetime, *, dry_run: bool) -> int:
    from archive.erasing import carry_out, order, said_in
    from archive.withdrawals import Mode
    from archive.withdrawing import find, hide
    from copytrail.withdrawrows import affected_rows, withdrawal_row

    affected = find(archive, request)
    for row, line in affected_rows(affected, request):
        talk.emit("affected", row, line)
    seeds = 0
    if request.mode is Mode.ERASE:
        lines = said_in(archive, affected.taken(request))
        seeds = len(lines["seeds/"])
        talk.say(f"{len(lines['outcomes/'])} lines of run logs hold words of it, {seeds} seeds and records of seeds its text")
    if dry_run:
        talk.say(f"nothing was changed; {len(affected.taken(request))} captures would be withdrawn")
        return 0
    made = order(archive, request, now) if request.mode is Mode.ERASE else hide(archive, request, now)
    if made.mode is Mode.ERASE:
        carry_out(archive, made, now)
    talk.emit("withdrawal", *withdrawal_row(made, holds=True))
    left = [] if request.copies else affected.copies
    if left or (seeds and not request.copies):
        talk.warn(f"{len(left)} captures at other addresses with the same bytes and {seeds} seeds stay: --all-copies takes them too")
        return 3
    return 0
