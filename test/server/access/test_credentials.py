"""With a token set, nothing but /livez is open; scopes; challenges."""

from __future__ import annotations

import base64
import hmac
from pathlib import Path

import httpx
import pytest
from given_jobs import queued
from serving import OWN_PAGE, serving
from vpo_polling.access import credentials
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio
TOKEN = "correct horse: bätterie"
HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def settings(tmp_path: Path, media: Path) -> Settings:
    return load({"data_dir": tmp_path / "data", "scan_roots": [media], "auth_token": TOKEN})


def basic(user: str, password: str) -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.mark.parametrize(
    "path",
    ["/api/jobs", "/api/about", "/api/v1/about", "/health", "/jobs", "/", "/static/icon.svg", "/api/nothing"],
)
async def test_nothing_but_livez_without_a_token(settings: Settings, store: Store, path: str) -> None:
    async with serving(settings, store) as client:
        refused = await client.get(path)
        assert refused.status_code == 401
        assert refused.headers["cache-control"] == "no-store"
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get(path, headers=basic("anybody", TOKEN))).status_code in (200, 302, 307, 404)


async def test_the_dialog_is_opened_for_pages_only(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for accept in ("", "*/*", "application/json", "text/*"):
            refused = await client.get("/api/jobs", headers={"accept": accept})
            assert refused.headers["www-authenticate"].startswith("Bearer")
            assert "Basic" not in refused.headers["www-authenticate"]
            assert refused.json()["code"] == "UNAUTHORIZED"
        page = await client.get("/jobs", headers=HTML)
        assert page.status_code == 401
        assert page.headers["www-authenticate"].startswith('Basic realm="VPO"')
        assert page.headers["content-type"].startswith("text/")


@pytest.mark.parametrize(
    "headers",
    [
        basic("vpo", TOKEN + "x"),
        basic("vpo", TOKEN[:-1]),
        basic("vpo", ""),
        basic(TOKEN, ""),
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + base64.b64encode(b"\xff\xff").decode()},
        {"authorization": "Basic " + base64.b64encode(b"no colon").decode()},
        {"authorization": "Bearer "},
        bearer("wrong"),
        {"authorization": "Digest x"},
        {"authorization": base64.b64encode(TOKEN.encode()).decode()},
    ],
)
async def test_wrong_credentials_are_refused(
    settings: Settings, store: Store, headers: dict[str, str]
) -> None:
    async with serving(settings, store) as client:
        assert (await client.get("/api/jobs", headers=headers)).status_code == 401


async def test_any_user_name_and_any_case_of_the_scheme_will_do(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        for user in ("", "vpo", "o'hara"):
            assert (await client.get("/api/jobs", headers=basic(user, TOKEN))).status_code == 200
        lower = {"authorization": basic("x", TOKEN)["authorization"].replace("Basic", "basic")}
        assert (await client.get("/api/jobs", headers=lower)).status_code == 200


async def test_comparison_takes_constant_time(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[bytes, bytes]] = []

    class Spy:
        @staticmethod
        def compare_digest(a: bytes, b: bytes) -> bool:
            compared.append((a, b))
            return hmac.compare_digest(a, b)

    monkeypatch.setattr(credentials, "hmac", Spy)
    async with serving(settings, store) as client:
        for password in ("", "c", TOKEN, TOKEN * 50):
            await client.get("/api/jobs", headers=basic("x", password))
    assert [len(a) for a, _b in compared] == [32] * 4, "digests: not even the length shows"
    assert {len(b) for _a, b in compared} == {32}


async def test_scopes(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    tokens = {
        scope: store.tokens.create(scope=scope, name=scope, now=1_000)
        for scope in ("read", "report", "admin")
    }

    async with serving(settings, store) as client:

        async def cancel(token: str) -> httpx.Response:
            return await client.post(f"/api/jobs/{job_id}/cancel", headers=bearer(token))

        for token in tokens.values():
            assert (await client.get("/api/jobs", headers=bearer(token))).status_code == 200
        for scope in ("read", "report"):
            refused = await cancel(tokens[scope])
            assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
        assert (await cancel(tokens["admin"])).status_code == 200


async def test_a_scoped_token_does_not_borrow_rights_from_the_page_it_is_used_in(
    settings: Settings, store: Store
) -> None:
    job_id = queued(store)
    token = store.tokens.create(scope="report", name="ci", now=1_000)
    async with serving(settings, store) as client:
        refused = await client.post(f"/api/jobs/{job_id}/cancel", headers=OWN_PAGE | bearer(token))
        assert refused.status_code == 403


async def test_polls_with_a_token_do_not_ask_the_database_each_time(
    settings: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = store.tokens.create(scope="read", name="x", now=1_000)
    asked: list[str] = []
    verify = store.tokens.verify

    def counted(value: str) -> str | None:
        asked.append(value)
        return verify(value)

    monkeypatch.setattr(store.tokens, "verify", counted)
    async with serving(settings, store) as client:
        for _ in range(20):
            assert (await client.get("/api/jobs", headers=bearer(token))).status_code == 200
    assert asked == [token]
