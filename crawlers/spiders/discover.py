"""``scrapy crawl discover -a story=NAME``: where more of a story's coverage may lie, with what says so; no article is fetched.

Fetched are lists alone: the story's feeds and sitemaps, and the back ends that a setting names.  The candidates are left in ``candidates``.
What the run did is logged under no story's name: a story's frontier is changed by ``copytrail discover --add`` alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from archive.records import Capture, Lead, Story
from archive.stories import RunLog
from crawlers.backends import backends, distances
from crawlers.contents import TABLES_OF_CONTENTS, Wanted
from crawlers.ledger import Fetched
from crawlers.reading import Reader, Understood
from crawlers.rounds import Rounds
from crawlers.session import BadSettings
from crawlers.spiders.base import UNFILED
from crawlers.spiders.story import StorySpider
from crawlers.stories import StoryError
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

    def _rounds(self, pool: TextPool, story: Story | None) -> Rounds:
        assert story is not None
        rounds = super()._rounds(pool, story)
        settings = self.session.settings
        try:
            wanted = Wanted(story=story, titles=rounds.reader.titles, backends=backends(settings))
            self.found = survey(self.archive, wanted, rounds.reader.readings, settings, self.session.clock())
        except BadSettings as error:
            raise StoryError(str(error)) from error
        for domain, seconds in distances(self.found.backends).items():
            self.session.pace.slow_down(domain, seconds)
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
