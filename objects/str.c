/* SPDX-License-Identifier: MIT */
#include "objects/str.h"

/* Two bytes are one of U+0080 to U+00FF if the first is C2 or C3. */
size_t gc_py_str_shared_at(const char *bytes, size_t length) {
  const uint8_t *u = (const uint8_t *)bytes;
  if (length == 0)
    return GC_PY_AT_EMPTY_STR;
  if (length == 1 && u[0] < 0x80)
    return (size_t)GC_PY_AT_LETTERS + u[0];
  if (length == 2 && (u[0] == 0xc2 || u[0] == 0xc3))
    return (size_t)GC_PY_AT_LETTERS + ((u[0] & 3u) << 6 | (u[1] & 0x3fu));
  return 0;
}

/* All but continuation bytes begin a character. */
size_t gc_py_str_points(gc_ref str) {
  const struct gc_py_str *data = gc_py_str_data(str);
  size_t points = 0;
  for (size_t i = 0; i < data->length; i++)
    points += ((uint8_t)data->bytes[i] & 0xc0) != 0x80;
  return points;
}

static uint64_t mix(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);
  return hash ^ hash >> 29;
}

uint32_t gc_py_hash_bytes(const char *bytes, size_t length) {
  uint64_t hash = length, word = 0;
  for (; length >= sizeof word; bytes += 8, length -= 8) {
    memcpy(&word, bytes, sizeof word);
    hash = mix(hash, word);
  }
  word = 0;
  memcpy(&word, bytes, length);
  uint32_t result = (uint32_t)(mix(hash, word) >> 32);
  return result != 0 ? result : 1;
}

/* Two threads that call it at the same time store the same value. */
uint32_t gc_py_str_hash(gc_ref str) {
  struct gc_py_str *data = gc_py_leaf_data(str);
  uint32_t hash = __atomic_load_n(&data->hash, __ATOMIC_RELAXED);
  if (hash == 0) {
    hash = gc_py_hash_bytes(data->bytes, data->length);
    __atomic_store_n(&data->hash, hash, __ATOMIC_RELAXED);
  }
  return hash;
}

bool gc_py_str_is(gc_ref str, const char *bytes, size_t length) {
  const struct gc_py_str *data = gc_py_str_data(str);
  return data->length == length && memcmp(data->bytes, bytes, length) == 0;
}

bool gc_py_str_equal(gc_ref a, gc_ref b) {
  return a == b || gc_py_str_is(a, gc_py_str_bytes(b), gc_py_str_length(b));
}

/* If one string is empty, the result is the other one, as in Python. So the
   result is never a copy of a shared string: the others have one character,
   whose bytes are never divided between two strings. `out` is neither. */
static gc_ref join(const struct gc_py *py, gc_root *out, const gc_root *a,
                   const gc_root *b) {
  size_t first = gc_py_str_length(gc_root_get(a));
  size_t second = gc_py_str_length(gc_root_get(b));
  if (first == 0 || second == 0) {
    gc_root_set(py->m, out, gc_root_get(first == 0 ? b : a));
    return gc_root_get(out);
  }
  gc_ref str = gc_py_str_blank(py, out, first + second);
  if (GC_UNLIKELY(str == NULL))
    return NULL;
  char *bytes = ((struct gc_py_str *)gc_py_leaf_data(str))->bytes;
  memcpy(bytes, gc_py_str_bytes(gc_root_get(a)), first);
  memcpy(bytes + first, gc_py_str_bytes(gc_root_get(b)), second);
  return str;
}

gc_ref gc_py_str_join_any(const struct gc_py *py, gc_root *out,
                          const gc_root *a, const gc_root *b) {
  GC_FRAME(py->m, f, str);
  if (out != a && out != b)
    return join(py, out, a, b);
  gc_ref str = join(py, &f.str, a, b);
  if (str != NULL)
    gc_root_move(py->m, out, &f.str);
  return str;
}
