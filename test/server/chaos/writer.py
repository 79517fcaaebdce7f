"""A job's work for the test of sudden deaths: keeps a journal of what it writes, run as
`python writer.py JOURNALS PIECES`.

Before each piece goes to standard output it is in the journal, and afterwards its end is, so whoever reads
both knows what must be in the log and what may be. No two of one job may live at a time; where they do, it
is noted.
"""

from __future__ import annotations

import fcntl
import os
import random
import subprocess
import sys
import time
from pathlib import Path

# Ignores what asks it to end, so that it goes only with its whole session; in a process group of its own.
STUBBORN = ["timeout", "1000", "sh", "-c", "trap '' TERM; while :; do sleep 1; done"]


def main() -> None:
    folder, pieces = Path(sys.argv[1]), int(sys.argv[2])
    job, me = os.environ["VPOPOLLING_JOB_ID"], os.getpid()
    lock = os.open(folder / f"{job}.lock", os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        (folder / f"{job}.{me}.overlap").touch()
    journal = os.open(folder / f"{job}.{me}.journal", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    done = os.open(folder / f"{job}.{me}.done", os.O_WRONLY | os.O_CREAT)
    rng = random.Random(me)
    written = 0

    def say(piece: bytes) -> None:
        nonlocal written
        os.write(journal, piece)
        rest = memoryview(piece)
        while rest:
            rest = rest[os.write(1, rest) :]
        written += len(piece)
        os.pwrite(done, written.to_bytes(8, "big"), 0)

    say(f"pid={me}\n".encode())
    if rng.random() < 0.15:
        subprocess.Popen(STUBBORN, stdout=subprocess.DEVNULL)
    for number in range(pieces):
        # Lines, parts of lines and of characters, now and then more than a pipe holds.
        size = rng.choice((1, 20, 200, 2000)) if rng.random() < 0.97 else 150_000
        text = f"{number} é€ ".encode() + b"x" * size
        cut = rng.randrange(len(text))
        say(text[:cut])
        say(text[cut:] + b"\n" * rng.randrange(2))
        time.sleep(rng.random() * 0.01)
    sys.exit(rng.choice((0, 0, 1)))


if __name__ == "__main__":
    main()
