"""What a job hands back, and what that means for the run that it was.

Contract: pure.  Every report has an ``ending``, a ``summary`` of one line and ``rows``, flat and ready for a table.  *Completed*: all went
well, or there was nothing to do.  *Degraded*: done, with losses: something that was wanted could not be had.  *Failed*: nothing was kept,
or kept bytes are damaged.  What a rule refuses (robots.txt, scope) and what waits for the next run (budget) is no loss.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Protocol

from archive.compact import Merged
from archive.manifest import Finding
from archive.records import Alarm, Outcome
from crawlers.reprocess import OutletAgain
from flows.lookout import Seen
from pipeline.losses import LOSSES, by_outlet
from pipeline.outcomes import GOOD

ORDERLY = frozenset({0, 3, 4, 5})  # exit codes with which a crawl says how its URLs ended

NOTHING_SEEN = Seen()

Row = Mapping[str, str | int]


class Ending(StrEnum):
    """How a job ended."""

    COMPLETED = "Completed"
    DEGRADED = "Degraded"
    FAILED = "Failed"


class Report(Protocol):
    """What every job hands back."""

    @property
    def ending(self) -> Ending:
        """How the job ended."""

    @property
    def summary(self) -> str:
        """The job in one line."""

    @property
    def rows(self) -> Sequence[Row]:
        """Everything that the job dealt with, what went wrong first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """One crawl of one story; ``trouble`` is why it did not come to an orderly end."""

    story: str
    outcomes: tuple[Outcome, ...]
    trouble: str | None = None
    breaks: tuple[Alarm, ...] = ()  # outlets whose texts tell of a new layout

    @property
    def ending(self) -> Ending:
        """By what was kept and what was lost."""
        kept = any(item.verdict in GOOD for item in self.outcomes)
        lost = any(item.verdict in LOSSES for item in self.outcomes)
        if not kept and (self.outcomes or self.trouble):
            return Ending.FAILED
        return Ending.DEGRADED if lost or self.trouble else Ending.COMPLETED

    @property
    def summary(self) -> str:
        """The verdicts, counted."""
        counts = Counter(item.verdict for item in self.outcomes)
        words = ", ".join(f"{count} {verdict}" for verdict, count in counts.most_common()) or "nothing to fetch"
        broken = f"a new layout at {', '.join(alarm.about for alarm in self.breaks)}?" if self.breaks else None
        return "; ".join(filter(None, (f"{self.story}: {words}", self.trouble, broken)))

    @property
    def rows(self) -> Sequence[Row]:
        """Each URL with its verdict."""
        ordered = sorted(self.outcomes, key=lambda item: (item.verdict in GOOD, item.verdict not in LOSSES, item.verdict, item.url))
        return [{"story": self.story, "verdict": item.verdict.value, "url": item.url, "reason": item.reason} for item in ordered]

    @property
    def outlets(self) -> Sequence[Row]:
        """The account of each outlet, those that lost most first."""
        return [account.row for account in by_outlet(self.outcomes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recrawled:
    """The crawls of the stories that were due."""

    crawls: tuple[Crawled, ...]
    seen: Seen = NOTHING_SEEN  # the alarms

    @property
    def ending(self) -> Ending:
        """Failed only when every story failed; an alarm that is new degrades."""
        endings = {item.ending for item in self.crawls} or {Ending.COMPLETED}
        ending = endings.pop() if len(endings) == 1 else Ending.DEGRADED
        return Ending.DEGRADED if ending is Ending.COMPLETED and self.seen.raised else ending

    @property
    def summary(self) -> str:
        """Each story in turn, and how many alarms stand."""
        words = " | ".join(item.summary for item in self.crawls) or "nothing was due"
        return words + alarmed(self.seen)

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of each story in turn."""
        return [row for item in self.crawls for row in item.rows]

    @property
    def outlets(self) -> Sequence[Row]:
        """The account of each outlet, over all stories."""
        return [account.row for account in by_outlet(outcome for item in self.crawls for outcome in item.outcomes)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    """A publication: rows added by table, and the objects from which none could be made, with the reason."""

    added: Mapping[str, int]
    problems: Mapping[str, str]

    @property
    def ending(self) -> Ending:
        """By what was published and what was not."""
        if not self.problems:
            return Ending.COMPLETED
        return Ending.DEGRADED if self.added else Ending.FAILED

    @property
    def summary(self) -> str:
        """Rows by table."""
        words = ", ".join(f"{count} {table}" for table, count in sorted(self.added.items())) or "nothing new"
        return f"published: {words}" + (f"; {len(self.problems)} left out" if self.problems else "")

    @property
    def rows(self) -> Sequence[Row]:
        """The problems, then the tables."""
        problems: list[Row] = [{"object": key, "problem": problem, "rows": 0} for key, problem in sorted(self.problems.items())]
        return problems + [{"object": table, "problem": "", "rows": count} for table, count in sorted(self.added.items())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """A fixity check: how many objects the manifests name, and which are not as they say."""

    objects: int
    findings: tuple[Finding, ...]

    @property
    def ending(self) -> Ending:
        """Damage is never a side note."""
        return Ending.FAILED if self.findings else Ending.COMPLETED

    @property
    def summary(self) -> str:
        """Objects and findings, counted."""
        return f"{self.objects} objects read, {len(self.findings)} not as the manifests say"

    @property
    def rows(self) -> Sequence[Row]:
        """The findings."""
        return [{"object": item.key, "problem": item.problem} for item in self.findings]


@dataclass(frozen=True, slots=True, kw_only=True)
class Compacted:
    """The files into which past days were put together."""

    files: tuple[Merged, ...]
    seen: Seen = NOTHING_SEEN

    @property
    def ending(self) -> Ending:
        """What could not be merged is tried again the next time, and is there meanwhile."""
        lost = any(item.problem is not None for item in self.files)
        return Ending.DEGRADED if lost or self.seen.raised else Ending.COMPLETED

    @property
    def summary(self) -> str:
        """Files and parts, counted."""
        made = [item for item in self.files if item.problem is None]
        words = f"{sum(item.parts for item in made)} files put together into {len(made)}" if made else "nothing to put together"
        left = len(self.files) - len(made)
        return words + (f"; {left} left as they are" if left else "") + alarmed(self.seen)

    @property
    def rows(self) -> Sequence[Row]:
        """Each file, the problems first."""
        ordered = sorted(self.files, key=lambda item: (item.problem is None, item.key))
        return [
            {
                "object": item.key,
                "table": item.table,
                "day": item.day,
                "parts": item.parts,
                "rows": item.rows,
                "problem": item.problem or "",
            }
            for item in ordered
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprocessed:
    """What the present extractor changed, outlet by outlet; ``dry`` when nothing was kept."""

    outlets: tuple[OutletAgain, ...]
    dry: bool = False

    @property
    def ending(self) -> Ending:
        """A page that cannot be read now keeps the text that it has: a loss, where there are some."""
        return Ending.DEGRADED if any(item.failed for item in self.outlets) else Ending.COMPLETED

    @property
    def summary(self) -> str:
        """Pages and changes, counted."""
        if not self.outlets:
            return "every text is by the present extractor"
        pages, changed = sum(item.pages for item in self.outlets), sum(item.changed for item in self.outlets)
        return f"{pages} pages read again, {changed} texts changed" + (", nothing kept" if self.dry else "")

    @property
    def rows(self) -> Sequence[Row]:
        """Each outlet, those first of which most changed."""
        return [asdict(item) for item in self.outlets]


def alarmed(seen: Seen) -> str:
    """How many alarms stand, and how many of them are new, as the end of a sentence."""
    if not seen.standing:
        return ""
    return f"; {len(seen.standing)} alarms stand" + (f", {len(seen.raised)} of them new" if seen.raised else "")
