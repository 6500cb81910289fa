#!/bin/sh
# SPDX-License-Identifier: MIT
# Checks that CITATION.cff and CHANGELOG.md name the version in CMakeLists.txt
# as the newest one.
. "$(dirname "$0")/sources.sh"

version=$(sed -n 's/^project(sweepstakes VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
{
  grep -qx "version: $version" CITATION.cff ||
    echo "CITATION.cff: not version $version"
  grep -m 1 '^## ' CHANGELOG.md | grep -qF "## $version" ||
    echo "CHANGELOG.md: the newest version is not $version"
} | report
