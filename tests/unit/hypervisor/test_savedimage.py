"""libxl's driver restores saved memory only with the paths it was saved with; they are changed in the file itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given
from hypothesis import strategies as st

from core.errors import HypervisorError, NotSupported
from core.hypervisor.model import ContainerName
from core.hypervisor.savedimage import HEAD, MAGIC, definition_length, fitted, relocate_on
from core.hypervisor.uri import ContainerUri, parse_uri
from core.settings import ContainerSettings

NAME = ContainerName("vm-container-0-0")
OLD = "/export/xen/disks/compute-0-0-0.hda"
NEW = "/state/partition1/xen/disks/compute-0-0-0.hda"
STREAM = bytes(range(256)) * 300


def definition(path: str, title: str = "") -> str:
    """As libvirt writes it: two blanks an indent."""
    return (
        "<domain type='xen' id='4'>\n"
        "  <name>compute-0-0-0</name>\n"
        f"  <title>{title}</title>\n"
        "  <memory unit='KiB'>98304</memory>\n"
        "  <devices>\n"
        "    <disk type='file' device='disk'>\n"
        "      <driver name='qemu' type='raw'/>\n"
        f"      <source file='{path}'/>\n"
        "      <target dev='hda' bus='xen'/>\n"
        "    </disk>\n"
        "  </devices>\n"
        "</domain>\n"
    )


def saved(path: Path, xml: str, version: int = 1) -> int:
    """A file of saved memory; returns the length of the definition in it."""
    text = xml.encode() + b"\0"
    path.write_bytes(HEAD.pack(MAGIC, version, len(text)) + text + STREAM)
    return len(text)


def change(path: Path, moved: dict[str, str], uri: str = "xen:///system") -> None:
    parsed = parse_uri(uri)
    assert isinstance(parsed, ContainerUri)
    relocate_on(NAME, parsed, ContainerSettings(), f"could not restore {path}", str(path), moved)


def found(path: Path, length: int) -> str:
    return path.read_bytes()[HEAD.size :][:length].rstrip(b"\0").decode()


def test_the_paths_change_and_the_memory_stays_where_it_is(tmp_path: Path) -> None:
    path = tmp_path / "-a b.saved"
    length = saved(path, definition(OLD, "two  blanks, äöü"))
    before = path.read_bytes()
    change(path, {OLD: NEW})
    after = path.read_bytes()
    assert len(after) == len(before)
    assert after[: HEAD.size] == before[: HEAD.size]
    assert after[HEAD.size + length :] == STREAM
    root = fromstring(found(path, length))
    assert [one.get("file") for one in root.iterfind("devices/disk/source")] == [NEW]
    assert root.findtext("title") == "two  blanks, äöü"


def test_a_second_time_changes_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "one.saved"
    saved(path, definition(OLD))
    change(path, {OLD: NEW})
    once = path.read_bytes()
    change(path, {OLD: NEW})
    assert path.read_bytes() == once


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"LibvirtQemudSave" + bytes(4000), "no memory that libxl saved"),
        (b"", "shorter than"),
        (HEAD.pack(MAGIC, 9, 100) + bytes(400), "a kind not known"),
        (HEAD.pack(MAGIC, 2, 2**31) + bytes(400), "a kind not known"),
        (HEAD.pack(MAGIC, 2, 10) + b"<domain>\0\0" + STREAM, "cannot be read"),
    ],
    ids=["of QEMU", "empty", "version", "length", "definition"],
)
def test_other_files_are_left_alone(tmp_path: Path, content: bytes, why: str) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(HypervisorError, match=why):
        change(path, {OLD: NEW})
    assert path.read_bytes() == content


def test_a_path_that_does_not_fit_is_told_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "one.saved"
    saved(path, definition(OLD))
    before = path.read_bytes()
    with pytest.raises(HypervisorError, match="bytes too long"):
        change(path, {OLD: "/" + "long/" * 200 + "disk"})
    assert path.read_bytes() == before


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(HypervisorError, match="No such file"):
        change(tmp_path / "none", {OLD: NEW})


def test_a_container_without_ssh_says_so(tmp_path: Path) -> None:
    with pytest.raises(NotSupported, match="no SSH"):
        change(tmp_path / "none", {OLD: NEW}, "xen+tls://vm-container-0-1/system")


@given(
    title=st.text(
        st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="<>&\ufffe\uffff")
    ),
    spare=st.integers(0, 200),
)
def test_what_fits_says_the_same_in_exactly_the_length(title: str, spare: int) -> None:
    xml = definition(NEW, title)
    length = len(xml.encode()) + 1 + spare
    content = fitted(xml, length)
    assert len(content) == length
    assert definition_length(HEAD.pack(MAGIC, 2, length)) == length
    said = fromstring(content.rstrip(b"\0").decode())
    assert said.findtext("title") == title
    assert said.findtext("name") == "compute-0-0-0"
