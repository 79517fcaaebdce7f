"""Jobs that programs elsewhere report over HTTP, and the builds that watchers follow for the server."""
