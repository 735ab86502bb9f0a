"""An installer of the lab's own: a Debian kernel with an initramfs that behaves as Anaconda does where it matters.

It fetches the kickstart of ``inst.ks=`` with its MAC address in Anaconda's header, runs ``%pre``, obeys the partition
commands with sfdisk, mkfs and mkswap, "installs", runs ``%post --nochroot`` and reboots. What it leaves on the disk
boots: a boot sector that says so on the serial port.
"""
