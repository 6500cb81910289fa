/* SPDX-License-Identifier: MIT */
/* Huge pages for the library's heap. The library asks the system for
   memory in pieces, and reports only that it has grown, not where. So we search
   the list of mappings for those that contain one of its blocks. */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "collectors/bdw/bdw_heap.h"
#include "collectors/bdw/library.h"

/* The page-table entries of a smaller heap fit in the TLB. */
enum { BDW_HUGE_OVER = 64 << 20, BDW_HUGE_PAGE = 2 << 20 };

/* Other memory in front in the same mapping, perhaps a stack, is not changed. A
   free piece has a header for its first block only. */
static void mapping_ask(char *start, char *end) {
  enum { BLOCK = 4096 };
  gc_assert(start <= end);
  while (start < end && !GC_is_heap_ptr(start))
    start += BLOCK;
  if (end - start >= BDW_HUGE_PAGE)
    madvise(start, (size_t)(end - start), MADV_HUGEPAGE);
}

/* Called while threads run, so no thread is stopped in malloc. */
void gc_bdw_huge_pages_ask(size_t heap_bytes) {
  FILE *maps =
      heap_bytes > BDW_HUGE_OVER ? fopen("/proc/self/maps", "r") : NULL;
  char line[512];
  while (maps && fgets(line, sizeof line, maps)) {
    void *start, *end;
    char rights[5];
    unsigned long inode;
    int fields =
        sscanf(line, "%p-%p %4s %*s %*s %lu", &start, &end, rights, &inode);
    if (fields == 4 && inode == 0 && strcmp(rights, "rw-p") == 0)
      mapping_ask(start, end);
  }
  if (maps)
    fclose(maps);
}
