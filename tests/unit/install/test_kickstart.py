"""Kickstarts: what each release's own parser says of them, and what no value can do to them."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pykickstart.parser import KickstartParser
from pykickstart.version import makeVersion

from core.install.kickstart import NodeNetwork, Order, network_of, render
from core.install.quoting import Unquotable, ks, sh
from core.outcome import Refused
from core.store.records import Node, Scope
from core.store.store import Store
from tests.unit.install.conftest import MACS

FIRST = next(iter(MACS))
STATIC = NodeNetwork(MACS[FIRST], "10.1.255.254", "255.255.0.0", "10.1.1.1", "10.1.1.1,10.1.1.2", f"{FIRST}.local")
ORDER = Order(
    node=Node(7, FIRST, 2, "Compute", "compute", rack=0, rank=0),
    network=STATIC,
    attributes={
        "Kickstart_PrivateRootPW": "$6$abcdefgh$0123456789ABCDEFabcdef./0123456789",
        "install_ssh_keys": "ssh-ed25519 AAAAC3Nz anna's key\n\nssh-rsa BBBB bert",
        "install_packages": "@core, @^minimal-environment -plymouth vim-enhanced",
    },
    url="http://10.1.1.1:8040",
    token="T" * 43,
    repo="http://10.1.1.1/install/os?a=1&b=2",
)
NOWHERE = replace(ORDER, network=replace(STATIC, ip="", gateway="", nameservers=""), attributes={}, repo="")
RELEASES = [("default", version) for version in ("RHEL8", "RHEL9", "RHEL10")] + [
    ("rocks", "RHEL6"),
    ("rocks", "RHEL7"),
]


def text_of(order: Order) -> str:
    text = render(order)
    assert isinstance(text, str), text
    return text


def with_attributes(order: Order, **attributes: str) -> Order:
    return replace(order, attributes={**order.attributes, **attributes})


def parsed(text: str, version: str) -> KickstartParser:
    parser = KickstartParser(makeVersion(version))
    # The include is made by %pre on the node.
    parser.readKickstartFromString(text.replace("%include /tmp/quarry-partitions\n", ""))
    return parser


@pytest.mark.parametrize(("template", "version"), RELEASES)
@pytest.mark.parametrize("order", [ORDER, NOWHERE], ids=["static", "dhcp"])
def test_the_releases_own_parser_takes_it(template: str, version: str, order: Order) -> None:
    parser = parsed(text_of(with_attributes(order, install_template=template)), version)
    handler = parser.handler
    (network,) = handler.network.network
    assert network.device == MACS[FIRST]
    if order is ORDER:
        assert (network.ip, network.netmask, network.hostname) == ("10.1.255.254", "255.255.0.0", f"{FIRST}.local")
        assert handler.url.url == ORDER.repo
        assert handler.rootpw.password == ORDER.attributes["Kickstart_PrivateRootPW"]
        assert "vim-enhanced" in handler.packages.packageList
    else:
        assert network.bootProto == "dhcp" and handler.rootpw.lock
    scripts = [script for script in handler.scripts if script.type == 0]
    assert len(scripts) == 1 and scripts[0].errorOnFail


@pytest.mark.parametrize("template", ["default", "rocks"])
def test_its_scripts_are_posix_shell(template: str, tmp_path: Path) -> None:
    text = text_of(with_attributes(ORDER, install_template=template))
    scripts = re.findall(r"^%(?:pre|post|onerror)[^\n]*\n(.*?)^%end", text, re.MULTILINE | re.DOTALL)
    assert len(scripts) >= 2
    shells = [words for words in (["dash", "-n"], ["busybox", "sh", "-n"]) if shutil.which(words[0])]
    for number, script in enumerate(scripts):
        path = tmp_path / f"{number}.sh"
        path.write_text(script, encoding="utf-8")
        for words in shells or [["sh", "-n"]]:
            done = subprocess.run([*words, str(path)], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr


EVIL = ["x\n%end\n%post\nreboot", "a\rb", "\x00", "tab\there", "line\u2028sep"]


@pytest.mark.parametrize("value", EVIL)
@pytest.mark.parametrize("name", ["install_repo", "Kickstart_Lang", "install_packages", "Kickstart_Timezone"])
def test_a_line_break_gets_nowhere(name: str, value: str) -> None:
    text = render(with_attributes(ORDER, **{name: value}))
    if isinstance(text, str):
        # Packages are split at blanks of any kind, and are names or nothing.
        assert name == "install_packages" and "\n%post\nreboot" not in text
    else:
        assert text.reason.startswith('kickstart template "compute"')


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40))
def test_a_value_is_one_word_to_a_shell_and_to_a_kickstart(value: str) -> None:
    import shlex

    try:
        quoted = sh(value)
    except Unquotable:
        return
    assert shlex.split(quoted) == [value]
    assert shlex.split(f"url --url={ks(value)}") == ["url", f"--url={value}"]


@pytest.mark.parametrize("value", ["'; reboot; '", "$(reboot)", '"', "--extra", "a b", "%end", "{{ token }}", "\\"])
def test_no_value_becomes_a_command(value: str) -> None:
    parser = parsed(text_of(with_attributes(ORDER, install_repo=value)), "RHEL9")
    assert parser.handler.url.url == value


def site(tmp_path: Path, text: str, name: str = "compute") -> Order:
    (tmp_path / f"{name}.ks.j2").write_text(text, encoding="utf-8")
    return replace(ORDER, templates=str(tmp_path))


def test_an_appliances_own_template_comes_first(tmp_path: Path) -> None:
    order = site(tmp_path, "# {{ hostname | comment }} {{ rank }}\n")
    assert text_of(order) == f"# {FIRST}.local 0\n"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{ hostname }}", "without a filter that quotes it"),
        ("{{ hostname | ks ~ token }}", "without a filter that quotes it"),
        ("{{ missing | ks }}", "'missing' is undefined"),
        ("{% if %}", "Expected an expression"),
        ("{{ ''.__class__.__mro__ | ks }}", "unsafe"),
        ("{{ rank | ks }}", "0 is no text"),
        ("{{ (name.__class__.__mro__[1].__subclasses__()) | ks }}", "unsafe"),
        ("{{ 1 / 0 }}", "division"),
        ('{% include "/etc/passwd" %}', "passwd"),
        ('{% include "../../etc/passwd" %}', "passwd"),
        ("{% for n in range(10**9) %}{% endfor %}", "Range too big"),
    ],
)
def test_a_template_that_does_wrong_is_refused(tmp_path: Path, text: str, why: str) -> None:
    refused = render(site(tmp_path, text))
    assert isinstance(refused, Refused) and why in refused.reason, refused


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "a/b", "", ".hidden", "no-such"])
def test_a_templates_name_is_no_path(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.ks.j2").write_text("secret", encoding="utf-8")
    folder = tmp_path / "templates"
    folder.mkdir()
    found = render(replace(with_attributes(ORDER, install_template=name), templates=str(folder)))
    assert isinstance(found, Refused) if name else isinstance(found, str)


@pytest.mark.parametrize("password", ["secret", "$6$short", "$6$abcdefgh$x x x x x x x", "$6$ab$0123456789'; reboot"])
def test_a_password_must_be_a_hash(password: str) -> None:
    refused = render(with_attributes(ORDER, Kickstart_PrivateRootPW=password))
    assert isinstance(refused, Refused) and password not in refused.reason


def test_the_network_comes_from_the_store(store: Store) -> None:
    with store.begin() as rows:
        node = rows.nodes.find(FIRST)
        private = rows.subnets.find("private")
        assert node is not None and private is not None
        rows.attributes.set(Scope.GLOBAL, None, "Kickstart_PrivateDNSServers", "10.1.1.1 10.1.1.2")
        rows.attributes.set(Scope.GLOBAL, None, "kickstart_privategateway", "10.1.1.1")
        rows.networks.add(node.id, device="eth1", mac="00:16:3e:00:00:77", ip="192.0.2.9", netmask="255.255.255.0")
        found = network_of(rows, node)
        other = network_of(rows, node, "00:16:3e:00:00:77")
        none = network_of(rows, node, "00:16:3e:00:00:99")
    assert isinstance(found, NodeNetwork)
    assert (found.mac, found.ip, found.gateway) == (MACS[FIRST], "10.1.255.254", "10.1.1.1")
    assert found.nameservers == "10.1.1.1,10.1.1.2" and found.netmask == private.netmask
    assert isinstance(other, NodeNetwork) and other.ip == "192.0.2.9"
    assert isinstance(none, Refused)
