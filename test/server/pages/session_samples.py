"""Sessions, transcripts and files with everything that their pages can show."""

from __future__ import annotations

from typing import Any

from vpo_polling.markdown import tree

NAME = "<b>&amp;\"quoted\" 'so'</b>/{id} {{ 7 * 7 }}\u202e\x1b[31m"
PROMPT = "100% & ünï\r\nçødé \U0001f3ac"
SESSION = {
    "id": "00000000-0000-4000-8000-000000000001",
    "project_id": "00000000-0000-4000-8000-000000000002",
    "project_name": "Films <b>",
    "has_files": True,
    "title": NAME,
    "status": "running",
    "turn_count": 2,
    "can_interrupt": True,
    "created_at": "2026-11-22T03:00:00.000Z",
    "updated_at": "2026-11-22T03:14:00.000Z",
    "version": 9,
}
MARKDOWN = """# A *b*

c **d** `e` ~~f~~ [g](https://x.org/) <b>h</b>
i\\
![j](https://x.org/p.png)

1. k
2. l
   - m

> n

```py
o = "<p>"
```

| p | q |
|---|---|
| r | s |

---
"""


def entry(kind: str, place: int, **more: Any) -> dict[str, Any]:
    return {"id": f"t1.{place}", "turn_id": "t1", "kind": kind, "cut": False, **more}


def prompt(number: int, status: str, **more: Any) -> dict[str, Any]:
    times = {"started_at": "2026-11-22T03:13:00.500Z", "completed_at": None, "duration_seconds": None}
    return entry("prompt", 100 + number, number=number, status=status, text=PROMPT, **{**times, **more})


ENTRIES = [
    prompt(1, "failed", completed_at="2026-11-22T03:13:09.500Z", duration_seconds=9),
    entry("thinking", 1, text="Hm.\r\nWell <i>."),
    entry("content", 2, tree=tree(MARKDOWN)),
    entry("tool_use", 3, name="Bash", about="ls | wc", state="completed", input="{}", result="3\n", cut=True),
    entry("tool_use", 4, name=None, about="", state="running", input="", result=""),
    entry("tool_result", 5, text="of nobody", is_error=False),
    entry("error", 6, text="It broke"),
    entry("end", 7, status="failed", text=""),
    prompt(2, "running"),
]
TRANSCRIPTS = {
    "a transcript": {**SESSION, "active": True, "from": "1.0", "has_earlier": False, "entries": ENTRIES},
    "a new session": {
        **SESSION,
        "title": "",
        "status": None,
        "can_interrupt": False,
        "has_files": False,
        "active": False,
        "from": "1.0",
        "has_earlier": False,
        "entries": [],
    },
}
SESSIONS = {
    "sessions": [SESSION, {**SESSION, "id": "x", "title": "", "status": None, "has_files": False}],
    "no sessions": [],
}
FILES = [
    {"path": path, "version": n, "last_modified": "2026-11-22T03:13:00.500Z", "size": 1000 * n}
    for n, path in enumerate(["a.md", "b/c <i>.txt", "b/d/e", "f"])
]
