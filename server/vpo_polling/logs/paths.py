"""Where the files of one attempt live, and the two small records that stand beside its log."""

from __future__ import annotations

import json
import os
import re
import threading
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# No upper case: some file systems know no difference.
STAGE = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class LogPaths:
    """`<data_dir>/logs/<job_id>/<attempt>.*`, of a stage of an attempt `<attempt>-<stage>.*`"""

    folder: Path
    attempt: int
    stage: str | None = None

    @classmethod
    def of(cls, data_dir: Path, job_id: str, attempt: int, stage: str | None = None) -> LogPaths:
        """Raises ValueError where a part could lead elsewhere: ids and stages become names of files."""
        if stage is not None and not STAGE.fullmatch(stage):
            raise ValueError("not a stage")
        return cls(Path(data_dir) / "logs" / str(uuid.UUID(job_id)), int(attempt), stage)

    @classmethod
    def of_file(cls, log: Path) -> LogPaths:
        """The other way round, from the path of a log. Raises ValueError."""
        attempt, dash, stage = log.stem.partition("-")
        return cls.of(log.parent.parent.parent, log.parent.name, int(attempt), stage if dash else None)

    @property
    def stem(self) -> str:
        return f"{self.attempt}" if self.stage is None else f"{self.attempt}-{self.stage}"

    @property
    def log(self) -> Path:
        return self.folder / f"{self.stem}.log"

    @property
    def index(self) -> Path:
        """Sparse line index of the log."""
        return self.folder / f"{self.stem}.idx"

    @property
    def packed(self) -> Path:
        """Takes the log's place once nobody writes to it any more."""
        return self.folder / f"{self.stem}.log.gz"

    @property
    def members(self) -> Path:
        """Where the members of the packed log begin."""
        return self.folder / f"{self.stem}.log.gz.idx"

    @property
    def start(self) -> Path:
        """Written by the shim before the first byte: generation, inode, process; later also the size."""
        return self.folder / f"{self.stem}.json"

    @property
    def exit(self) -> Path:
        """Written by the shim after the last byte is on disk: how the attempt ended."""
        return self.folder / f"{self.stem}.exit.json"

    @property
    def abandoned(self) -> Path:
        """Written by recovery: a shim that has not begun its work by now must not begin it."""
        return self.folder / f"{self.stem}.abandoned.json"


def write_record(path: Path, record: dict[str, Any]) -> None:
    """A reader never sees half a record."""
    write_whole(path, json.dumps(record).encode())


def write_whole(path: Path, data: bytes) -> None:
    """All or nothing, and on disk when this returns."""
    temporary = own_temporary(path)
    try:
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError:
        # A full disk has no room for halves either.
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def own_temporary(path: Path) -> Path:
    """A name that no other process and no other thread uses at the same time."""
    return path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")


def sync_folder(path: Path) -> None:
    """Until then a new name may be gone after a power failure."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def newest_attempt_on_disk(folder: Path) -> int | None:
    names = (path.name.partition(".log") for path in folder.glob("*.log*"))
    return max((int(stem) for stem, _, rest in names if stem.isdigit() and rest in ("", ".gz")), default=None)


def read_record(path: Path) -> dict[str, Any] | None:
    """The record, or None when there is none (or not one that we wrote)."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None
