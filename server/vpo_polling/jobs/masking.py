"""One list of what a secret looks like, for arguments, environment and log lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

MASK = "***"

_SENSITIVE = (
    r"(?:[\w.-]{0,60}[_.-])?(?:pass(?:word|wd|phrase)|pwd|secret|token|credentials?|"
    r"api[_-]?key|access[_-]?key(?:[_-]?id)?|private[_-]?key|secret[_-]?key|auth[_-]?key|encryption[_-]?key)"
)
_NAME_HINTS = ("passw", "passphrase", "pwd", "secret", "token", "credential", "key")

# Hints (one of them must occur, in lower case, before the pattern is tried at all: most lines hold no secret)
# and the pattern. Each keeps its group and replaces the rest, none crosses a line end, so that many lines are
# masked at once, and every repetition before a required part is bounded, so that no line makes one slow.
_PATTERNS: tuple[tuple[tuple[str, ...], str], ...] = (
    # scheme://user:password@host
    (("://",), r"(\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@]{0,200}:)[^\s/@]{1,500}(?=@)"),
    # Authorization: Basic …, "Proxy-Authorization": "Bearer …"
    (
        ("authorization",),
        r"(\b(?:proxy-)?authorization[\"']?[ \t]*[:=][ \t]*[\"']?"
        r"(?:(?:basic|bearer|digest|token|negotiate)[ \t]+)?)[^\s\"']+",
    ),
    (("cookie",), r"(\b(?:set-)?cookie[\"']?:[ \t]*[\"']?)[^\r\n\"']+"),
    (("bearer",), r"(\bbearer[ \t]+)[a-z0-9._~+/-]{8,}=*"),
    # password=…, "api_key": "…", MY_SECRET=…, --token …
    (_NAME_HINTS, r"(\b" + _SENSITIVE + r"[\"']?[ \t]*[:=][ \t]*[\"']?)(?!\*\*\*)[^\s\"'&,;)}\]]+"),
    (_NAME_HINTS, r"(--?" + _SENSITIVE + r"[ \t]+[\"']?)(?![-*])[^\s\"']+"),
    # Formats that say themselves what they are.
    (("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"\b()gh[opusr]_[a-z0-9]{20,}"),
    (("github_pat_",), r"\b()github_pat_[a-z0-9_]{20,}"),
    (("gl",), r"\b()gl(?:pat|ptt|dt|rt|cbt|soat|ft|agent)-[a-z0-9_-]{16,}"),
    (("xox",), r"\b()xox[abeoprs]-[a-z0-9-]{10,}"),
    (("akia", "asia", "abia", "acca"), r"\b()(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b"),
    (("aiza",), r"\b()AIza[a-z0-9_-]{35}"),
    (("k_live_", "k_test_"), r"\b()[sr]k_(?:live|test)_[a-z0-9]{16,}"),
    (("sk-",), r"\b()sk-[a-z0-9_-]{20,}"),
    (("npm_",), r"\b()npm_[a-z0-9]{30,}"),
    (("pypi-",), r"\b()pypi-[a-z0-9_-]{30,}"),
    (("hf_",), r"\b()hf_[a-z0-9]{30,}"),
    (("vpo_",), r"\b()vpo_[a-z0-9]{20,}"),
    (("eyj",), r"\b()eyJ[a-z0-9_-]{8,4000}\.eyJ[a-z0-9_-]{8,4000}\.[a-z0-9_-]*"),
    (("private key",), r"()-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^\r\n]*"),
)

_TEXT = tuple((hints, re.compile(pattern, re.IGNORECASE)) for hints, pattern in _PATTERNS)
_BYTES = tuple(
    (tuple(hint.encode() for hint in hints), re.compile(pattern.encode(), re.IGNORECASE))
    for hints, pattern in _PATTERNS
)
_IS_SECRET_NAME = re.compile(_SENSITIVE + r"$", re.IGNORECASE)
# The shell's own directories, which every process has and no log should black out.
_DIRECTORIES = frozenset({"PWD", "OLDPWD"})
_SECRET_FLAG = re.compile(r"--?" + _SENSITIVE + r"$", re.IGNORECASE)
_KEY_BEGIN = re.compile(rb"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----")
_KEY_END = re.compile(rb"-----END [A-Z ]{0,40}PRIVATE KEY-----")
_KEY_MARKER = re.compile(_KEY_BEGIN.pattern + b"|" + _KEY_END.pattern)
_LONGEST_MARKER = 80
# Shorter values ("1", "dev") would black out half a log.
_SHORTEST_VALUE = 6


def mask(text: str) -> str:
    lower = text.lower()
    for hints, pattern in _TEXT:
        if any(hint in lower for hint in hints):
            text = pattern.sub(rf"\g<1>{MASK}", text)
    return text


def mask_args(argv: Sequence[str]) -> list[str]:
    """Arguments for showing; also the value that follows a flag such as `--password`."""
    shown: list[str] = []
    hide = False
    for argument in argv:
        shown.append(MASK if hide else mask(argument))
        hide = not hide and _SECRET_FLAG.match(argument) is not None
    return shown


def mask_env(env: Mapping[str, str]) -> dict[str, str]:
    return {name: MASK if _names_a_secret(name) else mask(value) for name, value in env.items()}


def secret_values(env: Mapping[str, str]) -> list[str]:
    """Values that must not appear anywhere, because the name of their variable says so."""
    return [value for name, value in env.items() if _names_a_secret(name)]


def _names_a_secret(name: str) -> bool:
    return name not in _DIRECTORIES and _IS_SECRET_NAME.match(name) is not None


# What must be seen behind a place to tell whether a secret lies across it: no beginning is longer.
LOOKAHEAD = 16 * 1024


class Masker:
    """Masks a stream of whole lines: by pattern, by known values, and key blocks over several lines."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        # A value of several lines arrives line by line.
        parts = {part for value in secrets for part in (value, *value.splitlines())}
        known = sorted((part for part in parts if len(part) >= _SHORTEST_VALUE), key=len, reverse=True)
        self.lookahead = max([LOOKAHEAD, *(len(part.encode()) for part in known)])
        self._known = re.compile(b"|".join(re.escape(value.encode()) for value in known)) if known else None
        self._in_key = False
        self._passed = b""

    @property
    def in_key(self) -> bool:
        """Whether a private key goes on in what comes next; whoever masks the rest elsewhere must know."""
        return self._in_key

    @in_key.setter
    def in_key(self, value: bool) -> None:
        self._in_key = value

    def mask_bytes(self, block: bytes) -> bytes:
        if self._known is not None:
            block = self._known.sub(MASK.encode(), block)
        if self._in_key or b"PRIVATE KEY-----" in block:
            block = self._without_keys(block)
        lower = block.lower()
        for hints, pattern in _BYTES:
            if any(hint in lower for hint in hints):
                block = pattern.sub(rb"\g<1>" + MASK.encode(), block)
        return block

    def safe_cut(self, line: bytes, wanted: int) -> int:
        """Where a line may be cut in two so that both halves are masked as the whole would be.

        The last such place up to `wanted`, else the first one behind it. 0: a secret goes on beyond the end.
        """
        # With the character behind it, by which some patterns know a secret.
        secrets = [
            (found.start(), found.end() + 1)
            for pattern in self._tried(line)
            for found in pattern.finditer(line)
        ]
        cut = wanted
        while spans := [begin for begin, end in secrets if begin < cut < end]:
            cut = min(spans)
        if cut > 0:
            return cut
        cut = wanted
        while ends := [end for begin, end in secrets if begin < cut < end]:
            cut = max(ends)
        return cut if cut < len(line) else 0

    def pass_over(self, part: bytes) -> None:
        """Of a line that is dropped, in pieces: a key that begins there goes on in the lines behind it."""
        seen = self._passed + part
        for marker in _KEY_MARKER.finditer(seen):
            self._in_key = marker[0].startswith(b"-----B")
        self._passed = b"" if seen.endswith(b"\n") else seen[-_LONGEST_MARKER:]

    def _tried(self, line: bytes) -> list[re.Pattern[bytes]]:
        lower = line.lower()
        tried = [pattern for hints, pattern in _BYTES if any(hint in lower for hint in hints)]
        return [*tried, _KEY_BEGIN, _KEY_END, *([] if self._known is None else [self._known])]

    def _without_keys(self, block: bytes) -> bytes:
        lines: list[bytes] = []
        for line in block.splitlines(keepends=True):
            if self._in_key:
                self._in_key = _KEY_END.search(line) is None
                continue
            lines.append(line)
            begin = _KEY_BEGIN.search(line)
            self._in_key = begin is not None and _KEY_END.search(line, begin.end()) is None
        return b"".join(lines)
