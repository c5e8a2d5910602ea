/* The products of bf16.h for Java: the methods of org.mobilefinetuner.jni.Bf16Library. */
#include "bf16.h"
#include "jni.h"

#define JAVA(type, name) EXPORT type Java_org_mobilefinetuner_jni_Bf16Library_##name

JAVA(int32_t, depth)(HEAD, int32_t k) {
  (void)env, (void)type;
  return (int32_t)mft_bf16_depth(k);
}

#define KERNEL(name) mft_bf16_##name
#include "jni_products.h"
