#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that every source file names its licence in its first two lines.
. "$(dirname "$0")/sources.sh"

source_files | while read -r file; do
  head -n 2 "$file" | grep -q 'SPDX-License-Identifier: MIT' ||
    echo "$file: no SPDX line"
done | report
