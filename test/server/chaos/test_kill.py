"""Whatever is killed, whenever: nothing runs on, nothing runs twice, no line is lost, and the jobs go on."""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from chaos.truth import Truth
from chaos.world import ODDS, World

KILLS = 100
WORLDS = 4


def live_and_die(world: World, kills: int) -> Counter[str]:
    truth = Truth(world)
    try:
        while world.kills.total() < kills:
            if world.server is None and (not world.commands or world.rng.random() < 0.5):
                world.start_server()
            if world.rng.random() < 0.3 and len(world.commands) < 2:
                world.start_command()
            if len(world.unfinished()) < 4:
                world.queue_jobs(3)
            world.kill_something()
            if world.server is not None:
                truth.check()
        truth.check_the_end()
        return world.kills
    finally:
        world.close()


def test_a_hundred_sudden_deaths_of_server_shim_work_and_command_line(tmp_path: Path) -> None:
    # The same seed does not give the same moments, but the same choices.
    seed = int(os.environ.get("CHAOS_SEED") or random.SystemRandom().randrange(2**32))
    print(f"CHAOS_SEED={seed}")
    worlds = [World(tmp_path / str(number), seed + number) for number in range(WORLDS)]
    with ThreadPoolExecutor(WORLDS) as pool:
        lives = [pool.submit(live_and_die, world, KILLS // WORLDS) for world in worlds]
    killed = sum((life.result() for life in lives), Counter[str]())
    print(dict(killed))
    assert killed.total() >= KILLS
    assert set(killed) == set(ODDS)
