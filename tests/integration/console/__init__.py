"""Serial consoles of real QEMU guests."""
