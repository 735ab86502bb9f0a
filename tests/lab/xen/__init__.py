"""Real Xen dom0s: built from Debian packages, booted by QEMU, reached as ``xen+ssh://`` on loopback."""
