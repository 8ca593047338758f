#include "CKernels.h"

// Only what says so is fused.
#pragma STDC FP_CONTRACT OFF

#if defined(__x86_64__)
#include <immintrin.h>

#define LANES 8
#define TILE_ROWS 4
#define TILE_VECTORS 2
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vectors.h"
#include "product.h"
#include "elementwise.h"
#pragma clang attribute pop

extern const plumb_kernels plumb_kernels_avx2;
const plumb_kernels plumb_kernels_avx2 = KERNELS("AVX2");
#endif
