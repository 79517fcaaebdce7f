"""The agent of the settings: run for a turn, ended with it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest
from jobs.support import eventually, is_running
from serving import OWN_PAGE, FakeRunner, serving
from timing import PATIENCE
from vpo_polling.jobs.process import started_at
from vpo_polling.settings import Settings, SettingsError, load
from vpo_polling.store import Store
from vpo_polling.store.turns.queries import TurnQuery

from . import transcripts as t
from .conftest import Place

pytestmark = pytest.mark.anyio
COMMAND = (sys.executable, str(Path(__file__).parent / "agent.py"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the project, where its agent runs."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def rooted(store: Store, folder: Path) -> Place:
    project_id = store.create_project("Films", str(folder), now=1000)
    session_id = store.create_session(project_id, "", now=1000)
    assert session_id is not None
    return Place(store, project_id, session_id)


@pytest.fixture
async def client(settings: Settings, store: Store) -> AsyncIterator[httpx.AsyncClient]:
    with_agent = settings.model_copy(update={"agent_command": COMMAND})
    async with serving(with_agent, store, FakeRunner()) as client:
        yield client


async def begin(client: httpx.AsyncClient, place: Place, prompt: str) -> str:
    path = f"/api/projects/{place.project_id}/sessions/{place.session_id}/turns"
    response = await client.post(path, json={"prompt": prompt}, headers=OWN_PAGE)
    assert response.status_code == 201, response.text
    return str(response.json()["id"])


async def when(place: Place, turn_id: str, is_so: Callable[[t.Json], object]) -> t.Json:
    """The turn, once it is as it should be."""

    def look() -> t.Json | None:
        found = place.store.read(TurnQuery(**place.where(turn_id)))[0]
        return found if found is not None and is_so(found) else None

    return await asyncio.to_thread(eventually, look)


async def over(place: Place, turn_id: str) -> t.Json:
    return await when(place, turn_id, lambda turn: turn["completed_at"])


async def gone(pid_file: Path) -> None:
    await asyncio.to_thread(eventually, lambda: not is_running(int(pid_file.read_text())))


async def there(file: Path) -> None:
    await asyncio.to_thread(eventually, lambda: file.exists() and file.read_text())


async def test_a_prompt_becomes_blocks_and_a_verdict(client: httpx.AsyncClient, rooted: Place) -> None:
    turn_id = await begin(client, rooted, "say:One noise stream:Second cwd env ok")
    turn = await over(rooted, turn_id)
    folder = str(rooted.store.read(TurnQuery(**rooted.where(turn_id)))[0] and turn["blocks"][2]["text"])
    assert [block["text"] for block in turn["blocks"]] == ["One", "Second", folder]
    assert folder.endswith("work"), "it runs in the project's directory, and knows none of our settings"
    assert (turn["status"], turn["error"], turn["reported"]) == ("completed", None, False)


@pytest.mark.parametrize(
    ("prompt", "status", "error"),
    [
        ("say:a", "completed", None),
        ("bad", "failed", "error during execution"),
        ("noise exit:3", "failed", "The agent ended with exit code 3: something is odd"),
        ("ok exit:3", "completed", None),
    ],
)
async def test_its_end_is_the_end_of_the_turn(
    client: httpx.AsyncClient, rooted: Place, prompt: str, status: str, error: str | None
) -> None:
    turn = await over(rooted, await begin(client, rooted, prompt))
    assert (turn["status"], turn["error"]) == (status, error)


async def test_what_it_leaves_running_ends_with_it(
    client: httpx.AsyncClient, rooted: Place, folder: Path
) -> None:
    turn = await over(rooted, await begin(client, rooted, "child say:a"))
    assert turn["status"] == "completed", "an open output is no reason to wait"
    await gone(folder / "child.pid")


async def test_after_its_result_it_has_nothing_more_to_do(
    client: httpx.AsyncClient, rooted: Place, folder: Path
) -> None:
    turn = await over(rooted, await begin(client, rooted, "child ok wait"))
    assert turn["status"] == "completed"
    await gone(folder / "child.pid")


@pytest.mark.parametrize("how", ["interrupted", "cancelled"])
async def test_an_interrupt_or_a_new_turn_ends_all_that_it_started(
    client: httpx.AsyncClient, rooted: Place, folder: Path, how: str
) -> None:
    turn_id = await begin(client, rooted, "say:a child wait")
    await there(folder / "child.pid")
    await when(rooted, turn_id, lambda turn: turn["block_count"])
    if how == "interrupted":
        path = f"/api/projects/{rooted.project_id}/sessions/{rooted.session_id}/interrupt"
        answer = await client.post(path, headers=OWN_PAGE)
        assert answer.json()["interrupted"] == 1
    else:
        await begin(client, rooted, "ok")
    await gone(folder / "child.pid")
    turn = await over(rooted, turn_id)
    assert (turn["status"], turn["block_count"]) == (how, 1)


async def test_a_server_that_ends_ends_its_turns(
    settings: Settings, store: Store, rooted: Place, folder: Path
) -> None:
    with_agent = settings.model_copy(update={"agent_command": COMMAND})
    async with serving(with_agent, store, FakeRunner()) as client:
        turn_id = await begin(client, rooted, "child wait")
        await there(folder / "child.pid")
    await gone(folder / "child.pid")
    turn = await over(rooted, turn_id)
    assert (turn["status"], turn["error"]) == ("interrupted", "The server ended before the turn did.")


async def test_what_a_killed_server_left_behind_ends_when_the_next_one_starts(
    settings: Settings, store: Store, rooted: Place
) -> None:
    turn_id = rooted.begin(reported=False)
    started = await asyncio.create_subprocess_exec("sleep", "600", start_new_session=True)
    began = started_at(started.pid)
    assert began is not None
    store.start_turn(turn_id, pid=started.pid, process_started=began, now=2000)
    async with serving(settings, store, FakeRunner()):
        assert (await over(rooted, turn_id))["status"] == "interrupted"
    assert await asyncio.wait_for(started.wait(), PATIENCE) != 0


async def test_a_program_that_is_missing_is_said(settings: Settings, store: Store, rooted: Place) -> None:
    missing = settings.model_copy(update={"agent_command": ("/nowhere/agent",)})
    async with serving(missing, store, FakeRunner()) as client:
        turn = await over(rooted, await begin(client, rooted, "ok"))
    assert turn["status"] == "failed"
    assert "/nowhere/agent" in turn["error"]


async def test_prompts_that_nobody_reads_do_no_harm(client: httpx.AsyncClient, rooted: Place) -> None:
    turn = await over(rooted, await begin(client, rooted, "ok " + "x" * 60_000))
    assert turn["status"] == "completed"


def test_the_command_comes_from_the_file_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VPO_AGENT_COMMAND", "agent --print")
    with pytest.raises(SettingsError, match=r"VPO_AGENT_COMMAND.*in the settings file, as a list"):
        load({"data_dir": tmp_path})
    monkeypatch.delenv("VPO_AGENT_COMMAND")
    (tmp_path / "vpo.toml").write_text('agent_command = ["agent", "--print"]\n')
    assert load({"data_dir": tmp_path}).agent_command == ("agent", "--print")
