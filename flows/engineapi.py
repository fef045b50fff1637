"""The workflow server asked over HTTP, without importing its client.

Contract: ``connect`` takes address and key from where Prefect's own command takes them: environment, then profile.  An answer is JSON, None
where the server knows no such thing (404).  NoServer when it does not answer, DeployError with its words when it refuses; neither holds
a key.
"""

import base64
import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flows.environment import ROOT, of_engine

PATIENCE = 30.0  # seconds for one answer
SECONDS = 300.0  # for one of Prefect's own commands; each takes some three


class DeployError(RuntimeError):
    """Prefect refused; the message is the end of what it said."""


class NoServer(DeployError):
    """No server is named, or it does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A server and how it is greeted."""

    url: str
    headers: Mapping[str, str] = field(repr=False)

    def ask(self, method: str, path: str, body: object | None = None) -> Any:
        """The answer to one request."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(self.headers), method=method)  # noqa: S310 -- looked at in connect
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310 -- the same
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            with error:
                if error.code == 404:
                    return None
                raise DeployError(f"the Prefect server answers {error.code} to {method} {path}: {_said(error.read())}") from None
        except (OSError, ValueError) as error:
            raise NoServer(f"the Prefect server does not answer: {getattr(error, 'reason', error)}") from None


def connect(environ: Mapping[str, str]) -> Engine:
    """The server that PREFECT_API_URL or the active profile names."""
    said = command(environ, "config", "view", "--show-secrets", "--hide-sources", "--output", "json")[1]
    try:
        told = {item["name"]: str(item["value"]) for item in json.loads(said[said.index("{") :])["settings"]}
    except (ValueError, KeyError, TypeError):
        raise DeployError("`prefect config view` said nothing that could be read") from None
    url = told.get("PREFECT_API_URL", "").rstrip("/")
    if not url.startswith(("http://", "https://")):
        raise NoServer("no Prefect server is named: set PREFECT_API_URL, for example to http://127.0.0.1:4200/api")
    headers = {"Content-Type": "application/json"}
    if login := told.get("PREFECT_API_AUTH_STRING"):
        headers["Authorization"] = f"Basic {base64.b64encode(login.encode()).decode('ascii')}"
    elif key := told.get("PREFECT_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    return Engine(url=url, headers=headers)


def command(environ: Mapping[str, str], *words: str) -> tuple[bool, str]:
    """Run one of Prefect's own commands; whether it succeeded, and what it said."""
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "prefect", "--no-prompt", *words],
            cwd=ROOT,
            env=of_engine(environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NoServer(f"`prefect {words[0]}` took more than {SECONDS:g} seconds") from error
    return ended.returncode == 0, ended.stdout


def _said(data: bytes) -> str:
    return data.decode("utf-8", "replace")[:300].replace("\n", " ")
