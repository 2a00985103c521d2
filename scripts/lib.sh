# shellcheck shell=bash
# Shared by the scripts: what the machine needs, and how it gets there. Sourced, not run.
# Every step is skipped when it has nothing to do, so a second run costs a fraction of a second.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="$ROOT/.venv"
RUN_PACKAGES=(ca-certificates mosquitto fonts-noto-core libfribidi0 libgl1 libegl1 libmtdev1 espeak-ng)
# Playwright's driver needs libatomic; a browser comes on top, see setup. The rest is for what docs/deploy holds.
TEST_PACKAGES=(openssl libatomic1 curl nginx-light systemd)

say() { printf '%s\n' "motcua: $*" >&2; }
die() {
    say "$1"
    shift
    printf '        %s\n' "$@" >&2
    exit 1
}

# --- Debian and Ubuntu packages ---------------------------------------------------------------

# Ubuntu 24.04 renamed some libraries to NAMEt64 and answers to the old name only in apt.
installed() { { dpkg-query -W -f='${db:Status-Status}\n' "$1" "${1}t64" 2>/dev/null || true; } | grep -qx installed; }

# Ubuntu's chromium package is an empty step towards a snap, which neither containers nor tests can use.
snap_chromium() { (. /etc/os-release 2>/dev/null && [ "${ID:-}" = ubuntu ]); }

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif [ -t 0 ]; then
        sudo "$@"
    else
        sudo -n "$@"
    fi
}

apt_install() {
    local missing=() package
    command -v dpkg-query >/dev/null || die "this machine is neither Debian nor Ubuntu." \
        "Install by hand what these packages hold, then set MOTCUA_NO_APT=1 and run again:" "$*"
    for package in "$@"; do installed "$package" || missing+=("$package"); done
    [ ${#missing[@]} -eq 0 ] && return
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        die "packages are missing, and this account is not root and has no sudo." \
            "As root, run: apt-get update && apt-get install ${missing[*]}"
    fi
    say "installing ${missing[*]}"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >/dev/null ||
        say "apt-get update failed; trying with the package lists that are there"
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y -o Dpkg::Use-Pty=0 --no-install-recommends "${missing[@]}" >/dev/null ||
        die "apt-get could not install: ${missing[*]}" \
            "See its message above. Often the network, the package sources or a password for sudo is missing." \
            "Then run again, or install them by hand: sudo apt-get install ${missing[*]}"
}

# --- Python -----------------------------------------------------------------------------------

# The distribution's own comes first: an office runs it, and a newer one in the path hides what fails there.
SYSTEM_PYTHON=/usr/bin/python3

good_python() { "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }
can_make_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

find_python() {
    local name
    for name in ${PYTHON:-} "$SYSTEM_PYTHON" python3 python3.13 python3.12 python3.11; do
        if good_python "$name" && can_make_venv "$name"; then
            command -v "$name"
            return
        fi
    done
    return 1
}

pick_python() {
    # It may lack only its venv module, which is no reason to pass it by.
    if [ -z "${MOTCUA_NO_APT:-}${PYTHON:-}" ] && good_python "$SYSTEM_PYTHON" && ! can_make_venv "$SYSTEM_PYTHON"; then
        (apt_install python3-venv) >&2 || true
    fi
    find_python && return
    [ -n "${MOTCUA_NO_APT:-}" ] || apt_install python3 python3-venv >&2
    find_python || die "no usable Python 3.11, 3.12 or 3.13 was found (3.14 is too new for Kivy 2.3.1)." \
        "Install one with its venv module (apt-get install python3 python3-venv), or set PYTHON=/path/to/python."
}

# What an environment for this purpose is made from. The path counts too: one that was moved has dead paths inside.
LOCKS_run=("$ROOT/requirements.lock")
LOCKS_test=("$ROOT/requirements.lock" "$ROOT/requirements-test.lock")
fingerprint() {
    local -n locks="LOCKS_$1"
    echo "$ROOT $(cat "${locks[@]}" "$ROOT/pyproject.toml" | sha256sum | cut -d' ' -f1)"
}

# make_venv run|test: an environment to run in becomes one to test in by adding, and then serves both.
make_venv() {
    local purpose="$1" python
    local -n locks="LOCKS_$1"
    [ "$(cat "$VENV/.motcua-$purpose" 2>/dev/null)" = "$(fingerprint "$purpose")" ] && good_python "$VENV/bin/python" && return
    if ! good_python "$VENV/bin/python" || grep -qsvF "$ROOT " "$VENV"/.motcua-*; then
        python="$(pick_python)" || exit 1
        say "making a Python environment in .venv with $("$python" -V)"
        rm -rf "$VENV"
        "$python" -m venv "$VENV" || die "the Python environment could not be made in $VENV." \
            "Check the space left (df -h .) and that this account may write here."
    fi
    say "installing the locked Python packages (a minute or two, once)"
    rm -f "$VENV/.motcua-run" "$VENV/.motcua-test" # what a failure leaves is neither
    pip_install --only-binary :all: --require-hashes "${locks[@]/#/--requirement=}"
    pip_install --no-deps --no-build-isolation -e "$ROOT"
    fingerprint run >"$VENV/.motcua-run"
    [ "$purpose" = run ] || fingerprint test >"$VENV/.motcua-test"
}

pip_install() {
    "$VENV/bin/python" -m pip install -qq --no-input --disable-pip-version-check "$@" ||
        die "pip could not install the packages." \
            "See its message above. Often the package registry is out of reach: check the network, and 'pip config list'" \
            "for a mirror or proxy. A wrong hash means a damaged download or a changed package: do not go on with it."
}

# --- Browser for the tests --------------------------------------------------------------------

playwright_browser() {
    local stamp="$VENV/.motcua-browser"
    [ -e "$stamp" ] && return
    say "installing Chromium for the tests through Playwright"
    as_root "$VENV/bin/playwright" install-deps chromium >/dev/null && "$VENV/bin/playwright" install chromium >/dev/null ||
        die "Playwright could not install Chromium." \
            "Check the network, then run again, or install Chromium by hand and set MOTCUA_CHROMIUM=/path/to/chromium."
    touch "$stamp"
}

# --- All together: setup [run|test] -------------------------------------------------------------

setup() {
    local purpose="${1:-run}"
    local before
    [[ "$purpose" =~ ^(run|test)$ ]] || die "set up for what? scripts/setup [run|test], not '$purpose'."
    before="$(umask)"
    umask 022 # services run this under accounts of their own, whatever root's umask is
    exec 9>"$ROOT/.setup.lock"
    flock 9 # two scripts started at once take turns
    if [ -z "${MOTCUA_NO_APT:-}" ]; then
        apt_install "${RUN_PACKAGES[@]}"
        [ "$purpose" != test ] || apt_install "${TEST_PACKAGES[@]}"
        [ "$purpose" != test ] || [ -n "${MOTCUA_CHROMIUM:-}" ] || snap_chromium || apt_install chromium
    fi
    make_venv "$purpose"
    if [ "$purpose" = test ] && [ -z "${MOTCUA_CHROMIUM:-}" ] && snap_chromium; then playwright_browser; fi
    exec 9>&-
    umask "$before"
}
