"""What a reporter says of a job. What it leaves out is not so: a report is always the whole of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)

from vpo_polling.jobs.masking import mask
from vpo_polling.jobs.printable import valid
from vpo_polling.logs.paths import STAGE
from vpo_polling.store.types import CONCLUSIONS, TYPE_NAME
from vpo_polling.store.values import LATEST_MS, instant

LARGEST = 2**53 - 1

Status = Literal["queued", "running", "completed", "failed", "cancelled"]


def _shown(text: str) -> str:
    return mask(valid(text))


def _address(text: str) -> str:
    """Links lead to pages, and nowhere else."""
    try:
        if urlsplit(text).scheme in ("http", "https"):
            return _shown(text)
    except ValueError:
        pass
    raise ValueError("must be a URL that begins with http:// or https://")


_DATE = TypeAdapter(AwareDatetime)


def _milliseconds(text: object) -> int:
    if not isinstance(text, str):
        raise ValueError("must be a date and time as ISO 8601 has them, with its zone")
    return min(LATEST_MS, max(0, round(_DATE.validate_python(text).timestamp() * 1000)))


Text = Annotated[str, Field(max_length=16_384), AfterValidator(_shown)]
Name = Annotated[str, Field(min_length=1, max_length=1024), AfterValidator(_shown)]
Word = Annotated[str, Field(max_length=100), AfterValidator(_shown)]
Address = Annotated[str, Field(max_length=4096), AfterValidator(_address)]
Count = Annotated[int, Field(ge=0, le=LARGEST)]
Moment = Annotated[int, BeforeValidator(_milliseconds)]
"""ISO 8601 with a zone; milliseconds since the epoch once it is read."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _State(_Strict):
    """A status with the conclusion that goes with it; the usual one where none is named."""

    status: Status
    conclusion: str | None = None
    started_at: Moment | None = None
    completed_at: Moment | None = None

    @model_validator(mode="before")
    @classmethod
    def _conclude(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        status, conclusion = data.get("status"), data.get("conclusion")
        fitting = CONCLUSIONS.get(status) if isinstance(status, str) else None
        if fitting and conclusion is None:
            return {**data, "conclusion": fitting[0]}
        if conclusion is not None and conclusion not in (fitting or ()):
            fits = f"one of {', '.join(fitting)}" if fitting else "null"
            raise ValueError(f"the conclusion of what is {status!r} must be {fits}")
        return data


class Step(_State):
    name: Name


class Stage(_State):
    id: str = Field(pattern=f"^{STAGE.pattern}$")
    name: Name
    steps: Annotated[list[Step], Field(max_length=500)] = []


class Artifact(_Strict):
    name: Name
    url: Address
    size: Count | None = None
    """Bytes."""
    expires_at: Moment | None = None


class Report(_State):
    """`job_type` and `file_path` (what is worked on) must be told once, at the first report."""

    job_type: str | None = Field(default=None, pattern=f"^{TYPE_NAME.pattern}$")
    file_path: Name | None = None
    attempt: int | None = Field(default=None, ge=1, le=1_000_000)
    """Without it: the job's current one, or the next one where that has ended and this has not."""
    created_at: Moment | None = None
    """Counts at the first report only."""
    progress_percent: float | None = Field(default=None, ge=0, le=100)
    processed_count: Count | None = None
    total_count: Count | None = None
    progress_message: Text | None = None
    waiting_reason: Text | None = None
    error_message: Text | None = None
    output_path: Text | None = None
    summary: Text | None = None
    summary_raw: Mapping[str, Any] | None = None
    platform: str | None = Field(default=None, pattern=r"^[a-z][a-z0-9_-]{0,19}$")
    project: Word | None = None
    number: Word | None = None
    """As the platform shows it to people."""
    url: Address | None = None
    raw_status: Word | None = None
    watch_message: Text | None = None
    """What is in the way of watching, or slows it down."""
    pinned: Name | None = None
    """The target that was found for one like "the newest run of main"."""
    stages: Annotated[list[Stage], Field(max_length=1000)] | None = None
    artifacts: Annotated[list[Artifact], Field(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _distinct_stages(self) -> Report:
        ids = [stage.id for stage in self.stages or ()]
        if len(set(ids)) < len(ids):
            raise ValueError("two stages have the same id")
        return self

    @property
    def percent(self) -> float:
        if self.status == "completed":
            return 100.0
        if self.progress_percent is not None:
            return round(self.progress_percent, 1)
        if self.total_count and self.processed_count is not None:
            return round(min(100.0, self.processed_count * 100 / self.total_count), 1)
        return round(self._stages_ended * 100 / len(self.stages), 1) if self.stages else 0.0

    @property
    def _stages_ended(self) -> int:
        return sum(stage.conclusion is not None for stage in self.stages or ())

    def shown_stages(self) -> list[dict[str, Any]] | None:
        """As they are kept and shown."""
        if self.stages is None:
            return None
        return [
            {
                "id": stage.id,
                **_shown_state(stage),
                "steps": [
                    {"number": number, **_shown_state(step)} for number, step in enumerate(stage.steps, 1)
                ],
            }
            for stage in self.stages
        ]

    def shown_artifacts(self) -> list[dict[str, Any]] | None:
        if self.artifacts is None:
            return None
        return [
            {**artifact.model_dump(), "number": number, "expires_at": instant(artifact.expires_at)}
            for number, artifact in enumerate(self.artifacts, 1)
        ]


def _shown_state(part: Stage | Step) -> dict[str, Any]:
    began, ended = part.started_at, part.completed_at
    return {
        "name": part.name,
        "status": part.status,
        "conclusion": part.conclusion,
        "started_at": instant(began),
        "completed_at": instant(ended),
        "duration_seconds": None if began is None or ended is None else max(0, ended - began) // 1000,
    }


class Event(_Strict):
    """Something that happened to a job."""

    type: str = Field(pattern=r"^[A-Z][A-Z0-9_.]{0,99}$")
    tags: Annotated[dict[str, Text], Field(max_length=50)] = {}
    data: dict[str, Any] = {}

    @model_validator(mode="after")
    def _without_secrets(self) -> Event:
        object.__setattr__(self, "data", _masked(self.data))
        return self


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        return _shown(value)
    if isinstance(value, dict):
        return {_shown(name): _masked(part) for name, part in value.items()}
    return [_masked(part) for part in value] if isinstance(value, list) else value
