"""Boot watch: turns a console's bytes into the stage a machine is in.

Patterns are regular expressions over the last lines of output, tried in order; the one that matched furthest along in
the text wins. Settings may add stages or replace built-in ones by name; an empty pattern removes one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from core.errors import SettingsError

DEFAULT_PATTERNS: Mapping[str, str] = {
    "firmware": r"SeaBIOS|iPXE |UEFI firmware|BdsDxe|EDK II|hvmloader|Booting from (Hard Disk|ROM|DVD)",
    "no boot device": r"No bootable device|Boot failed: not a bootable disk|Operating System not found",
    "grub": r"GNU GRUB +version|Welcome to GRUB|GRUB loading|error: no such (device|partition)",
    "kernel": r"\] Linux version |^Linux version |Decompressing Linux|\] Command line:",
    "dracut": r"dracut-[a-z-]+\[\d+\]|Started dracut|Reached target .*initrd",
    "booting": r"systemd\[1\]: |Welcome to .*!\s*$|INIT: version|Starting system message bus",
    "anaconda": r"Starting installer, one moment|anaconda \d|Welcome to Anaconda|Starting automated install",
    "installing": r"Installing .*\(?\d+[/ ](of )?\d+\)?|Installing software \d+%|Performing post-installation",
    "debian installer": r"Debian installer main menu|Debian GNU/Linux installer|Detect and mount installation media",
    "fsck?": r"give root password for maintenance|UNEXPECTED INCONSISTENCY|Run fsck MANUALLY|\(y\)es, \(n\)o|<y>\?",
    "emergency": r"(?i:emergency mode|emergency shell|rescue mode)|Entering emergency|dracut:/#|\(initramfs\)",
    "panic": r"Kernel panic - not syncing|BUG: unable to handle|Oops: |general protection fault",
    "login": r"(?m)^[\w.-]+ login: ?$",
}
ALERTS = frozenset({"panic", "emergency", "fsck?", "no boot device"})
"""Stages an operator is told of at once."""

_PERCENT = re.compile(r"(\d{1,3}) ?%")
_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_()][0-9A-B]?)")
_KEPT = 4096


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a boot stands. `text` is what the boot column shows; `line` what it was seen in."""

    name: str
    text: str
    line: str
    alert: bool


class BootWatch:
    """Feed it everything a console says. Not safe for several threads."""

    def __init__(self, patterns: Mapping[str, str] | None = None) -> None:
        """Compile the patterns.

        Args:
            patterns: From the settings, over the built-in ones.

        Raises:
            SettingsError: A pattern is no regular expression.
        """
        merged = {**DEFAULT_PATTERNS, **(patterns or {})}
        self._patterns: list[tuple[str, re.Pattern[str]]] = []
        for name, pattern in merged.items():
            if not pattern:
                continue
            try:
                self._patterns.append((name, re.compile(pattern, re.MULTILINE)))
            except re.error as error:
                raise SettingsError(f'the boot pattern "{name}" is no regular expression', str(error)) from error
        self._tail = ""
        self.stage: Stage | None = None

    def feed(self, data: bytes) -> Stage | None:
        """Take output; returns the new stage when it changed.

        Of a burst only its last 16 KiB are looked at: what a console says at full speed scrolls by anyway.
        """
        text = _ESCAPES.sub(b"", data[-4 * _KEPT :]).decode("utf-8", "replace").replace("\r", "")
        seen = self._tail + text
        fresh_from = len(self._tail)
        best: tuple[int, str, re.Match[str]] | None = None
        line_start = seen.rfind("\n", 0, fresh_from) + 1
        for name, pattern in self._patterns:
            for match in pattern.finditer(seen, line_start):
                if match.end() > fresh_from - 1 and (best is None or match.end() >= best[0]):
                    best = (match.end(), name, match)
        self._tail = seen[-_KEPT:]
        if best is None:
            return None
        return self._found(best[1], best[2], seen)

    def _found(self, name: str, match: re.Match[str], seen: str) -> Stage | None:
        start = seen.rfind("\n", 0, match.start()) + 1
        end = seen.find("\n", match.end())
        line = seen[start : end if end >= 0 else len(seen)].strip()[:200]
        percent = _PERCENT.search(line)
        text = f"{name} {percent[1]} %" if percent and name in ("anaconda", "installing") else name
        stage = Stage(name, text, line, name in ALERTS)
        if self.stage is not None and (self.stage.name, self.stage.text) == (stage.name, stage.text):
            return None
        self.stage = stage
        return stage
