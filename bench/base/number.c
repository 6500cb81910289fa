/* SPDX-License-Identifier: MIT */
#include "bench/base/number.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The digits, and in `rest` what follows them. */
static enum number_end digits_read(const char *text, int64_t *out,
                                   const char **rest) {
  const char *digits = text + (*text == '-');
  /* strtoll would also take spaces and a plus sign. */
  if (!isdigit((unsigned char)*digits))
    return NUMBER_NONE;
  char *end;
  errno = 0;
  *out = strtoll(text, &end, 10);
  *rest = end;
  return errno == ERANGE ? NUMBER_OUT_OF_RANGE : NUMBER_FINE;
}

static enum number_end range_check(int64_t value, int64_t least,
                                   int64_t greatest, int64_t *out) {
  if (value < least || value > greatest)
    return NUMBER_OUT_OF_RANGE;
  *out = value;
  return NUMBER_FINE;
}

enum number_end number_whole(const char *text, int64_t least, int64_t greatest,
                             int64_t *out) {
  int64_t value;
  const char *rest = "";
  enum number_end end = digits_read(text, &value, &rest);
  if (*rest != '\0')
    return NUMBER_NONE;
  return end == NUMBER_FINE ? range_check(value, least, greatest, out) : end;
}

enum number_end number_sized(const char *text, int64_t least, int64_t greatest,
                             int64_t *out) {
  static const char units[] = "kmg";
  int64_t value, factor = 1;
  const char *rest = "";
  enum number_end end = digits_read(text, &value, &rest);
  if (end != NUMBER_NONE && *rest != '\0') {
    const char *unit = strchr(units, tolower((unsigned char)*rest));
    if (unit == NULL || rest[1] != '\0')
      return NUMBER_NONE;
    factor = (int64_t)1024 << 10 * (unit - units);
  }
  if (end == NUMBER_FINE && __builtin_mul_overflow(value, factor, &value))
    end = NUMBER_OUT_OF_RANGE;
  return end == NUMBER_FINE ? range_check(value, least, greatest, out) : end;
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
