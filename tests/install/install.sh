#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs a build into a fresh folder.
# usage: install.sh CMAKE BUILD PREFIX
set -eu
rm -rf "$3"
"$1" --install "$2" --prefix "$3" >/dev/null
