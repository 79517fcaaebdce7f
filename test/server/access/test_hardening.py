"""Headers of every response, and URLs below a prefix."""

from __future__ import annotations

import html
import re
from pathlib import Path

import httpx
import pytest
from given_jobs import queued
from serving import OWN_PAGE, client_of, serving
from starlette.applications import Starlette
from starlette.routing import Mount
from vpo_polling import about
from vpo_polling.app import create_app
from vpo_polling.resources import DIST
from vpo_polling.settings import Settings, load
from vpo_polling.store import Store

pytestmark = pytest.mark.anyio
NOBODY = "01234567-89ab-cdef-0123-456789abcdef"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)


async def test_every_response_is_hardened(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        tag = (await client.get("/api/jobs")).headers["etag"]
        responses = [
            await client.get("/jobs", headers={"accept": "text/html"}),
            await client.get("/nothing", headers={"accept": "text/html"}),
            await client.get("/api/jobs"),
            await client.get("/api/jobs", headers={"if-none-match": tag}),
            await client.get("/api/jobs?x=1"),
            await client.get(f"/api/jobs/{NOBODY}"),
            await client.get("/health"),
            await client.get("/static/icon.svg"),
            await client.get("/api/jobs", headers={"host": "evil"}),
            await client.post("/api/jobs"),
            await client.post("/api/jobs", data={"type": "scan", "path": "."}, headers=OWN_PAGE),
        ]
    assert {response.status_code for response in responses} >= {200, 303, 304, 400, 403, 404}
    for response in responses:
        one = dict(response.headers.multi_items())
        assert len(one) == len(response.headers.multi_items()), "no header twice"
        assert one["content-security-policy"] == POLICY
        assert one["x-content-type-options"] == "nosniff"
        assert one["x-frame-options"] == "DENY"
        assert one["referrer-policy"] == "same-origin"
        assert "camera=()" in one["permissions-policy"]
        assert one["cross-origin-opener-policy"] == "same-origin"
        assert one["cross-origin-resource-policy"] == "same-origin"
        assert one["vpo-build"] == about.build()


async def test_frames_can_be_allowed(tmp_path: Path, store: Store) -> None:
    settings = load({"data_dir": tmp_path / "data", "frame_ancestors": ["self", "https://example.org"]})
    async with serving(settings, store) as client:
        response = await client.get("/livez")
    assert "frame-ancestors 'self' https://example.org;" in response.headers["content-security-policy"]
    assert "x-frame-options" not in response.headers


async def test_pages_may_be_kept_by_the_back_forward_cache(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        page = await client.get("/jobs", headers={"accept": "text/html"})
    assert page.headers["cache-control"] == "private, no-cache"


URL = re.compile(r'\s(?:href|src|(?:form)?action|data-vpo-(?:src|log|attr-href|attr-src))="([^"]+)"')


def hrefs(page: httpx.Response) -> set[str]:
    """Every address of ours on a page, those of templates included; `{url}` is where a build runs."""
    found = {html.unescape(url) for url in URL.findall(page.text) if not url.startswith(("#", "data:"))}
    return found - {"{url}"}


async def below(client: httpx.AsyncClient, prefix: str, job_id: str) -> None:
    listed = await client.get("/vpo/api/jobs")
    assert listed.json()["jobs"][0]["id"] == job_id
    for path in ("/vpo/jobs", f"/vpo/jobs/{job_id}"):
        page = await client.get(path, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert hrefs(page), "the page has links"
        assert {href for href in hrefs(page) if not href.startswith(f"{prefix}/")} == set()
        for href in hrefs(page):
            if "/static/" in href:
                assert (await client.get(href)).headers["cache-control"].endswith("immutable")
    assert (await client.get("/vpo/api/about")).json()["api_url"] == f"{prefix}/api"
    created = await client.post("/vpo/api/jobs", json={"type": "scan", "path": "."}, headers=OWN_PAGE)
    assert created.headers["location"].startswith(f"{prefix}/api/jobs/")
    form = await client.post(f"/vpo/api/jobs/{job_id}/cancel", headers=OWN_PAGE | {"accept": "text/html"})
    assert form.headers["location"] == f"{prefix}/jobs/{job_id}"


async def test_mounted_in_another_application(settings: Settings, store: Store) -> None:
    job_id = queued(store)
    app = create_app(settings, store)
    site = Starlette(routes=[Mount("/vpo", app)])
    transport = httpx.ASGITransport(site)
    async with (
        app.running(),
        httpx.AsyncClient(transport=transport, base_url="http://localhost:8080") as client,
    ):
        await below(client, "/vpo", job_id)


async def test_below_a_prefix_whether_the_proxy_removes_it_or_not(
    tmp_path: Path, media: Path, store: Store
) -> None:
    settings = load({"data_dir": tmp_path / "data", "scan_roots": [media], "url_prefix": "vpo/"})
    job_id = queued(store)
    app = create_app(settings, store)
    async with app.running(), client_of(app) as client:
        await below(client, "/vpo", job_id)
        stripped = await client.get("/jobs", headers={"accept": "text/html"})
        assert all(href.startswith("/vpo/") for href in hrefs(stripped))
        assert (await client.get("/api/jobs")).status_code == 200


async def test_static_files_change_their_url_with_their_content(settings: Settings, store: Store) -> None:
    async with serving(settings, store) as client:
        assets = create_app(settings, store).services.assets
        url = assets.url("", "icon.svg")
        kept = await client.get(url)
        assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert kept.headers["content-type"].startswith("image/svg+xml")
        for other in ("/static/icon.svg", "/static/icon.svg?v=old"):
            assert (await client.get(other)).headers["cache-control"] == "no-cache"
        again = await client.get(url, headers={"if-none-match": kept.headers["etag"]})
        assert again.status_code == 304
        assert (DIST.parent / "rollup.config.mjs").is_file()
        for outside in (
            "/static/..%2frollup.config.mjs",
            "/static/../base.html",
            "/static/%2e%2e/base.html",
            "/static/..%2fbase.html",
            "/static/",
            "/static/%00",
            "/static/%00.css",
            f"/static/{'a' * 300}.css",
        ):
            assert (await client.get(outside)).status_code == 404
    with pytest.raises(LookupError, match=r"missing\.js"):
        assets.url("", "missing.js")
