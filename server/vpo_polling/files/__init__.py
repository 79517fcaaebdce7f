"""The files of a project: what there is, what has changed, and who waits for it."""

from vpo_polling.files.trees import Trees

__all__ = ["Trees"]
