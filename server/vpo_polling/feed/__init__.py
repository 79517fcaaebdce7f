"""Ready answers: what is asked often is read once per change."""

from vpo_polling.feed.entry import Entry, canonical, compress, weak_tag
from vpo_polling.feed.events import Streams
from vpo_polling.feed.feed import Feed

__all__ = ["Entry", "Feed", "Streams", "canonical", "compress", "weak_tag"]
