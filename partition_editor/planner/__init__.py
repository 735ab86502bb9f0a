"""What the installer would make of a text on given disks."""
