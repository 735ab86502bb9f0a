"""What an installing node says and what decides about it, for tests."""

from __future__ import annotations

from core.install.source import AskOperator, PartitionQuestion


class AlwaysAsk:
    """Without schemes: every node waits for its operator."""

    def answer(self, question: PartitionQuestion) -> AskOperator:
        """Wait."""
        return AskOperator()


BLANK_DISK = """\
= disk vda 8388608
 Error: /dev/vda: unrecognised disk label
 Model: Virtio Block Device (virtblk)
 Disk /dev/vda: 4295MB
 Partition Table: unknown
= blank vda
"""

OLD_DISK = """\
= disk vda 8388608
 Model: Virtio Block Device (virtblk)
 Disk /dev/vda: 4295MB
 Sector size (logical/physical): 512B/512B
 Partition Table: msdos
 Disk Flags:

 Number  Start   End     Size    Type     File system     Flags
  1      1049kB  2148MB  2147MB  primary  ext4            boot
  2      2148MB  2685MB  537MB   primary  linux-swap(v1)
  3      2685MB  4295MB  1610MB  primary  ext4
= stamp vda1
= fstab vda1
 UUID=aa-1 / ext4 defaults 1 1
= uuid vda1
 aa-1
= label vda3
 /state/partition1
"""

INSTALLED = (
    OLD_DISK.replace("= stamp vda1\n= fstab vda1\n UUID=aa-1 / ext4 defaults 1 1\n", "")
    + """\
= fstab installed
 UUID=aa-1 / ext4 defaults 1 1
 /dev/vda2 swap swap defaults 0 0
 LABEL=/state/partition1 /state/partition1 ext4 defaults 1 2
"""
)


def report(*sections: str) -> bytes:
    """A whole report."""
    return "".join(("= report 1\n", *sections)).encode()
