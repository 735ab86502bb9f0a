#!/usr/bin/env bash
# Sets up and runs every check: format, lint, types, import rules, tests. "fast" leaves the real hypervisors,
# installers and database servers out; "xen" runs only what needs a real dom0; further words go to pytest.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/setup.sh
. "$ROOT/scripts/lib/setup.sh"

marks="not bench"
case ${1:-} in
fast) shift; marks="not bench and not real" ;;
xen) marks=$1; shift ;;
esac

ensure_venv mariadb,postgresql,install,dev
if [ "$marks" != "not bench and not real" ]; then
    skipped="the tests that need what is missing will say so and be skipped"
    case $(package_manager) in
    apt)
        install_packages "tests on real machines" libvirt-daemon libvirt-daemon-driver-qemu libvirt-daemon-system \
            libvirt-clients qemu-system-x86 qemu-utils openssh-server openssh-client busybox-static iproute2 cpio rsync \
            util-linux e2fsprogs tmux zsh procps dnsmasq-base || say "$skipped"
        install_packages "tests on real database servers" mariadb-server-core mariadb-client-core mariadb-client \
            postgresql || say "$skipped"
        install_packages "tests on real disks, and the sandbox" bubblewrap fdisk parted mdadm lvm2 dosfstools xfsprogs ||
            say "$skipped"
        install_packages "a Xen machine" mmdebstrap || say "$skipped"
        ;;
    dnf)
        install_packages "tests on real machines" libvirt-daemon-kvm libvirt-client qemu-kvm qemu-img openssh-server \
            openssh-clients busybox iproute cpio rsync util-linux e2fsprogs tmux zsh procps-ng || say "$skipped"
        install_packages "tests on real database servers" mariadb-server postgresql-server || say "$skipped"
        install_packages "tests on real disks, and the sandbox" bubblewrap parted mdadm lvm2 dosfstools xfsprogs ||
            say "$skipped"
        ;;
    esac
fi

cd "$ROOT"
failed=0
step() {
    say "$*"
    "$@" || failed=1
}
step .venv/bin/ruff format --check --quiet .
step .venv/bin/ruff check --quiet .
step .venv/bin/mypy
step .venv/bin/lint-imports
run_tests() {
    say "pytest -m \"$marks\" $*"
    .venv/bin/python -m pytest -q -m "$marks" "$@"
}
# Real machines under emulation share two cores in CI: what failed there is run once more by itself and named, so that
# a crowded moment is told from a fault. Exit status 1 of pytest means failed tests and nothing worse.
status=0
run_tests "$@" || status=$?
if [ "$status" -eq 1 ] && [ -n "${CI:-}" ]; then
    say "once more by itself, what failed above"
    status=0
    run_tests --last-failed --last-failed-no-failures none -v "$@" || status=$?
fi
[ "$status" -eq 0 ] || failed=1
[ "$failed" -eq 0 ] || die "a check failed, see above"
