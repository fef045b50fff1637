"""The closed lists of the nouns in `archive.records`: how a URL was found, how it ended, what a page is.

A value outside its list is an error wherever it is read, never a new kind.
"""

from enum import StrEnum


class Found(StrEnum):
    """How a URL or a title came to be a lead; a closed list."""

    GIVEN = "given"  # a person named the URL
    SEED_URL = "seed_url"  # read in a seed's text, as it stands or mended
    SEED_ROW = "seed_row"  # the url column of a table
    RELATED = "related"  # a "Related article" line
    LINK = "link"  # a link inside an article's body
    CANONICAL = "canonical"
    AMP = "amphtml"
    FEED_LINK = "feed_link"  # a feed announced by a page
    FEED = "feed"  # an entry of a feed
    SITEMAP_LINK = "sitemap_link"  # a sitemap announced by robots.txt or by an index
    SITEMAP = "sitemap"  # an entry of a news sitemap
    REDIRECT = "redirect"  # the target of one, in a project that lets Scrapy follow redirects
    MEMBER = "member"  # an article of the story that is visited again
    ROBOTS = "robots"  # robots.txt, fetched for policy
    REQUISITE = "requisite"  # an image, style sheet, script or font that a page needs to be shown


class Verdict(StrEnum):
    """How a URL ended a run; the closed list of law 3."""

    KEPT = "kept"
    UNCHANGED = "unchanged"
    EDITED = "edited"
    GONE = "gone"
    REFUSED_ROBOTS = "refused_robots"
    REFUSED_SCOPE = "refused_scope"
    OVER_BUDGET = "over_budget"
    THROTTLED = "throttled"
    BLOCKED = "blocked"
    LEGAL_BLOCK = "legal_block"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    DUPLICATE = "duplicate"


class Truncation(StrEnum):
    """Why a block is shorter than what the server meant to send (WARC 1.1 §5.15)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


class Phase(StrEnum):
    """The step of a fetch in which it failed."""

    DNS = "dns"
    POLICY = "policy"  # an address that may not be reached
    CONNECT = "connect"
    TLS = "tls"
    SEND = "send"
    HEAD = "head"
    BODY = "body"


class Change(StrEnum):
    """What one version of an article did to the version before it."""

    NONE = "none"
    COSMETIC = "cosmetic"
    EDIT = "edit"
    HEADLINE = "headline"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    RESTORED = "restored"


class PageKind(StrEnum):
    """What a captured page is; only ARTICLE, BRIEF and LIVE_BLOG carry an article's text."""

    ARTICLE = "article"
    BRIEF = "brief"
    LIVE_BLOG = "live_blog"
    TEASER = "teaser"
    CONSENT_WALL = "consent_wall"
    BOT_WALL = "bot_wall"
    SOFT_404 = "soft_404"
    INDEX = "index"
    VIDEO = "video"
    NOT_ARTICLE = "not_article"
    NOT_HTML = "not_html"
    EMPTY = "empty"
