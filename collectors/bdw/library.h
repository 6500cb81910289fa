/* SPDX-License-Identifier: MIT */
/* The library's headers, without their macros that replace the names of
   pthreads. */
#ifndef BDW_LIBRARY_H
#define BDW_LIBRARY_H

#define GC_THREADS
#define GC_NO_THREAD_REDIRECTS
#include <gc/gc.h>
#include <gc/gc_inline.h>
#include <gc/gc_mark.h>

#endif
