"""No words whatever make a command crash: every line ends with a status and at most tidy text."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.commands.context import Context
from core.commands.dispatch import dispatch
from core.commands.refusal import Status
from core.commands.registry import command_words, load
from core.settings import Settings, StoreSettings
from core.store.store import Store

WAITING = {"console", "serve"}
"""Commands that wait for somebody."""

SETUP = (
    "add host rocks Frontend rack=0 rank=0",
    "add network public 198.51.100.0 255.255.255.0",
    "add host vm-container-0-0 ip=auto",
    "add host partition vm-container-0-0 sda5 mountpoint=/state/partition1 size=66.4GB",
    "add host vm vm-container-0-0 Compute num-macs=2",
    "add cluster 198.51.100.20 1 fe-container=vm-container-0-0",
)
VALUES = st.one_of(
    st.sampled_from(
        ["rocks", "compute-0-0-0", "frontend-0-0-0", "vm-container", "rack0", "%", "*", "eth0", "eth1", "Compute"]
    ),
    st.sampled_from(["0", "1", "-1", "2", "4096", "none", "None", "yes", "no", "install", "os", "private", "public"]),
    st.sampled_from(["10.1.2.3", "198.51.100.30", "255.255.0.0", "00:16:3e:00:00:77", "file:/a/b.img,hda,w", "json"]),
    st.text(max_size=8),
)


@st.composite
def lines(draw: st.DrawFn) -> list[str]:
    """A command with words and parameters that may or may not make sense."""
    words = draw(st.sampled_from(sorted(one for one in command_words() if one[0] not in WAITING)))
    command = load(words)
    positional = draw(st.lists(VALUES, max_size=4))
    known = [one.name for one in command.all_parameters] + [one.name for one in command.arguments]
    names = [name for name in known if name != "folder"]
    named = draw(st.dictionaries(st.sampled_from(names), VALUES, max_size=3)) if names else {}
    return [*words, *positional, *(f"{name}={value}" for name, value in named.items())]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines(), min_size=1, max_size=5))
def test_any_words(several: list[list[str]]) -> None:
    with Store.open("sqlite://") as store:
        context = Context(Settings(store=StoreSettings(url="sqlite://")), who="operator", store=store)
        for line in SETUP:
            assert dispatch(line, context).status == Status.DONE
        for words in several:
            if words[:2] == ["sync", "config"]:
                words = [*words, "--dry-run"]
            result = dispatch(words, context)
            assert isinstance(result.status, Status)
            assert (result.out + result.err).replace("\n", "").replace("\t", "").isprintable()
            assert result.status == Status.DONE or result.err or words[0] == "check"
