"""``scrapy crawl story -a seeds=PATH`` or ``-a story=NAME``: a story's originals and coverage, into the archive.

``seeds`` starts the story named ``story`` (default: after the path) from texts, tables, URLs or feeds, or adds to it; without it the run
goes on with what waits in the story's frontier.  ``recrawl=due`` visits the members again whose time has come, ``recrawl=all`` every one.
``requisites=yes`` also keeps what their pages need to be shown, whatever the setting says, ``requisites=no`` does not.
"""

import shlex
from collections.abc import Sequence
from typing import Any

from archive.records import Capture, Lead, Story
from crawlers.spiders.base import ArchivingSpider
from crawlers.stories import StoryError, add_seeds, bare_pages, due_leads, load_readings, slug_of, story_named
from pipeline.seeds import SeedReading


class StorySpider(ArchivingSpider):
    """Works through a story's frontier, or visits its members again."""

    name = "story"

    def __init__(self, story: str = "", seeds: str = "", recrawl: str = "", run: str = "", **kwargs: Any) -> None:
        """``seeds``: paths or URLs, separated as a shell separates words; ``recrawl``: "", "due" or "all"; ``run``: the run's name."""
        super().__init__(**kwargs)
        self.run = run
        self.conditional = bool(recrawl)
        self._slug, self._seeds, self._recrawl = story, shlex.split(seeds), recrawl

    def story(self) -> Story | None:
        """The story as it stands, after taking in the seeds; StoryError for arguments that name none."""
        if not self._slug and not self._seeds:
            raise StoryError("name a story or seeds: -a story=NAME or -a seeds=PATH")
        if self._recrawl not in {"", "due", "all"}:
            raise StoryError(f"recrawl is 'due' or 'all', not {self._recrawl!r}")
        slug = self._slug or slug_of(self._seeds)
        if self._seeds:
            started = add_seeds(self.archive, slug, self._seeds, self.session.clock())
            for problem in (*started.notes, *started.problems):
                self.logger.warning("%s: %s", problem.source, problem.message)
            if started.story is None:
                raise StoryError("none of the seeds could be read")
            return started.story
        return story_named(self.archive, slug)

    def readings(self, story: Story | None) -> Sequence[SeedReading]:
        """What the story's text seeds say."""
        return load_readings(self.archive, story) if story else ()

    def left(self, story: Story | None) -> tuple[Sequence[Lead], Sequence[Capture]]:
        """A visit is to the pages that are visited; a crawl takes up what lies about."""
        if story is None or self._recrawl:
            return (), ()
        return self.archive.catalogue.waiting_requisites(story.slug), bare_pages(self.archive, story)

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """What waits in the frontier, or the members that are due."""
        assert story is not None
        if self._recrawl:
            return due_leads(self.archive, story, self.session.clock(), everything=self._recrawl == "all")
        return self.archive.catalogue.waiting(story.slug)
