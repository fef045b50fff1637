"""Publishing: what ``publish`` does with what was typed.

Contract: the site is built whole on this machine before anything of it appears.  Exit 0 when it is there and, where ``base`` says how
readers reach it, every file was got back as a reader gets it; 1 when a story has nothing to show or a reader would stumble.  Who published
what is noted in the archive.
"""

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

from urllib3 import PoolManager

from archive.custody import Act
from archive.pulljob import NothingSelected
from archive.rights import Audience
from archive.shelf import open_shelf
from archive.vault import open_archive
from copytrail import __version__
from copytrail.custody import leave_word
from copytrail.output import Talk
from copytrail.selecting import relate
from copytrail.site import made, put
from copytrail.sitecheck import check
from crawlers.stories import story_named


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """Which stories to publish, where, in which forms; ``base`` is the address at which readers will find the site."""

    stories: tuple[str, ...]
    target: str
    forms: tuple[str, ...]
    title: str
    base: str | None = None
    cors: bool = False
    audience: str = "public"


def publish(talk: Talk, wish: Wish) -> int:
    """Publish; the exit code."""
    settings = talk.settings().settings
    shelf = open_shelf(wish.target, endpoint=settings.s3_endpoint)
    with open_archive(settings, audience=Audience(wish.audience)) as archive, tempfile.TemporaryDirectory(prefix="copytrail-site-") as name:
        folder = Path(name)
        stories = [story_named(archive, slug) for slug in dict.fromkeys(wish.stories)]
        for story in stories:
            relate(archive, story.slug)
        try:
            site = made(archive, stories, wish.forms, wish.title, folder, f"copytrail/{__version__}")
        except NothingSelected as error:
            talk.say(f"{error}; nothing was published")
            return 1
        if wish.cors:
            shelf.allow_all_origins()
        moved = put(site, folder, shelf)
        about = f"{', '.join(wish.stories)} published at {shelf.url}"
        custody = leave_word(talk, archive, Act.PULLED, about, objects=site.files)
        files = {item.key: folder / item.key for item in site.files}
        faults = [fault.message for fault in check(wish.base, files, PoolManager(retries=False))] if wish.base else []
    row = {"place": shelf.url, "base": wish.base, "files": len(files), **asdict(moved), "faults": faults, "custody": custody}
    talk.emit("publish", row, wish.base or shelf.url)
    talk.say(f"{len(files)} files: {moved.sent} sent, {moved.left} as before, {moved.removed} removed")
    for fault in faults:
        talk.say(fault)
    return 1 if faults else 0
