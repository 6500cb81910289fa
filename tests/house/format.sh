#!/bin/sh
# SPDX-License-Identifier: MIT
# Our code is as clang-format would write it. `make format` mends it.
# usage: format.sh ROOT [-i]
. "$(dirname "$0")/sources.sh"

if [ "${2-}" = -i ]; then
  code_files | xargs clang-format -i
else
  code_files | xargs clang-format --dry-run -Werror
fi
