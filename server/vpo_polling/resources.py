"""Where templates and bundles are: inside an installed package, else beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent
CHECKOUT = PACKAGE.parent.parent


def folder(name: str) -> Path:
    inside = PACKAGE / name
    return inside if inside.is_dir() else CHECKOUT / name


TEMPLATES = folder("templates")
DIST = folder("dist")
