#!/bin/sh
# Take away what install-workers.sh installed. The same as `clerk uninstall-workers`, which it calls.
# Usage: uninstall-workers.sh [options of `clerk uninstall-workers`], in the folder that holds .env.
set -eu
exec sh "$(dirname "$0")/call-clerk.sh" uninstall-workers "$@"
