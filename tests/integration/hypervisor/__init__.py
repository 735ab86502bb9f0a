"""The hypervisor door against real containers."""
