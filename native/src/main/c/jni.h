/*
 * As much of the JNI as the library needs.
 *
 * Of the JNI only three functions are needed. They are taken from the table at their places in the
 * specification, so that no header of a JDK is needed to compile for another system.
 */
#ifndef MFT_JNI_H
#define MFT_JNI_H

#include "simd.h"

typedef void *jobject;
typedef void *const *const *Env; /* points to the pointer to the table of functions */

enum { GET_CRITICAL = 222, RELEASE_CRITICAL = 223, GET_DIRECT_ADDRESS = 230 };
enum { WRITTEN = 0, ONLY_READ = 2 /* JNI_ABORT: nothing to copy back, should it be a copy */ };

#define HEAD Env env, jobject type

struct pinned {
  jobject array;
  void *data;
};

INLINE struct pinned pin(Env env, jobject array) {
  struct pinned p = {array, 0};
  if (array) {
    p.data = ((void *(*)(Env, jobject, uint8_t *))(*env)[GET_CRITICAL])(env, array, 0);
  }
  return p;
}

INLINE void unpin(Env env, struct pinned p, int32_t mode) {
  if (p.array) {
    ((void (*)(Env, jobject, void *, int32_t))(*env)[RELEASE_CRITICAL])(env, p.array, p.data, mode);
  }
}

/* Declares `float *name`, in the Java array name##_array from name##_at on. */
#define PIN(name)                                           \
  struct pinned name##_pinned = pin(env, name##_array);     \
  float *name = name##_array ? (float *)name##_pinned.data + name##_at : 0
#define PIN_INTS(name)                                      \
  struct pinned name##_pinned = pin(env, name##_array);     \
  const int32_t *name = (const int32_t *)name##_pinned.data + name##_at
#define UNPIN(name, mode) unpin(env, name##_pinned, mode)
#define FLOATS(name) jobject name##_array, int32_t name##_at
#define INTS(name) jobject name##_array, int32_t name##_at

#endif
