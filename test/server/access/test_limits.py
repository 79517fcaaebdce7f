"""How often one client may ask."""

from __future__ import annotations

from pathlib import Path

import pytest
from serving import serving
from vpo_polling.access.limits import MAX_CLIENTS, RateLimit
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(limit: RateLimit, times: int, client: str = "a") -> int:
    return sum(limit.take(client) for _ in range(times))


def test_the_default_is_1200_a_minute(settings: Settings) -> None:
    clock = Clock()
    limit = RateLimit(settings.rate_limit, clock)
    assert taken(limit, 1300) == 1200
    assert taken(limit, 1300, "b") == 1200, "each client has its own"


def test_the_window_slides() -> None:
    clock = Clock()
    limit = RateLimit(100, clock)
    assert taken(limit, 200) == 100
    clock.now += 59
    assert taken(limit, 200) == 0
    clock.now += 31  # half of the second minute is over, so half of the first still counts
    assert taken(limit, 200) == 50
    clock.now += 600
    assert taken(limit, 200) == 100


def test_in_no_minute_are_there_more_than_twice_the_allowed() -> None:
    clock = Clock()
    limit = RateLimit(100, clock)
    times: list[float] = []
    for _ in range(4000):
        clock.now += 0.1
        if limit.take("a"):
            times.append(clock.now)
    most = max(sum(1 for other in times if start <= other < start + 60) for start in times)
    assert 95 <= most <= 110


def test_zero_means_no_limit() -> None:
    assert taken(RateLimit(0, Clock()), 5000) == 5000


def test_the_memory_is_bounded() -> None:
    limit = RateLimit(1, Clock())
    for n in range(MAX_CLIENTS + 10):
        limit.take(str(n))
    assert len(limit._windows) == MAX_CLIENTS
    assert limit.take("0"), "long gone, so it begins anew"


@pytest.fixture
def strict(tmp_path: Path, media: Path) -> Settings:
    return load({"data_dir": tmp_path / "data", "scan_roots": [media], "rate_limit": 3})


@pytest.mark.anyio
async def test_over_the_limit_is_429_with_a_time(strict: Settings, store: Store) -> None:
    async with serving(strict, store) as client:
        statuses = [(await client.get("/api/jobs")).status_code for _ in range(5)]
        assert statuses == [200, 200, 200, 429, 429]
        refused = await client.get("/api/v1/jobs")
        assert refused.json() == {
            "error": "Rate limit exceeded. Please wait before retrying.",
            "code": "RATE_LIMITED",
        }
        assert 1 <= int(refused.headers["retry-after"]) <= 5
        assert refused.headers["cache-control"] == "no-store"
        for exempt in ("/health", "/livez", "/api/about", "/api/v1/about", "/static/icon.svg"):
            assert (await client.get(exempt)).status_code == 200


@pytest.mark.anyio
async def test_guesses_are_limited_wherever_they_are_made(tmp_path: Path, store: Store) -> None:
    settings = load({"data_dir": tmp_path / "data", "rate_limit": 3, "auth_token": "right"})
    async with serving(settings, store) as client:

        async def guess(token: str) -> int:
            return (await client.get("/jobs", headers={"authorization": f"Bearer {token}"})).status_code

        assert [await guess("right") for _ in range(5)] == [200] * 5, "pages are not limited"
        assert [await guess("wrong") for _ in range(5)] == [401, 401, 401, 429, 429]


@pytest.mark.anyio
async def test_a_client_cannot_rename_itself(strict: Settings, store: Store) -> None:
    async with serving(strict, store) as client:
        statuses = [
            (await client.get("/api/jobs", headers={"x-forwarded-for": f"192.0.2.{n}"})).status_code
            for n in range(4)
        ]
        assert statuses[-1] == 429


@pytest.mark.anyio
async def test_clients_behind_a_proxy_of_ours_are_told_apart(tmp_path: Path, store: Store) -> None:
    settings = load({"data_dir": tmp_path / "data", "rate_limit": 3, "trusted_proxies": ["127.0.0.0/8"]})
    async with serving(settings, store) as client:
        for n in range(4):
            response = await client.get("/api/jobs", headers={"x-forwarded-for": f"192.0.2.{n}"})
            assert response.status_code == 200
