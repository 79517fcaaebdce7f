"""Who may ask, from where, and how often."""

from vpo_polling.access.guard import Guard
from vpo_polling.access.hardening import Hardened
from vpo_polling.access.prefix import Prefixed

__all__ = ["Guard", "Hardened", "Prefixed"]
