"""Pages that are there and are no article, or not all of one: error pages, lists, players, teasers; and what makes an article.

Each rule takes what ``pagefacts`` has seen and gives a verdict with its reasons, or None; ``pipeline.quality`` says in which order they
are asked.  A page that declares an article (JSON-LD) is believed where its text bears it out.
"""

import re
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from archive.kinds import PageKind
from archive.records import Quality
from pipeline.lexicon import words
from pipeline.pagefacts import BRIEF, DECLARED, LINKED, SHORT_BODY, Seen, count_words, fold, hits
from pipeline.sureness import CLEAR, LIKELY, SIGNED

_CUT_SHARE = 0.5  # of the words that the page itself states (text.md §7: completeness alarm)
_LISTED = 0.6  # share of the body's paragraphs that belong to other articles' headlines
_FEWEST_LISTED = 4
_OFFER = 30  # words
_ENTRIES = 3  # of a live blog
_TIME = re.compile(r"\W{0,3}(?:[01]?\d|2[0-3])[:.h][0-5]\d\b")
_OPEN_END = ("…", "...", "[…]", "(…)")
_FRONTS = frozenset({"index.html", "index.htm", "index.php", "home", "default.aspx"})
_LONG_SLUG = re.compile(r"\d{4,}|[^\W_]+[-_][^\W_]+[-_]")


def soft_404(seen: Seen) -> Quality | None:
    """A page that says in words, not in its status, that there is none."""
    if seen.status in {404, 410}:
        return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"status {seen.status}",), confidence=SIGNED)
    if seen.article:
        return None
    titled = seen.called("missing_titles")
    bare = seen.short and seen.body_words < BRIEF and not (seen.dated and seen.paragraphs)
    said = seen.says("missing_phrases") if bare else []
    if not (titled or said):
        return None
    long = seen.body_words >= SHORT_BODY or (seen.paragraphs >= 2 and not seen.short)
    if long and seen.listed < _LISTED and not seen.linked:  # else what it lists is other articles'
        return None
    reasons = tuple(f"says {word!r}" for word in dict.fromkeys((*titled, *said)))
    return Quality(kind=PageKind.SOFT_404, reasons=reasons, confidence=CLEAR if titled else LIKELY)


def error(seen: Seen) -> Quality | None:
    """A page that comes with an error is none of ours, however much it looks like an article."""
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"status {seen.status}",), confidence=SIGNED) if seen.status >= 400 else None


def redirect_home(seen: Seen) -> Quality | None:
    """The front page at an article's address: it says itself that its address is the root."""
    if seen.article or not is_deep(seen.url.path):
        return None
    canonical = seen.meta.canonical
    if canonical is None or not is_front(urlsplit(canonical).path) or not _same_site(urlsplit(canonical).hostname, seen.url.hostname):
        return None
    if seen.paragraphs >= 3 and seen.listed < _LISTED and not seen.linked:
        return None  # an article with a careless canonical
    return Quality(kind=PageKind.REDIRECT_HOME, reasons=("calls itself the front page of its site",), confidence=CLEAR)


def is_front(path: str) -> bool:
    """Whether a path is that of a site's front page, in one of its languages perhaps."""
    parts = [part for part in path.lower().split("/") if part]
    return len(parts) <= 1 and all(part in _FRONTS or (len(part) == 2 and part.isalpha()) for part in parts)


def is_deep(path: str) -> bool:
    """Whether a path may be an article's: several segments, or a long one."""
    parts = [part for part in path.split("/") if part]
    return len(parts) >= 2 or bool(parts and _LONG_SLUG.search(parts[0]))


def _same_site(one: str | None, other: str | None) -> bool:
    return (one or "").removeprefix("www.") == (other or "").removeprefix("www.")


def live_blog(seen: Seen) -> Quality | None:
    """Entries with a time each, declared or marked so."""
    if seen.body_words < BRIEF:
        return None
    if "liveblogposting" in seen.meta.kinds:
        return Quality(kind=PageKind.LIVE_BLOG, reasons=("JSON-LD LiveBlogPosting",), confidence=SIGNED)
    timed = [block for block in seen.facts.visible if _TIME.match(block.text)]
    marks = [mark for block in timed if (mark := _live_mark(block.element))] if len(timed) >= _ENTRIES else []
    if len(marks) < _ENTRIES:
        return None
    return Quality(kind=PageKind.LIVE_BLOG, reasons=(f"marked {marks[0]!r}", f"{len(marks)} entries with a time"), confidence=CLEAR)


def _live_mark(element: HtmlElement) -> str | None:
    """The mark of a live blog's entries on an element or around it."""
    names = " ".join(f"{outer.get('id') or ''} {outer.get('class') or ''}" for outer in (element, *element.iterancestors())).lower()
    return next((mark for mark in words("quality", "live_marks") if mark in names), None)


def teaser(seen: Seen) -> Quality | None:
    """The beginning of an article that is not given to everybody."""
    meta = seen.meta
    reasons = []
    if meta.words and meta.words >= SHORT_BODY and seen.body_words < _CUT_SHARE * meta.words:
        reasons.append(f"{seen.body_words} of the {meta.words} words that JSON-LD states")
    if seen.body_words < SHORT_BODY and meta.free is not True:
        reasons += [f"says {word!r}" for word in _asks(seen)]
        reasons += _offer(seen)
    if meta.free is False and (reasons or seen.body_words < BRIEF):
        reasons.append("JSON-LD isAccessibleForFree: false")
    if not reasons or not seen.body_words or not (meta.free is False or seen.body_words < SHORT_BODY):
        return None
    sure = SIGNED if meta.free is False else CLEAR if len(reasons) > 1 else LIKELY
    return Quality(kind=PageKind.TEASER, reasons=tuple(reasons), confidence=sure)


def _asks(seen: Seen) -> list[str]:
    """What a paywall says, in lines too short for an article's paragraph: an article may be about paywalls."""
    lines = (fold(block.text) for block in seen.facts.visible if count_words(block.text) < _OFFER)
    return hits("\n".join(lines), "paywall_phrases")


def _offer(seen: Seen) -> list[str]:
    """The place where a paywall draws its offer, behind a text that breaks off."""
    if not seen.body or not seen.body[-1].rstrip().endswith(_OPEN_END):
        return []
    mark = next((mark for mark in words("quality", "paywall_marks") if mark in seen.source), None)
    return [f"breaks off before {mark!r}"] if mark else []


def player(seen: Seen) -> Quality | None:
    """A video, a recording or pictures, with a caption alone."""
    if seen.body_words >= SHORT_BODY or (seen.article and seen.body_words >= BRIEF):
        return None
    for kind in (PageKind.VIDEO, PageKind.AUDIO, PageKind.GALLERY):
        signs = list(_player_signs(seen, kind))
        if signs and (len(signs) > 1 or not seen.article):
            return Quality(kind=kind, reasons=(*signs, f"{seen.body_words} words"), confidence=CLEAR if len(signs) > 1 else LIKELY)
    return None


def _player_signs(seen: Seen, kind: PageKind) -> list[str]:
    declared = sorted(seen.meta.kinds & set(words("quality", f"{kind}_kinds")))
    at = sorted(set(seen.parts) & set(words("quality", f"{kind}_paths")))
    typed = [seen.og_type] if seen.og_type.startswith(words("quality", f"{kind}_types")) else []
    return [*(f"JSON-LD {name}" for name in declared), *(f"og:type {name}" for name in typed), *(f"address /{name}/" for name in at)]


def index(seen: Seen) -> Quality | None:
    """A page that lists articles: a front page, a section, a tag, an author, results of a search."""
    if seen.article:
        return None
    front = is_front(seen.url.path)
    sure = [*(f"JSON-LD {kind}" for kind in sorted(seen.meta.kinds & set(words("quality", "index_kinds")))), *_listing_address(seen)]
    bare = seen.body_words < SHORT_BODY
    summaries = seen.listed >= _LISTED and len(seen.body) >= _FEWEST_LISTED and not seen.dated
    signs = {
        "front page of its site": front,
        f"the body is links, as is {seen.link_share:.0%} of the page": seen.linked,
        f"{seen.listed:.0%} of the body belongs to other headlines": summaries,
    }
    reasons = [*sure, *(sign for sign, holds in signs.items() if holds)]
    if front or seen.linked or summaries or (sure and bare):
        return Quality(kind=PageKind.INDEX, reasons=tuple(reasons), confidence=CLEAR if len(reasons) > 1 or front else LIKELY)
    return None


def _listing_address(seen: Seen) -> list[str]:
    if seen.dated:
        return []
    listing = set(seen.parts[:-1]) & set(words("quality", "listing_paths"))
    searched = [name for name in words("quality", "search_queries") if name in seen.query]
    search = seen.parts and seen.parts[-1] in words("quality", "search_paths")
    return [*(f"address /{name}/" for name in sorted(listing)), *(["address of a search"] if searched or search else [])]


def signup(seen: Seen) -> Quality | None:
    """A form to subscribe to a newsletter."""
    if seen.article or seen.dated or seen.body_words >= SHORT_BODY or seen.paragraphs >= 2:
        return None
    at = [f"address /{part}" for part in seen.parts if part in words("quality", "signup_paths")]
    said = [f"says {word!r}" for word in hits(seen.title, "signup_titles")]
    form = ["a field for an address"] if 'type="email"' in seen.source else []
    signs = (*at, *said, *form)
    if len(signs) < 2 or not (at or said):
        return None
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=("newsletter sign-up", *signs), confidence=CLEAR)


def article(seen: Seen) -> Quality | None:
    """A text with evidence that it is an article's."""
    evidence = _evidence(seen)
    if not seen.body_words or not evidence:
        return None
    sure = SIGNED if seen.article and len(evidence) > 1 else CLEAR if len(evidence) > 1 else LIKELY
    brief = seen.body_words < BRIEF
    kind = PageKind.BRIEF if brief else PageKind.ARTICLE
    return Quality(kind=kind, reasons=(f"{seen.body_words} words", *evidence), confidence=min(sure, CLEAR) if brief else sure)


def _evidence(seen: Seen) -> list[str]:
    meta = seen.meta
    signs = {
        DECLARED: seen.article,
        "dated and signed": bool(meta.published and meta.authors),
        "dated in its head, with a paragraph": seen.dated and seen.paragraphs >= 1,
        "og:type article, with a paragraph": meta.og_article and seen.paragraphs >= 1,
        f"{seen.paragraphs} paragraphs": seen.paragraphs >= 3,
        f"{seen.body_words} words of text": seen.body_words >= SHORT_BODY and seen.link_share < LINKED,
    }
    return [sign for sign, holds in signs.items() if holds]


def uncertain(seen: Seen) -> Quality:
    """What no rule has named."""
    return Quality(kind=PageKind.NOT_ARTICLE, reasons=(f"{count_words(' '.join(seen.body))} words in the body and no sign of an article",))
