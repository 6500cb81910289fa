/* SPDX-License-Identifier: MIT */
/* Roots on the stack for programs in C++. GC_FRAME works in C++, too; gc::frame
   is for roots that are numbered, or that are members of another object on the
   stack. Both are left when an exception passes. */
#ifndef GC_FRAME_HPP
#define GC_FRAME_HPP

#ifndef SWEEPSTAKES_H
#error "include <sweepstakes.hpp>, which includes this file"
#endif

namespace gc {

/* `count` empty roots of a mutator, from construction to destruction:

     gc::frame<2> roots(m);
     gc_new(m, &roots[0], type);

   Frames are left in reverse order of entering, as scopes are. So a frame is
   neither copied nor moved, nor made by `new`. */
template <std::size_t count> class frame {
public:
  explicit frame(gc_mutator *m)
      : memory{}, scope(gc_frame_enter(m, &memory.header, count)) {}
  ~frame() { gc_scope_leave(&scope); }
  frame(const frame &) = delete;
  frame &operator=(const frame &) = delete;
  static void *operator new(std::size_t) = delete;
  static void *operator new[](std::size_t) = delete;

  gc_root &operator[](std::size_t i) {
    gc_require(i < count, "gc::frame: there is no root of this number");
    return memory.roots[i];
  }

private:
  struct {
    gc_frame header;
    gc_root roots[count];
  } memory;
  gc_scope scope;
};

} // namespace gc

#endif
