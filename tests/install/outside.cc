// SPDX-License-Identifier: MIT
// A program in C++ outside this tree. Threads build lists in frames of both
// kinds, and exceptions leave them.
#include <sweepstakes.hpp>

#include "objects/instance.h"
#include "objects/intern.h"
#include "objects/number.h"
#include "objects/sequence.h"
#include "objects/weakref.h"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

namespace {

constexpr int threads = 2, length = 1000, rounds = 5;
gc_type node_type;
gc_root shared; // global

void require(bool condition, const char *sentence) {
  if (!condition) {
    std::fprintf(stderr, "outside: %s\n", sentence);
    std::exit(1);
  }
}

int &number_of(gc_ref node) {
  return *static_cast<int *>(gc_bytes(node));
}

void push(gc_mutator *m, gc_root *list, int number) {
  GC_FRAME(m, f, node);
  gc_ref node = gc_new(m, &f.node, node_type);
  if (node == nullptr)
    throw std::bad_alloc();
  number_of(node) = number;
  gc_set(m, node, 0, gc_root_get(list));
  gc_root_move(m, list, &f.node);
}

// A frame of each kind is open when this throws.
void push_and_throw(gc_mutator *m, gc_root *list) {
  gc::frame<3> roots(m);
  for (std::size_t i = 0; i < 3; i++)
    push(m, &roots[i], static_cast<int>(i));
  GC_FRAME(m, f, copy);
  gc_root_set(m, &f.copy, gc_root_get(&roots[2]));
  push(m, list, -1);
  throw std::runtime_error("on purpose");
}

void check(gc_ref node) {
  for (int i = length; i-- > 0; node = gc_get(node, 0))
    require(node != nullptr && number_of(node) == i, "a list has changed");
  require(node == nullptr, "a list is longer");
}

void one_round(gc_mutator *m) {
  gc::frame<2> roots(m);
  for (int i = 0; i < length; i++)
    push(m, &roots[0], i);
  bool was_thrown = false;
  try {
    push_and_throw(m, &roots[1]);
  } catch (const std::runtime_error &) {
    was_thrown = true;
  }
  require(was_thrown, "the exception was lost");
  gc_collect(m, GC_FULL);
  gc_global_set(m, &shared, gc_root_get(&roots[0]));
  check(gc_root_get(&roots[0]));
  require(gc_cas(m, gc_root_get(&roots[1]), 0, nullptr, nullptr),
          "the slot is not empty");
}

void run(gc_heap *heap) {
  gc_mutator *m = gc_attach(heap);
  require(m != nullptr, "no mutator");
  for (int round = 0; round < rounds; round++)
    one_round(m);
  require(gc_frames_mark(m) == nullptr, "a frame was not left");
  gc_detach(m);
}

// The headers of the Python-like objects are C++, too.
void use_objects(gc_mutator *m) {
  gc_py_world *world;
  require(gc_py_open(m, nullptr, &world) == 0, "no world");
  {
    const gc_py py = {m, world};
    GC_FRAME(m, f, list, item);
    gc_py_list(&py, &f.list, nullptr, 0);
    for (int i = 0; i < length; i++) {
      gc_py_int(&py, &f.item, i);
      gc_py_list_append(&py, &f.list, &f.item);
    }
    require(gc_py_list_length(gc_root_get(&f.list)) == length, "a short list");
  }
  gc_py_close(m, world);
}

} // namespace

int main() {
  gc_type_desc node = {};
  node.name = "node";
  node.refs = 1;
  node.bytes = sizeof(int);
  node_type = gc_type_define(&node);
  gc_options options = {};
  options.heap_bytes = 64 << 20;
  gc_heap *heap;
  require(gc_heap_create(&options, &heap) == 0, "no heap");
  gc_global_add(heap, &shared);
  std::vector<std::thread> others;
  for (int i = 0; i < threads; i++)
    others.emplace_back(run, heap);
  for (std::thread &other : others)
    other.join();
  gc_mutator *m = gc_attach(heap);
  check(gc_root_get(&shared));
  use_objects(m);
  require(gc_verify(m) == 0, "the heap breaks an invariant");
  gc_global_remove(m, &shared);
  gc_detach(m);
  gc_heap_destroy(heap);
  static_assert(SWEEPSTAKES_VERSION_NUMBER >= 200, "the version is a number");
  std::puts("outside: all lists are whole in " SWEEPSTAKES_VERSION);
}
