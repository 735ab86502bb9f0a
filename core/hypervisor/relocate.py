"""Definitions with other paths: what a VM takes along when it moves. Pure but for `xml`."""

from __future__ import annotations

from collections.abc import Mapping
from xml.etree.ElementTree import tostring

from defusedxml.ElementTree import fromstring


def with_paths(xml: str, paths: Mapping[str, str]) -> str:
    """A domain's definition with its files at other places; everything else stays as it is.

    Args:
        paths: Old path → new path, of disks and of the firmware's variables.

    Raises:
        xml.etree.ElementTree.ParseError: It is no XML.
    """
    root = fromstring(xml, forbid_dtd=True)
    for source in root.findall("devices/disk/source"):
        for name in ("file", "dev"):
            old = source.get(name)
            if old is not None and old in paths:
                source.set(name, paths[old])
    variables = root.find("os/nvram")
    if variables is not None and variables.text is not None:
        variables.text = paths.get(variables.text, variables.text)
    return str(tostring(root, encoding="unicode"))


def other_files(xml: str) -> dict[str, list[str]]:
    """Files a definition names beside its disks.

    Returns:
        ``own``: those of this VM alone (the firmware's variables); ``needed``: those that must be there (kernel,
        initrd, device tree, firmware loader, inserted CDs).
    """
    root = fromstring(xml, forbid_dtd=True)
    own = [text for text in [root.findtext("os/nvram")] if text]
    needed = [text for tag in ("kernel", "initrd", "dtb") if (text := root.findtext(f"os/{tag}"))]
    for disk in root.findall("devices/disk"):
        source = disk.find("source")
        if disk.get("device") in ("cdrom", "floppy") and source is not None and source.get("file"):
            needed.append(str(source.get("file")))
    return {"own": own, "needed": needed}
