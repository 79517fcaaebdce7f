"""Projects, their sessions, the turns of those and the blocks that turns grow by."""
