#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

/// A matrix product into rows of floats:
///
///     c [m, n] = start + a [m, k] · b [k, n]          row-major but where strides say otherwise
///
/// Element (i, j) is start and then a(i,l)·b(l,j) added for l = 0, 1, … k − 1, each by one fused multiply-add: an order
/// that depends on nothing but k, so a row's result is the same bits however many rows there are, wherever they lie, and
/// with whichever vectors of AVX2, AVX-512 and NEON it was made. Only the baseline of x86-64 has no fused multiply-add
/// and rounds twice.
typedef struct {
    size_t m;
    size_t n;
    size_t k;
    /// a(i, l) = a[i · a_row + l · a_step]; (k, 1) for a matrix [m, k], (1, m) for the transpose of one [k, m].
    const float *_Nonnull a;
    size_t a_row;
    size_t a_step;
    /// b(l, j) = b[l · b_row + j], or b[j · b_row + l] if it is transposed.
    const float *_Nonnull b;
    size_t b_row;
    _Bool b_is_transposed;
    /// c(i, j) = c[i · c_row + j]. Overlaps nothing else that is read.
    float *_Nonnull c;
    size_t c_row;
    /// Null: zeros. Else start(i, j) = start[i · start_row + j]: c itself to add to it, a bias [n] with a start_row of 0.
    const float *_Nullable start;
    size_t start_row;
    /// Whether negative elements become 0 in the end. NaN stays.
    _Bool is_rectified;
} plumb_product;

/// How a parameter moves down its gradient.
typedef enum { plumb_sgd, plumb_adagrad, plumb_adam } plumb_update_method;

/// A step of an optimiser, g = gradient + weight_decay · p:
///
///     SGD       p −= rate · g
///     Adagrad   first += g²;  p −= rate · g / (√first + epsilon)
///     Adam      first += take1 · (g − first);  second = keep2 · second + take2 · g²;
///               p −= rate · first / (√second + epsilon)
///
/// Nothing is fused, so that every processor and Swift's own arithmetic give the same bits.
typedef struct {
    plumb_update_method method;
    float rate;
    float weight_decay;
    float epsilon;
    float take1;
    float keep2;
    float take2;
} plumb_update;

/// All kernels in the instructions of one kind of processor. None allocates, locks or keeps anything: any number of
/// threads may be in them. Pointers need no alignment beyond a float's. An output overlaps no input, but where it says
/// "in place". NaN in an element comes out as NaN of that element.
typedef struct {
    const char *_Nonnull name;

    void (*_Nonnull product)(const plumb_product *_Nonnull);

    /// Moves p [count] by the sum over `shards` of their gradients [count], added in their order; `shards` at least 1.
    /// `first` and `second` [count] are the rule's state, null where it has none.
    void (*_Nonnull update)(const plumb_update *_Nonnull rule, float *_Nonnull p, float *_Nullable first,
                            float *_Nullable second, const float *_Nonnull const *_Nonnull gradients, size_t shards,
                            size_t count);
    /// The same for `count` rows of a table [rows, width]: row ids[i] by gradients [count, width] row i. No id comes twice.
    /// State [rows, 0, 1 or 2 · width]: a row's numbers together, first ones first.
    void (*_Nonnull update_rows)(const plumb_update *_Nonnull rule, float *_Nonnull table, float *_Nullable state,
                                 const uint32_t *_Nonnull ids, const float *_Nonnull gradients, size_t count,
                                 size_t width);
    /// y [count, width] = the rows `ids` [count] of a table [rows, width].
    void (*_Nonnull copy_rows)(const float *_Nonnull table, const uint32_t *_Nonnull ids, float *_Nonnull y,
                               size_t count, size_t width);

    /// Whether no element of x [count] is infinite or NaN.
    _Bool (*_Nonnull are_finite)(const float *_Nonnull x, size_t count);

    /// y = e^x, 1 / (1 + e^−x), tanh x; y may be x. At most 1.02, 1.48 and 1.34 ulp from the exact value, by comparing
    /// all floats with the C library's double: gradual underflow, infinities and NaN included.
    void (*_Nonnull exponential)(const float *_Nonnull x, float *_Nonnull y, size_t count);
    void (*_Nonnull sigmoid)(const float *_Nonnull x, float *_Nonnull y, size_t count);
    void (*_Nonnull hyperbolic_tangent)(const float *_Nonnull x, float *_Nonnull y, size_t count);

    /// y [rows] += x [rows, width] · w [width], a dot product a row, each summed in 16 parts.
    void (*_Nonnull dot_rows)(const float *_Nonnull x, size_t x_row, const float *_Nonnull w, size_t rows, size_t width,
                              float *_Nonnull y);
    /// x [count] = e^x / Σ e^x, in place. −∞ becomes 0; all of it NaN if one is, or all are −∞, or one is +∞.
    void (*_Nonnull softmax)(float *_Nonnull x, size_t count);
    /// From softmax's result a: da = a · (da − Σ a·da), in place.
    void (*_Nonnull softmax_gradient)(const float *_Nonnull a, float *_Nonnull da, size_t count);

    /// After y = max(0, s): dy [rows, width] = 0 where y is 0, in place; bias_gradient [width] += the sum of its rows.
    void (*_Nonnull rectify_gradient)(const float *_Nonnull y, size_t y_row, float *_Nonnull dy, size_t dy_row,
                                      float *_Nonnull bias_gradient, size_t rows, size_t width);
    /// sums [width] += the sum of the rows of x [rows, width].
    void (*_Nonnull add_rows)(const float *_Nonnull x, size_t x_row, float *_Nonnull sums, size_t rows, size_t width);

    /// y = s where s > 0, else alpha · s; s, y [rows, width], alpha [width]. y may be s.
    void (*_Nonnull prelu)(const float *_Nonnull s, const float *_Nonnull alpha, float *_Nonnull y, size_t rows,
                           size_t width);
    /// dy becomes ds, in place; alpha_gradient [width] += Σ dy · s where s ≤ 0; bias_gradient [width] += Σ ds.
    void (*_Nonnull prelu_gradient)(const float *_Nonnull s, const float *_Nonnull alpha, float *_Nonnull dy,
                                    float *_Nonnull alpha_gradient, float *_Nonnull bias_gradient, size_t rows,
                                    size_t width);

    /// mean [width] and biased variance [width] of the columns of x [rows, width], rows at least 1.
    void (*_Nonnull moments)(const float *_Nonnull x, size_t rows, size_t width, float *_Nonnull mean,
                             float *_Nonnull variance);
    /// Dice (Zhou et al. 2018, "Deep Interest Network", section 5.3): y = p·s + (1 − p)·alpha·s,
    /// p = σ((s − mean) · scale); s, y [rows, width], the others [width]. y may be s.
    void (*_Nonnull dice)(const float *_Nonnull s, const float *_Nonnull mean, const float *_Nonnull scale,
                          const float *_Nonnull alpha, float *_Nonnull y, size_t rows, size_t width);
    /// dy becomes ds, in place; alpha_gradient [width] += Σ dy · (1 − p) · s; bias_gradient [width] += Σ ds.
    /// `through_moments`: mean and scale are those of these very rows, scale = 1 / √(variance + ε), and the gradient also
    /// flows through them, as through BatchNorm1d; else they are constants.
    void (*_Nonnull dice_gradient)(const float *_Nonnull s, const float *_Nonnull mean, const float *_Nonnull scale,
                                   const float *_Nonnull alpha, float *_Nonnull dy, float *_Nonnull alpha_gradient,
                                   float *_Nonnull bias_gradient, _Bool through_moments, size_t rows, size_t width);
} plumb_kernels;

/// Kernels in the instructions that every processor of this kind has: SSE2, or NEON.
extern const plumb_kernels plumb_kernels_baseline;

/// The widest kernels that this processor runs. Looks each time: some nanoseconds.
const plumb_kernels *_Nonnull plumb_kernels_best(void);

/// All kernels that this processor runs, the widest first: the `index`th, null behind the last.
const plumb_kernels *_Nullable plumb_kernels_at(size_t index);

/// Asks for the cache lines of `count` floats, to be read soon.
static inline void plumb_prefetch(const float *_Nonnull p, size_t count) {
    for (size_t i = 0; i < count; i += 16) __builtin_prefetch(p + i);
    if (count > 0) __builtin_prefetch(p + count - 1);
}

#endif
