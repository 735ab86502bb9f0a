"""What the install service does for a node, without HTTP: each method is one request of an installing node.

Every method names the token and the MAC addresses the request came with and answers with a `Reply`. Nothing a node
sends is trusted: it is bounded, read as data, and concerns no node but the ticket's. Methods block (store, partition
source) and belong in worker threads.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from core.install.consoles import kind_of_node
from core.install.kickstart import BEAT_S, POLL_S, Order, network_of, render
from core.install.partitions import disagreements, partition_rows
from core.install.reports import DiskReport, read_report
from core.install.source import AskOperator, PartitionQuestion, PartitionSource
from core.install.tickets import OVER, admit
from core.outcome import Allowed, Refused, Verdict
from core.store.install_records import InstallRecord, InstallStage, ReportKind

if TYPE_CHECKING:
    from core.settings import InstallSettings
    from core.store.repository import Repository
    from core.store.store import Store

T = TypeVar("T")

MOST_KICKSTARTS = 8
"""A ticket's kickstart is handed out at most so often: installers fetch it twice, restarted ones again."""

MOST_TEXT = 64 * 1024
"""Bytes of a `user_partition_info`."""

_CONTROL = re.compile(r"[^\x20-\x7e\xa0-\U0010ffff]+")
_EVENT_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Reply:
    """Status of HTTP, and the body."""

    status: int
    body: str = ""


FORBIDDEN = Reply(403, "no\n")
GONE = Reply(410, "this install is over\n")


class InstallDesk:
    """Serves the nodes of one store."""

    def __init__(
        self,
        store: Store,
        source: PartitionSource,
        settings: InstallSettings,
        url: str,
        *,
        authority: str = "",
        poll_s: int = POLL_S,
        beat_s: int = BEAT_S,
    ) -> None:
        """Take what is needed.

        Args:
            url: Where nodes reach the service.
            authority: PEM text by which nodes check it; empty on plain HTTP.
            poll_s: Seconds between two questions of a waiting node.
            beat_s: Seconds between two signs of life.
        """
        self._store = store
        self._source = source
        self._settings = settings
        self._url = url.rstrip("/")
        self._authority = authority
        self._poll_s = poll_s
        self._beat_s = beat_s

    def kickstart(self, token: str, macs: tuple[str, ...]) -> Reply:
        """The node's kickstart. Not any more once its disks are partitioned."""

        def work(rows: Repository, install: InstallRecord) -> Reply:
            events = rows.installs.events(install.id)
            handed = sum(event.kind == "kickstart" for event in events)
            if handed >= MOST_KICKSTARTS or any(event.kind == "partitions" for event in events):
                return GONE
            order = self._order(rows, install, token)
            text = order if isinstance(order, Refused) else render(order)
            if isinstance(text, Refused):
                rows.installs.change(install.id, stage=InstallStage.FAILED, detail=text.reason)
                rows.installs.tell(install.id, "error", text.reason)
                return Reply(500, "the kickstart cannot be made; its operator is told why\n")
            # From whatever stage: an installer that asks again has restarted and will look at the disks anew.
            rows.installs.change(install.id, stage=InstallStage.BEGUN)
            rows.installs.tell(install.id, "kickstart", "handed out" + (" again" if handed else ""))
            return Reply(200, text)

        return self._admitted(token, macs, work)

    def disks(self, token: str, macs: tuple[str, ...], body: bytes) -> Reply:
        """The node reports its disks and asks how to partition: 200 with the text, 202 to wait."""
        report = read_report(body)

        def ask(rows: Repository, install: InstallRecord) -> Reply | PartitionQuestion:
            if isinstance(report, Refused):
                rows.installs.tell(install.id, "error", f"disk report refused: {report.reason}")
                return Reply(400, f"{report.reason}\n")
            if install.asked == report.mark and install.text:
                # It restarted before it heard the answer, and its disks are as they were.
                rows.installs.change(install.id, stage=InstallStage.INSTALLING)
                rows.installs.tell(install.id, "told", "again, for the same disks")
                return Reply(200, install.text)
            if not rows.installs.keep_report(install.id, ReportKind.DISKS, report.to_json()):
                return Reply(429, "too many reports\n")
            node = rows.nodes.get(install.node)
            if node is None:
                return FORBIDDEN
            saved = tuple(rows.partitions.of_node(node.id))
            return PartitionQuestion(node, report.facts, saved, rows.attributes.resolved(node.id))

        asked = self._admitted(token, macs, ask)
        if isinstance(asked, Reply) or isinstance(report, Refused):
            return asked if isinstance(asked, Reply) else FORBIDDEN
        answer = self._source.answer(asked)
        if not isinstance(answer, AskOperator) and len(answer.text.encode()) > MOST_TEXT:
            answer = AskOperator(f"its partitioning text is larger than {MOST_TEXT // 1024} KiB")

        def tell(rows: Repository, install: InstallRecord) -> Reply:
            if isinstance(answer, AskOperator):
                rows.installs.change(
                    install.id, stage=InstallStage.ASKING, asked=report.mark, text="", detail=answer.why
                )
                rows.installs.tell(install.id, "asks", answer.why or "waits for its operator to partition its disks")
                return Reply(202, "wait\n")
            text = _ended(answer.text)
            rows.installs.change(
                install.id,
                stage=InstallStage.INSTALLING,
                asked=report.mark,
                text=text,
                detail="; ".join(answer.notes),
            )
            rows.installs.tell(install.id, "told", text)
            return Reply(200, text)

        return self._admitted(token, macs, tell)

    def answer(self, token: str, macs: tuple[str, ...]) -> Reply:
        """A waiting node asks again: 200 with the text, 202 to go on waiting, 409 when it has reported no disks."""

        def work(_: Repository, install: InstallRecord) -> Reply:
            if install.stage is InstallStage.ASKING:
                return Reply(202, "wait\n")
            if install.stage is InstallStage.INSTALLING and install.text:
                return Reply(200, install.text)
            return Reply(409, "report the disks first\n")

        return self._admitted(token, macs, work, counts=False)

    def event(self, token: str, macs: tuple[str, ...], body: bytes) -> Reply:
        """A sign of life, or a line for the history; ``error …`` ends the install as failed."""
        word, _, rest = body.decode("utf-8", "replace").strip().partition(" ")
        detail = " ".join(_CONTROL.sub(" ", rest).split())[:_EVENT_LENGTH]

        def work(rows: Repository, install: InstallRecord) -> Reply:
            if word == "alive":
                return Reply(200)
            if word == "error":
                why = detail or "the installer reported an error"
                rows.installs.change(install.id, stage=InstallStage.FAILED, detail=why)
                rows.installs.tell(install.id, "error", why)
                return Reply(200)
            if word == "note":
                rows.installs.tell(install.id, "note", detail)
                return Reply(200)
            return Reply(400, "unknown event\n")

        return self._admitted(token, macs, work, counts=word != "alive")

    def partitions(self, token: str, macs: tuple[str, ...], body: bytes) -> Reply:
        """The node reports its disks after the install: the store's rows become what it says."""
        report = read_report(body)

        def work(rows: Repository, install: InstallRecord) -> Reply:
            if isinstance(report, Refused):
                rows.installs.tell(install.id, "error", f"partition report refused: {report.reason}")
                return Reply(400, f"{report.reason}\n")
            if install.stage is not InstallStage.INSTALLING:
                return Reply(409, "nothing was installed\n")
            if not rows.installs.keep_report(install.id, ReportKind.PARTITIONS, report.to_json()):
                return Reply(429, "too many reports\n")
            found = partition_rows(report)
            rows.partitions.replace(install.node, found)
            wrong = disagreements(found, install.text)
            rows.installs.tell(install.id, "partitions", f"{len(found)} rows")
            for one in wrong:
                rows.installs.tell(install.id, "disagrees", one)
            if wrong:
                rows.installs.change(install.id, detail="; ".join(filter(None, (install.detail, *wrong))))
            return Reply(200)

        return self._admitted(token, macs, work)

    def finished(self, token: str, macs: tuple[str, ...]) -> Reply:
        """The install is over: the node boots from its disk from now on, and its token is worth nothing."""

        def work(rows: Repository, install: InstallRecord) -> Reply:
            if install.stage is not InstallStage.INSTALLING:
                return Reply(409, "nothing was installed\n")
            rows.installs.change(install.id, stage=InstallStage.DONE)
            rows.installs.tell(install.id, "finished", "boots from its disk from now on")
            boot_from_disk(rows, install.node)
            rows.disk_policies.use_up(install.node)
            rows.log.add(
                who=install.who, host=socket.gethostname(), what=f"install {install.name}", target=install.name
            )
            return Reply(200)

        return self._admitted(token, macs, work)

    def _admitted(
        self,
        token: str,
        macs: tuple[str, ...],
        work: Callable[[Repository, InstallRecord], T],
        *,
        counts: bool = True,
    ) -> T | Reply:
        def admitted(rows: Repository) -> T | Reply:
            install = admit(rows, token, macs)
            if isinstance(install, Refused):
                return GONE if install.reason == OVER else FORBIDDEN
            rows.installs.heard(install.id)
            return work(rows, install)

        return self._store.transact(admitted, counts=counts)

    def _order(self, rows: Repository, install: InstallRecord, token: str) -> Order | Refused:
        node = rows.nodes.get(install.node)
        if node is None:
            return Refused("the node is gone")
        network = network_of(rows, node, install.mac)
        if isinstance(network, Refused):
            return network
        return Order(
            node=node,
            network=network,
            attributes=rows.attributes.resolved(node.id),
            url=self._url,
            token=token,
            authority=self._authority,
            repo=self._settings.repo,
            templates=self._settings.templates,
            poll_s=self._poll_s,
            beat_s=self._beat_s,
            machine=kind_of_node(rows, node),
        )


def boot_from_disk(rows: Repository, node_id: int) -> None:
    """Flip a node's boot action, in the place of both Rocks generations."""
    rows.boot.set_action(node_id, "os")
    if node_id in rows.boot.pxe_actions():
        rows.boot.set_pxe_action(node_id, "os")


def give_answer(rows: Repository, install_id: int, asked: str, text: str, who: str) -> Verdict:
    """An operator answers a waiting node, or one that restarts meanwhile: it is told when it reports the same disks.

    Args:
        asked: `InstallRecord.asked` of the disks the operator looked at; other disks by now mean no.
        text: `user_partition_info`.
    """
    install = rows.installs.find(install_id)
    if install is None or not waits(install):
        stage = install.stage.value if install else "gone"
        return Refused(f"it does not wait any more ({stage})")
    if install.asked != asked:
        look = f"`report host install disks {install.name}`"
        return Refused(f"{install.name} has reported other disks meanwhile: look at them ({look}) and answer again")
    if not text.strip():
        return Refused("the text is empty: a node is partitioned by directives or by `rocks manual`")
    if len(text.encode()) > MOST_TEXT:
        return Refused(f"the text is larger than {MOST_TEXT // 1024} KiB")
    if install.stage is InstallStage.ASKING:
        rows.installs.change(install_id, stage=InstallStage.INSTALLING)
    rows.installs.change(install_id, text=_ended(text), detail="")
    rows.installs.tell(install_id, "answered", f"{who} answered:\n{text}")
    return Allowed()


def waits(install: InstallRecord) -> bool:
    """Whether an operator's answer is wanted: it asks, or it asked, has restarted, and will report again."""
    begins = install.stage in (InstallStage.OFFERED, InstallStage.BEGUN)
    restarting = begins and bool(install.asked) and not install.text
    return install.stage is InstallStage.ASKING or restarting


def waiting_install(rows: Repository, node_id: int) -> InstallRecord | None:
    """The install of a node that waits for its operator."""
    return next((one for one in rows.installs.open_of(node_id) if waits(one)), None)


def disks_of(rows: Repository, install: InstallRecord) -> DiskReport | None:
    """The disks a node last reported before its install."""
    from core.install.reports import from_json

    found = [one for one in rows.installs.reports(install.id) if one.kind is ReportKind.DISKS]
    return from_json(found[-1].body) if found else None


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"
