#!/bin/sh
# Make .venv and install requirements.lock and clerk itself into it. Called by `make`, from the project root.
# Arguments: the stamp to write at the end, and, when the caller chose one, the Python to use.
# An installation that was interrupted is continued by the next call.
set -eu
stamp=$1
chosen=${2:-}
root=$(pwd -P)
venv_python=.venv/bin/python
is_supported='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))'

fail() {
    echo "$1" >&2
    exit 1
}

# One candidate a line: the chosen Python, or every python3, python3.12 and python3.11 on PATH.
candidates() {
    if [ -n "$chosen" ]; then
        command -v "$chosen" || true
        return
    fi
    for name in python3 python3.12 python3.11; do
        (
            IFS=:
            for folder in $PATH; do
                if [ -f "$folder/$name" ] && [ -x "$folder/$name" ]; then echo "$folder/$name"; fi
            done
        )
    done
}

# A .venv that was moved or copied here runs the programs of the place where it was made.
is_usable() {
    "$venv_python" -c "$is_supported" 2>/dev/null || return 1
    "$venv_python" -m pip --version >/dev/null 2>&1 || return 1
    ! grep -q '^command = ' .venv/pyvenv.cfg || grep -qF " $root/.venv" .venv/pyvenv.cfg
}

# Some systems ship Python without what makes environments (Debian: python3-venv), hence the next candidate.
make_venv() {
    candidates >"$list"
    unable=
    while IFS= read -r python; do
        "$python" -c "$is_supported" 2>/dev/null </dev/null || continue
        rm -rf .venv
        if "$python" -m venv "$root/.venv" >/dev/null 2>&1 </dev/null && is_usable; then return; fi
        rm -rf .venv
        unable=$python
    done <"$list"
    if [ -n "$unable" ]; then
        fail "$unable cannot make a virtual environment with pip: install its venv package (Debian, Ubuntu: python3-venv), or name another Python 3.11 or 3.12 with PYTHON=/path/to/it."
    fi
    if [ -n "$chosen" ]; then
        fail "clerk needs Python 3.11 or 3.12; PYTHON=$chosen is $("$chosen" --version 2>/dev/null || echo 'not there')."
    fi
    fail "clerk needs Python 3.11 or 3.12; python3 on PATH is $(python3 --version 2>/dev/null || echo 'not there'). Install one, or name it with PYTHON=/path/to/it."
}

# pip writes RECORD last; without it a package is half there, and pip would take it for installed.
forget_half_installed() {
    for info in .venv/lib/python3*/site-packages/*.dist-info; do
        if [ -d "$info" ] && [ ! -f "$info/RECORD" ]; then rm -rf "$info"; fi
    done
}

list=$(mktemp)
trap 'rm -f "$list"' EXIT
rm -f "$stamp"
is_usable || make_venv
echo "Installing into .venv (about a minute the first time)"
forget_half_installed
"$venv_python" -m pip install -qq --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
"$venv_python" -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation --editable .
echo "$root" >"$stamp"
