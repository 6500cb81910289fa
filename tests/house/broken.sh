#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests the other checks in this folder. Each check must pass on a correct tree,
# and must report the fault in a tree that has a single one.
set -u
checks=$(cd "$(dirname "$0")" && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
failed=0

put() { # path, then the lines after the SPDX line
  mkdir -p "$tree/$(dirname "$1")"
  file=$tree/$1
  shift
  printf '%s\n' '/* SPDX-License-Identifier: MIT */' "$@" >"$file"
}

sound_tree() {
  rm -rf "${tree:?}"/*
  cp "$checks/../../.clang-format" "$tree"
  put heap/sweepstakes.h '#include "heap/object.h"' '#include <collector.h>'
  put heap/object.h '/* Note [Rules]' '   Be kind. */'
  put heap/object.c '#include "heap/object.h"'
  put collectors/rc/collector.h '#include "heap/object.h"' 'int rc_count(void);'
  put collectors/rc/rc.c '#include "collectors/shared/counting/count.h"'
  put collectors/shared/counting/count.h '#include <collector.h>'
  put bench/stats/mean.c '#include "bench/stats/mean.h"'
  put bench/stats/mean.h 'int mean(void);'
  put bench/front/main.c '#include "bench/stats/mean.h"'
  put workloads/empty.c '#include "heap/sweepstakes.h"' '/* Note [Rules] */'
  printf '%s\n' '# SPDX-License-Identifier: MIT' \
    'project(sweepstakes VERSION 1.2.3 LANGUAGES C)' >"$tree/CMakeLists.txt"
  echo 'version: 1.2.3' >"$tree/CITATION.cff"
  printf '# Changes\n\n## 1.2.3 (today)\n\n## 1.2.2\n' >"$tree/CHANGELOG.md"
  mkdir "$tree/docs"
  (cd "$tree" && find . -name '*.[ch]' -o -name CMakeLists.txt | sed 's/^\.\/\(.*\)/- `\1`: a file/') \
    >"$tree/docs/code-index.md"
}

expect() { # check, the sentence that it must say
  if output=$("$checks/$1.sh" "$tree" 2>&1); then
    echo "$1 passed, though: $2"
    failed=1
  elif ! printf '%s\n' "$output" | grep -qF "$2"; then
    printf '%s did not say: %s\nbut:\n%s\n' "$1" "$2" "$output"
    failed=1
  fi
}

sound_tree
for check in includes notes code_index spdx neutral format version; do
  "$checks/$check.sh" "$tree" || {
    echo "$check failed on a correct tree"
    failed=1
  }
done

put heap/object.c '#include "heap/gone.h"'
expect includes 'heap/object.c includes "heap/gone.h", which is not in the tree'
put heap/object.c '#include "collectors/rc/collector.h"'
expect includes 'heap may not see collectors'
put heap/object.c '#include "heap/sweepstakes.h"'
expect includes 'it is compiled once, for all collectors'
sound_tree
put heap/object.h '#include "heap/sweepstakes.h"'
expect includes 'input contains a loop'
sound_tree
put bench/stats/mean.c '#include "bench/front/main.h"'
put bench/front/main.h 'int main(void);'
expect includes 'bench/stats may not see bench/front'
put bench/runner/run.c '#include "bench/micro/micro.h"'
put bench/micro/micro.h 'int micro(void);'
expect includes 'bench/runner may not see bench/micro'
sound_tree
put collectors/gen/collector.h '#include "collectors/rc/word.h"'
put collectors/rc/word.h 'int word(void);'
expect includes 'collectors/gen may not see collectors/rc'
put collectors/shared/counting/count.h '#include "collectors/rc/word.h"'
expect includes 'collectors/shared/counting may not see collectors/rc'
sound_tree
# No two files include each other, but two folders do.
put collectors/shared/blocks/block.h 'int block(void);'
put collectors/shared/blocks/sweep.c '#include "collectors/shared/marking/mark.h"'
put collectors/shared/marking/mark.h 'int mark(void);'
put collectors/shared/marking/mark.c '#include "collectors/shared/blocks/block.h"'
expect includes 'input contains a loop'
sound_tree
put workloads/empty.c '#include "heap/object.h"'
expect includes 'workloads sees heap/sweepstakes.h alone'

sound_tree
put workloads/empty.c '/* What follows is right by Note' '   [Unwritten]. */'
expect notes 'there is no Note [Unwritten]'
put heap/object.c '/* Note [Rules]' '   Be unkind. */'
expect notes 'Note [Rules] stands in'

sound_tree
put workloads/new.c ''
expect code_index 'workloads/new.c: not in docs/code-index.md'
rm "$tree/workloads/new.c" "$tree/heap/object.c"
expect code_index 'heap/object.c: in docs/code-index.md once too often'

sound_tree
echo 'int x;' >"$tree/heap/object.c"
expect spdx 'heap/object.c: no SPDX line'

put workloads/empty.c 'int n = rc_count();'
expect neutral 'names rc'
put workloads/empty.c 'const char *best = "rc";'
expect neutral 'names rc'

sound_tree
put heap/object.c 'int   x;'
expect format 'code should be clang-formatted'

sound_tree
echo 'version: 1.2.2' >"$tree/CITATION.cff"
expect version 'CITATION.cff: not version 1.2.3'
printf '# Changes\n\n## 1.2.2\n\n## 1.2.3\n' >"$tree/CHANGELOG.md"
expect version 'CHANGELOG.md: the newest version is not 1.2.3'

sound_tree
put heap/object.c 'int gc_right; int wrong;'
cc -c -o "$tree/object.o" "$tree/heap/object.c"
ar rc "$tree/libsweepstakes-rc.a" "$tree/object.o"
expect symbols 'libsweepstakes-rc.a: wrong has no gc_ prefix'

exit $failed
