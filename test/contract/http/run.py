"""Asks any server whether it keeps the HTTP contract: `npm run test:contract -- http://localhost:8080`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import httpx
from conformance.cases import Case, all_cases
from conformance.client import answer, asking, names


def reason_to_leave_out(case: Case, has: set[str], *, write: bool, token: bool) -> str | None:
    """Why this case can't be put to a server that has its own jobs."""
    if case.known:
        return "about the jobs of this project's own tests"
    if case.write and not write:
        return "may change something (--write)"
    if case.auth is not None and not token:
        return "about credentials (--token)"
    missing = sorted(case.needs - has)
    return f"about what this server does not have: {', '.join(missing)}" if missing else None


def main() -> int:
    parser = argparse.ArgumentParser(prog="npm run test:contract --", description=__doc__)
    parser.add_argument("base_url", help="with the prefix it is served below, if any")
    parser.add_argument("--write", action="store_true", help="also ask what may start or end jobs")
    parser.add_argument("--token", help="the server's token")
    options = parser.parse_args()
    kept, broken, left_out = 0, 0, Counter[str]()
    try:
        with asking(options.base_url, options.token) as client:
            known = names(client)
            for case in all_cases():
                reason = reason_to_leave_out(case, set(known), write=options.write, token=bool(options.token))
                if reason is not None:
                    left_out[reason] += 1
                    continue
                differs = answer(client, case, known, options.token)
                kept, broken = (kept, broken + 1) if differs else (kept + 1, broken)
                for difference in differs:
                    print(f"{case.asked}: wanted {difference} ({case.it})")
    except (httpx.HTTPError, ValueError, KeyError) as error:
        print(f"{options.base_url} can't be asked for its jobs: {error!r}.", file=sys.stderr)
        return 2
    print(f"{kept} kept, {broken} broken")
    for reason, number in left_out.most_common():
        print(f"{number} not asked: {reason}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
