"""What a job and its crawl find in their environment: where they work, our settings, and nothing that phones home.

Contract: pure.  Settings and credentials reach a worker through its environment alone, never as parameters or job variables, which
anybody who can see the workflow server can read.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from archive.settings import OTHER_VARIABLES, PREFIX, Settings

ROOT = Path(__file__).resolve().parents[1]  # the checkout: where prefect.yaml and scrapy.cfg lie
# orchestration.md §3.1: a server reports home every ten minutes, a client its first steps, the dashboard carries advertisements; and
# results in a store that others can write must be data, because unpickling executes them (§3.4).
QUIET = {
    "DO_NOT_TRACK": "1",
    "PREFECT_RESULTS_DEFAULT_SERIALIZER": "json",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
}
HEARTBEAT = 30  # seconds between two signs of life of a run; the shortest that Prefect takes
ALARM, OVER = "copytrail.alarm", "copytrail.over"  # what the events of alarms begin with
SKIPPED = "Skipped"  # the name of a run that came late and had nothing left to do
# What the work pool gives every run: nothing of ours, and no secret.
OF_RUNS = QUIET | {"PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT)}
_ENGINE = "PREFECT_"


def home(environ: Mapping[str, str]) -> Path:
    """The project folder, where ``copytrail.toml`` and a relative store lie: COPYTRAIL_HOME, else the checkout.

    Never the current folder: a worker runs each flow in a temporary one.
    """
    return Path(environ.get("COPYTRAIL_HOME") or ROOT).absolute()


def of_settings(settings: Settings) -> dict[str, str]:
    """The variables from which ``archive.settings.load`` makes these settings again."""
    values = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return {f"{PREFIX}{name.upper()}": str(value) for name, value in values.items() if value is not None}


def of_crawl(environ: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """The environment of a crawl: ours without the workflow engine's part, which holds its key, and with exactly these settings."""
    rest = {name: value for name, value in environ.items() if not name.startswith((_ENGINE, PREFIX)) or name in OTHER_VARIABLES}
    return rest | of_settings(settings) | {"SCRAPY_SETTINGS_MODULE": "crawlers.settings", "PYTHONUNBUFFERED": "1"}


def of_engine(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment of Prefect's own command: quiet, and with the server that was named or none.

    Without ``ALLOW_EPHEMERAL_MODE=false`` it would start a server of its own where none is named, deploy into that, and report success.
    """
    return dict(environ) | QUIET | {"PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "false"}
