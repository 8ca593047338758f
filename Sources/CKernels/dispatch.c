#include "CKernels.h"

#if defined(__x86_64__)
extern const plumb_kernels plumb_kernels_avx512;
extern const plumb_kernels plumb_kernels_avx2;

static _Bool has_avx512(void) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
static _Bool has_avx2(void) { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }
#endif

const plumb_kernels *plumb_kernels_at(size_t index) {
#if defined(__x86_64__)
    if (has_avx512() && index-- == 0) return &plumb_kernels_avx512;
    if (has_avx2() && index-- == 0) return &plumb_kernels_avx2;
#endif
    return index == 0 ? &plumb_kernels_baseline : 0;
}

const plumb_kernels *plumb_kernels_best(void) {
    const plumb_kernels *best = plumb_kernels_at(0);
    return best ? best : &plumb_kernels_baseline;
}
