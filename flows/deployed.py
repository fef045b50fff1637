"""The jobs as Prefect flows; the only module that knows Prefect.

Contract: a flow reads its settings from the environment of its worker (never from parameters, which everybody who sees the server can
read), does its job (``flows/jobs.py``), leaves the job's rows as an artifact, and ends as the job did: *Completed*, *Completed* named
*Degraded*, or *Failed*; a late run whose job another one has done since is *Completed* named *Skipped*.  An archive that cannot be reached
ends it as *Crashed*, after the tries of its tasks.  A cancelled flow ends its crawl first.
"""

import logging
import os
import re
from collections.abc import Callable, Sequence
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from prefect import flow, get_run_logger, runtime, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterDeploymentId,
    FlowRunFilterStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import State, StateType, TaskRun
from prefect.events import emit_event
from prefect.states import Completed, Crashed, Failed
from prefect.tasks import Task

from archive import codec
from archive.catalogue import CatalogueError
from archive.records import Alarm
from archive.settings import load
from archive.store import StoreError
from flows import child, environment, jobs
from flows.environment import ALARM, OVER, SKIPPED
from flows.reports import Compacted, Crawled, Ending, Recrawled, Report, Row

MOST_ROWS = 1000  # rows of one artifact: it is for eyes; the table of outcomes has them all
LATE = timedelta(minutes=5)  # of a run: half of its schedule's shortest pause would be seven
UNREACHABLE = (StoreError, CatalogueError)


@flow(name="collect", flow_run_name="collect-{story}")
def collect(story: str) -> State[None]:
    """Fetch what waits in a story's frontier: originals and related coverage."""
    return _run(f"collect-{story}", lambda _: _crawl(story))


@flow(name="recrawl")
def recrawl(story: str | None = None, *, everything: bool = False) -> State[None]:
    """Visit the articles again that are due, or all, of one story or of every one; record edits and deletions."""
    return _run("recrawl", lambda desk: jobs.recrawl(desk, story, everything=everything, visit=_crawl))


@flow(name="watch")
def watch(story: str | None = None) -> State[None]:
    """Look for alarms, visit what is due, and take up what earlier runs left in the frontiers, of one story or of every one."""
    return _run("watch", lambda desk: jobs.watch(desk, story, visit=_crawl))


@flow(name="publish")
def publish() -> State[None]:
    """Write what is not there yet of the tables that researchers read."""
    return _run("publish", jobs.publish)


@flow(name="audit")
def audit() -> State[None]:
    """Read every object that a manifest names and compare it with what was written."""
    return _run("audit", jobs.audit)


@flow(name="compact")
def compact() -> State[None]:
    """Put the small tables and indexes of past days together; add up how full the store is."""
    return _run("compact", jobs.compact)


@flow(name="reprocess")
def reprocess(story: str | None = None, *, dry: bool = False) -> State[None]:
    """Read again with the present extractor what an earlier one has read."""
    return _run("reprocess", lambda desk: jobs.reprocess(desk, story, dry=dry))


def _store_may_come_back(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    """Only an archive that cannot be reached is worth another try: requests are repeated by the crawl itself."""
    return isinstance(state.result(raise_on_failure=False), UNREACHABLE)


@task(
    name="crawl",
    task_run_name="crawl-{story}",
    cache_policy=NO_CACHE,  # a cached crawl would be a visit that never was; what is done the archive knows
    retries=2,
    retry_delay_seconds=[10, 60],
    retry_condition_fn=_store_may_come_back,
)
def _crawl(story: str, which: str = "") -> Crawled:
    return jobs.crawl(_desk(), story, which)


def _desk() -> jobs.Desk:
    home = environment.home(os.environ)
    return jobs.Desk(
        settings=load(os.environ, folder=home).settings,
        home=home,
        environ=os.environ,
        clock=lambda: datetime.now(UTC),
        log=get_run_logger().log,
    )


def _run(name: str, job: Callable[[jobs.Desk], Report]) -> State[None]:
    """Do a job in the project folder, leave its artifact, and say how it ended; a worker's flow ends with its worker."""
    if runtime.deployment.id is not None:
        child.end_with_parent()
    if _is_overtaken(datetime.now(UTC)):
        return Completed(name=SKIPPED, message="a run that was to come after this one has done it")
    with chdir(environment.home(os.environ)):
        try:
            report = job(_desk())
        except UNREACHABLE as error:
            return Crashed(message=f"the archive cannot be reached: {error}")
    get_run_logger().log(logging.INFO if report.ending is Ending.COMPLETED else logging.WARNING, "%s", report.summary)
    _leave_artifact(name, report, report.rows)
    if isinstance(report, Crawled | Recrawled):
        _leave_artifact(f"{name}-outlets", report, report.outlets)
    if isinstance(report, Recrawled | Compacted):
        _tell(report)
    return _state(report)


def _is_overtaken(now: datetime) -> bool:
    """Whether this run comes late and another one has begun to do the same since it was to come: after an outage one run catches up."""
    due, deployed_as = runtime.flow_run.scheduled_start_time, runtime.deployment.id
    if deployed_as is None or now - due < LATE:
        return False
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_run_filter=FlowRunFilter(
                deployment_id=FlowRunFilterDeploymentId(any_=[UUID(str(deployed_as))]),
                start_time=FlowRunFilterStartTime(after_=due),
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.COMPLETED])),
            )
        )
    ours = str(runtime.flow_run.id)
    return any(str(run.id) != ours and run.parameters == runtime.flow_run.parameters for run in found)


def _tell(report: Recrawled | Compacted) -> None:
    """Every alarm that is new or over as an event, on which an automation can act; those that stand as an artifact."""
    for alarm in (*report.seen.raised, *report.seen.over):
        emit_event(
            f"{OVER if alarm.over else ALARM}.{alarm.kind}",
            resource={"prefect.resource.id": f"copytrail.{alarm.kind}.{alarm.about}", "prefect.resource.name": alarm.about},
            payload=codec.plain(alarm),
        )
    if report.seen.standing or report.seen.over:
        rows = [_flat(alarm) for alarm in report.seen.standing]
        create_table_artifact(key="alarms", table=rows, description=f"**{len(rows)} alarms stand**")


def _flat(alarm: Alarm) -> dict[str, str]:
    numbers = ", ".join(f"{name} {value:g}" for name, value in alarm.evidence.items())
    return {
        "kind": alarm.kind.value,
        "about": alarm.about,
        "since": alarm.since.isoformat(timespec="seconds"),
        "what": alarm.message,
        "do": alarm.advice,
        "numbers": numbers,
    }


def _leave_artifact(name: str, report: Report, rows: Sequence[Row]) -> None:
    cut = f"\n\nThe first {MOST_ROWS} of {len(rows)} rows; the archive has them all." if len(rows) > MOST_ROWS else ""
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")  # what Prefect admits
    create_table_artifact(key=key, table=[dict(row) for row in rows[:MOST_ROWS]], description=f"**{report.ending}**: {report.summary}{cut}")


def _state(report: Report) -> State[None]:
    match report.ending:
        case Ending.COMPLETED:
            return Completed(message=report.summary)
        case Ending.DEGRADED:
            return Completed(name=Ending.DEGRADED.value, message=report.summary)
        case Ending.FAILED:
            return Failed(message=report.summary)
