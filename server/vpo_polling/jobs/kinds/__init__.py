"""The kinds of work a job can be: which program runs, with which arguments, environment and progress."""

from vpo_polling.jobs.kinds.orders import CannotStart, order_for

__all__ = ["CannotStart", "order_for"]
