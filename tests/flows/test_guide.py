"""The guide for several workers is followed: its commands run as they are printed, on the servers that its compose file names."""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.doors import ROOT
from support.engine import Engine, prefect_server, running, wait_for
from support.postgres import fresh_database, postgres_server
from support.weed import BUCKET, Weed

from copytrail.newsroom import Newsroom

LAB = ROOT / "docs/guides/lab"
TEXT = (ROOT / "docs/guides/several-workers.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
COMPOSE: dict[str, Any] = yaml.safe_load((LAB / "compose.yaml").read_text(encoding="utf-8"))
BIN = Path(sys.executable).parent
LOGIN = "lab:login-of-this-test"

pytestmark = pytest.mark.timeout(600)  # the first start of a server alone may take a minute


def block(start: str) -> str:
    """The one block of the guide that begins so."""
    (found,) = (text for text in BLOCKS if text.startswith(start))
    return str(found)


def bash(script: str, folder: Path, environ: Mapping[str, str]) -> str:
    """What a script writes to stdout; it ends well."""
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, env=dict(environ), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (script, done.stderr[-3000:], done.stdout[-1000:])
    return done.stdout


def filled(text: str, places: Mapping[str, str]) -> str:
    """The text with its places filled in, each of which is there."""
    for name, value in places.items():
        assert name in text, name
        text = text.replace(name, value)
    assert "…" not in text
    return text


def test_the_secrets_are_made_as_the_file_wants_them(tmp_path: Path) -> None:
    """Every variable of the compose file without a default is made by the guide's commands, anew each time and readable for one."""
    (tmp_path / "docs/guides/lab").mkdir(parents=True)
    *made, compose = block("cd docs/guides/lab").splitlines()
    assert compose == "docker compose up --detach --wait postgres prefect s3"
    assert {"postgres", "prefect", "s3"} <= COMPOSE["services"].keys()

    env = tmp_path / "docs/guides/lab/.env"
    bash("\n".join(made), tmp_path, os.environ)
    first = env.read_text()
    bash("\n".join(made), tmp_path, os.environ)

    given = dict(line.split("=", 1) for line in first.splitlines())
    wanted = set(re.findall(r"\$\{([A-Z0-9_]+):\?\}", (LAB / "compose.yaml").read_text(encoding="utf-8")))
    assert wanted == given.keys()
    assert all(len(value) >= 20 for value in given.values())
    assert not set(first.splitlines()) & set(env.read_text().splitlines())
    assert env.stat().st_mode & 0o777 == 0o600


def test_the_file_names_what_was_tested() -> None:
    """Prefect and SeaweedFS are of the versions that the tests of this checkout run on, and every port listens where it is told to."""
    weed = subprocess.run([BIN / "weed", "version"], capture_output=True, text=True, check=True).stdout

    assert COMPOSE["services"]["prefect"]["image"].startswith(f"prefecthq/prefect:{version('prefect')}-")
    assert f" {COMPOSE['services']['s3']['image'].rpartition(':')[2]} " in weed
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("${COPYTRAIL_BIND:-127.0.0.1}:") for port in ports)


def test_the_guide_is_followed(tmp_path: Path, newsroom: Newsroom, weed: Weed) -> None:
    """From an empty PostgreSQL to a story that a worker has collected: database, worker, doctor, deployments, cron, status."""
    with postgres_server() as postgres:
        catalogue = fresh_database(postgres)
        made = prefects_own(catalogue)
        bash(made.script, tmp_path, made.environ)
        bash(made.script, tmp_path, made.environ)  # it is left alone when it is there
        database = f"{catalogue.rpartition('/')[0]}/prefect".replace("postgresql://", "postgresql+asyncpg://")
        assert COMPOSE["services"]["prefect"]["command"][:3] == ["prefect", "server", "start"]
        with prefect_server(tmp_path, API_DATABASE_CONNECTION_URL=database, SERVER_API_AUTH_STRING=LOGIN) as engine:
            follow(tmp_path, newsroom, weed, engine, catalogue)


class Made:
    """The service that makes Prefect's database, as a script for here."""

    def __init__(self, script: str, environ: Mapping[str, str]) -> None:
        self.script, self.environ = script, environ


def prefects_own(catalogue: str) -> Made:
    """The service of the compose file, for the server of ``catalogue``."""
    service = COMPOSE["services"]["prefect-database"]
    user, host, port, name = re.fullmatch(r"postgresql://(.*)@(.*):(.*)/(.*)", catalogue).groups()  # type: ignore[union-attr]
    shell, option, script = service["entrypoint"]
    assert (shell, option) == ("sh", "-c")
    there = {"PGHOST": host, "PGUSER": user, "PGPASSWORD": "", "PGPORT": port}
    assert set(service["environment"]) <= there.keys()
    return Made(filled(script, {"-lqt copytrail": f"-lqt {name}"}), {**os.environ, **there})


def follow(folder: Path, newsroom: Newsroom, weed: Weed, engine: Engine, catalogue: str) -> None:
    """Type what the guide says."""
    exports = filled(
        block("export COPYTRAIL_HOME"),
        {
            "/srv/copytrail": str(folder),
            "s3://copytrail/lab": f"s3://{BUCKET}/lab",
            "http://lab:8333": weed.endpoint,
            "postgresql://copytrail:PASSWORD@lab:5432/copytrail": catalogue,
            "/var/lib/copytrail": str(folder / "work"),
            "KEY_ID=…": f"KEY_ID={shlex.quote(weed.access)}",
            "ACCESS_KEY=…": f"ACCESS_KEY={shlex.quote(weed.secret)}",
            "http://lab:4200/api": engine.url,
            "lab:…": LOGIN,
        },
    )
    rest = {name: value for name, value in engine.environ.items() if name not in {"PREFECT_API_URL", "PREFECT_SERVER_API_AUTH_STRING"}}
    environ = {**rest, **newsroom.environment(), "PATH": f"{BIN}:{os.environ['PATH']}", "COPYTRAIL_DELAY": "0.02"}
    for name in [name for name in environ if name in {"COPYTRAIL_CONTACT", "COPYTRAIL_STORE"}]:
        del environ[name]
    (folder / ".venv").symlink_to(BIN.parent)

    def typed(command: str) -> str:
        return bash(f"{exports}\n{command}", folder, environ)

    assert "refuses" not in typed(filled(block("copytrail doctor"), {"s3://copytrail/lab": f"s3://{BUCKET}/lab"}))
    typed(block("copytrail deploy"))
    typed(block("COPYTRAIL_POOL=big"))
    typed(f"copytrail new flood {shlex.quote(str(newsroom.seeds))}")
    worker = block("prefect worker start").strip()
    with running(["bash", "-c", f"{exports}\nexec {worker}"], folder, environ, "worker.log") as process:
        typed("copytrail deploy")
        typed("prefect deployment run collect/copytrail -p story=flood --watch")
        process.terminate()
        assert process.wait(60) is not None  # TimeoutStopSec
    cron = block("*/15 * * * *").strip().removeprefix("*/15 * * * *").strip()
    typed(filled(cron, {"/srv/copytrail": str(folder)}))
    said = [typed(line.partition("#")[0]) for line in block("copytrail status flood").splitlines()]

    assert all(said[:2])
    assert {"requested", "robots"} <= {json.loads(line)["deed"] for line in said[1].splitlines()}
    assert "domain" in said[2]
    assert wait_for(lambda: not list((folder / "work").rglob("*.open")))
