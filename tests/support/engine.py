"""A real Prefect server and a real worker on loopback, silent towards the world, ended by their ids.

Contract: ``prefect_server(folder)`` yields an :class:`Engine` whose server answers; ``Engine.worker`` runs a process worker with the given
environment.  Nothing of the user's own Prefect is touched: home, profile and database lie in ``folder``.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from support.doors import as_at_a_terminal

from archive.settings import Settings
from flows.environment import OF_RUNS, QUIET

POOL = Settings().pool
FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
PREFECT = [sys.executable, "-m", "prefect"]
PATIENCE = 90.0  # seconds; a first start took 46 on a busy machine of two cores
Found = TypeVar("Found")


def wait_for(condition: Callable[[], Found], seconds: float = PATIENCE) -> Found:
    """What the condition gives, as soon as that is true."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds: the last answer was {found!r}"
        time.sleep(0.2)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A running server."""

    url: str
    environ: Mapping[str, str]  # with which clients, workers and flows find it
    folder: Path
    restart: Callable[[], None]  # stops the server and starts it again

    def ask(self, path: str, body: object | None = None, *, method: str | None = None) -> Any:
        """The answer of the API: GET, or POST when there is a body.

        A busy server on SQLite answers 503 and wants to be asked again, as Prefect's own client does.
        """
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)  # noqa: S310 -- loopback
        for pause in (0.5, 1, 2, 4, 8):
            try:
                return _answer(request)
            except urllib.error.HTTPError as error:
                if error.code != 503:
                    raise
            time.sleep(pause)
        return _answer(request)

    def deployment(self, name: str) -> Any:
        """A deployment by FLOW/DEPLOYMENT."""
        return self.ask(f"/deployments/name/{name}")

    def start(
        self,
        name: str,
        environ: Mapping[str, str] | None = None,
        *,
        queue: str | None = None,
        when: str | None = None,
        **parameters: object,
    ) -> str:
        """Ask for a run of a deployment, now or ``when`` (ISO 8601), on one queue or on any; its id."""
        body = {
            "parameters": parameters,
            "state": {"type": "SCHEDULED", "state_details": {"scheduled_time": when}},
            "job_variables": {"env": {**OF_RUNS, **(environ or {})}},
            "work_queue_name": queue,
        }
        return str(self.ask(f"/deployments/{self.deployment(name)['id']}/create_flow_run", body)["id"])

    def state(self, run: str) -> Any:
        """The present state of a run."""
        return self.ask(f"/flow_runs/{run}")["state"]

    def ended(self, run: str) -> Any:
        """The final state of a run, when it has come."""
        return wait_for(lambda: state if (state := self.state(run))["type"] in FINAL else None, 2 * PATIENCE)

    def log(self, run: str) -> list[str]:
        """The lines of a run's log, oldest first."""
        found: list[str] = []
        while True:
            query = {"logs": {"flow_run_id": {"any_": [run]}}, "sort": "TIMESTAMP_ASC", "limit": 200, "offset": len(found)}
            page = self.ask("/logs/filter", query)
            found += [row["message"] for row in page]
            if len(page) < 200:
                return found

    @contextmanager
    def worker(self, pool: str, environ: Mapping[str, str], queue: str | None = None) -> Iterator["subprocess.Popen[bytes]"]:
        """A process worker, from another folder than the checkout, as a service manager would start it; its flows are in its group."""
        command = [*PREFECT, "worker", "start", "--pool", pool, "--limit", "5", "--install-policy", "never"]
        command += ["--work-queue", queue] if queue is not None else []
        with running(command, self.folder, {**self.environ, **environ, "PREFECT_WORKER_QUERY_SECONDS": "1"}, "worker.log") as process:
            yield process


@contextmanager
def prefect_server(folder: Path, **settings: str) -> Iterator[Engine]:
    """Run a server whose data lie in ``folder``; ``settings`` are more of its variables, without ``PREFECT_``."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    home = {"PREFECT_HOME": str(folder / "home"), "PREFECT_API_URL": url, **{f"PREFECT_{name}": value for name, value in settings.items()}}
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")} | QUIET | home
    command = [*PREFECT, "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    with ExitStack() as server:

        def start() -> None:
            server.close()
            server.enter_context(running(command, folder, environ, "server.log"))
            wait_for(lambda: _healthy(engine))

        engine = Engine(url=url, environ=environ, folder=folder, restart=start)
        start()
        yield engine


def _answer(request: urllib.request.Request) -> Any:
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- loopback
        return json.loads(answer.read() or "null")


def _healthy(engine: Engine) -> bool:
    with suppress(urllib.error.URLError, ConnectionError):
        return engine.ask("/health") is True
    return False


@contextmanager
def running(command: Sequence[str], folder: Path, environ: Mapping[str, str], log: str) -> Iterator["subprocess.Popen[bytes]"]:
    """A server or worker of Prefect, or what becomes one; ended by its id."""
    with (folder / log).open("ab") as file:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            # A worker that inherits an ignored SIGINT does not hear SIGTERM either (orchestration.md §3.4).
            preexec_fn=as_at_a_terminal,  # noqa: PLW1509 -- it only resets a signal
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                process.wait(10)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
