"""What the workflow server does by itself: end runs that are dead, tell of alarms, tell when nothing runs any more.

Contract: ``zombies`` and ``messages`` are values, as the server takes them; ``bring`` makes the server hold them, and changes nothing where
it holds them already (an automation's description ends in the digest of its definition).  The address of a webhook is a secret: it lies
in a block of the server, which shows it to nobody, and in no message here.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flows.engineapi import DeployError, Engine
from flows.environment import ALARM, HEARTBEAT, OVER, SKIPPED

BLOCK = "copytrail-alarms"
# A heartbeat goes through a queue that lags 60 to 115 seconds behind when a server is busy (orchestration.md §3.4).
DEAD_AFTER = 5.0 * HEARTBEAT  # seconds
SILENT_AFTER = 3 * 3600.0  # seconds without a run that ended; the schedules start four an hour
RETENTION = {"PREFECT_SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs"}  # the server's own; what was kept of runs is in the archive
ENDED = tuple(f"prefect.flow-run.{name}" for name in ("Cancelled", "Completed", "Crashed", "Degraded", "Failed", SKIPPED))
_BEAT = "prefect.flow-run.heartbeat"
_OURS = {"prefect.resource.role": "deployment", "prefect.resource.name": "copytrail"}

Automation = Mapping[str, Any]


class BadAddress(ValueError):
    """No address for a webhook; the message does not hold it."""


def checked(url: str) -> str:
    """The address of a webhook, when it can be one."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or not url.isprintable() or " " in url:
        raise BadAddress("the address of a webhook begins with http:// or https:// and names a host")
    return url


def zombies() -> Automation:
    """A run whose process is gone is shown as running for ever, and holds its place, until somebody says that it has crashed."""
    return _automation(
        "copytrail: runs without a sign of life",
        f"Marks a run as crashed when it has given no heartbeat for {DEAD_AFTER:g} seconds: its worker was killed.",
        trigger={
            "type": "event",
            "posture": "Proactive",
            "match": {"prefect.resource.id": "prefect.flow-run.*"},
            "match_related": _OURS,
            "for_each": ["prefect.resource.id"],
            "after": [_BEAT],
            "expect": sorted([_BEAT, *ENDED]),
            "threshold": 1,
            "within": DEAD_AFTER,
        },
        action={"type": "change-flow-run-state", "state": "CRASHED", "message": f"no sign of life for {DEAD_AFTER:g} seconds"},
    )


def messages(block: str) -> list[Automation]:
    """What is sent to the webhook in a block: alarms, runs that broke, and that none runs any more."""
    alarm = '{"text": {{ (event.event ~ ": " ~ event.payload.message) | tojson }}, "alarm": {{ event.payload | tojson }}}'
    broke = '{"text": {{ ("copytrail: " ~ flow.name ~ ": " ~ flow_run.state.name ~ ": " ~ flow_run.state.message) | tojson }}}'
    silent = '{"text": "copytrail: no scheduled run has ended for %g hours: is a worker running?"}' % (SILENT_AFTER / 3600)
    anything = {"type": "event", "posture": "Reactive", "threshold": 1, "within": 0}
    return [
        _automation(
            "copytrail: alarms",
            "Sends alarms, and their end, to the webhook.",
            trigger={**anything, "match": {"prefect.resource.id": "copytrail.*"}, "expect": [f"{ALARM}.*", f"{OVER}.*"]},
            action=_call(block, alarm),
        ),
        _automation(
            "copytrail: runs that failed",
            "Sends the message of a run that failed or crashed to the webhook.",
            trigger={
                **anything,
                "match": {"prefect.resource.id": "prefect.flow-run.*"},
                "match_related": _OURS,
                "expect": ["prefect.flow-run.Crashed", "prefect.flow-run.Failed"],
            },
            action=_call(block, broke),
        ),
        _automation(
            "copytrail: nothing runs",
            f"Sends a word to the webhook when no run has ended for {SILENT_AFTER / 3600:g} hours.",
            trigger={
                "type": "event",
                "posture": "Proactive",
                "match": {"prefect.resource.id": "prefect.flow-run.*"},
                "match_related": _OURS,
                "expect": list(ENDED),
                "threshold": 1,
                "within": SILENT_AFTER,
            },
            action=_call(block, silent),
        ),
    ]


def _call(block: str, payload: str) -> Automation:
    return {"type": "call-webhook", "block_document_id": block, "payload": payload}


def _automation(name: str, description: str, *, trigger: Automation, action: Automation) -> Automation:
    digest = hashlib.sha256(json.dumps([trigger, action], sort_keys=True).encode()).hexdigest()[:12]
    return {
        "name": name,
        "description": f"{description} [{digest}]",
        "enabled": True,
        "tags": ["copytrail"],
        "trigger": trigger,
        "actions": [action],
    }


def bring(engine: Engine, wanted: list[Automation]) -> list[str]:
    """Make or change automations; the names of those that are new or other than before."""
    there = {item["name"]: item for item in engine.ask("POST", "/automations/filter", {"limit": 200})}
    changed = []
    for item in wanted:
        known = there.get(item["name"])
        if known is not None and known["description"] == item["description"]:
            continue
        if known is None:
            engine.ask("POST", "/automations/", item)
        else:
            engine.ask("PUT", f"/automations/{known['id']}", item)
        changed.append(str(item["name"]))
    return changed


def bring_webhook(engine: Engine, url: str) -> str:
    """Make or change the block that holds the webhook's address; its id."""
    data = {"method": "POST", "url": checked(url), "headers": {"Content-Type": "application/json"}}
    there = engine.ask("GET", f"/block_types/slug/webhook/block_documents/name/{BLOCK}")
    if there is not None:
        engine.ask("PATCH", f"/block_documents/{there['id']}", {"data": data, "merge_existing_data": False})
        return str(there["id"])
    kind = engine.ask("GET", "/block_types/slug/webhook")
    schemas = engine.ask("POST", "/block_schemas/filter", {"block_schemas": {"block_type_id": {"any_": [kind["id"]]}}}) if kind else []
    if not schemas:
        raise DeployError("the Prefect server knows no webhooks: prefect block register -m prefect.blocks.webhook")
    document = {"name": BLOCK, "data": data, "block_type_id": kind["id"], "block_schema_id": schemas[0]["id"]}
    return str(engine.ask("POST", "/block_documents/", document)["id"])


def keeps_for_ever(engine: Engine) -> bool:
    """Whether the server never deletes a run: without a limit its database grows until schedules stop (orchestration.md §3.6)."""
    settings = engine.ask("GET", "/admin/settings")
    enabled = settings["server"]["services"].get("db_vacuum", {}).get("enabled") if settings else None
    return not (enabled is True or (isinstance(enabled, str | list) and "flow_runs" in enabled))
