"""What a reader selects in a form: the same as the flags of the commands, by the same names.

Contract: ``wish`` reads the query of a request; Refused (400) for what means nothing.  A span of days may come whole
(``captured=FROM..TO``) or as two fields (``captured_from``, ``captured_to``).  ``fields`` gives what was asked back to the form.
"""

from collections.abc import Mapping

import click
from starlette.datastructures import QueryParams

from archive.kinds import PageKind, State
from archive.records import Selection
from copytrail.room.refusals import Refused
from copytrail.selecting import Span, selection

PLAIN = ("outlet", "url", "text", "language", "kind", "state")
SPANS = ("captured", "published")
KINDS = tuple(str(kind) for kind in PageKind)
STATES = tuple(str(state) for state in State)
_LONGEST = 1000  # characters of one field


def fields(given: QueryParams) -> Mapping[str, str]:
    """Every field of the form as it was filled in."""
    names = (*PLAIN, *(f"{span}_{end}" for span in SPANS for end in ("from", "to")))
    return {name: given.get(name, "").strip() for name in names}


def wish(given: QueryParams, story: str | None) -> Selection:
    """What is selected."""
    filled = fields(given)
    if any(len(value) > _LONGEST for value in filled.values()):
        raise Refused(400, f"A field has at most {_LONGEST} characters.")
    flags: dict[str, object] = {name: filled[name] or None for name in PLAIN}
    try:
        for name in SPANS:
            text = given.get(name) or _span(filled, name)
            flags[name] = Span().convert(text, None, None) if text else None
        return selection(story, flags)
    except (click.BadParameter, ValueError) as error:
        raise Refused(400, error.message if isinstance(error, click.BadParameter) else str(error)) from error


def _span(filled: Mapping[str, str], name: str) -> str | None:
    start, end = filled[f"{name}_from"], filled[f"{name}_to"]
    return f"{start}..{end}" if start or end else None


def narrows(selection: Selection) -> bool:
    """Whether anything but the story is said."""
    return selection != Selection(story=selection.story)
