"""Where the deployments run: the work pool and what it gives every run, from the settings.

Contract: pure.  ``pool_of`` refuses (BadVariable) what must not go to the workflow server, where everybody who sees it could read it: our
own settings and keys, which a worker has in its environment, and whatever sounds like a secret.  Names and values are the pool's own:
https://docs.prefect.io/v3/how-to-guides/deployment_infra/manage-work-pools.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from archive.settings import PREFIX, Settings

ENV = "env"
_NAME = re.compile(r"(env\.)?[A-Za-z_][A-Za-z0-9_]*")
_SECRET = re.compile(r"secret|passw|token|credential|api_?key|access_?key|auth_string", re.IGNORECASE)
_OF_WORKERS = (PREFIX, "AWS_", "PREFECT_API_")


class BadVariable(ValueError):
    """A job variable that cannot be given; the message does not hold its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """A work pool."""

    name: str
    kind: str
    variables: Mapping[str, Any] = field(default_factory=dict)  # of every run; those of its environment under ``env``


def pool_of(settings: Settings) -> Pool:
    """The pool that the settings name."""
    given = _given(settings.job_variables)
    for name in given:
        _check(name)
    environment = {name.removeprefix("env."): str(value) for name, value in given.items() if name.startswith("env.")}
    variables = {name: value for name, value in given.items() if not name.startswith("env.")}
    return Pool(name=settings.pool, kind=settings.pool_type, variables=variables | ({ENV: environment} if environment else {}))


def in_pool(content: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    """The content of ``prefect.yaml`` with its deployments in this pool; what the file gives their environment stays."""
    return {**content, "deployments": [{**item, "work_pool": _work_pool(item["work_pool"], pool)} for item in content["deployments"]]}


def _work_pool(known: Mapping[str, Any], pool: Pool) -> dict[str, Any]:
    ours = known["job_variables"]
    return {"name": pool.name, "job_variables": {**ours, **pool.variables, ENV: {**pool.variables.get(ENV, {}), **ours[ENV]}}}


def _given(text: str) -> dict[str, Any]:
    """``NAME=VALUE``, comma-separated, or one JSON object; a value that reads as JSON is that, another one is text."""
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError as error:
            raise BadVariable(f"job_variables is no JSON object: {error}") from None
        return dict(found)
    pairs = [item.partition("=") for item in text.split(",") if item.strip()]
    return {name.strip(): _value(value.strip()) for name, _, value in pairs}


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _check(name: str) -> None:
    if not _NAME.fullmatch(name) or name == ENV:
        raise BadVariable(f"job_variables: {name!r} is no name of a job variable; write NAME=VALUE, or env.NAME=VALUE for the environment")
    if name.removeprefix("env.").upper().startswith(_OF_WORKERS) or _SECRET.search(name):
        raise BadVariable(f"job_variables: {name!r} would lie open on the Prefect server: give it to the workers, in their environment")
