"""The catalogue behind the veil: whatever gives something to read gives what may be shown."""

import inspect
import re
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from archive.catalogue import Catalogue
from archive.custody import Agent
from archive.kinds import Found, Verdict
from archive.records import Lead, Outcome
from archive.shown import ShownCatalogue
from archive.withdrawals import Mode, Veil, Withdrawal

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)

READ = re.compile(r"\b(Capture|Document|Revision|Relation|Quote|Hit|Lead|Outcome|Story)\b")
ELSEWHERE = {"document"}  # rests on another that looks through the veil


def test_every_reader_looks_through_the_veil() -> None:
    """A method that gives captures, texts or what was read in them is one of the veiled catalogue too, or this test says why not."""
    readers = {
        name
        for name, method in inspect.getmembers(Catalogue, inspect.isfunction)
        if not name.startswith("_") and READ.search(str(inspect.signature(method).return_annotation))
    }

    assert {name for name in readers if name not in vars(ShownCatalogue)} == ELSEWHERE


def test_words_of_a_hidden_page_are_no_evidence(tmp_path: Path) -> None:
    """What was found on a page that is hidden stays, without the words that stood there; a title that only that page names goes."""
    parent, found = "http://paper.example/hidden", "http://paper.example/found"
    veil = Veil([_hides(parent)], NOW)
    with closing(ShownCatalogue(f"sqlite:///{tmp_path}/catalogue.sqlite", lambda: veil)) as catalogue:
        leads = [
            Lead(url=found, found=Found.RELATED, parent=parent, evidence="words of the page"),
            Lead(url=None, title="A title there", found=Found.RELATED, parent=parent),
            Lead(url=parent, found=Found.GIVEN),
        ]
        catalogue.add_leads("story", leads)
        outcome = Outcome(run="run", url=found, verdict=Verdict.KEPT, reason="captured", time=NOW, lead=leads[0])

        assert [(lead.url, lead.evidence) for lead in catalogue.waiting("story")] == [(found, "")]
        assert (catalogue.unresolved("story"), catalogue.lead("story", parent)) == ([], None)
        catalogue.add_outcomes("story", [outcome])
        assert [item.lead.evidence for item in catalogue.outcomes_of("story")] == [""]


def _hides(url: str) -> Withdrawal:
    agent = Agent(operator=None, user="tests", host="here", software="copytrail/test")
    return Withdrawal(id="w", time=NOW, agent=agent, reason="takedown", mode=Mode.HIDE, urls=(url,))
