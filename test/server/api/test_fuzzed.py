"""Requests made up from the served description: no answer breaks it, none is a failure of ours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from cli.conftest import Vpo
from foreign import scanned
from given_jobs import ended, queued
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from vpo_polling.store import Store

OWN_PAGE = {"sec-fetch-site": "same-origin"}
EXAMPLES = 8
# A limit that can't be read means the default, and not every path is a directory that may be scanned.
NOT_PROMISED: list[Any] = [negative_data_rejection, positive_data_acceptance]


@schemathesis.serializer("application/x-ndjson")
def lines(_context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@dataclass
class Described:
    document: Any
    jobs: list[str]
    turn: dict[str, str]


@pytest.fixture(scope="module")
def described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Described]:
    """The description as the server gives it, and jobs that it has."""
    vpo = Vpo(tmp_path_factory.mktemp("fuzzed"))
    (vpo.folder / "media").mkdir()
    (vpo.folder / "vpo.toml").write_text('scan_roots = ["media"]\nrate_limit = 0\n')
    try:
        # Before it starts, or it would run them itself.
        store = Store.open(vpo.data_dir / "vpo.db")
        store.migrate()
        project_id = store.create_project("Films", None, now=1000)
        session_id = store.create_session(project_id, "", now=1000) or ""
        begun = store.create_turn(project_id, session_id, "Do it", reported=True, now=1000)
        turn_id = "" if begun is None else begun.turn_id
        turn = {"project_id": project_id, "session_id": session_id, "turn_id": turn_id}
        jobs = [scanned(store), ended(store), ended(store), queued(store, job_type="move")]
        store.close()
        vpo.serve()
        yield Described(schemathesis.openapi.from_url(f"{vpo.url}/api/openapi.yaml"), jobs, turn)
    finally:
        vpo.stop()


@pytest.mark.parametrize("mode", GenerationMode)
def test_every_answer_is_as_described(described: Described, mode: GenerationMode) -> None:
    """Made of what the description allows, and of what it does not."""
    broken = [
        f"{operation.label}: {error}"
        for operation in (found.ok() for found in described.document.get_all_operations())
        if not _is_endless(operation)
        for error in _tried(operation, mode, described)
    ]
    assert broken == []


def _is_endless(operation: Any) -> bool:
    """An answer that nobody can read to its end; its own tests read it event by event."""
    answers = operation.definition.raw["responses"].values()
    return any("text/event-stream" in answer.get("content", {}) for answer in answers)


def _tried(operation: Any, mode: GenerationMode, real: Described) -> Iterator[Exception]:
    @settings(max_examples=EXAMPLES, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(headers=OWN_PAGE, excluded_checks=NOT_PROMISED)
        if "job_id" in (case.path_parameters or {}):
            # A made-up id is nobody's; the same request once more about jobs that there are, or were.
            for job_id in real.jobs:
                case.path_parameters["job_id"] = job_id
                case.call_and_validate(headers=OWN_PAGE, excluded_checks=NOT_PROMISED)
        if "project_id" in (case.path_parameters or {}):
            names = {name: real.turn[name] for name in case.path_parameters}
            case.path_parameters.update(names)
            case.call_and_validate(headers=OWN_PAGE, excluded_checks=NOT_PROMISED)

    try:
        run()
    except Unsatisfiable:
        # There is nothing to get wrong in it.
        return
    except (FailureGroup, Failure) as error:
        yield error
