#!/bin/sh
# Finds clerk and the folder with .env, and calls clerk there with the arguments. Used by the scripts beside it.
set -eu
here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../.." && pwd -P)

# The services read the .env of the folder where they were installed: this one, or else that of the checkout.
if [ ! -f .env ] && [ -f "$root/.env" ]; then cd "$root"; fi
if [ ! -f .env ]; then
    echo "There is no .env in $(pwd -P): the services will have the default settings." >&2
fi

# A checkout has an environment of its own; a wheel lies in the environment that has clerk in its folder bin.
for clerk in "$root/.venv/bin/clerk" "$here/../../../../../../../bin/clerk"; do
    if [ -x "$clerk" ]; then exec "$clerk" "$@"; fi
done
if command -v clerk >/dev/null; then exec clerk "$@"; fi
echo "There is no clerk in $root/.venv/bin and none on PATH. Install it, or activate its environment." >&2
exit 1
