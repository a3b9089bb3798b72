"""Reading the configuration: files and environment → checked, frozen ``Settings``; and editing the feed list."""

from pipeline.configuration.feedlist import FeedList, read_feed_list
from pipeline.configuration.load import load_settings

__all__ = ["FeedList", "load_settings", "read_feed_list"]
