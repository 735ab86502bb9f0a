"""Tickets: who gets in with which token, and when no longer."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.install.tickets import NOT_THIS_NODE, OVER, Ticket, admit, hash_of, issue, withdraw
from core.outcome import Refused
from core.store.install_records import InstallStage, ReportKind
from core.store.repository import Repository
from core.store.repository.installs import MOST_EVENTS, MOST_REPORTS
from core.store.store import Store
from tests.unit.install.conftest import MACS

FIRST, SECOND = MACS


def new_ticket(store: Store, name: str = FIRST, hours: float = 1.0) -> Ticket:
    with store.begin() as rows:
        ticket = issue(rows, node_id_in(rows, name), MACS[name], "anna", hours=hours)
    assert isinstance(ticket, Ticket)
    return ticket


def node_id_in(rows: Repository, name: str) -> int:
    found = rows.nodes.find(name)
    assert found is not None
    return found.id


def test_a_ticket_lets_in_the_node_it_was_issued_for(store: Store) -> None:
    ticket = new_ticket(store)
    with store.reading() as rows:
        install = admit(rows, ticket.token, ("52:54:00:00:00:09", MACS[FIRST].upper()))
    assert not isinstance(install, Refused)
    assert (install.name, install.stage, install.who) == (FIRST, InstallStage.OFFERED, "anna")


def test_the_token_is_nowhere_in_the_store(store: Store) -> None:
    ticket = new_ticket(store)
    with store.reading() as rows:
        kept = repr(rows.installs.last_of_each()) + repr(rows.installs.events(ticket.install))
        assert rows.installs.by_hash(hash_of(ticket.token)) is not None
    assert ticket.token not in kept
    assert ticket.token not in repr(ticket)


def test_another_node_gets_nothing_with_it(store: Store) -> None:
    ticket = new_ticket(store)
    with store.reading() as rows:
        assert admit(rows, ticket.token, (MACS[SECOND],)) == Refused(NOT_THIS_NODE)
        assert admit(rows, ticket.token, ()) == Refused(NOT_THIS_NODE)


def test_it_expires(store: Store) -> None:
    ticket = new_ticket(store, hours=2)
    later = datetime.now(UTC) + timedelta(hours=2, seconds=1)
    with store.reading() as rows:
        assert admit(rows, ticket.token, (MACS[FIRST],), now=later) == Refused(OVER)


@pytest.mark.parametrize("stage", [InstallStage.DONE, InstallStage.FAILED])
def test_it_is_good_for_one_install(store: Store, stage: InstallStage) -> None:
    ticket = new_ticket(store)
    with store.begin() as rows:
        rows.installs.change(ticket.install, stage=stage)
    with store.reading() as rows:
        assert admit(rows, ticket.token, (MACS[FIRST],)) == Refused(OVER)


def test_a_newer_ticket_replaces_the_older(store: Store) -> None:
    older, newer = new_ticket(store), new_ticket(store)
    other = new_ticket(store, SECOND)
    with store.reading() as rows:
        assert admit(rows, older.token, (MACS[FIRST],)) == Refused(OVER)
        assert not isinstance(admit(rows, newer.token, (MACS[FIRST],)), Refused)
        assert [one.id for one in rows.installs.open()] == [newer.install, other.install]


def test_a_withdrawn_ticket_is_worthless(store: Store) -> None:
    ticket = new_ticket(store)
    with store.begin() as rows:
        withdraw(rows, node_id_in(rows, FIRST), "cancelled by anna")
    with store.reading() as rows:
        assert admit(rows, ticket.token, (MACS[FIRST],)) == Refused(OVER)
        install = rows.installs.of_node(node_id_in(rows, FIRST))[0]
        told = rows.installs.events(install.id)[-1]
    assert install.detail == "cancelled by anna"
    assert (told.kind, told.detail) == ("withdrawn", "cancelled by anna")


@pytest.mark.parametrize("mac", ["", "nonsense", MACS[SECOND], "52:54:00:12:34:56"])
def test_no_ticket_for_an_address_that_is_not_the_nodes(store: Store, mac: str) -> None:
    with store.begin() as rows:
        assert isinstance(issue(rows, node_id_in(rows, FIRST), mac, "anna"), Refused)
        assert rows.installs.last_of_each() == {}


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60))
def test_no_other_text_is_a_token(text: str) -> None:
    with Store.open("sqlite://") as store, store.reading() as rows:
        assert admit(rows, text, (MACS[FIRST],)) == Refused(NOT_THIS_NODE)


def test_history_and_reports_are_bounded_and_go_with_the_node(store: Store) -> None:
    ticket = new_ticket(store)
    with store.begin() as rows:
        for number in range(MOST_EVENTS + 5):
            rows.installs.tell(ticket.install, "alive", str(number))
        kept = [rows.installs.keep_report(ticket.install, ReportKind.DISKS, json.dumps(n)) for n in range(25)]
    assert kept == [True] * MOST_REPORTS + [False] * 5
    with store.reading() as rows:
        assert len(rows.installs.events(ticket.install)) == MOST_EVENTS
        last = rows.installs.reports(ticket.install)[-1]
    assert (last.kind, last.body) == (ReportKind.DISKS, str(MOST_REPORTS - 1))
    with store.begin() as rows:
        vm = rows.vms.find(FIRST)
        assert vm is not None
        rows.vms.remove(vm.id)
        rows.nodes.remove(vm.node)
    with store.reading() as rows:
        assert rows.installs.last_of_each() == {} and rows.installs.events(ticket.install) == []
