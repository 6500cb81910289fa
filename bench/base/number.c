/* SPDX-License-Identifier: MIT */
#include "bench/base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum number_end number_whole(const char *text, int64_t least, int64_t greatest,
                             int64_t *out) {
  const char *digits = text + (*text == '-');
  /* strtoll would also take spaces and a plus sign. */
  if (!isdigit((unsigned char)*digits))
    return NUMBER_NONE;
  char *end;
  errno = 0;
  long long value = strtoll(text, &end, 10);
  if (*end != '\0')
    return NUMBER_NONE;
  if (errno == ERANGE || value < least || value > greatest)
    return NUMBER_OUT_OF_RANGE;
  *out = value;
  return NUMBER_FINE;
}

enum number_end number_seed(const char *text, uint64_t *out) {
  if (!isdigit((unsigned char)*text))
    return NUMBER_NONE;
  int base = text[0] == '0' && text[1] == 'x' ? 16 : 10;
  if (base == 16 && !isxdigit((unsigned char)text[2]))
    return NUMBER_NONE;
  char *end;
  errno = 0;
  unsigned long long value = strtoull(text, &end, base);
  if (*end != '\0')
    return NUMBER_NONE;
  if (errno == ERANGE)
    return NUMBER_OUT_OF_RANGE;
  *out = value;
  return NUMBER_FINE;
}

enum number_end number_real(const char *text, double least, double greatest,
                            double *out) {
  /* Keeps strtod from reading spaces, hexadecimal, inf and nan. */
  if (*text == '\0' || text[strspn(text, "+-.0123456789eE")] != '\0')
    return NUMBER_NONE;
  char *end;
  double value = strtod(text, &end);
  if (end == text || *end != '\0')
    return NUMBER_NONE;
  if (!(value >= least && value <= greatest))
    return NUMBER_OUT_OF_RANGE;
  *out = value;
  return NUMBER_FINE;
}
