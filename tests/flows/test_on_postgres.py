"""The same deployments where the workflow server and the catalogue both lie in PostgreSQL."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.engine import POOL, prefect_server, wait_for
from support.postgres import fresh_database, postgres_server

from copytrail.newsroom import Newsroom

COPYTRAIL = str(Path(sys.executable).with_name("copytrail"))
STORY = "bridge"

pytestmark = pytest.mark.timeout(300)


def test_a_schedule_and_a_collection_on_postgres(tmp_path: Path, newsroom: Newsroom) -> None:
    """Schedules make runs, and a story is collected and audited: nothing rests on SQLite."""
    with postgres_server() as database:
        catalogue = fresh_database(database)
        worker = {
            **newsroom.environment(),
            "COPYTRAIL_HOME": str(tmp_path),
            "COPYTRAIL_STORE": str(tmp_path / "store"),
            "COPYTRAIL_CATALOGUE": catalogue,
        }
        engine_database = database.replace("postgresql://", "postgresql+asyncpg://")
        keep = {"SERVER_SERVICES_DB_VACUUM_ENABLED": "events,flow_runs"}
        with prefect_server(tmp_path, API_DATABASE_CONNECTION_URL=engine_database, **keep) as engine:
            environ = {**engine.environ, **worker}

            def copytrail(*words: str) -> str:
                done = subprocess.run([COPYTRAIL, *words], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stderr
                return done.stderr

            said = copytrail("deploy")
            copytrail("new", STORY, str(newsroom.seeds))
            waiting = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}}
            assert wait_for(lambda: engine.ask("/flow_runs/filter", waiting))
            engine.ask(f"/work_pools/{POOL}", {"is_paused": True}, method="PATCH")
            for run in engine.ask("/flow_runs/filter", waiting):
                engine.ask(f"/flow_runs/{run['id']}", method="DELETE")
            engine.ask(f"/work_pools/{POOL}", {"is_paused": False}, method="PATCH")
            with engine.worker(POOL, worker):
                collected = engine.ended(engine.start("collect/copytrail", story=STORY))
                audited = engine.ended(engine.start("audit/copytrail"))

    assert "keeps every run for ever" not in said
    assert (collected["name"], audited["name"]) == ("Degraded", "Completed")
    assert not list(tmp_path.rglob("*.sqlite"))
    assert not list((tmp_path / "home").glob("prefect.db"))
