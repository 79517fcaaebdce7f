"""The command line: `vpo` (also installed as `vpo-polling`)."""

from vpo_polling.cli.app import main

__all__ = ["main"]
