"""A small cluster whose jobs run in this process, and die where a test says."""

from __future__ import annotations

import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from core.demo.carrier import PretendCarrier
from core.demo.synthetic_hypervisor import SyntheticHypervisor
from core.hypervisor.model import DomainState
from core.jobs.desk import Desk, claim
from core.jobs.journal import JobOptions
from core.jobs.runner import Means, carry_out
from core.operations.carrier import Carrier
from core.operations.move import Wishes, plan_move
from core.operations.move_survey import survey
from core.operations.plan import Plan
from core.outcome import Refused
from core.store.job_records import JobState
from core.store.store import Store
from tests.unit.operations.house import CONTAINERS, FOLDER, House

FIRST, SECOND = CONTAINERS
DEAD = "1 1 an-earlier-boot"


class Killed(BaseException):
    """kill -9 of the worker."""


class Death:
    """Strikes at a numbered point. Even points are before a call's effect, odd ones after it."""

    def __init__(self, at: int) -> None:
        self.left = at

    def here(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Killed


class Mortal:
    """Anything, with a point before and after each call; once dead it stays dead."""

    def __init__(self, inner: object, death: Death) -> None:
        self._inner, self._death = inner, death

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found):
            return found

        def call(*args: Any, **kwargs: Any) -> Any:
            self._death.here()
            answer = found(*args, **kwargs)
            if not isinstance(answer, AbstractContextManager):
                self._death.here()
            return answer

        return call


class NoLauncher:
    """Notes what it was to launch; the test carries it out itself."""

    def __init__(self) -> None:
        self.launched: list[int] = []

    def launch(self, job: int) -> None:
        self.launched.append(job)


@dataclass
class Works:
    """The cluster with its desk."""

    house: House
    carrier: PretendCarrier[SyntheticHypervisor]
    launcher: NoLauncher

    @classmethod
    def build(cls, folder: Path, state: DomainState = DomainState.RUNNING, driver: str = "xen") -> Works:
        house = House.build(folder, state, driver=driver)
        for name, hypervisor in house.hypervisors.items():
            for facts in hypervisor.domains():
                for disk in facts.disks:
                    hypervisor.images[disk.source] = 36 * 10**9
            assert name in CONTAINERS
        carrier = PretendCarrier(lambda name: house.hypervisors[name], SyntheticHypervisor.pretend_copy)
        return cls(house, carrier, NoLauncher())

    @property
    def store(self) -> Store:
        return self.house.store

    def desk(self, who: str = "ann") -> Desk:
        return Desk(self.store, who, self.launcher)

    def move(self, *names: str, to: str = SECOND, **wishes: Any) -> Plan:
        plan = self.wish(*names, to=to, **wishes)
        assert isinstance(plan, Plan), plan
        return plan

    def refusal(self, *names: str, to: str = SECOND, **wishes: Any) -> str:
        plan = self.wish(*names, to=to, **wishes)
        assert isinstance(plan, Refused), plan
        return plan.reason

    def wish(self, *names: str, to: str = SECOND, **wishes: Any) -> Plan | Refused:
        snapshot = self.house.snapshot()
        found = survey(names, to, snapshot, self.house.hypervisors, self.carrier)
        return plan_move(names, to, snapshot, found, Wishes(**wishes))

    def submit(self, plan: Plan, who: str = "ann", options: JobOptions | None = None) -> int:
        job = self.desk(who).submit(plan, options)
        assert isinstance(job, int), job
        return job

    def work(self, job: int, *, die_at: int | None = None) -> JobState | None:
        """Carry a job out; None when its worker was killed."""
        claim(self.store, job)
        death = Death(10**9 if die_at is None else die_at)
        means = self.means(death)
        try:
            return carry_out(job, means, threads=False)
        except Killed:
            with self.store.begin() as rows:
                rows.jobs.claim(job, worker=DEAD, host=_host())
            return None

    def means(self, death: Death) -> Means:
        hypervisors = {
            name: cast(SyntheticHypervisor, Mortal(one, death)) for name, one in self.house.hypervisors.items()
        }
        store = cast(Store, Mortal(self.store, death))
        return Means(store, hypervisors, cast(Carrier, Mortal(self.carrier, death)))

    def run(self, plan: Plan, **options: Any) -> JobState | None:
        return self.work(self.submit(plan, options=JobOptions(**options)))

    def locked(self) -> list[str]:
        with self.store.reading() as rows:
            return [one.name for one in rows.locks.all()]

    def images(self, at: int) -> set[str]:
        return set(self.house.container(at).images)


def image(name: str) -> str:
    return f"{FOLDER}/{name}.hda"


def _host() -> str:
    return socket.gethostname()
