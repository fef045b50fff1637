"""The deployments of ``prefect.yaml``, brought to a Prefect server, with what the server shall do by itself (``flows/automations.py``).

Contract: works through Prefect's own command in a process of its own, so that it costs its caller no import of Prefect.  Doing it again
updates what is there.  The server is the one that PREFECT_API_URL or the active profile names; it is never started here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import quote

import yaml

from flows.automations import bring, bring_webhook, checked, keeps_for_ever, messages, zombies
from flows.engineapi import DeployError, NoServer, command, connect
from flows.environment import ROOT
from flows.pool import Pool, in_pool

PREFECT_FILE = ROOT / "prefect.yaml"
_NO_SERVER = {
    "No Prefect API URL provided": "no Prefect server is named: set PREFECT_API_URL, for example to http://127.0.0.1:4200/api",
    "ConnectError": "the Prefect server does not answer: is PREFECT_API_URL right, and `prefect server start` running?",
    "ConnectTimeout": "the Prefect server does not answer in time",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of ``prefect.yaml``."""

    name: str  # FLOW/DEPLOYMENT, as Prefect's commands take it
    crons: tuple[str, ...]
    description: str


def deployments(path: Path = PREFECT_FILE) -> list[Deployment]:
    """What ``prefect.yaml`` holds."""
    return [
        Deployment(
            name=f"{item['entrypoint'].rpartition('.')[2]}/{item['name']}",
            crons=tuple(schedule["cron"] for schedule in item.get("schedules", [])),
            description=item["description"],
        )
        for item in _content(path)["deployments"]
    ]


def _content(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """What the server holds now."""

    deployments: tuple[Deployment, ...]
    automations: tuple[str, ...]  # by name, those that are new or were changed
    keeps_for_ever: bool  # whether the server never deletes a run


def deploy(environ: Mapping[str, str], pool: Pool, notify: str | None = None) -> Deployed:
    """Make the work pool where it is missing, create or update every deployment and automation, and the webhook at ``notify`` if any.

    BadAddress, before anything is done, when ``notify`` is no address of a webhook.
    """
    if notify is not None:
        checked(notify)
    engine = connect(environ)
    known = engine.ask("GET", f"/work_pools/{quote(pool.name, safe='')}")
    if known is None:
        created, said = command(environ, "work-pool", "create", pool.name, "--type", pool.kind)
        if not created:
            raise _refused(said)
    elif known["type"] != pool.kind:
        raise DeployError(f"the work pool {pool.name!r} is of the kind {known['type']!r}, not {pool.kind!r}: name another pool")
    with NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        yaml.safe_dump(in_pool(_content(PREFECT_FILE), pool), file)
        file.flush()
        deployed, said = command(environ, "deploy", "--all", "--prefect-file", file.name)
    if not deployed:
        raise _refused(said)
    wanted = [zombies(), *(messages(bring_webhook(engine, notify)) if notify is not None else [])]
    changed = bring(engine, wanted)
    return Deployed(deployments=tuple(deployments()), automations=tuple(changed), keeps_for_ever=keeps_for_ever(engine))


def _refused(said: str) -> DeployError:
    for sign, message in _NO_SERVER.items():
        if sign in said:
            return NoServer(message)
    lines = [line for line in said.splitlines() if line.strip() and line.strip() != "An exception occurred."]
    return DeployError(f"prefect: {lines[-1].strip() if lines else 'refused without a word'}")
