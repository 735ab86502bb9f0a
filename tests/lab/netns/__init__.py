"""Two VM containers on this machine: network namespaces, each with its own libvirtd, sshd, disk and bridge.

Each container is a set of namespaces (network, mount, UTS, PID) under one first process; killing that process is
pulling the container's power cord. The test run is the frontend: it holds the bridge between them.

By hand: ``python -m tests.lab.netns up`` keeps a lab until ``down``; ``env`` prints how to use it.
"""
