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
    HREFLANG = "hreflang"  # the same article in another language, as the page says
    SAME_AS = "same_as"  # JSON-LD url, mainEntityOfPage and sameAs of the page's article
    BASED_ON = "based_on"  # JSON-LD isBasedOn
    CITATION = "citation"  # JSON-LD citation
    SYNDICATION = "syndication_source"  # the meta element, and original-source below: on whose article the page's rests
    ORIGINAL = "original_source"
    WIDGET = "widget"  # a teaser in a box of related articles
    CREDIT = "credit"  # a feed of the outlet that a credit names
    QUERY = "query"  # a question to a back end or to a site's own search
    SEARCH = "search"  # a hit of a site's own search
    GDELT = "gdelt"  # a row of a GDELT DOC answer
    WAYBACK = "wayback"  # an address that the Wayback Machine has captured
    MEMENTO = "memento"  # somebody else's capture of an original that is dead
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
    SUSPECTED = "suspected"  # not at its address at one visit
    WITHDRAWN = "withdrawn"  # nor at a second one
    RESTORED = "restored"


class EventKind(StrEnum):
    """What exactly a version changed; the first ten of its text, the others of the article as a whole."""

    HEADLINE = "headline"
    FIGURE = "figure"  # a number in figures or words, its unit, and what qualifies it
    QUOTE = "quote"  # words in quotation marks, or the marks
    ATTRIBUTION = "attribution"  # who is said to have said it, and the word that says so
    PASSAGE_ADDED = "passage_added"  # all other words; words in the place of others are both
    PASSAGE_REMOVED = "passage_removed"
    CORRECTION = "correction"  # a note about the article itself
    BYLINE = "byline"  # who signed, which agency is credited
    DATE = "date"  # a day, month, year or time of day, in the text or as the time of publication
    COSMETIC = "cosmetic"  # typography, white space, order
    GONE = "gone"
    RESTORED = "restored"
    REDIRECT_HOME = "redirect_home"
    PAYWALLED = "paywalled"
    LEGAL_BLOCK = "legal_block"


class PageKind(StrEnum):
    """What a captured page is; only ARTICLE, BRIEF and LIVE_BLOG carry an article's text."""

    ARTICLE = "article"
    BRIEF = "brief"
    LIVE_BLOG = "live_blog"
    TEASER = "teaser"
    CONSENT_WALL = "consent_wall"
    BOT_WALL = "bot_wall"
    LOGIN_WALL = "login_wall"
    LEGAL_WALL = "legal_wall"  # not shown in this country, or at all, for legal reasons
    WALL = "wall"  # of no known system: what many addresses of one outlet gave instead of their articles
    MAINTENANCE = "maintenance"
    SOFT_404 = "soft_404"
    REDIRECT_HOME = "redirect_home"  # the front page at an article's address, or the way there
    INDEX = "index"
    VIDEO = "video"
    AUDIO = "audio"
    GALLERY = "gallery"
    NOT_ARTICLE = "not_article"
    NOT_HTML = "not_html"
    EMPTY = "empty"


class BlockKind(StrEnum):
    """What a visible block of a page is; the closed list of the ledger."""

    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    BODY = "body"
    SUBHEAD = "subhead"
    QUOTE = "quote"  # a block quotation, or a paragraph that is one quotation from end to end
    EMBED = "embed"  # a post of somebody else, shown in the article
    CAPTION = "caption"
    RELATED = "related"  # leads to other articles
    PROMOTION = "promotion"
    CREDIT = "credit"
    RIGHTS = "rights"
    BYLINE = "byline"
    BIO = "bio"
    DATE = "date"
    NAVIGATION = "navigation"
    WIDGET = "widget"
    CONSENT = "consent"
    DUPLICATE = "duplicate"
    UNKNOWN = "unknown"


class Deed(StrEnum):
    """What a run did towards a site, or left undone; the closed list of its request log."""

    REQUESTED = "requested"  # a request went out, or was meant to and found no way
    REFUSED = "refused"  # one was not sent
    DELAYED = "delayed"  # a domain is left alone for longer than the usual delay
    ROBOTS = "robots"  # a robots.txt was asked for, and what that means
    REDIRECT = "redirect"  # the target of one was asked about anew: scope, lease, robots.txt of its own origin


class AlarmKind(StrEnum):
    """What an operator is told without asking."""

    SILENT_FEED = "silent_feed"  # a feed that used to speak
    NOTHING_NEW = "nothing_new"  # all feeds together
    WALLS_RISING = "walls_rising"
    LOSSES_RISING = "losses_rising"  # failures, time-outs, hosts that turn us away
    LAYOUT_BREAK = "layout_break"
    CLOCK_SKEW = "clock_skew"
    STORE_FILLING = "store_filling"
    SCHEDULE_STOPPED = "schedule_stopped"


class TextAlarmKind(StrEnum):
    """What speaks against a text being all of its article; the closed list of ``pipeline.completeness``."""

    EMPTY = "empty"  # an article's page without a text
    SHORT_OF_PAGE = "short_of_page"  # the page shows much more prose than the text has
    SHORT_OF_STATED = "short_of_stated"  # than the page itself says that the article has
    DESCRIPTION_LOST = "description_lost"  # a sentence that describes the article is shown and not in the text
    DOUBLED = "doubled"
    TRUNCATED = "truncated"
    NEXT_PAGE = "next_page"  # the article goes on at another address
    SCRIPT_ONLY = "script_only"  # the page shows its text by a script alone
    TOO_DEEP = "too_deep"  # nested beyond what the parser reads


class State(StrEnum):
    """What became of an article since it was first seen."""

    CURRENT = "current"
    CHANGED = "changed"
    MISSING = "missing"  # not at its address at its last visit; nobody has asked a second time
    GONE = "gone"
