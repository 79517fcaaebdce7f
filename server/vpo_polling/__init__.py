"""Job pages that stay live: store, feed, HTTP interface, job runner and command line."""

__version__ = "0.1.0"
