#include "CKernels.h"

// Only what says so is fused.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 16
#define TILE_ROWS 8
#define TILE_VECTORS 3
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "product.h"
#include "elementwise.h"
#pragma clang attribute pop

extern const plumb_kernels plumb_kernels_avx512;
const plumb_kernels plumb_kernels_avx512 = KERNELS("AVX-512");
#endif
