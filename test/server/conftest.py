"""Fixtures for whoever needs a data directory, a store or a running application."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("VPO_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """The scan root."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, media: Path) -> Settings:
    return load({"data_dir": tmp_path / "data", "scan_roots": [media]})


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    store = Store.open(settings.database_path)
    store.migrate()
    yield store
    store.close()
