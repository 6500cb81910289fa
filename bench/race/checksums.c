/* SPDX-License-Identifier: MIT */
#include "bench/race/checksums.h"

#include <string.h>

#include "bench/base/columns.h"

struct checksums checksums_make(struct pool *pool, size_t workloads) {
  return (struct checksums){pool, pool_alloc(pool, workloads * sizeof(char *)),
                            pool_alloc(pool, workloads * sizeof(char *))};
}

void checksums_check(struct checksums *c, struct pool *pool, size_t workload,
                     const char **fields) {
  const char *sum = fields[RUN_CHECKSUM];
  if (strcmp(fields[RUN_THREADS], "1") != 0 || sum == NULL || *sum == '\0' ||
      strcmp(fields[RUN_STATUS], "ok") != 0)
    return;
  const char **expected = &c->expected[workload], **run = &c->runs[workload];
  if (*expected == NULL) {
    *expected = pool_copy(c->pool, sum, strlen(sum));
    *run = pool_copy(c->pool, fields[RUN_RUN], strlen(fields[RUN_RUN]));
  } else if (strcmp(*expected, sum) != 0) {
    fields[RUN_STATUS] = "wrong";
    fields[RUN_ERROR] = pool_format(
        pool, "the checksum is not %s, as in run %s", *expected, *run);
  }
}
