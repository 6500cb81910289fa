#!/bin/sh
# SPDX-License-Identifier: MIT
# Our code is formatted by clang-format. `make format` repairs it.
# usage: format.sh ROOT [-i]
. "$(dirname "$0")/sources.sh"

if [ "${2-}" = -i ]; then
  code_files | xargs clang-format -i
else
  code_files | xargs clang-format --dry-run -Werror
fi
