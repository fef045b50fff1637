"""The deployments of ``prefect.yaml``, brought to a Prefect server.

Contract: works through Prefect's own command in a process of its own, so that it costs its caller no import of Prefect.  Doing it again
updates what is there.  The server is the one that PREFECT_API_URL or the active profile names; it is never started here.
"""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from flows.environment import ROOT, of_engine

POOL = "copytrail"
PREFECT_FILE = ROOT / "prefect.yaml"
_SECONDS = 300.0  # for one command; each takes some three
_NO_SERVER = {
    "No Prefect API URL provided": "no Prefect server is named: set PREFECT_API_URL, for example to http://127.0.0.1:4200/api",
    "ConnectError": "the Prefect server does not answer: is PREFECT_API_URL right, and `prefect server start` running?",
    "ConnectTimeout": "the Prefect server does not answer in time",
}


class DeployError(RuntimeError):
    """Prefect refused; the message is the end of what it said."""


class NoServer(DeployError):
    """No server is named, or it does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One deployment of ``prefect.yaml``."""

    name: str  # FLOW/DEPLOYMENT, as Prefect's commands take it
    crons: tuple[str, ...]
    description: str


def deployments(path: Path = PREFECT_FILE) -> list[Deployment]:
    """What ``prefect.yaml`` holds."""
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [
        Deployment(
            name=f"{item['entrypoint'].rpartition('.')[2]}/{item['name']}",
            crons=tuple(schedule["cron"] for schedule in item.get("schedules", [])),
            description=item["description"],
        )
        for item in content["deployments"]
    ]


def deploy(environ: Mapping[str, str]) -> list[Deployment]:
    """Make the work pool where it is missing, and create or update every deployment."""
    created, said = _prefect(environ, "work-pool", "create", POOL, "--type", "process")
    if not created and "already exists" not in said:
        raise _refused(said)
    deployed, said = _prefect(environ, "deploy", "--all", "--prefect-file", str(PREFECT_FILE))
    if not deployed:
        raise _refused(said)
    return deployments()


def _prefect(environ: Mapping[str, str], *words: str) -> tuple[bool, str]:
    """Run one of Prefect's commands; whether it succeeded, and what it said."""
    command: Sequence[str] = [sys.executable, "-m", "prefect", "--no-prompt", *words]
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=of_engine(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoServer(f"`prefect {words[0]}` took more than {_SECONDS:g} seconds") from error
    return ended.returncode == 0, ended.stdout


def _refused(said: str) -> DeployError:
    for sign, message in _NO_SERVER.items():
        if sign in said:
            return NoServer(message)
    lines = [line for line in said.splitlines() if line.strip() and line.strip() != "An exception occurred."]
    return DeployError(f"prefect: {lines[-1].strip() if lines else 'refused without a word'}")
