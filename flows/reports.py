"""What a job hands back, and what that means for the run that it was.

Contract: pure.  Every report has an ``ending``, a ``summary`` of one line and ``rows``, flat and ready for a table.  *Completed*: all went
well, or there was nothing to do.  *Degraded*: done, with losses: something that was wanted could not be had.  *Failed*: nothing was kept,
or kept bytes are damaged.  What a rule refuses (robots.txt, scope) and what waits for the next run (budget) is no loss.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from archive.kinds import Verdict
from archive.manifest import Finding
from archive.records import Outcome
from pipeline.outcomes import GOOD

LOSSES = frozenset({Verdict.BLOCKED, Verdict.FAILED, Verdict.LEGAL_BLOCK, Verdict.THROTTLED, Verdict.UNREACHABLE})
ORDERLY = frozenset({0, 3, 4, 5})  # exit codes with which a crawl says how its URLs ended

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
        return f"{self.story}: {words}" + (f"; {self.trouble}" if self.trouble else "")

    @property
    def rows(self) -> Sequence[Row]:
        """Each URL with its verdict."""
        ordered = sorted(self.outcomes, key=lambda item: (item.verdict in GOOD, item.verdict not in LOSSES, item.verdict, item.url))
        return [{"story": self.story, "verdict": item.verdict.value, "url": item.url, "reason": item.reason} for item in ordered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recrawled:
    """The crawls of the stories that were due."""

    crawls: tuple[Crawled, ...]

    @property
    def ending(self) -> Ending:
        """Failed only when every story failed."""
        endings = {item.ending for item in self.crawls} or {Ending.COMPLETED}
        return endings.pop() if len(endings) == 1 else Ending.DEGRADED

    @property
    def summary(self) -> str:
        """Each story in turn."""
        return " | ".join(item.summary for item in self.crawls) or "nothing was due"

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of each story in turn."""
        return [row for item in self.crawls for row in item.rows]


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
