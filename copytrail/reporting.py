"""The story page as a file: what ``report`` writes.

Contract: the page takes its name when it is whole, so that a reader never meets half of one.  Nothing is written when the selection takes
no capture (exit 1).  Who took the page away is noted in the archive, because texts stand in it.
"""

from datetime import UTC, datetime
from pathlib import Path

from archive.custody import Act, handed_out
from archive.pull import describe
from archive.records import Selection
from archive.vault import open_archive
from copytrail.custody import leave_word
from copytrail.output import Talk
from copytrail.selecting import make_ready
from copytrail.storypage import page
from copytrail.storyview import StoryView, story_view
from copytrail.withdrawrows import say_withheld
from crawlers.stories import story_named


def report(talk: Talk, story: str, path: Path, selection: Selection, *, newest: bool = False) -> int:
    """Write the page of a story, or of the part that is selected."""
    with open_archive(talk.settings().settings) as archive:
        make_ready(archive, selection)
        view = story_view(archive, story_named(archive, story), datetime.now(UTC), selection, newest=newest)
        if view.selection is not None and not view.captures:
            talk.say(f"{describe(selection)}: no capture; nothing was written")
            return 1
        _write(path, page(view))
        counts = _counts(view)
        about = f"{describe(selection)} as story page"
        custody = leave_word(talk, archive, Act.PULLED, about, selection=selection, objects=handed_out(path), counts=counts)
        say_withheld(talk, archive, selection)
    talk.emit("report", {"path": str(path), **counts, "custody": custody}, str(path))
    talk.say(f"{describe(selection)}: " + ", ".join(f"{number} {name}" for name, number in counts.items()))
    return 0


def _counts(view: StoryView) -> dict[str, int]:
    return {
        "articles": len(view.articles),
        "captures": len(view.captures),
        "changes": len(view.changes),
        "relations": len(view.related.relations),
        "losses": len(view.losses),
    }


def _write(path: Path, text: str) -> None:
    whole = path.with_name(f"{path.name}.tmp")
    try:
        whole.write_text(text, encoding="utf-8")
        whole.replace(path)
    finally:
        whole.unlink(missing_ok=True)
