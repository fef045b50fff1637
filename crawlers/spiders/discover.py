"""``scrapy crawl discover -a story=NAME``: where more of a story's coverage may lie, with what says so; no article is fetched.

Fetched are lists alone: the story's feeds and sitemaps, and the back ends that a setting names.  The candidates are left in ``candidates``.
What the run did is logged under no story's name: a story's frontier is changed by ``copytrail discover --add`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from scrapy.settings import BaseSettings

from archive.records import Capture, Lead, Story
from archive.stories import RunLog
from crawlers.backends import backends, outlets, slots
from crawlers.contents import TABLES_OF_CONTENTS
from crawlers.ledger import Fetched
from crawlers.reading import Reader, Understood
from crawlers.rounds import Rounds
from crawlers.session import SESSION, CaptureSession
from crawlers.spiders.base import UNFILED
from crawlers.spiders.story import StorySpider
from crawlers.survey import Survey, survey
from pipeline.textpool import TextPool


@dataclass(frozen=True, slots=True, kw_only=True)
class ListReader(Reader):
    """Sets aside the leads to articles."""

    candidates: list[Lead] = field(default_factory=list)

    def read(self, fetched: Sequence[Fetched]) -> Understood:
        """Understand one round; only lists lead on."""
        understood = Reader.read(self, fetched)
        self.candidates.extend(lead for lead in understood.leads if lead.found not in TABLES_OF_CONTENTS)
        understood.leads = [lead for lead in understood.leads if lead.found in TABLES_OF_CONTENTS]
        return understood


class DiscoverSpider(StorySpider):
    """Reads the lists that may name a story's coverage."""

    name = "discover"

    def __init__(self, story: str = "", run: str = "", **kwargs: Any) -> None:
        """``story``: its name; ``run``: the run's name."""
        super().__init__(story=story, run=run, **{**kwargs, "requisites": "no"})
        self.conditional = True
        self.found = Survey()
        self.candidates: list[Lead] = []

    @classmethod
    def update_settings(cls, settings: BaseSettings) -> None:
        """Keep the distance that public services ask for."""
        super().update_settings(settings)
        session = settings.get(SESSION)
        if isinstance(session, CaptureSession):
            outlets(session.settings)  # a setting that cannot be read ends the crawl here, before anything is opened
            settings.set("DOWNLOAD_SLOTS", slots(backends(session.settings)), priority="spider")

    def _rounds(self, pool: TextPool, story: Story | None) -> Rounds:
        assert story is not None
        rounds = super()._rounds(pool, story)
        settings = self.session.settings
        self.found = survey(self.archive, story, rounds.reader.readings, backends(settings), settings)
        given = {item.name: getattr(rounds.reader, item.name) for item in fields(rounds.reader)}
        reader = ListReader(**{**given, "backends": self.found.backends})
        self.candidates = reader.candidates
        rounds.reader = reader
        rounds.log = RunLog(self.archive, UNFILED, reader.run, self.session.clock())
        return rounds

    def left(self, story: Story | None) -> tuple[Sequence[Lead], Sequence[Capture]]:
        """Nothing: what pages need to be shown is no coverage."""
        return (), ()

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """The lists and the questions."""
        return self.found.lists
