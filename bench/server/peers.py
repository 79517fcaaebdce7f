"""Fifty jobs for the dashboards that ours is compared with: `peers.py rq`, `peers.py celery`.

Runs in the environment of those dashboards, with Redis on its standard port.
"""

from __future__ import annotations

import sys
import time

JOBS = 50
BROKER = "redis://127.0.0.1:6379/14"
RQ = "redis://127.0.0.1:6379/13"


def fill_rq() -> None:
    from redis import Redis
    from rq import Queue

    connection = Redis.from_url(RQ)
    connection.flushdb()
    queue = Queue("bench", connection=connection)
    for i in range(JOBS):
        queue.enqueue("time.sleep", i)


def celery_app() -> object:
    from celery import Celery

    app = Celery("bench", broker=BROKER, backend=BROKER)
    app.conf.worker_send_task_events = True
    app.conf.task_send_sent_event = True
    app.task(pause, name="bench.pause")
    return app


def pause(seconds: float) -> None:
    time.sleep(seconds)


if __name__ == "__main__":
    if sys.argv[1] == "rq":
        fill_rq()
    else:
        app = celery_app()
        for _ in range(JOBS):
            app.send_task("bench.pause", (0,))
else:
    app = celery_app()
