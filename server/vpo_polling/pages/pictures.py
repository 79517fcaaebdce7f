"""Pictures that depend on the jobs: the charts of the dashboard, and the icon in the browser's tab."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from vpo_polling.api.params import integer, stats_query
from vpo_polling.services import Services

from .charts import CHARTS
from .words import chosen

SVG = "image/svg+xml"
# A picture of its own document: its style stands inside, and it loads nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_KEPT = "private, max-age=31536000, immutable"
_ASKED = "private, no-cache"
MOST_KEPT = 32
MOST_COUNTED = 999

_COLOURS = {"running": "#1a56b0", "queued": "#5b6678", "completed": "#17693a", "failed": "#b3261e"}
_OTHER = "#7a5200"


class Pictures:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._drawn: OrderedDict[tuple[str, str, str, str], bytes] = OrderedDict()

    async def chart(self, request: Request) -> Response:
        """Named by its version in the address, so that a browser may keep it; drawn once for everybody."""
        name = request.path_params["name"]
        if name not in CHARTS:
            raise HTTPException(404)
        query = stats_query({"since": request.query_params.get("since", "")})
        entry = await self._services.feed.read(query)
        if entry is None:
            raise HTTPException(404)
        stats = entry.data()
        language = chosen("", self._language(request)).language
        key = (name, query.since, language, stats["version"])
        picture = self._drawn.get(key)
        if picture is None:
            picture = await asyncio.to_thread(CHARTS[name], stats, chosen("", language))
            self._drawn[key] = picture
            if len(self._drawn) > MOST_KEPT:
                self._drawn.popitem(last=False)
        is_current = request.query_params.get("v") == stats["version"]
        return _svg(picture, _KEPT if is_current else _ASKED)

    def _language(self, request: Request) -> str:
        asked = request.query_params.get("lang", "")
        return chosen(asked, self._services.settings.language).language

    async def icon(self, request: Request) -> Response:
        """`?running=3&failed=1`: how many; `?status=failed`: of one job."""
        asked = request.query_params
        status = asked.get("status", "")
        running, failed = (integer(asked.get(name), 0, 0, MOST_COUNTED) for name in ("running", "failed"))
        if status:
            return _svg(_icon(_COLOURS.get(status, _OTHER), ""), _KEPT)
        if running:
            return _svg(_icon(_COLOURS["running"], _number(running)), _KEPT)
        return _svg(_icon(_COLOURS["failed"], _number(failed)) if failed else _icon(None, ""), _KEPT)


def _number(count: int) -> str:
    return str(count) if count < 100 else "99+"


def _icon(badge: str | None, text: str) -> bytes:
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        '<rect width="32" height="32" rx="8" fill="#1f5fbf"/>'
        '<path d="M16 6a10 10 0 1 0 10 10" fill="none" stroke="#fff" stroke-width="4" '
        'stroke-linecap="round"/>'
    ]
    if badge is None:
        parts.append('<circle cx="24" cy="8" r="3.5" fill="#7fe0a8"/>')
    elif not text:
        parts.append(f'<circle cx="23" cy="9" r="8" fill="{badge}" stroke="#fff" stroke-width="2"/>')
    else:
        width = 8 + 7 * len(text)
        parts.append(
            f'<rect x="{31 - width}" y="1" width="{width}" height="17" rx="8" fill="{badge}" stroke="#fff" '
            f'stroke-width="1.5"/><text x="{31 - width / 2}" y="14" text-anchor="middle" fill="#fff" '
            f'font-family="system-ui,sans-serif" font-weight="700" font-size="13">{text}</text>'
        )
    return "".join([*parts, "</svg>"]).encode()


def _svg(picture: bytes, kept: str) -> Response:
    headers = {"cache-control": kept, "content-security-policy": _POLICY}
    return Response(picture, headers=headers, media_type=SVG)
