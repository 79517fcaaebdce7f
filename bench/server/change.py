"""`change.py DATA JOB`: commits each number on standard input as progress, and prints when (epoch, ms).

`change.py DATA JOB every SECONDS`: by itself, until it is ended.
"""

from __future__ import annotations

import sys
import time
from itertools import count
from pathlib import Path

from vpo_polling.store import Progress, Store


def commit(store: Store, job_id: str, number: int) -> None:
    store.report([Progress(job_id=job_id, attempt=1, processed=number % 1000, total=1000)])


if __name__ == "__main__":
    store = Store.open(Path(sys.argv[1]) / "vpo.db")
    if len(sys.argv) > 3:
        for number in count(1):
            commit(store, sys.argv[2], number)
            time.sleep(float(sys.argv[4]))
    for line in sys.stdin:
        commit(store, sys.argv[2], int(line))
        print(time.time() * 1000, flush=True)
