"""``copytrail serve``: the reading room, the archive in a browser on this machine."""

import os

import click

from copytrail.output import Talk, json_flag

TOKEN = "COPYTRAIL_TOKEN"  # noqa: S105 -- the name of the variable that holds it


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on; a public one takes a token.")
@click.option("--port", type=click.IntRange(0, 65535), default=8700, show_default=True, help="0 takes a free one.")
@click.option("--name", "names", multiple=True, metavar="NAME", help="A host name by which the room is reached; may be given again.")
@click.option("--token", envvar=TOKEN, show_envvar=True, metavar="TOKEN", help="Only who has it comes in; give it in the environment.")
@click.option("--replay", metavar="URL", help="A replayer to link to: URL/TIMESTAMP/PAGE, or with {wacz} {escaped} {timestamp}.")
@json_flag
@click.pass_obj
def command(talk: Talk, /, host: str, port: int, *, names: tuple[str, ...], token: str | None, replay: str | None, as_json: bool) -> int:
    r"""Open the reading room: stories, versions, edits, search, downloads.

    It also speaks Memento (/timegate/, /timemap/) and CDX (/cdx), and hands
    out records by their ids. It shows what the archive holds and fetches
    nothing; what is taken home is noted in the custody records. With a token,
    a browser asks for a name and a password: any name, and the token. Ctrl-C
    closes it.

    \b
    copytrail serve
    COPYTRAIL_TOKEN=$(openssl rand -hex 16) copytrail serve --host 0.0.0.0
    copytrail serve --replay http://127.0.0.1:8090/story
    """
    import logging

    from copytrail.room.replaying import BadReplay
    from copytrail.room.serving import BadPlace, Place, address, built, listening, run
    from crawlers.run import system_clock

    logging.basicConfig(format="%(message)s", level=logging.ERROR if talk.quiet else logging.WARNING)
    os.environ.pop(TOKEN, None)  # it is no setting, and no worker process needs it
    talk = talk.with_json(as_json=as_json)
    place = Place(host=host, port=port, names=names, token=token or None, replay=replay)
    try:
        with listening(place) as listener, built(talk.settings().settings, system_clock, place) as app:
            there = address(place, listener)
            talk.emit("room", {"url": there, "token": place.token is not None, "replay": replay}, there)
            talk.say("The reading room is open; Ctrl-C closes it.")
            run(app, listener)
    except (BadPlace, BadReplay) as error:
        talk.warn(f"copytrail: {error}")
        return 2
    talk.say("The reading room is closed.")
    return 0
