// Vectors of LANES floats: the few operations that clang's vector types do not spell alike for all processors. Included
// by each of avx512.c, avx2.c and baseline.c, which define LANES.

typedef float vec __attribute__((ext_vector_type(LANES)));
typedef int32_t veci __attribute__((ext_vector_type(LANES)));
typedef float vec_in_memory __attribute__((ext_vector_type(LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE vec load(const float *p) { return *(const vec_in_memory *)p; }
INLINE void store(float *p, vec v) { *(vec_in_memory *)p = v; }

// The first `count` < LANES floats, zeros behind them: nothing else is read.
INLINE vec load_first(const float *p, size_t count) {
#if LANES == 16
    return _mm512_maskz_loadu_ps((__mmask16)((1u << count) - 1), p);
#elif LANES == 8
    static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
    return _mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(masks + 8 - count)));
#else
    vec v = 0;
    if (count > 0) v[0] = p[0];
    if (count > 1) v[1] = p[1];
    if (count > 2) v[2] = p[2];
    return v;
#endif
}

// Stores the first `count` < LANES floats and nothing else.
INLINE void store_first(float *p, size_t count, vec v) {
#if LANES == 16
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << count) - 1), v);
#else
#if LANES == 8
    // Masked stores are slow on AMD's processors.
    __m128 part = _mm256_castps256_ps128(v);
    if (count & 4) {
        _mm_storeu_ps(p, part);
        part = _mm256_extractf128_ps(v, 1);
        p += 4;
    }
#else
    vec part = v;
#endif
    if (count & 2) {
        p[0] = part[0];
        p[1] = part[1];
        part[0] = part[2];
        p += 2;
    }
    if (count & 1) p[0] = part[0];
#endif
}

// a · b + c, rounded once where the processor can.
INLINE vec multiply_add(vec a, vec b, vec c) {
#ifdef WITHOUT_FMA
    return a * b + c;
#else
    return __builtin_elementwise_fma(a, b, c);
#endif
}
