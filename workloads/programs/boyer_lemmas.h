/* SPDX-License-Identifier: MIT */
#ifndef WORKLOAD_BOYER_LEMMAS_H
#define WORKLOAD_BOYER_LEMMAS_H

/* Pairs of terms, as text. In a term, what stands after a parenthesis is an
   operator; other names are variables. */
extern const char boyer_lemmas[];

/* The term that is proved, after these bindings have replaced its variables:
   pairs of a variable and a term. */
extern const char boyer_theorem[];
extern const char boyer_bindings[];

#endif
