"""Where disks come from: the store, lsblk, parted, words typed in."""
