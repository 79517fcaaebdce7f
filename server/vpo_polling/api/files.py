"""The files of a project: all of them, and which have changed since the versions that the asker knows."""

from __future__ import annotations

import asyncio
from pathlib import Path, PurePosixPath
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope

from vpo_polling.api import body, params
from vpo_polling.api.actions import json_response
from vpo_polling.api.holding import poll_of
from vpo_polling.api.projects import NO_PROJECT
from vpo_polling.errors import ApiError, not_found
from vpo_polling.files.snapshot import changes
from vpo_polling.files.trees import Tree
from vpo_polling.services import Services
from vpo_polling.wire import Answer

MAX_PATHS = 1000


async def list_files(services: Services, scope: Scope, receive: Receive, project_id: str) -> Answer:
    params.nothing(params.first_values(scope["query_string"]))
    tree = await tree_of(services, project_id)
    return await poll_of(services.trees, services, scope, receive, tree, NO_PROJECT)


async def file_status(services: Services, request: Request, project_id: str) -> Response:
    """Changes nothing, although it is a POST: what it asks is too long for a URL."""
    fields = await body.fields(request)
    only, since = _paths(fields.get("paths", [])), _versions(fields.get("since", {}))
    files = await services.trees.files(await tree_of(services, project_id))
    return json_response({"changes": changes(files, since, only)})


async def tree_of(services: Services, project_id: str) -> Tree:
    """The directory of a project. Raises ApiError."""
    root = await asyncio.to_thread(services.store.project_root, project_id)
    if root is None:
        raise not_found(NO_PROJECT)
    if not root:
        raise not_found("The project has no directory here")
    if not any(Path(root).is_relative_to(allowed) for allowed in services.settings.project_roots):
        # The setting may have changed since the project was made.
        raise ApiError(403, "PATH_NOT_ALLOWED", "The project's directory is outside project_roots")
    return Tree(project_id, Path(root))


def _paths(value: Any) -> list[str]:
    if (
        not isinstance(value, list)
        or not all(isinstance(path, str) for path in value)
        or len(value) > MAX_PATHS
    ):
        raise _invalid("paths", f"a list of at most {MAX_PATHS} texts")
    for path in value:
        if path.startswith("/") or ".." in PurePosixPath(path).parts or "\\0" in path:
            message = "A path must lie inside the project"
            raise ApiError(403, "PATH_NOT_ALLOWED", message, details={"field": "paths"})
    return value


def _versions(value: Any) -> dict[str, int]:
    is_version = isinstance(value, dict) and all(
        isinstance(version, int) and not isinstance(version, bool) for version in value.values()
    )
    if not is_version:
        raise _invalid("since", "an object of versions by path")
    _paths(list(value)[:MAX_PATHS])
    return dict(value)


def _invalid(field: str, what: str) -> ApiError:
    return ApiError(400, "VALIDATION_FAILED", f"'{field}' must be {what}", details={"field": field})
