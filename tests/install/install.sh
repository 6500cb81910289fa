#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs a build into a fresh folder.
# usage: install.sh CMAKE BUILD PREFIX
set -eu
rm -rf "$3"
"$1" --install "$2" --prefix "$3" >/dev/null

# What shells and man look for, made by the program itself.
for file in man/man1/sweepstakes.1 bash-completion/completions/sweepstakes \
  zsh/site-functions/_sweepstakes; do
  test -s "$3/share/$file" || {
    echo "install.sh: $file is missing or empty" >&2
    exit 1
  }
done
