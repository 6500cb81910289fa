/* SPDX-License-Identifier: MIT */
/* The library's headers, without what they would put in place of the names of
   pthreads. */
#ifndef BDW_LIBRARY_H
#define BDW_LIBRARY_H

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>

#endif
