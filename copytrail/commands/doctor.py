"""``copytrail doctor``: is everything as a crawl needs it, and may a store be shared."""

import os
import secrets
from datetime import UTC, datetime

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.option("--store", metavar="URL", help="Probe this store with real requests, and write down in it what it can do.")
@click.option("--writer", metavar="NAME", help="With --store: who alone may write, where one may; default: who does so far.")
@json_flag
@click.pass_obj
def command(talk: Talk, store: str | None, writer: str | None, *, as_json: bool) -> int:
    """Check machine, clock, settings, disk, catalogue, store and Prefect.

    One row a check: ok, warn or fail, what was found, what to do. Exit 1 when
    something failed. Nothing is contacted but what the settings name.

    --store URL probes a folder or s3://bucket/prefix under a prefix of its own,
    deletes what it wrote there, and says whether several writers may share it.
    """
    from copytrail.doctorreport import Report, probe_store
    from copytrail.doctorrows import of_settings, sound
    from copytrail.machinerows import MACHINE

    talk = talk.with_json(as_json=as_json)
    report = Report(talk, os.environ)
    settings, rows = sound(os.environ, talk.project)
    if store is not None:
        talk.say(f"probing {store}: some 1,050 small requests")
        name = f"{_now():%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        for row in rows:
            if row.advice:
                report.show(row)
        probe_store(report, settings, store, _now, name, writer)
        return report.code
    for name, check in MACHINE.items():
        report.run(name, check)
    for row in rows:
        report.show(row)
    for name, checks in of_settings(settings, os.environ, _now):
        report.run(name, checks)
    return report.code


def _now() -> datetime:
    return datetime.now(UTC)
