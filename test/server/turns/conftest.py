"""A project with one session."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from vpo_polling.store import Store


@dataclass
class Place:
    store: Store
    project_id: str
    session_id: str

    def begin(self, prompt: str = "Do it", *, reported: bool = True, now: int = 2000) -> str:
        turn = self.store.create_turn(self.project_id, self.session_id, prompt, reported=reported, now=now)
        assert turn is not None
        return turn.turn_id

    def where(self, turn_id: str) -> dict[str, str]:
        return {"project_id": self.project_id, "session_id": self.session_id, "turn_id": turn_id}


@pytest.fixture
def place(store: Store) -> Place:
    project_id = store.create_project("Films", None, now=1000)
    session_id = store.create_session(project_id, "", now=1000)
    assert session_id is not None
    return Place(store, project_id, session_id)
