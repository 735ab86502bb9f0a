"""What a program is told of its node, and how its mistakes are explained."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from partition_editor.decisions.facts import DiskFacts, NodeFacts
from partition_editor.programs import Program, Question, run_programs
from partition_editor.programs.variables import LITERAL, fill_variables, node_variables

from .asking import TABLE, run

ROWS = " 1 32.3kB 8390MB 8390MB primary ext3 boot\n 2 8390MB 9435MB 1045MB primary linux-swap\n"
MDADM = (
    "Raid Level : raid1\n   Number   Major   Minor   RaidDevice State\n"
    "  0 8 3 0 active sync /dev/hda3\n  1 8 19 1 active sync /dev/hdb1\n"
)
FACTS = NodeFacts(
    disks={"hda": DiskFacts("hda", TABLE + ROWS, "msdos"), "hdb": DiskFacts("hdb", TABLE, "msdos"),
           "md0": DiskFacts("md0", TABLE.replace("msdos", "loop") + " 1 0.00kB 10.0GB 10.0GB ext3\n", "loop")},
    disk_order=("hda", "hdb"),
    raids=("md0",),
    stamped=frozenset({"hda1"}),
    fstabs={"hda1": "LABEL=/ / ext3 defaults 1 1\n/dev/md0 /mydata ext3 defaults 1 2\n"},
    labels={"hda1": "/"},
    arrays={"md0": MDADM},
    major=5,
)  # fmt: skip

ANSWERS = [
    ("p.getDisks()", "['hda', 'hdb']"),
    ("p.getRaids()", "['md0']"),
    ("p.getLVMs()", "[]"),
    ("p.gptDrive('hda')", "0"),
    ("p.getDevice('/dev/hda1 ')", "hda1"),
    ("p.getSectorStart('start=   63')", "63"),
    ("p.getPartId('Id=83')", "83"),
    ("p.getFsType('/mydata')", "ext3"),
    ("p.findMntInFstab('LABEL=/')", "/"),
    ("p.getMountPoint('hda1')", "/"),
    ("p.getRaidLevel('md0')", "1"),
    ("p.getRaidParts('md0')", "raid.hda3 raid.hdb1"),
    ("p.getRaidName('hda3')", "raid.hda3"),
    ("p.getDiskInfo('hda')[-1].split()[0]", "2"),
    ("p.formatPartedNodePartInfo('hda', p.getDiskInfo('hda'))[0]", "hda1,32.3kB,8390MB,,ext3,boot,,/"),
    ("p.formatPartedNodePartInfo('hdb', p.getDiskInfo('hdb'))", "['hdb,,,,,,,']"),
    ("p.parsePartInfo('a,b')", "('', '', '', '', '', '', '', '')"),
    ("p.getNodePartInfo(['hda'])['hda'][1][7]", "swap"),
    ("p.listDiskPartitionNumbers('hda')", "[1, 2]"),
    ("p.listDiskPartitions('hda')[0]", "('hda1', 'ext3')"),
    ("p.listDiskPartitions('md0')", "[('md0', 'dummy')]"),
    ("p.isRocksDisk(p.getNodePartInfo(['hda'])['hda'])", "1"),
    ("p.isRocksDisk(p.getNodePartInfo(['hdb'])['hdb'])", "0"),
    ("p.addPartitions(p.getNodePartInfo(['hda'])['hda'], 0)[0]", "part / --fstype ext3 --onpart hda1"),
    ("p.compareDiskInfo([], [])", "1"),
    ("p.RocksGetPartsize('root')", "16000"),
    ("p.RocksGetPartsize('boot')", "0"),
    ("p.defaultRootDisk('hda')[0]", "part / --size=16000 --fstype=ext3 --ondisk=hda "),
    ("p.defaultDataDisk('hdb')", "['part /state/partition1 --size=1 --fstype=ext3 --grow --ondisk=hdb ']"),
    ("open('/tmp/discovered.disks').read().split()", "['disks:', 'hda', 'hdb', 'raids:', 'md0']"),
]


def test_every_public_method_answers_from_the_known_disks() -> None:
    start = "import rocks.rocks_partition as r\n"
    text = start + "".join(
        f"p = r.RocksPartition(); r.RocksPartition.mountpoints.clear(); print({one})\n" for one, _ in ANSWERS
    )
    result = run_programs(Program(text, "/usr/bin/python2.4"), [Question("n", FACTS)])[0]
    assert not result.failed, result
    assert result.output.splitlines() == [answer for _, answer in ANSWERS]


PYTHON_2 = [
    ("print 'x'", "print statement"),
    ("import sys\nprint >>sys.stderr, 'x'", "print >>file"),
    ("try:\n    pass\nexcept IOError, e:\n    pass", "except Error as name"),
    ("raise ValueError, 'x'", "raise Error(text)"),
    ("if 1 <> 2: pass", "write `!=`"),
    ("import os\nos.chmod('/tmp', 0755)", "0o"),
    ("x = `1`", "repr"),
    ("if 1:\n\tx = 1\n        y = 2", "tabs and blanks"),
    ("if 1:\n    x = 1\n      y = 2", "indentation"),
    ("import string\nstring.join(['a'], ',')", "x.join"),
    ("{}.has_key(1)", "k in d"),
    ("{}.iteritems()", "items()"),
    ("for i in xrange(3): pass", "write `range`"),
    ("file('/tmp/x', 'w')", "open"),
    ("import commands", "commands"),
    ("map(str, [1])[0]", "list("),
    ("unicode('x')", "`str` and `int`"),
]


@pytest.mark.parametrize(("text", "sentence"), PYTHON_2)
def test_python_2_spellings_are_explained_with_their_line(text: str, sentence: str) -> None:
    message = run(text + "\n").findings[0].message
    assert sentence in message
    assert "line " in message


def test_lines_are_those_of_the_file_the_program_came_from() -> None:
    assert (
        "line 11 of" in run(Program("x = 1\nraise ValueError('no')\n", "python", first_line=10)).findings[0].message
    )


def test_a_missing_disk_is_counted() -> None:
    text = "import rocks_partition\ndisks = rocks_partition.RocksPartition().getDisks()\nprint(disks[1])\n"
    result = run(text, "hda")
    assert [one.rule for one in result.findings] == ["RK009", "RK010"]
    assert result.findings[1].message == "compute-0-0 has 1 disk; the program needs 2."


def test_a_shell_scripts_last_test_may_fail() -> None:
    result = run(Program("echo rocks manual > /tmp/user_partition_info\n[ -b /dev/sdb ] && echo more\n"))
    assert (result.text, result.findings) == ("rocks manual\n", ())


def test_what_a_shell_complains_of_is_reported_with_its_line() -> None:
    result = run(Program("echo x > /tmp/user_partition_info\nfoo --bar\n", first_line=5))
    assert "line 6 of the program: foo: command not found" in result.findings[0].message


def test_an_interpreter_that_is_not_here_is_named() -> None:
    assert "no interpreter /opt/rocks/bin/ruby" in run(Program("x", "/opt/rocks/bin/ruby")).findings[0].message


def test_later_programs_see_what_earlier_ones_wrote() -> None:
    asked = Question("n", NodeFacts({}, ()), {}, start_text="part / --size=1\n")
    result = run_programs(Program("echo 'part swap --size=1' >> /tmp/user_partition_info\n"), [asked])[0]
    assert result.text == "part / --size=1\npart swap --size=1\n"


def test_variables_are_filled_in_before_anybody_reads_the_quotes() -> None:
    values = node_variables(
        name="compute-0-0", membership="Compute", appliance="compute", attributes={"Kickstart_Lang": "en", "a.b": "c"}
    )
    text = """'<var name='Node_Membership' />' <var name="Node_Hostname"></var> """
    text += """&hostname; &amp; &other; [<var name="x"/>]"""
    filled = fill_variables(text, values)
    assert filled.text == "'Compute' compute-0-0 compute-0-0 &amp; &other; []"
    assert filled.unknown == ("x",)
    assert (
        fill_variables('<var name="y" val="1"/><var name="z" ref="y"/><var name="z"/><var name="b"/>', values).text
        == "1c"
    )


@given(st.text())
def test_a_text_without_variables_stays(text: str) -> None:
    if "<var" not in text and "&" not in text and LITERAL not in text:
        assert fill_variables(text, {"hostname": "x"}).text == text
