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
    CANONICAL = "canonical"  # the address that a page calls its own
    AMP = "amphtml"  # the page's short form for phones
    HREFLANG = "hreflang"  # the same article in another language, as the page says
    SAME_AS = "same_as"  # JSON-LD url, mainEntityOfPage and sameAs of the page's article
    BASED_ON = "based_on"  # JSON-LD isBasedOn
    CITATION = "citation"  # JSON-LD citation
    SYNDICATION = "syndication_source"  # the meta element that says on whose article the page's rests
    ORIGINAL = "original_source"  # the other meta element that says it
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

    KEPT = "kept"  # captured
    UNCHANGED = "unchanged"  # visited again: the same bytes or the same text, or the answer 304
    EDITED = "edited"  # visited again: the text or the headline differs
    GONE = "gone"  # the answer is 404 or 410, and no wall
    REFUSED_ROBOTS = "refused_robots"  # robots.txt forbids it, or could not be had (RFC 9309)
    REFUSED_SCOPE = "refused_scope"  # it does not belong to the story
    OVER_BUDGET = "over_budget"  # a limit of the run was reached before it; it waits for the next run
    THROTTLED = "throttled"  # the site asked us to wait, or another worker has it; it waits for the next run
    BLOCKED = "blocked"  # the answer is a wall: consent, bots, login
    LEGAL_BLOCK = "legal_block"  # 451, or a page that says the same
    UNREACHABLE = "unreachable"  # no answer at all
    FAILED = "failed"  # an error, an answer that was cut, a page that says that there is nothing
    DUPLICATE = "duplicate"  # the run had it under another address, or another worker fetched it


class Truncation(StrEnum):
    """Why a block is shorter than what the server meant to send (WARC 1.1 §5.15)."""

    LENGTH = "length"  # a limit of ours in bytes
    TIME = "time"  # a limit of ours in seconds
    DISCONNECT = "disconnect"  # the connection ended
    UNSPECIFIED = "unspecified"  # the message is broken


class Phase(StrEnum):
    """The step of a fetch in which it failed."""

    DNS = "dns"  # the name has no address
    POLICY = "policy"  # an address that may not be reached
    CONNECT = "connect"  # no connection, or none in time
    TLS = "tls"  # no trusted encryption
    SEND = "send"  # it broke while the request went out
    HEAD = "head"  # before the head of the answer was whole
    BODY = "body"  # in the midst of the body


class Change(StrEnum):
    """What one version of an article did to the version before it."""

    NONE = "none"  # the texts are equal
    COSMETIC = "cosmetic"  # typography, white space, order
    EDIT = "edit"  # other words
    HEADLINE = "headline"  # the headline alone
    CORRECTION = "correction"  # with a note that says so
    SUSPECTED = "suspected"  # not at its address at one visit
    WITHDRAWN = "withdrawn"  # nor at a second one
    RESTORED = "restored"  # back at its address


class EventKind(StrEnum):
    """What exactly a version changed; the first ten of its text, the others of the article as a whole."""

    HEADLINE = "headline"  # the title of the page
    FIGURE = "figure"  # a number in figures or words, its unit, and what qualifies it
    QUOTE = "quote"  # words in quotation marks, or the marks
    ATTRIBUTION = "attribution"  # who is said to have said it, and the word that says so
    PASSAGE_ADDED = "passage_added"  # all other words; words in the place of others are both
    PASSAGE_REMOVED = "passage_removed"  # the same
    CORRECTION = "correction"  # a note about the article itself
    BYLINE = "byline"  # who signed, which agency is credited
    DATE = "date"  # a day, month, year or time of day, in the text or as the time of publication
    COSMETIC = "cosmetic"  # typography, white space, order
    GONE = "gone"  # not found, twice
    RESTORED = "restored"  # found again
    REDIRECT_HOME = "redirect_home"  # its address leads to the front page, twice
    PAYWALLED = "paywalled"  # its text is behind a payment, twice
    LEGAL_BLOCK = "legal_block"  # not shown for legal reasons, twice


class PageKind(StrEnum):
    """What a captured page is; only ARTICLE, BRIEF and LIVE_BLOG carry an article's text."""

    ARTICLE = "article"  # a text of an outlet, whole
    BRIEF = "brief"  # a few sentences, and all that there is
    LIVE_BLOG = "live_blog"  # entries by the time
    TEASER = "teaser"  # the beginning of an article that is behind a payment
    CONSENT_WALL = "consent_wall"  # asks for consent before it shows anything
    BOT_WALL = "bot_wall"  # asks for proof that a person reads
    LOGIN_WALL = "login_wall"  # asks for an account
    LEGAL_WALL = "legal_wall"  # not shown in this country, or at all, for legal reasons
    WALL = "wall"  # of no known system: what many addresses of one outlet gave instead of their articles
    MAINTENANCE = "maintenance"  # says that the site is being worked on
    SOFT_404 = "soft_404"  # says that there is nothing here, with status 200
    REDIRECT_HOME = "redirect_home"  # the front page at an article's address, or the way there
    INDEX = "index"  # a list of articles
    VIDEO = "video"  # a video with little text
    AUDIO = "audio"  # a sound with little text
    GALLERY = "gallery"  # pictures with little text
    NOT_ARTICLE = "not_article"  # a page about the outlet, a form, a shop
    NOT_HTML = "not_html"  # a feed, a PDF, a picture
    EMPTY = "empty"  # nothing that a reader could see


class BlockKind(StrEnum):
    """What a visible block of a page is; the closed list of the ledger."""

    HEADLINE = "headline"  # the article's own title, or a repetition of it
    STANDFIRST = "standfirst"  # the lines between headline and text
    BODY = "body"  # a paragraph of the article
    SUBHEAD = "subhead"  # a heading in the text
    QUOTE = "quote"  # a block quotation, or a paragraph that is one quotation from end to end
    EMBED = "embed"  # a post of somebody else, shown in the article
    CAPTION = "caption"  # words under a picture
    RELATED = "related"  # leads to other articles
    PROMOTION = "promotion"  # newsletter, app, channel, subscription
    CREDIT = "credit"  # who else had part in it, an agency
    RIGHTS = "rights"  # copyright, and what may not be done
    BYLINE = "byline"  # who signed
    BIO = "bio"  # who the author is, and how to reach them
    DATE = "date"  # when it was published or changed
    NAVIGATION = "navigation"  # menu, path of sections, tags
    WIDGET = "widget"  # share bar, comments, search, poll
    CONSENT = "consent"  # a cookie banner
    DUPLICATE = "duplicate"  # what the text says already
    UNKNOWN = "unknown"  # no rule speaks of it


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
    WALLS_RISING = "walls_rising"  # more pages than usual are walls
    LOSSES_RISING = "losses_rising"  # failures, time-outs, hosts that turn us away
    LAYOUT_BREAK = "layout_break"  # an outlet's pages have lost their text from one run to the next
    CLOCK_SKEW = "clock_skew"  # servers' clocks agree with one another, and not with ours
    STORE_FILLING = "store_filling"  # the store nears its quota or its disk
    SCHEDULE_STOPPED = "schedule_stopped"  # no run began when one should have


class TextAlarmKind(StrEnum):
    """What speaks against a text being all of its article; the closed list of ``pipeline.completeness``."""

    EMPTY = "empty"  # an article's page without a text
    SHORT_OF_PAGE = "short_of_page"  # the page shows much more prose than the text has
    SHORT_OF_STATED = "short_of_stated"  # than the page itself says that the article has
    DESCRIPTION_LOST = "description_lost"  # a sentence that describes the article is shown and not in the text
    DOUBLED = "doubled"  # the same passage stands in it twice
    TRUNCATED = "truncated"  # it ends in the middle, or the body of the answer was cut
    NEXT_PAGE = "next_page"  # the article goes on at another address
    SCRIPT_ONLY = "script_only"  # the page shows its text by a script alone
    TOO_DEEP = "too_deep"  # nested beyond what the parser reads


class State(StrEnum):
    """What became of an article since it was first seen."""

    CURRENT = "current"  # as it was at its first visit
    CHANGED = "changed"  # an edit was seen
    MISSING = "missing"  # not at its address at its last visit; nobody has asked a second time
    GONE = "gone"  # not at its address at two visits, an hour or more apart
