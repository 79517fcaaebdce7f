"""HTML for people: the dashboard, the page of a job, and refusals."""

from vpo_polling.pages.routes import Pages

__all__ = ["Pages"]
