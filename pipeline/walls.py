"""Pages that stand before an article: consent, bot, login and legal walls, maintenance.

Each rule takes what ``pagefacts`` has seen and gives a verdict with its reasons, or None.  The strongest sign is a system's own: a header,
or its mark in a page on which there is nothing to read.  A rule that goes by words asks for a short page too, because an article may well
be about consent, robots or a page not found.  ``refusal`` judges an answer by its headers and bytes alone: what comes with an error status
is not parsed.
"""

from collections.abc import Sequence

from archive.kinds import PageKind
from archive.records import Page, Quality
from pipeline.pagefacts import BRIEF, PARAGRAPH, REFUSED, SHORT_BODY, Seen, count_words, fold, hits
from pipeline.sureness import CLEAR, LIKELY, SIGNED
from pipeline.wallrules import by_address, by_headers, by_marks

_WALL_SHARE = 0.5  # share of the words that are about consent
_OTHER_PARAGRAPHS = 2  # not about consent: an article has them, however much of it is
_DIALOG = 20  # words: a shorter dialog is a bar at the edge of the page
_NOTHING = 60  # visible words: what is left of a page that a script draws
_SERVERS = frozenset({PageKind.BOT_WALL, PageKind.LEGAL_WALL})  # what answers in the place of a page, whatever its status
_LOOKED_AT = 64 * 1024  # bytes of an error page that are searched for marks
_ODD = frozenset({202, 404, 410})  # statuses that mean something else, save from a bot wall


def refusal(page: Page) -> Quality | None:
    """The wall that an answer other than a plain page comes from, by headers and bytes; None when nothing says so."""
    refused = page.capture.status in REFUSED
    if found := by_headers(page.headers, refused=refused):
        return Quality(kind=found[0].kind, reasons=(f"{found[0].name}: {found[1]}",), confidence=SIGNED)
    source = page.body[:_LOOKED_AT].decode("latin-1").lower()
    marked = by_marks(source, refused=refused, kinds=_SERVERS)
    if marked and (refused or page.capture.status in _ODD):
        return Quality(kind=marked[0].kind, reasons=(f"{marked[0].name}: mark {marked[1]!r}",), confidence=SIGNED)
    return None


def bot_wall(seen: Seen) -> Quality | None:
    """A challenge or a refusal by a system that takes the crawler for a robot."""
    if found := by_headers(seen.facts.page.headers, refused=seen.refused and seen.bare):
        return Quality(kind=found[0].kind, reasons=(f"{found[0].name}: {found[1]}",), confidence=SIGNED)
    if not seen.bare:
        return None
    address = by_address(seen.facts.page.capture.url)
    if address and address[0].kind is PageKind.BOT_WALL:
        return Quality(kind=PageKind.BOT_WALL, reasons=(f"{address[0].name}: {address[1]}",), confidence=CLEAR)
    if marked := by_marks(seen.source, refused=seen.refused, kinds=_SERVERS):
        return Quality(kind=marked[0].kind, reasons=(f"{marked[0].name}: mark {marked[1]!r}",), confidence=SIGNED)
    said, titled = seen.says("bot_phrases"), seen.called("bot_titles")
    if titled or (said and seen.paragraphs < 2):
        sure = CLEAR if len([*said, *titled]) > 1 else LIKELY
        return Quality(kind=PageKind.BOT_WALL, reasons=_says(titled, said), confidence=sure)
    return None


def consent_wall(seen: Seen) -> Quality | None:
    """A page that asks for consent and shows nothing else."""
    return _consent_host(seen) or _consent_dialog(seen) or _consent_words(seen)


def _consent_host(seen: Seen) -> Quality | None:
    if seen.article or not seen.short:
        return None
    found = by_address(seen.facts.page.capture.url)
    if found and found[0].kind is PageKind.CONSENT_WALL:
        return Quality(kind=PageKind.CONSENT_WALL, reasons=(f"{found[0].name}: {found[1]}",), confidence=CLEAR)
    # The dialog is drawn by a script, in a frame that is nowhere else.
    marked = by_marks(seen.source, refused=False, kinds={PageKind.CONSENT_WALL}) if seen.page_words < _NOTHING else None
    if marked:
        return Quality(kind=PageKind.CONSENT_WALL, reasons=(f"{marked[0].name}: mark {marked[1]!r}",), confidence=LIKELY)
    return None


def _consent_dialog(seen: Seen) -> Quality | None:
    """Most of what a reader sees stands in the dialog of a consent tool, and no article behind it."""
    if seen.body_words >= BRIEF or (seen.article and seen.body_words >= PARAGRAPH) or seen.dialog_words < _DIALOG:
        return None
    share = seen.dialog_words / max(1, seen.page_words)
    if share < _WALL_SHARE:
        return None
    reasons = (f"{share:.0%} of the page stands in the dialog of {next(iter(seen.dialog.values()))}", f"{seen.body_words} other words")
    return Quality(kind=PageKind.CONSENT_WALL, reasons=reasons, confidence=CLEAR)


def _consent_words(seen: Seen) -> Quality | None:
    said = seen.says("consent_phrases")
    if len(said) < 2:
        return None
    titled = hits(seen.title, "consent_titles")
    about = [paragraph for paragraph in seen.facts.body if hits(fold(paragraph), "consent_phrases")]
    share = count_words("\n".join(about)) / seen.extracted_words if seen.extracted_words else 0.0
    other = sum(count_words(paragraph) >= PARAGRAPH for paragraph in seen.facts.body if paragraph not in about)
    much = share >= _WALL_SHARE and not (seen.article and seen.paragraphs >= 2)
    if other < _OTHER_PARAGRAPHS and (much or (titled and seen.short and not seen.article)):
        reasons = (f"{share:.0%} of the body is about consent", *_says(titled, said[:4]))
        return Quality(kind=PageKind.CONSENT_WALL, reasons=reasons, confidence=CLEAR if titled or len(said) > 2 else LIKELY)
    return None


def login_wall(seen: Seen) -> Quality | None:
    """A page that wants a name and a password and shows no article."""
    if seen.body_words >= BRIEF or seen.article or not seen.short:
        return None
    address = by_address(seen.facts.page.capture.url)
    form = 'type="password"' in seen.source or "type='password'" in seen.source or "type=password" in seen.source
    said = [*seen.called("login_titles"), *seen.says("login_phrases")]
    at = (f"address {seen.url.path}",) if address and address[0].kind is PageKind.LOGIN_WALL else ()
    signs = (*at, *(("a field for a password",) if form else ()), *_says(said, ()))
    if len(signs) < 2 or not (form or at):
        return None
    return Quality(kind=PageKind.LOGIN_WALL, reasons=signs, confidence=CLEAR if form else LIKELY)


def legal_wall(seen: Seen) -> Quality | None:
    """A page that says that it may not be shown here, or at all."""
    if seen.status == 451:
        return Quality(kind=PageKind.LEGAL_WALL, reasons=("status 451",), confidence=SIGNED)
    if not seen.short or seen.article or seen.body_words >= SHORT_BODY:
        return None
    said, titled = seen.says("legal_phrases"), seen.called("legal_titles")
    if not (titled or said) or seen.paragraphs >= 3:
        return None
    return Quality(kind=PageKind.LEGAL_WALL, reasons=_says(titled, said), confidence=CLEAR if titled or len(said) > 1 else LIKELY)


def maintenance(seen: Seen) -> Quality | None:
    """A site that is closed for a while and says so with a page."""
    if not seen.bare or seen.paragraphs >= 2:
        return None
    said, titled = seen.says("maintenance_phrases"), seen.called("maintenance_titles")
    if not titled and not (said and seen.page_words < _NOTHING * 2):
        return None
    return Quality(kind=PageKind.MAINTENANCE, reasons=_says(titled, said), confidence=CLEAR if titled and said else LIKELY)


def _says(*lists: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"says {word!r}" for word in dict.fromkeys(word for words in lists for word in words))
