/* SPDX-License-Identifier: MIT */
/* Numbers that a person wrote. The whole text must be the number: no spaces,
   nothing after it. */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

enum number_end { NUMBER_FINE, NUMBER_NONE, NUMBER_OUT_OF_RANGE };

enum number_end number_whole(const char *text, int64_t least, int64_t greatest,
                             int64_t *out);
/* The same for bytes or objects: k, M or G behind it, in either case, are
   powers of 1024. */
enum number_end number_sized(const char *text, int64_t least, int64_t greatest,
                             int64_t *out);
/* Decimal or, after 0x, hexadecimal. */
enum number_end number_seed(const char *text, uint64_t *out);
/* Plain decimal, perhaps with a point or an exponent. */
enum number_end number_real(const char *text, double least, double greatest,
                            double *out);

#endif
