"""Node files read as meant, written so that every parser reads the same, put into a site folder with a backup."""

from __future__ import annotations

from pathlib import Path

import pytest
from defusedxml import ElementTree
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PartitionError
from core.outcome import Refused
from partition_editor.nodexml import NodeFile, Section, node_file_text, read_node_file
from partition_editor.nodexml.conditions import applies, evaluate
from partition_editor.nodexml.site import SiteChange, apply_change, read_site_file, site_file
from partition_editor.nodexml.writing import directives_of, directives_program
from partition_editor.programs import Program
from partition_editor.programs.variables import fill_variables

SKELETON = """<?xml version="1.0" standalone="no"?>
<kickstart>
  <description>A skeleton XML node file.</description>
  <!-- <pre>echo commented out</pre> -->
  <package>emacs</package>
  <pre arg="--interpreter /opt/rocks/bin/python" arch="x86_64" os='linux' cond="not nas">
<![CDATA[
if 1 < 2 and "&amp;" and '<var name="x"/>':
    pass
]]>
  </pre>
  <post>rm -f /x &amp;&amp; true</post>
  <pre>
echo a &gt; /tmp/b &amp;&amp; echo '<var name='Node_Hostname'/>' &hostname;
  </pre>
</kickstart>
"""


def read(text: str) -> NodeFile:
    file = read_node_file(text)
    assert not isinstance(file, Refused), file
    return file


def test_sections_come_in_order_with_their_attributes() -> None:
    first, second = read(SKELETON).sections
    assert first.program.interpreter == "/opt/rocks/bin/python"
    assert (first.arch, first.os, first.cond) == ("x86_64", "linux", "not nas")
    assert fill_variables(first.program.text, {"x": "no"}).text == (
        'if 1 < 2 and "&amp;" and \'<var name="x"/>\':\n    pass\n'
    )
    assert first.program.first_line == 8
    assert fill_variables(second.program.text, {"Node_Hostname": "n", "hostname": "h"}).text == (
        "echo a > /tmp/b && echo 'n' h\n"
    )
    assert read(SKELETON).troubles == ()


def test_what_rocks_would_stop_on_is_read_as_meant_and_said() -> None:
    file = read("<kickstart>\n<pre>\nif [ 1 < 2 ] && true; then echo <b>; fi\n</pre>\n</kickstart>\n")
    assert file.sections[0].program.text == "if [ 1 < 2 ] && true; then echo <b>; fi\n"
    assert [one.line for one in file.troubles] == [3, 3, 3, 3]
    assert "write &amp;" in file.troubles[1].sentence


def test_a_slides_fragment_is_read() -> None:
    file = read("<pre>\necho x\n</pre>\n")
    assert file.sections[0].program.text == "echo x\n"
    assert "fragment" in file.troubles[0].text


def test_the_frontends_work_is_not_done_here() -> None:
    file = read("<kickstart><pre>a<eval shell='bash'>rm -rf /</eval></pre></kickstart>")
    assert "frontend's work" in file.troubles[0].text


def test_a_shebang_names_the_interpreter() -> None:
    assert read("<pre>\n#!/usr/bin/python -u\nx\n</pre>").sections[0].program.interpreter == "/usr/bin/python"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("part / --size=1", "no <pre>"),
        ("<pre>echo", "line 1: this <pre> has no </pre>"),
        ("<pre>\0</pre>", "zero bytes"),
        ('<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><pre>&a;</pre>', "declares entities"),
        ("<pre>" + "x" * 1100000, "larger"),
    ],
)
def test_what_is_no_node_file_is_refused(text: str, reason: str) -> None:
    file = read_node_file(text)
    assert isinstance(file, Refused)
    assert reason in file.reason


CONDITIONS = [
    ("arch == 'x86_64'", True),
    ("arch != 'x86_64'", False),
    ("nas", False),
    ("not nas and on", True),
    ("appliance in ['compute', 'nas']", True),
    ("'comp' in appliance or nas", True),
    ("(rack == 0)", True),
]


@pytest.mark.parametrize(("condition", "holds"), CONDITIONS)
def test_conditions_are_read_not_run(condition: str, holds: bool) -> None:
    values = {"arch": "x86_64", "appliance": "compute", "on": "yes", "rack": "0"}
    assert evaluate(condition, values) is holds


@pytest.mark.parametrize("condition", ["__import__('os')", "1 +", "(" * 500, "x" * 3000, "[x for x in y]", "a < b"])
def test_other_conditions_are_refused(condition: str) -> None:
    assert isinstance(evaluate(condition, {}), Refused)


def test_sections_for_other_machines_do_not_apply() -> None:
    values = {"arch": "x86_64", "os": "linux"}
    assert applies(Section(Program("x"), arch="i386,x86_64"), values) is True
    assert applies(Section(Program("x"), arch="i386"), values) is False
    assert applies(Section(Program("x"), os="sunos"), values) is False
    assert applies(Section(Program("x"), cond="os == 'linux'"), values) is True


TEXT = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\ue000", exclude_categories=["Cc", "Cs"]) | st.just("\n")
)


@given(TEXT, st.sampled_from(["", "/opt/rocks/bin/python"]))
def test_what_is_written_is_read_back(text: str, interpreter: str) -> None:
    file = read(node_file_text([Section(directives_program(text)), Section(Program("x = 1\n", interpreter))], text))
    wanted = text if text.endswith("\n") or not text else text + "\n"
    assert directives_of(file.sections[0].program) == wanted
    assert file.sections[1].program.interpreter == interpreter
    assert file.troubles == ()


@given(
    st.lists(
        st.sampled_from(['<var name="Node"/>', "&Node;", "&amp;", "<", "&", "part / --size=1", "\n"]), max_size=8
    )
)
def test_no_word_of_directives_becomes_a_variable(words: list[str]) -> None:
    text = " ".join(words) + "\n"
    file = read(node_file_text([Section(directives_program(text))], ""))
    assert text in fill_variables(file.sections[0].program.text, {"Node": "compute-0-0"}).text
    assert directives_of(file.sections[0].program) == text


def test_any_parser_reads_what_is_written() -> None:
    program = Program("if a < b && '<var name=\"x\"/>' > c:\n    pass\n", "/usr/bin/python")
    root = ElementTree.fromstring(node_file_text([Section(program, cond='a == "b"')], "a & b"))
    pre = root.find("pre")
    assert pre is not None
    assert (pre.get("arg"), pre.get("cond")) == ("--interpreter /usr/bin/python", 'a == "b"')
    assert pre.text == "\nif a < b && '"


def test_the_rest_of_an_existing_file_is_kept() -> None:
    after = node_file_text([Section(Program("echo new\n"))], "about", SKELETON)
    assert "<package>emacs</package>" in after
    assert "<post>rm -f /x &amp;&amp; true</post>" in after
    assert [one.program.text for one in read(after).sections] == ["echo new\n"]
    empty = "<kickstart>\n<package>a</package>\n</kickstart>\n"
    assert len(read(node_file_text([Section(Program("echo\n"))], "", empty)).sections) == 1


def test_a_site_folder_is_changed_with_a_diff_and_a_backup(tmp_path: Path) -> None:
    nodes = tmp_path / "nodes"
    nodes.mkdir()
    path = site_file(tmp_path, 5)
    assert path == nodes / "replace-partition.xml"
    assert site_file(nodes, 7).name == "replace-custom-partition.xml"
    path.write_text(SKELETON)
    path.chmod(0o640)
    before = read_site_file(path)
    assert isinstance(before, str)
    change = SiteChange(path, before, node_file_text([Section(Program("echo new\n"))], "", before))
    assert "+echo new" in change.diff
    backup = apply_change(change)
    assert backup is not None
    assert backup.read_text() == SKELETON
    assert path.stat().st_mode & 0o777 == 0o640
    with pytest.raises(PartitionError, match="changed it meanwhile"):
        apply_change(change)
    assert isinstance(read_site_file(tmp_path / "no"), Refused)
    with pytest.raises(PartitionError, match="cannot write"):
        apply_change(SiteChange(tmp_path / "none" / "x.xml", None, "x"))
