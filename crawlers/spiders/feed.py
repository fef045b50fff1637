"""``scrapy crawl feed -a url=URL``: a feed or sitemap and the articles that it lists, into the archive."""

from archive.kinds import Found
from crawlers.spiders.article import ArticleSpider


class FeedSpider(ArticleSpider):
    """Follows the entries of what a person names, whatever they are about."""

    name = "feed"
    found = Found.FEED_LINK
