"""An agent of tests: reads its prompt, prints events. Each word of the prompt is one thing to do.

say:TEXT  text            stream:TEXT  text, letter by letter     noise  what is no event
child     leaves a process running, whose id goes to `child.pid`, and keeps the output open
ok | bad  a result        exit:N       ends so                    wait   until `go` exists
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def say(record: dict[str, Any]) -> None:
    print(json.dumps(record), flush=True)


def text(words: str, message: str) -> dict[str, Any]:
    part = {"type": "text", "text": words}
    return {"type": "assistant", "message": {"id": message, "content": [part]}}


def stream(words: str, message: str) -> None:
    def event(**fields: Any) -> None:
        say({"type": "stream_event", "event": fields})

    event(type="message_start", message={"id": message})
    event(type="content_block_start", index=0, content_block={"type": "text", "text": ""})
    for letter in words:
        event(type="content_block_delta", index=0, delta={"type": "text_delta", "text": letter})
    say(text(words, message))


def do(what: str, argument: str, message: str) -> None:
    if what == "say":
        say(text(argument, message))
    elif what == "stream":
        stream(argument, message)
    elif what == "noise":
        print("Loading…\n{not json", flush=True)
        print("something is odd", file=sys.stderr, flush=True)
    elif what == "child":
        child = subprocess.Popen(["sleep", "600"])
        Path("child.pid").write_text(str(child.pid))
    elif what == "ok":
        say({"type": "result", "subtype": "success", "is_error": False})
    elif what == "bad":
        say({"type": "result", "subtype": "error_during_execution", "is_error": True})
    elif what == "exit":
        sys.exit(int(argument))
    elif what == "env":
        say(text(",".join(sorted(name for name in os.environ if name.startswith("VPO_"))), message))
    elif what == "cwd":
        say(text(os.getcwd(), message))
    elif what == "wait":
        while not Path("go").exists():
            time.sleep(0.02)


for number, word in enumerate(sys.stdin.read().split()):
    what, _, argument = word.partition(":")
    do(what, argument, f"m{number}")
