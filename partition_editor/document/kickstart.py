"""Whole kickstart files: which of their lines are about partitions.

``user_partition_info`` holds nothing else, so every line counts there. A text that has a kickstart file's other
commands or sections is taken as one, and those lines are kept but not judged. Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Iterator

from partition_editor.document.lines import Document, Line

OTHER_COMMANDS = frozenset(
    """
    auth authconfig authselect bootproto cdrom cmdline deviceprobe driverdisk eula fcoe firewall firstboot
    graphical group halt harddrive hmc install interactive iscsi iscsiname key keyboard lang langsupport
    lilocheck logging mediacheck method module monitor mouse network nfs ostreesetup poweroff realm reboot
    repo rescue rhsm rootpw selinux services shutdown skipx sshkey sshpw syspurpose text timezone timesource
    updates upgrade url user vnc xconfig zfcp zipl
    """.split()  # noqa: SIM905
)
"""Commands of a kickstart file that have nothing to do with partitions."""

SECTIONS = ("%packages", "%pre", "%post", "%addon", "%anaconda", "%onerror", "%traceback", "%certificate")


def is_kickstart(document: Document) -> bool:
    """It looks like a whole kickstart file rather than ``user_partition_info``."""
    for _, line in document:
        first = line.raw.split(None, 1)[:1]
        if first and (first[0] in OTHER_COMMANDS or first[0].startswith(SECTIONS)):
            return True
    return False


def partition_lines(document: Document) -> Iterator[tuple[int, Line]]:
    """The lines to be read as partition commands, numbered; blanks and comments among them."""
    if not is_kickstart(document):
        yield from document
        return
    in_section = False
    for number, line in document:
        word = (line.raw.split(None, 1) or [""])[0]
        if word.startswith(SECTIONS):
            in_section = True
        elif word == "%end":
            in_section = False
        elif not in_section and word not in OTHER_COMMANDS and not word.startswith("%"):
            yield number, line
