"""``adopt host vm``."""

from __future__ import annotations

from core.commands.command import Argument, Command, Noun, Parameter
from core.commands.invocation import Invocation
from core.commands.lifecycle import conclude, planned, write_plan
from core.commands.refusal import Status, refuse
from core.operations.run import run_plan


def run(call: Invocation) -> Status:
    """Add domains the store does not know."""
    if not call.hosts:
        refuse("must supply at least one domain name")
    membership = call.text("membership") or "Compute"
    with call.reading() as repository:
        if repository.memberships.find(membership) is None:
            refuse(f'could not get membership id for membership "{membership}"')
    store = call.context.open_store()
    with call.context.look(None) as look:
        plan = planned(call, "adopt", call.hosts, look, {"membership": membership})
        if call.options.dry_run:
            write_plan(call, plan)
            return Status.DONE
        results = run_plan(plan, look.hypervisors, store, call.context.who)
    return conclude(call, plan, results)


COMMAND = Command(
    words=("adopt", "host", "vm"),
    summary="Add domains that containers have and the store does not.",
    run=run,
    arguments=(Argument("domain", "names of domains; list host unknown shows them", many=True),),
    parameters=(Parameter("membership", "what the new VMs are (Compute)", noun=Noun.MEMBERSHIP),),
    examples=("adopt host vm stray-vm membership=Compute",),
    changes=True,
    plans=True,
)
