"""The Scrapy project of this checkout: what ``scrapy crawl`` reads.

All that makes a crawl polite and archived comes from the add-on, so that any other project gets the same with the one ADDONS line.
"""

BOT_NAME = "copytrail"
SPIDER_MODULES = ["crawlers.spiders"]
COMMANDS_MODULE = "crawlers.commands"
ADDONS = {"crawlers.addon.Copytrail": 100}
LOG_LEVEL = "INFO"
