"""Bundles and style sheets, under URLs that change with their content, so that browsers may keep them."""

from __future__ import annotations

import hashlib
import mimetypes
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from vpo_polling.api.conditional import matches
from vpo_polling.resources import DIST, TEMPLATES

_SUFFIXES = {".js", ".mjs", ".map", ".css", ".svg", ".png", ".ico", ".woff2"}
_KEPT = "public, max-age=31536000, immutable"
_ASKED = "no-cache"

mimetypes.add_type("text/javascript", ".mjs")
mimetypes.add_type("application/json", ".map")


class Assets:
    def __init__(self, folders: tuple[Path, ...] = (DIST, TEMPLATES / "static")) -> None:
        self._folders = folders
        self._hashes: dict[Path, tuple[tuple[int, int], str]] = {}

    def url(self, root_path: str, name: str) -> str:
        """Raises LookupError for a file that does not exist, so that a page with a dead link is an error."""
        path = self._find(name)
        if path is None:
            raise LookupError(f"There is no file {name!r} in {' or '.join(map(str, self._folders))}")
        return f"{root_path}/static/{name}?v={self._hash(path)}"

    async def serve(self, request: Request) -> Response:
        path = self._find(request.path_params["name"])
        if path is None:
            raise HTTPException(404)
        found = self._hash(path)
        current = request.query_params.get("v") == found
        headers = {"cache-control": _KEPT if current else _ASKED, "etag": f'W/"{found}"'}
        if matches(request.headers.get("if-none-match", ""), headers["etag"]):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, headers=headers)

    def _find(self, name: str) -> Path | None:
        try:
            for folder in self._folders:
                path = (folder / name).resolve()
                if path.suffix in _SUFFIXES and path.is_relative_to(folder.resolve()) and path.is_file():
                    return path
        except (OSError, ValueError):
            # No name of a file at all: too long, or with a NUL.
            return None
        return None

    def _hash(self, path: Path) -> str:
        """Read again only when the file was written again, as bundles are while somebody works on them."""
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._hashes.get(path)
        if known is None or known[0] != stamp:
            digest = hashlib.blake2b(path.read_bytes(), digest_size=8).hexdigest()
            known = self._hashes[path] = (stamp, digest)
        return known[1]
