"""``copytrail deploy``: create or update the Prefect deployments."""

import os

import click

from copytrail.output import Talk, json_flag


@click.command()
@click.option("--notify", metavar="URL", help="Send alarms, and runs that failed, to this webhook.")
@json_flag
@click.pass_obj
def command(talk: Talk, *, notify: str | None, as_json: bool) -> int:
    """Create or update the Prefect deployments and their work pool.

    The server is the one that PREFECT_API_URL or the active Prefect profile
    names. Settings and S3 keys never go there: give them to the worker, in its
    environment. The settings pool, pool_type and job_variables say where and
    how the jobs run. Runs whose worker was killed are marked as crashed. With
    --notify the server POSTs {"text": …, "alarm": …} to URL, which it keeps as
    a secret. Example: copytrail deploy --notify "$ALARM_WEBHOOK"
    """
    from flows.automations import RETENTION, BadAddress
    from flows.deploy import deploy
    from flows.engineapi import DeployError, NoServer
    from flows.pool import BadVariable, pool_of

    talk = talk.with_json(as_json=as_json)
    try:
        pool = pool_of(talk.settings().settings)
        deployed = deploy(os.environ, pool, notify)
    except BadAddress as error:
        raise click.BadParameter(str(error), param_hint="--notify") from error
    except BadVariable as error:
        raise click.UsageError(str(error)) from error
    except DeployError as error:
        talk.say(f"copytrail: {error}")
        return 4 if isinstance(error, NoServer) else 1
    for item in deployed.deployments:
        when = ", ".join(item.crons) or "by hand"
        row = {"deployment": item.name, "crons": list(item.crons), "description": item.description}
        talk.emit("deployment", row, f"{item.name:21} {when:14} {item.description}")
    for name in deployed.automations:
        talk.say(f"automation set: {name}")
    if deployed.keeps_for_ever:
        words = " ".join(f"{name}={value}" for name, value in RETENTION.items())
        talk.say(f"The server keeps every run for ever. Give it {words} in its environment: runs then go after 90 days.")
    talk.say(f"Next: prefect worker start --pool {pool.name} --install-policy never   (with COPYTRAIL_* and AWS_* in its environment)")
    talk.say("      prefect deployment run collect/copytrail -p story=STORY")
    return 0
