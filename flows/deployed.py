"""The jobs as Prefect flows; the only module that knows Prefect.

Contract: a flow reads its settings from the environment of its worker (never from parameters, which everybody who sees the server can
read), does its job (``flows/jobs.py``), leaves the job's rows as an artifact, and ends as the job did: *Completed*, *Completed* named
*Degraded*, or *Failed*.  An archive that cannot be reached ends it as *Crashed*, after the tries of its tasks.  A cancelled flow ends its
crawl first.
"""

import logging
import os
import re
from collections.abc import Callable
from contextlib import chdir
from datetime import UTC, datetime
from typing import Any

from prefect import flow, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.states import Completed, Crashed, Failed
from prefect.tasks import Task

from archive.catalogue import CatalogueError
from archive.settings import load
from archive.store import StoreError
from flows import environment, jobs
from flows.reports import Crawled, Ending, Report

MOST_ROWS = 1000  # rows of one artifact: it is for eyes; the table of outcomes has them all
UNREACHABLE = (StoreError, CatalogueError)


@flow(name="collect", flow_run_name="collect-{story}")
def collect(story: str) -> State[None]:
    """Fetch what waits in a story's frontier: originals and related coverage."""
    return _run(f"collect-{story}", lambda _: _crawl(story))


@flow(name="recrawl")
def recrawl(story: str | None = None, *, everything: bool = False) -> State[None]:
    """Visit the articles again that are due, or all, of one story or of every one; record edits and deletions."""
    return _run("recrawl", lambda desk: jobs.recrawl(desk, story, everything=everything, visit=_crawl))


@flow(name="publish")
def publish() -> State[None]:
    """Write what is not there yet of the tables that researchers read."""
    return _run("publish", jobs.publish)


@flow(name="audit")
def audit() -> State[None]:
    """Read every object that a manifest names and compare it with what was written."""
    return _run("audit", jobs.audit)


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
    """Do a job in the project folder, leave its artifact, and say how it ended."""
    with chdir(environment.home(os.environ)):
        try:
            report = job(_desk())
        except UNREACHABLE as error:
            return Crashed(message=f"the archive cannot be reached: {error}")
    get_run_logger().log(logging.INFO if report.ending is Ending.COMPLETED else logging.WARNING, "%s", report.summary)
    _leave_artifact(name, report)
    return _state(report)


def _leave_artifact(name: str, report: Report) -> None:
    cut = f"\n\nThe first {MOST_ROWS} of {len(report.rows)} rows; the archive has them all." if len(report.rows) > MOST_ROWS else ""
    key = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")  # what Prefect admits
    create_table_artifact(
        key=key, table=[dict(row) for row in report.rows[:MOST_ROWS]], description=f"**{report.ending}**: {report.summary}{cut}"
    )


def _state(report: Report) -> State[None]:
    match report.ending:
        case Ending.COMPLETED:
            return Completed(message=report.summary)
        case Ending.DEGRADED:
            return Completed(name=Ending.DEGRADED.value, message=report.summary)
        case Ending.FAILED:
            return Failed(message=report.summary)
