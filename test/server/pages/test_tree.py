"""The server nests files as the page script does: both are held to test/contract/tree.json."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from vpo_polling.pages.files import nested

VECTORS = json.loads((Path(__file__).parents[2] / "contract" / "tree.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_files_become_folders(vector: dict[str, Any]) -> None:
    assert nested(vector["files"])["children"] == vector["children"]
