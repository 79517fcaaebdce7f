"""Running jobs: the runner inside the server, the shim around each job, and the kinds of work."""
