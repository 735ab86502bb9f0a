"""What options of one line must be given together, or never: the releases' own checks after the words are matched.

Pure; any thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from partition_editor.document.directive import Directive, Problem
from partition_editor.options import fedora_age, is_rhel

Check = Callable[[Directive, str], Iterator[Problem]]


def check_constraints(directive: Directive, release: str) -> Iterator[Problem]:
    """Everything the release refuses about this combination of options."""
    for check in CHECKS.get(directive.command, ()):
        yield from check(directive, release)


def no_btrfs(release: str) -> bool:
    """RHEL 8 and later know no btrfs."""
    return is_rhel(release) and fedora_age(release) >= 28


def _clash(directive: Directive, option: str, message: str, rule: str = "KS013") -> Problem:
    given = directive.find(option)
    if given is None:
        return Problem(rule, message, directive.word.column, directive.word.length)
    return Problem(rule, message, given.column, given.length)


def _missing(directive: Directive, message: str) -> Problem:
    return Problem("KS005", message, directive.word.column, directive.word.length)


def _mount_point(directive: Directive, release: str) -> Iterator[Problem]:
    if not directive.arguments:
        yield _missing(directive, f"{directive.command} needs a mount point.")


def _resize(directive: Directive, release: str) -> Iterator[Problem]:
    if not directive.has("--resize"):
        return
    if directive.command == "part" and not directive.text("--onpart"):
        yield _clash(directive, "--resize", "--resize needs --onpart.")
    if directive.command == "logvol" and not _preexisting(directive):
        yield _clash(directive, "--resize", "--resize needs --useexisting.")
    if not directive.number("--size"):
        yield _clash(directive, "--resize", "--resize needs --size for the new size.")


def _tmpfs(directive: Directive, release: str) -> Iterator[Problem]:
    if fedora_age(release) < 20 or directive.text("--fstype") != "tmpfs":
        return
    if directive.has("--grow") or directive.number("--maxsize"):
        yield _clash(directive, "--fstype", "--fstype=tmpfs goes neither with --grow nor with --maxsize.")


def _mkfs(directive: Directive, release: str) -> Iterator[Problem]:
    if not directive.text("--mkfsoptions"):
        return
    if directive.has("--noformat"):
        yield _clash(directive, "--mkfsoptions", "--mkfsoptions has no effect with --noformat.")
    if directive.command == "btrfs" and directive.has("--useexisting"):
        yield _clash(directive, "--mkfsoptions", "--mkfsoptions has no effect with --useexisting.")
    if directive.text("--fsprofile"):
        yield _clash(directive, "--mkfsoptions", "--mkfsoptions and --fsprofile exclude each other.")


def _pbkdf(directive: Directive, release: str) -> Iterator[Problem]:
    if directive.number("--pbkdf-time") and directive.number("--pbkdf-iterations"):
        yield _clash(directive, "--pbkdf-time", "only one of --pbkdf-time and --pbkdf-iterations can be given.")


def _hw_passphrase(directive: Directive, release: str) -> Iterator[Problem]:
    if not directive.text("--hw-passphrase"):
        return
    if not directive.has("--encrypted") or not (directive.text("--luks-version") or "").startswith("luks2-"):
        text = "--hw-passphrase needs --encrypted and a hardware --luks-version (luks2-…)."
        yield _clash(directive, "--hw-passphrase", text)


def _btrfs_format(directive: Directive, release: str) -> Iterator[Problem]:
    if not no_btrfs(release):
        return
    if directive.text("--fstype") == "btrfs":
        yield _clash(directive, "--fstype", f"{release} has no btrfs.", "PT007")
    if directive.command == "part" and directive.arguments and directive.arguments[0].text.startswith("btrfs."):
        token = directive.arguments[0]
        yield Problem("PT007", f"{release} has no btrfs.", token.column, token.length)


def _preexisting(directive: Directive) -> bool:
    return directive.has("--useexisting") or directive.has("--noformat")


def _members(directive: Directive, release: str) -> Iterator[Problem]:
    members = directive.arguments[1:]
    what = "a name" if directive.command in ("volgroup", "stratispool") else "a mount point"
    existing = directive.has("--useexisting") or (directive.command != "stratispool" and directive.has("--noformat"))
    if not directive.arguments:
        yield _missing(directive, f"{directive.command} needs {what}.")
    elif not members and not existing:
        yield _missing(directive, f"{directive.command} needs members.")
    elif members and existing:
        text = f"an existing {directive.command} takes no members."
        yield Problem("KS013", text, members[0].column, members[-1].end - members[0].column)


def _raid_level(directive: Directive, release: str) -> Iterator[Problem]:
    if _preexisting(directive):
        if directive.text("--device") == "":
            yield _missing(directive, "an existing raid needs --device.")
    elif not directive.has("--level"):
        yield _missing(directive, "raid needs --level.")


def _reserved(directive: Directive, release: str) -> Iterator[Problem]:
    space, percent = directive.number("--reserved-space"), directive.number("--reserved-percent")
    if space is not None and space < 0:
        yield _clash(directive, "--reserved-space", "--reserved-space cannot be negative.", "KS003")
    if percent is not None and not 0 < percent < 100:
        yield _clash(directive, "--reserved-percent", "--reserved-percent must be 1 to 99.", "KS003")


def _thin(directive: Directive, release: str) -> Iterator[Problem]:
    if directive.has("--thin") and directive.has("--thinpool"):
        yield _clash(directive, "--thin", "--thin and --thinpool exclude each other.")
    if directive.has("--thin") and not directive.text("--poolname"):
        yield _clash(directive, "--thin", "--thin needs --poolname.")
    if directive.has("--thinpool"):
        return
    for option in ("--chunksize", "--metadatasize"):
        if directive.number(option):
            yield _clash(directive, option, f"{option} is for thin pools only.")


def _volume_size(directive: Directive, release: str) -> Iterator[Problem]:
    size, percent = directive.number("--size"), directive.number("--percent")
    if fedora_age(release) < 20:
        return
    sized = size or percent or directive.has("--recommended") or directive.has("--hibernation")
    if not sized and not _preexisting(directive):
        text = "logvol needs --size, --percent, --recommended, --hibernation or --useexisting."
        yield _missing(directive, text)
    if percent is not None and not 0 <= percent <= 100:
        yield _clash(directive, "--percent", "--percent must be 0 to 100.", "LV007")
    if fedora_age(release) >= 21 and size and percent:
        yield _clash(directive, "--percent", "--size and --percent exclude each other.", "LV007")


def _cache(directive: Directive, release: str) -> Iterator[Problem]:
    size, mode, pvs = directive.number("--cachesize"), directive.text("--cachemode"), directive.words("--cachepvs")
    if not (size or mode or pvs):
        return
    option = next(one for one in ("--cachesize", "--cachemode", "--cachepvs") if directive.has(one))
    if _preexisting(directive):
        yield _clash(directive, option, "an existing volume cannot get a cache.")
    if directive.has("--thin"):
        yield _clash(directive, option, "a thin volume cannot be cached.")
    if not pvs:
        yield _clash(directive, option, "a cache needs --cachepvs.")
    if not size:
        yield _clash(directive, option, "a cache needs --cachesize.")
    if mode and mode not in ("writeback", "writethrough"):
        yield _clash(directive, "--cachemode", "--cachemode is writeback or writethrough.", "KS003")


def _one_of_ignored(directive: Directive, release: str) -> Iterator[Problem]:
    choices = ["--drives", "--only-use"]
    if directive.table is not None and "--only-use" not in directive.table.options:
        return
    interactive = directive.table.options.get("--interactive") if directive.table is not None else None
    count = sum(bool(directive.words(one)) for one in choices)
    if interactive is not None and not interactive.deprecated:
        choices.append("--interactive")
        count += directive.has("--interactive")
    if count != 1:
        yield _missing(directive, f"ignoredisk needs exactly one of {', '.join(choices)}.")


def _bootloader(directive: Directive, release: str) -> Iterator[Problem]:
    location = directive.find("--location")
    if location is not None and location.value not in BOOT_LOCATIONS:
        yield _clash(directive, "--location", f"--location is {', '.join(BOOT_LOCATIONS)}.", "KS003")
    if "," in (directive.text("--boot-drive") or ""):
        yield _clash(directive, "--boot-drive", "--boot-drive takes one disk.")
    if directive.has("--sdboot") and directive.has("--extlinux"):
        yield _clash(directive, "--sdboot", "--sdboot and --extlinux exclude each other.")


BOOT_LOCATIONS = ("mbr", "partition", "none", "boot")

STRATIS_CLASHES = (
    "--luks-version", "--pbkdf", "--pbkdf-memory", "--pbkdf-time", "--pbkdf-iterations", "--hw-passphrase",
    "--escrowcert", "--backuppassphrase", "--cipher", "--fstype",
)  # fmt: skip


def autopart_scheme(directive: Directive) -> str | None:
    """``plain``, ``lvm``, ``thinp``, ``btrfs`` or ``stratis``; the last of ``--type`` and ``--nolvm`` counts."""
    for given in reversed(directive.given):
        if given.option.name == "--nolvm":
            return "plain"
        if given.option.name == "--type":
            name = (given.value or "").lower()
            return "plain" if name == "partition" else name
    return None


def _autopart(directive: Directive, release: str) -> Iterator[Problem]:
    scheme, fstype = autopart_scheme(directive), directive.text("--fstype")
    if scheme == "btrfs" and no_btrfs(release) and release != "RHEL11":
        yield _clash(directive, "--type", f"{release} has no btrfs.", "PT007")
    if fedora_age(release) >= 21 and fstype == "btrfs":
        yield _clash(directive, "--fstype", "write --type=btrfs instead of --fstype=btrfs.")
    if fedora_age(release) >= 21 and scheme == "btrfs" and fstype:
        yield _clash(directive, "--fstype", "--fstype does not go with --type=btrfs.")
    if directive.has("--hibernation") and directive.has("--noswap"):
        yield _clash(directive, "--noswap", "--noswap and --hibernation exclude each other.")
    if scheme == "stratis":
        for option in STRATIS_CLASHES:
            if directive.text(option) or (directive.has(option) and option == "--backuppassphrase"):
                yield _clash(directive, option, f"{option} does not go with --type=stratis.")


def _btrfs(directive: Directive, release: str) -> Iterator[Problem]:
    if not directive.arguments:
        yield _missing(directive, "btrfs needs a mount point.")
    elif len(directive.arguments) == 1:
        what = "the volume it belongs to" if directive.has("--subvol") else "members"
        yield _missing(directive, f"btrfs needs {what}.")
    if directive.has("--subvol") and not directive.text("--name"):
        yield _clash(directive, "--subvol", "--subvol needs --name.")


def _mount(directive: Directive, release: str) -> Iterator[Problem]:
    if len(directive.arguments) < 2:
        yield _missing(directive, "mount needs a device and a mount point.")
        return
    target = directive.arguments[1]
    if target.text.lower() != "none" and not target.text.startswith("/"):
        yield Problem("PT003", f'"{target.text}" is no mount point: begin it with "/".', target.column, target.length)
    if directive.text("--mkfsoptions") and not directive.has("--reformat"):
        yield _clash(directive, "--mkfsoptions", "--mkfsoptions needs --reformat.")


def _snapshot(directive: Directive, release: str) -> Iterator[Problem]:
    parts = directive.arguments[0].text.split("/") if directive.arguments else []
    if len(parts) != 2 or not all(parts):
        yield _missing(directive, "snapshot needs the volume: group/volume.")
    for given in directive.given:
        if given.option.name == "--when" and (given.value or "").lower() not in ("pre-install", "post-install"):
            yield _clash(directive, "--when", "--when is pre-install or post-install.", "KS003")


def _stratis_pool(directive: Directive, release: str) -> Iterator[Problem]:
    if directive.text("--passphrase") and not directive.has("--encrypted"):
        yield _clash(directive, "--passphrase", "--passphrase needs --encrypted.")


def _stratis_size(directive: Directive, release: str) -> Iterator[Problem]:
    if directive.number("--maxsize") and not directive.has("--grow"):
        yield _clash(directive, "--maxsize", "--maxsize needs --grow.")


CHECKS: dict[str, tuple[Check, ...]] = {
    "part": (_mount_point, _resize, _tmpfs, _mkfs, _pbkdf, _hw_passphrase, _btrfs_format),
    "raid": (_members, _raid_level, _mkfs, _pbkdf, _btrfs_format),
    "volgroup": (_members, _reserved),
    "logvol": (_mount_point, _resize, _thin, _volume_size, _cache, _mkfs, _pbkdf, _btrfs_format),
    "ignoredisk": (_one_of_ignored,),
    "bootloader": (_bootloader,),
    "autopart": (_autopart, _pbkdf, _hw_passphrase),
    "btrfs": (_btrfs, _mkfs),
    "mount": (_mount,),
    "snapshot": (_snapshot,),
    "stratispool": (_members, _stratis_pool),
    "stratisfs": (_mount_point, _stratis_size),
}
