// For hot loops of integers and exact arithmetic: the widest vectors that the processor has, which give the same bits.
#pragma once

#if defined(__x86_64__) && !defined(__clang__) && __GNUC__ >= 12 && !defined(__SANITIZE_ADDRESS__)
#define REFLOOP_WIDE __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define REFLOOP_WIDE
#endif
