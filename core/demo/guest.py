"""A pretended guest for the demo's consoles: boots, asks for a login, knows a few commands. A program of its own.

``python guest.py NAME MEMORY_MIB VCPUS boot|login|install``. Uses nothing but the standard library and touches
nothing but its terminal.
"""

from __future__ import annotations

import signal
import sys
import termios
import time
from collections.abc import Iterator

RELEASE = "3.10.0-693.5.2.el7.x86_64"
PACKAGES = ("glibc", "bash", "kernel", "openssh-server", "rocks-boot", "gcc", "openmpi", "gmond", "torque", "hdf5")


class Guest:
    """One pretended machine on this process's terminal."""

    def __init__(self, name: str, memory_mib: int, vcpus: int) -> None:
        self.name = name
        self.memory_mib = memory_mib
        self.vcpus = vcpus
        self.booted_s = time.monotonic()

    def run(self, begin: str) -> None:
        """Live until the terminal is gone."""
        if begin == "install":
            self.install()
        if begin != "login":
            self.boot()
        while True:
            self.session()

    def boot(self) -> None:
        """From the firmware to the login prompt, in a few seconds."""
        say("\x1b[2J\x1b[HSeaBIOS (version 1.11.0-2.el7)\n\nBooting from Hard Disk...\n", 0.5)
        say("\n                      GNU GRUB  version 2.02\n\n  CentOS Linux (" + RELEASE + ") 7 (Core)\n", 0.6)
        for at, line in enumerate(self._kernel_lines()):
            say(f"[{at * 0.0421:12.6f}] {line}\n", 0.03)
        say("\nWelcome to \x1b[0;36mCentOS Linux 7 (Core)\x1b[0m!\n\n", 0.2)
        for unit in ("Journal Service", "LVM2 metadata daemon", "Network Manager", "OpenSSH server daemon", "NFS"):
            say(f"[\x1b[32m  OK  \x1b[0m] Started {unit}.\n", 0.12)
        self.booted_s = time.monotonic()

    def install(self) -> None:
        """An installer's text screen with a bar that fills."""
        say("\nStarting installer, one moment...\nanaconda 21.48.22.121-1 for CentOS 7 started.\n", 0.8)
        top, width, count = 7, 58, 498
        left = (80 - width) // 2
        say("\x1b[?25l\x1b[44;37m\x1b[2J", 0)
        title = " Package Installation "
        side = (width - 2 - len(title)) // 2
        box = ["┌" + "─" * side + title + "─" * (width - 2 - side - len(title)) + "┐"]
        box += ["│" + " " * (width - 2) + "│"] * 5 + ["└" + "─" * (width - 2) + "┘"]
        for at, line in enumerate(box):
            say(f"\x1b[{top + at};{left}H\x1b[47;30m{line}", 0)
        for done in range(0, count + 1, 2):
            percent = 100 * done // count
            name = PACKAGES[done * len(PACKAGES) // (count + 1)]
            say(f"\x1b[{top + 2};{left + 2}HInstalling {name} ({done} of {count})  {percent:3} %".ljust(width + 4), 0)
            bar = "█" * (percent * (width - 4) // 100)
            say(f"\x1b[{top + 4};{left + 2}H{bar:░<{width - 4}}", 0.25)
        say("\x1b[0m\x1b[2J\x1b[H\x1b[?25h\nPerforming post-installation setup tasks\nRebooting.\n", 1.5)

    def session(self) -> None:
        """From one login to its logout."""
        say(f"\nCentOS Linux 7 (Core)\nKernel {RELEASE} on an x86_64\n\n", 0)
        user = ask(f"{self.name} login: ").strip()
        if not user:
            return
        ask("Password: ", hidden=True)
        say("\nLast login: Thu Mar  5 11:02:17 on ttyS0\nRocks Compute Node\nRocks 7.0 (Manzanita)\n", 0.2)
        sign = "#" if user == "root" else "$"
        while True:
            try:
                words = ask(f"[{user}@{self.name} ~]{sign} ").split()
            except KeyboardInterrupt:
                say("^C\n", 0)
                continue
            if words[:1] in (["exit"], ["logout"], ["\x04"]):
                return
            if words == ["reboot"]:
                say("\n[  OK  ] Reached target Shutdown.\n[  OK  ] Starting Reboot...\n", 0.8)
                self.boot()
                return
            if words:
                try:
                    self.command(words)
                except KeyboardInterrupt:
                    say("^C\n", 0)

    def command(self, words: list[str]) -> None:
        """What a few commands print."""
        up_s = int(time.monotonic() - self.booted_s)
        answers = {
            "help": "dmesg, df, free, hostname, top, uname, uptime, reboot, exit\n",
            "hostname": f"{self.name}.local\n",
            "uname": f"Linux {self.name}.local {RELEASE} #1 SMP x86_64 GNU/Linux\n",
            "uptime": f" up {up_s // 60} min,  1 user,  load average: 0.08, 0.03, 0.05\n",
            "df": "Filesystem     1M-blocks  Used Available Use% Mounted on\n"
            "/dev/vda1          15872  4211     11661  27% /\n/dev/vda3          18944    41     18903   1% /state\n",
            "free": f"              total        used        free\nMem:{self.memory_mib:15}{self.memory_mib // 3:12}"
            f"{self.memory_mib - self.memory_mib // 3:12}\nSwap:           1023           0        1023\n",
            "dmesg": "".join(f"[{at * 0.0421:12.6f}] {line}\n" for at, line in enumerate(self._kernel_lines())),
            "ls": "anaconda-ks.cfg  install.log\n",
        }
        if words[0] == "top":
            self.top()
        else:
            say(answers.get(words[0], f"-bash: {words[0]}: command not found\n"), 0)

    def top(self) -> None:
        """A screen that refreshes until Ctrl-C."""
        say("\x1b[2J", 0)
        try:
            for tick in range(3600):
                rows = [
                    f"top - up {tick} s,  1 user,  load average: 0.{tick % 10}8, 0.03, 0.05",
                    f"Tasks: {90 + tick % 3} total,   1 running,  {89 + tick % 3} sleeping",
                    f"MiB Mem : {self.memory_mib} total, {self.memory_mib // 3} used   (Ctrl-C leaves)",
                    "",
                    "\x1b[7m  PID USER      %CPU %MEM COMMAND".ljust(84) + "\x1b[0m",
                    *(f"{1000 + pid:5} root      {(tick * pid) % 9:4}  0.{pid} {name}" for pid, name in _processes()),
                ]
                say("\x1b[H" + "".join(f"{row}\x1b[K\n" for row in rows), 1.0)
        finally:
            say("\n", 0)

    def _kernel_lines(self) -> list[str]:
        return [
            f"Linux version {RELEASE} (builder@kbuilder.dev.centos.org) (gcc version 4.8.5)",
            "Command line: BOOT_IMAGE=/boot/vmlinuz root=/dev/vda1 ro console=ttyS0",
            "e820: BIOS-provided physical RAM map:",
            f"Memory: {self.memory_mib * 1024 - 41236}k/{self.memory_mib * 1024}k available",
            f"smpboot: Allowing {self.vcpus} CPUs, 0 hotplug CPUs",
            "Booting paravirtualized kernel on KVM",
            "ACPI: Core revision 20130517",
            "virtio-pci 0000:00:03.0: irq 24 for MSI/MSI-X",
            "virtio_net virtio0 eth0: link up",
            " vda: vda1 vda2 vda3",
            "XFS (vda1): Mounting V5 Filesystem",
            "XFS (vda1): Ending clean mount",
            "systemd[1]: Detected virtualization kvm.",
            f"systemd[1]: Set hostname to <{self.name}.local>.",
        ]


def _processes() -> Iterator[tuple[int, str]]:
    yield from enumerate(("systemd", "kthreadd", "gmond", "sshd", "pbs_mom", "crond", "top"), 1)


def say(text: str, pause_s: float) -> None:
    """Print, and let some time pass."""
    sys.stdout.write(text)
    sys.stdout.flush()
    time.sleep(pause_s)


def ask(prompt: str, *, hidden: bool = False) -> str:
    """Prompt and read a line; the end of input reads as the character it was typed as."""
    _echo(not hidden)
    say(prompt, 0)
    try:
        line = sys.stdin.readline()
    finally:
        _echo(True)
    return line or "\x04"


def _echo(on: bool) -> None:
    state = termios.tcgetattr(0)
    state[3] = state[3] | termios.ECHO if on else state[3] & ~termios.ECHO
    termios.tcsetattr(0, termios.TCSANOW, state)


def main() -> None:
    """Begin; ends with its terminal."""
    name, memory_mib, vcpus, begin = sys.argv[1:5]
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        Guest(name, int(memory_mib), int(vcpus)).run(begin)
    except (OSError, KeyboardInterrupt):
        sys.exit(0)


if __name__ == "__main__":
    main()
