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
    "installing": r"Installing .{0,120}?\d{1,6}[/ ](of )?\d{1,6}|Installing software \d|Performing post-installation",
    "debian installer": r"Debian (GNU/Linux )?installer( main menu)?|\[!!?\] [A-Z]|Detecting network hardware",
    "fsck?": r"give root password for maintenance|UNEXPECTED INCONSISTENCY|Run fsck MANUALLY|\(y\)es, \(n\)o|<y>\?",
    "emergency": r"(?i:emergency mode|emergency shell|rescue mode)|Entering emergency|dracut:/#|\(initramfs\)",
    "panic": r"Kernel panic - not syncing|BUG: unable to handle|Oops: |general protection fault",
    "login": r"(?m)^[\w.-]+ login: ?$",
}
ALERTS = frozenset({"panic", "emergency", "fsck?", "no boot device"})
"""Stages an operator is told of at once."""

_PERCENT = re.compile(r"(\d{1,3}) ?%")
_ESCAPES = re.compile(rb"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]{0,4096}(?:\x07|\x1b\\)|[@-Z\\-_()][0-9A-B]?)")
_MOVES = re.compile(rb"\x1b\[[0-9;]*[Hf]")
"""Full-screen programs go to another place instead of ending the line."""
_LOOKED_AT = 16 * 1024
_LONGEST_TAIL = 512
_LONG_LINE = re.compile(r"[^\n]{512}")
"""Lines are cut there: a guest must not make a pattern work on kilobytes without a line end."""
_MOST_ALERTS = 8


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
        self._alerts: list[Stage] = []
        self.stage: Stage | None = None

    def feed(self, data: bytes) -> Stage | None:
        """Take output; returns the new stage when it changed.

        Of a burst only its last 16 KiB are looked at: what a console says at full speed scrolls by anyway.
        """
        text = _ESCAPES.sub(b"", _MOVES.sub(b"\n", data[-_LOOKED_AT:])).decode("utf-8", "replace").replace("\r", "")
        seen = self._tail + _LONG_LINE.sub(r"\g<0>\n", text)
        fresh_from = len(self._tail)
        found = [
            (match.end(), name, match)
            for name, pattern in self._patterns
            for match in pattern.finditer(seen)
            if match.end() > fresh_from - 1
        ]
        self._tail = seen.rpartition("\n")[2][-_LONGEST_TAIL:]
        before = self.stage
        for _, name, match in sorted(found, key=lambda one: one[0]):
            self._enter(_stage(name, match, seen))
        return self.stage if self.stage is not before else None

    def take_alerts(self) -> list[Stage]:
        """The stages entered since the last call that an operator must know of, also those that passed at once."""
        alerts, self._alerts = self._alerts, []
        return alerts

    def forget(self) -> None:
        """The machine is off: what it says next is a new story."""
        self.stage = None
        self._tail = ""

    def _enter(self, stage: Stage) -> None:
        if self.stage is not None and (self.stage.name, self.stage.text) == (stage.name, stage.text):
            return
        if stage.alert and (self.stage is None or self.stage.name != stage.name):
            self._alerts = [*self._alerts, stage][-_MOST_ALERTS:]
        self.stage = stage


def _stage(name: str, match: re.Match[str], seen: str) -> Stage:
    start = seen.rfind("\n", 0, match.start()) + 1
    end = seen.find("\n", match.end())
    line = seen[start : end if end >= 0 else len(seen)].strip()[:200]
    percent = _PERCENT.search(line)
    text = f"{name} {percent[1]} %" if percent and name in ("anaconda", "installing") else name
    return Stage(name, text, line, name in ALERTS)
