# What both scripts share: system packages, virtual environment, pinned dependencies. Sourced, never run.
# Says what it does; does nothing, and needs no network, when everything is already there.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }
die() { printf 'error - %s\n' "$*" >&2; exit 1; }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null 2>&1; then sudo "$@"
    else die "need root to run: $*  (run it yourself, or install sudo, then start again)"
    fi
}

# Answers apt, dnf or none.
package_manager() {
    if command -v apt-get >/dev/null 2>&1; then echo apt
    elif command -v dnf >/dev/null 2>&1; then echo dnf
    else echo none
    fi
}

# Packages of the list that are not installed, one a line.
missing_packages() {
    local package
    for package in "$@"; do
        case $(package_manager) in
        apt) dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || echo "$package" ;;
        dnf) rpm -q --whatprovides "$package" >/dev/null 2>&1 || echo "$package" ;;
        esac
    done
}

# Installs what is missing of the list; status 1 when that cannot be done. On Debian the packages' services stay off.
install_packages() {
    local why=$1 missing status=0
    shift
    missing=$(missing_packages "$@" | tr '\n' ' ')
    [ -n "${missing// /}" ] || return 0
    say "installing system packages for $why: $missing"
    # shellcheck disable=SC2086
    case $(package_manager) in
    apt) apt_install $missing || status=1 ;;
    dnf)
        as_root dnf install -y -q $missing ||
            as_root dnf install -y -q --enablerepo='*crb*' --enablerepo='*codeready*' $missing || status=1
        ;;
    *) status=1 ;;
    esac
    [ "$status" -eq 0 ] || say "could not install: $missing"
    return "$status"
}

apt_install() {
    local policy=/usr/sbin/policy-rc.d made_policy="" status=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
        made_policy=yes
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 || {
        say "refreshing the package lists"
        as_root apt-get update -qq
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null || status=1
    }
    [ -z "$made_policy" ] || as_root rm -f "$policy"
    return "$status"
}

# The newest Python from 3.11 on, or nothing.
find_python() {
    local candidate
    for candidate in python3.13 python3.12 python3.11 python3 python3.14; do
        if command -v "$candidate" >/dev/null 2>&1 &&
            "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
}

# Python, a compiler and libvirt's headers: libvirt-python has no wheels.
ensure_base() {
    if [ -z "$(find_python)" ]; then
        case $(package_manager) in
        apt)
            install_packages "Python" python3 python3-venv python3-dev || :
            [ -n "$(find_python)" ] || install_packages "Python 3.11" python3.11 python3.11-venv python3.11-dev || :
            ;;
        dnf) install_packages "Python 3.12" python3.12 python3.12-devel python3.12-pip || : ;;
        *) die "Python 3.11 or newer is missing, and neither apt nor dnf is here to install it" ;;
        esac
    fi
    PYTHON=$(find_python)
    [ -n "$PYTHON" ] || die "no Python 3.11 or newer could be installed"
    [ -f "$ROOT/.venv/.quarry-libvirt" ] && return 0
    local purpose="building libvirt's Python binding" headers=""
    "$PYTHON" -c 'import os, sys, sysconfig
sys.exit(not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")))' ||
        headers=$("$PYTHON" -c 'import sys; print("python%d.%d-" % sys.version_info[:2])')
    case $(package_manager) in
    apt) install_packages "$purpose" gcc libc6-dev pkg-config libvirt-dev ${headers:+"${headers}dev"} ;;
    dnf) install_packages "$purpose" gcc pkgconf-pkg-config libvirt-devel ${headers:+"${headers}devel"} ;;
    *) pkg-config --exists libvirt 2>/dev/null ;;
    esac || die "libvirt's headers and a C compiler are needed: install gcc, pkg-config and libvirt-dev (or libvirt-devel)"
}

# ensure_venv EXTRAS: .venv with Quarry, editable, and the extras, at the pinned versions.
ensure_venv() {
    local extras=$1 stamp="$ROOT/.venv/.quarry-$1" wanted
    wanted=$(cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt" | cksum)
    if [ -x "$ROOT/.venv/bin/quarry" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] &&
        "$ROOT/.venv/bin/python" -c 'import libvirt, textual' 2>/dev/null; then
        return 0
    fi
    ensure_base
    if ! "$ROOT/.venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        say "making the virtual environment .venv with $("$PYTHON" --version)"
        "$PYTHON" -m venv --clear "$ROOT/.venv" || die "could not make $ROOT/.venv"
    fi
    say "installing pinned dependencies into .venv"
    "$ROOT/.venv/bin/python" -m pip install --quiet --disable-pip-version-check \
        -c "$ROOT/constraints.txt" -e "$ROOT[$extras]" || die "could not install Quarry's dependencies (is the package index reachable?)"
    : >"$ROOT/.venv/.quarry-libvirt"
    printf '%s' "$wanted" >"$stamp"
}
