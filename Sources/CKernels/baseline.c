#include "CKernels.h"

// Only what says so is fused.
#pragma STDC FP_CONTRACT OFF

#define LANES 4
#define TILE_ROWS 4
#define TILE_VECTORS 2
#if defined(__x86_64__)
#define WITHOUT_FMA
#endif
#include "vectors.h"
#include "product.h"
#include "elementwise.h"

const plumb_kernels plumb_kernels_baseline = KERNELS("baseline");
