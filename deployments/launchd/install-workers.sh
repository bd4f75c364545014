#!/bin/sh
# Install the services of this machine, LaunchAgents on macOS. The same as `clerk install-workers`, which it calls.
# Usage: install-workers.sh [options of `clerk install-workers`], in the folder that holds .env.
set -eu
exec sh "$(dirname "$0")/call-clerk.sh" install-workers "$@"
