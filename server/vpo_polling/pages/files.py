"""The files of a project as a tree."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from vpo_polling.api.files import tree_of
from vpo_polling.api.params import known_id, nothing
from vpo_polling.api.projects import NO_PROJECT
from vpo_polling.store.turns.queries import ProjectQuery

from . import context
from .guarding import Guarded
from .painting import Painting

Json = dict[str, Any]


class FilePages:
    def __init__(self, painting: Painting, guarded: Guarded) -> None:
        self._painting = painting
        self._services = painting.services
        self.routes = [Route("/projects/{project_id}/files", guarded(self._files), name="files")]

    async def _files(self, request: Request) -> Response:
        nothing(dict(request.query_params))
        links = self._painting.links(request)
        project_id = known_id(request.path_params["project_id"], "project")
        project = await self._painting.live(
            ProjectQuery(project_id=project_id), links.api_project(project_id), NO_PROJECT
        )
        entry = await self._services.trees.read(await tree_of(self._services, project_id))
        data = entry.data()
        page = context.FilesPage(
            **self._painting.shared_live(request),
            project=project.data,
            files=context.Live(
                {**data, **nested(data["files"])}, links.api_project(project_id, "files"), entry.etag
            ),
        )
        return self._painting.render(page, "files.html")


def nested(files: list[Json]) -> Json:
    """Folders and files in their order, as the page script nests them: test/contract/tree.json."""
    root: Json = {"children": []}
    folders = {"": root}

    def folder(path: str) -> Json:
        if path not in folders:
            above, _, name = path[:-1].rpartition("/")
            made: Json = {"path": path, "name": name, "kind": "folder", "changed": 0, "children": []}
            folders[path] = made
            folder(f"{above}/" if above else "")["children"].append(made)
        return folders[path]

    for file in files:
        above, slash, name = file["path"].rpartition("/")
        node = {**file, "name": name, "kind": "file", "change": None}
        folder(above + slash)["children"].append(node)
    return root
