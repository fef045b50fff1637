"""What the three spiders share: leads become requests, answers settle the ledger, outcomes become items.

Contract: a spider holds no decision.  ``start`` hands on what :class:`crawlers.rounds.Rounds` yields; every request ends in exactly one
call of ``answered`` or ``failed``; a redirect is a lead of its own, so that scope, robots.txt and the delay hold for its target too.
Trouble with the store or the catalogue ends the crawl with one line that says what and where; what was captured waits on disk.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack
from datetime import timedelta
from functools import partial
from typing import Any, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure as TwistedFailure

from archive.catalogue import CatalogueError
from archive.kinds import Found, Verdict
from archive.records import Capture, Lead, Outcome, Story
from archive.store import StoreError
from archive.stories import RunLog
from archive.vault import Archive
from crawlers.addon import session_of
from crawlers.answers import from_exception, from_response, looped, redirected
from crawlers.items import row
from crawlers.ledger import Fetched, Ledger
from crawlers.messages import ROBOTS_RECORD
from crawlers.reading import Reader
from crawlers.requisites import Requisites
from crawlers.rounds import Rounds
from crawlers.seedrecords import record_seeds
from crawlers.session import CaptureSession, kept_by
from crawlers.sharing import Sharing
from crawlers.sink import ArchiveSink, run_info
from crawlers.stories import StoryError, conditions_for, run_id, said_yes
from pipeline.outcomes import exit_code
from pipeline.seeds import SeedReading
from pipeline.textpool import TextPool

OUT_OF_REACH = (StoreError, CatalogueError, OSError)
UNFILED = "unfiled"  # the story under which runs without a story log their outcomes


class ArchivingSpider(Spider):
    """A spider whose answers are read from the archive."""

    custom_settings = {  # noqa: RUF012 -- Scrapy reads it under this name and never writes it
        "REDIRECT_ENABLED": False,
        "HTTPERROR_ALLOW_ALL": True,
        "RETRY_GIVE_UP_LOG_LEVEL": "INFO",  # the outcome says it
        "URLLENGTH_LIMIT": 0,  # its middleware drops a request without a word, and the round would wait for it for ever
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",  # the ledger knows what has been asked for
        "DOWNLOADER_MIDDLEWARES": {"crawlers.budget.BudgetMiddleware": 90, "crawlers.budget.CountMiddleware": 105},
    }
    conditional = False  # whether known URLs are asked with the validators of their last capture
    session: CaptureSession
    ledger: Ledger
    resources: ExitStack  # what the run has opened; closed when it is finished
    rounds: Rounds | None = None
    run = ""  # the run's name, when somebody who waits for its outcomes has chosen it
    requisites = ""  # yes or no: what the setting says, said again for this run
    trouble: str | None = None
    _code = 4  # the exit code when there was trouble

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Build the spider with the crawl's session."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.session = session_of(crawler)
        spider.ledger = Ledger()
        spider.resources = ExitStack()
        crawler.signals.connect(spider.finish, signal=signals.spider_closed)
        crawler.signals.connect(spider.faulted, signal=signals.spider_error)
        return spider

    def story(self) -> Story | None:
        """The story that this run works for, if any."""
        return None

    def first_leads(self, story: Story | None) -> Sequence[Lead]:
        """The leads of the first round."""
        raise NotImplementedError

    def left(self, story: Story | None) -> tuple[Sequence[Lead], Sequence[Capture]]:
        """What earlier runs did not fetch of the requisites, and pages whose requisites nobody has looked for."""
        return (), ()

    def readings(self, story: Story | None) -> Sequence[SeedReading]:
        """The seeds whose originals are looked for."""
        return ()

    @property
    def sink(self) -> ArchiveSink:
        """Where this run's exchanges go."""
        assert isinstance(self.session.sink, ArchiveSink)
        return self.session.sink

    @property
    def archive(self) -> Archive:
        """The archive that this run writes and reads."""
        return self.sink.archive

    async def start(self) -> AsyncIterator[Any]:
        """Yield requests and, as rounds end, items."""
        try:
            story = self.story()
            self.rounds = self._rounds(self.resources.enter_context(TextPool()), story)
            if story is not None:
                self.rounds.notes += await record_seeds(self.sink, story)
            async for thing in self.rounds.run(partial(self.first_leads, story)):
                yield self.request(thing) if isinstance(thing, Lead) else self.item(thing)
        except StoryError as error:
            self._trouble(f"{error}", code=2)
            raise CloseSpider(reason="no_story") from None
        except OUT_OF_REACH as error:
            self._archive_trouble(error)
            raise CloseSpider(reason="archive_trouble") from None

    def _archive_trouble(self, what: object) -> None:
        self._trouble(f"{what}; what was captured waits in {self.archive.folder} for the next start")

    def _trouble(self, message: str, code: int = 4) -> None:
        """Note what ends the crawl: one line, because it is no fault of the code."""
        self.trouble, self._code = message, code
        self.logger.error("the crawl stops: %s", message)

    def _rounds(self, pool: TextPool, story: Story | None) -> Rounds:
        now, archive = self.session.clock(), self.archive
        run = self.run or run_id(now)
        name = story.slug if story else UNFILED
        titles = [lead.title for lead in archive.catalogue.unresolved(name) if lead.title]
        requisites = self._requisites(story)
        self.sink.tell(run_info(name, run, requisites=requisites is not None))
        return Rounds(
            archive=archive,
            sink=self.session.sink,
            ledger=self.ledger,
            reader=Reader(archive=archive, pool=pool, run=run, story=story, readings=self.readings(story), titles=titles),
            log=RunLog(archive, name, run, now),
            story=story,
            clock=self.session.clock,
            sitemaps=self.session.robots.sitemaps,
            requisites=requisites,
            sharing=self._sharing(story),
            patience=self.session.settings.discover_patience,
        )

    def _sharing(self, story: Story | None) -> Sharing | None:
        """What this worker may fetch of what others may fetch too."""
        leases, name = self.session.leases, story.slug if story else None
        return None if leases is None else Sharing(leases=leases, catalogue=self.archive.catalogue, story=name)

    def _requisites(self, story: Story | None) -> Requisites | None:
        """What looks for requisites; None when pages alone are wanted."""
        settings = self.session.settings
        if not (said_yes(self.requisites) if self.requisites else settings.requisites):
            return None
        waiting, bare = self.left(story)
        return Requisites(
            archive=self.archive,
            ledger=self.ledger,
            clock=self.session.clock,
            young=timedelta(days=settings.refetch_days),
            waiting=waiting,
            bare=bare,
        )

    def request(self, lead: Lead, chain: tuple[str, ...] = ()) -> Request:
        """A request for a lead; ``chain`` is the redirects that led to it."""
        assert lead.url is not None
        meta = {"lead": lead, "chain": (*chain, lead.url)}
        headers = self._conditions(lead)
        return Request(lead.url, headers=headers, callback=self.answered, errback=self.failed, meta=meta, dont_filter=True)

    def _conditions(self, lead: Lead) -> dict[str, str]:
        """What makes the request conditional."""
        if not (self.conditional or lead.found is Found.REQUISITE):
            return {}
        return dict(conditions_for(self.archive, lead, self.session.clock(), timedelta(days=self.session.settings.refetch_days)))

    def answered(self, response: Response) -> Iterator[Request]:
        """Settle the URL of an answer; the target of a redirect enters the ledger first, so that the round does not end between the two."""
        lead: Lead = response.meta["lead"]
        chain: tuple[str, ...] = response.meta["chain"]
        fetched = looped(from_response(lead, response, self.session.clock()), chain)
        target = redirected(lead, fetched) if fetched.refused is None else None
        if target is not None and self.ledger.expect(target):
            yield self.request(target, chain)
        self.ledger.settle(fetched)

    def failed(self, failure: TwistedFailure) -> None:
        """Settle the URL of a request that got no answer."""
        meta = failure.request.meta  # type: ignore[attr-defined]
        error = failure.value or RuntimeError("no reason given")
        self.ledger.settle(from_exception(meta["lead"], error, self.session.clock(), kept_by(meta), meta.get(ROBOTS_RECORD)))

    def faulted(self, failure: TwistedFailure, response: Response | TwistedFailure | None) -> None:
        """Settle the URL during whose settling our own code failed: the log has the traceback, and no round waits for ever."""
        if response is None:  # it was ``start`` that failed: that ends the crawl
            return
        lead = response.request.meta["lead"]  # type: ignore[union-attr]  # Scrapy gives its failures the request
        reason = f"a fault of copytrail itself: {type(failure.value).__name__}: {failure.value}"
        self.ledger.settle(Fetched(lead=lead, time=self.session.clock(), refused=(Verdict.FAILED, reason)))

    def item(self, outcome: Outcome) -> dict[str, object]:
        """An outcome as an item."""
        document = self.archive.catalogue.document(outcome.capture) if outcome.capture else None
        return dict(row(outcome, document))

    async def finish(self, reason: str) -> None:
        """Close the run: also after a signal, when ``start`` has been cut off."""
        if reason == "archive_failed":
            self._archive_trouble("an exchange could not be written")
        elif reason == "start_error":
            self._trouble("a fault of copytrail itself, shown above; the next run asks again for what has no outcome yet", code=1)
        if self.rounds is not None and self.trouble is None:
            try:
                await self.rounds.close()
            except OUT_OF_REACH as error:
                self._archive_trouble(error)
            if self.rounds.balance is not None and self.rounds.balance.problem is not None:
                self._trouble(f"a fault of copytrail itself: {self.rounds.balance.problem}", code=1)
        self.resources.close()
        for verdict, count in (self.rounds.tallies if self.rounds else {}).items():
            self.crawler.stats.set_value(f"copytrail/{verdict}", count)

    def exit_code(self) -> int:
        """What the process should end with: 4 when the archive could not be reached, else as the outcomes say."""
        if self.trouble is not None or self.rounds is None:
            return self._code
        return exit_code(verdict for verdict, count in self.rounds.tallies.items() for _ in range(count))
