#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that all C and C++ files are formatted as clang-format would do it.
# With -i, as in `make format`, formats them instead.
# usage: format.sh ROOT [-i]
. "$(dirname "$0")/sources.sh"

if [ "${2-}" = -i ]; then
  code_files | xargs clang-format -i
else
  code_files | xargs clang-format --dry-run -Werror
fi
