"""Puts one server together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from vpo_polling import about
from vpo_polling.access import Guard, Hardened, Prefixed
from vpo_polling.access.hardening import hardening_headers
from vpo_polling.access.holds import Holds
from vpo_polling.api.routes import Api
from vpo_polling.assets import Assets
from vpo_polling.feed import Feed, Streams
from vpo_polling.files import Trees
from vpo_polling.jobs.housekeeping import Housekeeper
from vpo_polling.pages import Pages
from vpo_polling.services import JobRunner, Services
from vpo_polling.settings import Settings
from vpo_polling.store import Store
from vpo_polling.turns.agents import Agents


class Application:
    """An ASGI application. Where it is mounted in another one, enter `running()` in that one's lifespan."""

    def __init__(self, services: Services) -> None:
        self.services = services
        pages_of = Pages(services)
        services.error_page = pages_of.error
        assets = Route("/static/{name:path}", services.assets.serve, name="static")
        pages = Starlette(
            routes=[assets, *pages_of.routes],
            exception_handlers=pages_of.handlers,
            middleware=[Middleware(GZipMiddleware, minimum_size=1024)],
            lifespan=self._lifespan,
        )
        # Its redirects name the scheme and host of this process, which a proxy in front may not share.
        pages.router.redirect_slashes = False
        pages.state.services = services
        headers = hardening_headers(services.settings.frame_ancestors, services.build)
        guarded = Guard(Api(services, pages), services)
        self._app: ASGIApp = Prefixed(Hardened(guarded, headers), services.settings.url_prefix)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Services]:
        services = self.services
        housekeeper = Housekeeper(services.store, services.settings)
        await services.feed.start()
        try:
            if services.runner is not None:
                await services.runner.start()
                await services.agents.open()
                housekeeper.start()  # where the jobs run: one process per data directory
            yield services
        finally:
            services.drain()
            services.shutting_down = True
            await asyncio.to_thread(housekeeper.stop)
            if services.runner is not None:
                await services.agents.close()
                await services.runner.stop()
            await services.feed.stop()

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        async with self.running():
            yield


def create_app(settings: Settings, store: Store, runner: JobRunner | None = None) -> Application:
    build = about.build()
    services = Services(
        settings=settings,
        store=store,
        feed=Feed(store, build),
        assets=Assets(),
        build=build,
        holds=Holds(settings.max_holds_per_client, settings.max_holds),
        streams=Streams(settings.max_holds),
        agents=Agents(store, settings.agent_command),
        trees=Trees(build),
        runner=runner,
    )
    return Application(services)
