#!/usr/bin/env bash
# Sets up all Quarry needs and opens it on a demo fleet. With --check: a short tour without a terminal, printed as text.
set -euo pipefail
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/setup.sh
. "$ROOT/scripts/lib/setup.sh"

case ${1:-} in
"" | --check) ;;
-h | --help)
    echo "usage: scripts/demo.sh [--check]"
    echo "Opens Quarry on a demo fleet; --check tours it without a terminal and prints the screens."
    exit 0
    ;;
*) die "unknown argument \"$1\" (known: --check)" ;;
esac

ensure_venv mariadb,postgresql,install
cd "$ROOT"
if [ "${1:-}" = --check ]; then
    exec .venv/bin/python -m tui.tour
fi
if [ ! -t 0 ] || [ ! -t 1 ]; then
    die "the demo needs a terminal; without one run: scripts/demo.sh --check"
fi
exec .venv/bin/quarry --demo
