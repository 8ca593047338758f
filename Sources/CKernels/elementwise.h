// Kernels over vectors and over the rows of matrices, for vectors of LANES floats. include/CKernels.h says what each
// promises.

// Runs the statements for each vector from `index` on that `lanes` floats are left of: whole ones, where `lanes` is a constant,
// and then what is left.
#define EACH_VECTOR(count, ...)                                                                                        \
    do {                                                                                                               \
        size_t index = 0;                                                                                              \
        for (; index + LANES <= (count); index += LANES) {                                                             \
            const size_t lanes = LANES;                                                                                \
            __VA_ARGS__;                                                                                               \
        }                                                                                                              \
        if (index < (count)) {                                                                                         \
            const size_t lanes = (count) - index;                                                                      \
            __VA_ARGS__;                                                                                               \
        }                                                                                                              \
    } while (0)

// --- Optimisers ------------------------------------------------------------------------------------------------------

INLINE void update_with(const plumb_update_method method, const plumb_update *rule, float *p, float *first,
                        float *second, const float *const *gradients, const size_t shards, size_t count) {
    const float *const gradient = gradients[0];
    const vec rate = rule->rate, decay = rule->weight_decay, epsilon = rule->epsilon;
    const vec take1 = rule->take1, keep2 = rule->keep2, take2 = rule->take2;
    EACH_VECTOR(count, {
        vec value = load_lanes(p + index, lanes);
        vec slope = load_lanes(gradient + index, lanes);
        for (size_t shard = 1; shard < shards; shard++) {
            // Too many streams for the processor to see by itself, and another core wrote them.
            __builtin_prefetch(gradients[shard] + index + 128);
            slope += load_lanes(gradients[shard] + index, lanes);
        }
        slope += decay * value;
        if (method == plumb_sgd) {
            value -= rate * slope;
        } else if (method == plumb_adagrad) {
            vec sum = load_lanes(first + index, lanes) + slope * slope;
            store_lanes(first + index, lanes, sum);
            value -= rate * slope / (__builtin_elementwise_sqrt(sum) + epsilon);
        } else {
            vec old = load_lanes(first + index, lanes);
            vec mean = old + take1 * (slope - old);
            vec square = keep2 * load_lanes(second + index, lanes) + take2 * (slope * slope);
            store_lanes(first + index, lanes, mean);
            store_lanes(second + index, lanes, square);
            value -= rate * mean / (__builtin_elementwise_sqrt(square) + epsilon);
        }
        store_lanes(p + index, lanes, value);
    });
}

INLINE void update_by_method(const plumb_update *rule, float *p, float *first, float *second,
                             const float *const *gradients, const size_t shards, size_t count) {
    switch (rule->method) {
    case plumb_sgd: update_with(plumb_sgd, rule, p, first, second, gradients, shards, count); break;
    case plumb_adagrad: update_with(plumb_adagrad, rule, p, first, second, gradients, shards, count); break;
    case plumb_adam: update_with(plumb_adam, rule, p, first, second, gradients, shards, count); break;
    }
}

static void update(const plumb_update *rule, float *p, float *first, float *second, const float *const *gradients,
                   size_t shards, size_t count) {
    if (shards == 1) {
        update_by_method(rule, p, first, second, gradients, 1, count);
    } else {
        update_by_method(rule, p, first, second, gradients, shards, count);
    }
}

INLINE void update_rows_with(const plumb_update_method method, const plumb_update *rule, float *table, float *state,
                             const uint32_t *ids, const float *gradients, size_t count, size_t width) {
    const size_t state_width = method == plumb_sgd ? 0 : method == plumb_adagrad ? width : 2 * width;
    for (size_t row = 0; row < count; row++) {
        const size_t id = ids[row];
        float *first = method == plumb_sgd ? 0 : state + id * state_width;
        const float *gradient = gradients + row * width;
        update_with(method, rule, table + id * width, first, first ? first + width : 0, &gradient, 1, width);
    }
}

static void update_rows(const plumb_update *rule, float *table, float *state, const uint32_t *ids,
                        const float *gradients, size_t count, size_t width) {
    switch (rule->method) {
    case plumb_sgd: update_rows_with(plumb_sgd, rule, table, state, ids, gradients, count, width); break;
    case plumb_adagrad: update_rows_with(plumb_adagrad, rule, table, state, ids, gradients, count, width); break;
    case plumb_adam: update_rows_with(plumb_adam, rule, table, state, ids, gradients, count, width); break;
    }
}

// --- Rows of tables --------------------------------------------------------------------------------------------------

// Rows between asking for one and reading it.
#define ROWS_AHEAD 16

static void copy_rows(const float *table, const uint32_t *ids, float *y, size_t count, size_t width) {
    for (size_t row = 0; row < count; row++) {
        if (row + ROWS_AHEAD < count) plumb_prefetch(table + ids[row + ROWS_AHEAD] * width, width);
        const float *x = table + ids[row] * width;
        EACH_VECTOR(width, { store_lanes(y + index, lanes, load_lanes(x + index, lanes)); });
        y += width;
    }
}

static _Bool are_finite(const float *x, size_t count) {
    // 0 · x is 0, or NaN, which stays in a sum.
    vec sum = 0;
    EACH_VECTOR(count, { sum += 0.0f * load_lanes(x + index, lanes); });
    for (int lane = 0; lane < LANES; lane++)
        if (sum[lane] != 0) return 0;
    return 1;
}

// --- Elementary functions --------------------------------------------------------------------------------------------

// x = n · ln 2 + r with |r| ≤ ln 2 / 2, e^x = 2^n · e^r; e^r by the polynomial of Cephes' expf (Moshier). ln 2 is in two
// parts, of which n · the first is exact. 2^n is multiplied in two halves, for results below the normal numbers. What
// rounding took from the result goes to `rest`.
INLINE vec exponential_parts(vec x, vec *rest) {
    const vec to_integer = 0x1.8p23f;
    x = x < -104.0f ? (vec)-104.0f : x;
    x = x > 89.0f ? (vec)89.0f : x;
    vec shifted = multiply_add(x, (vec)1.44269504088896341f, to_integer);
    veci n = (veci)shifted - (veci)to_integer;
    vec whole = shifted - to_integer;
    vec r = multiply_add(whole, (vec)-0.693359375f, x);
    r = multiply_add(whole, (vec)2.12194440e-4f, r);
    vec sum = 1.9875691500e-4f;
    sum = multiply_add(sum, r, (vec)1.3981999507e-3f);
    sum = multiply_add(sum, r, (vec)8.3334519073e-3f);
    sum = multiply_add(sum, r, (vec)4.1665795894e-2f);
    sum = multiply_add(sum, r, (vec)1.6666665459e-1f);
    sum = multiply_add(sum, r, (vec)5.0000001201e-1f);
    vec above1 = multiply_add(sum, r * r, r), power = above1 + 1.0f;
    veci half = n >> 1;
    vec scale1 = (vec)((half + 127) << 23), scale2 = (vec)((n - half + 127) << 23);
    *rest = (above1 - (power - 1.0f)) * scale1 * scale2;
    return power * scale1 * scale2;
}

INLINE vec exponential_of(vec x) {
    vec rest;
    return exponential_parts(x, &rest);
}

// With d = e^−|x|: d / (1 + d) below 0, else 1 / (1 + d). Corrected for what rounding took from d and 1 + d, by
// 1 / (1 + d), which is the result from 0 on, and 1 less it below.
INLINE vec sigmoid_of(vec x) {
    vec rest, decay = exponential_parts(x < 0 ? x : -x, &rest);
    vec divisor = decay + 1.0f;
    vec divisor_rest = decay - (divisor - 1.0f) + rest;
    vec result = (x < 0 ? decay : (vec)1.0f) / divisor;
    vec correction = (x < 0 ? rest : (vec)0.0f) - result * divisor_rest;
    return result + correction * (x < 0 ? 1.0f - result : result);
}

// Near 0 the odd polynomial of Cephes' tanhf (Moshier), else 1 − 2 / (e^2|x| + 1).
INLINE vec hyperbolic_tangent_of(vec x) {
    vec size = x < 0 ? -x : x, square = x * x;
    vec sum = -5.70498872745e-3f;
    sum = multiply_add(sum, square, (vec)2.06390887954e-2f);
    sum = multiply_add(sum, square, (vec)-5.37397155531e-2f);
    sum = multiply_add(sum, square, (vec)1.33314422036e-1f);
    sum = multiply_add(sum, square, (vec)-3.33332819422e-1f);
    vec near = multiply_add(sum * square, x, x);
    vec far = 1.0f - 2.0f / (exponential_of(size + size) + 1.0f);
    far = x < 0 ? -far : far;
    return size < 0.625f ? near : far;
}

static void exponential(const float *x, float *y, size_t count) {
    EACH_VECTOR(count, { store_lanes(y + index, lanes, exponential_of(load_lanes(x + index, lanes))); });
}
static void sigmoid(const float *x, float *y, size_t count) {
    EACH_VECTOR(count, { store_lanes(y + index, lanes, sigmoid_of(load_lanes(x + index, lanes))); });
}
static void hyperbolic_tangent(const float *x, float *y, size_t count) {
    EACH_VECTOR(count, { store_lanes(y + index, lanes, hyperbolic_tangent_of(load_lanes(x + index, lanes))); });
}

// --- Sums: in 16 parts whatever the vectors' width, so that all processors round alike -------------------------------

#define PARTS (16 / LANES)
typedef struct {
    vec parts[PARTS];
} sums16;

// Lane i and lane i + 8 first, then 4, 2, 1 apart.
INLINE float total(sums16 sums) {
    for (int apart = PARTS / 2; apart > 0; apart /= 2)
        for (int part = 0; part < apart; part++) sums.parts[part] += sums.parts[part + apart];
    float lanes[LANES];
    store(lanes, sums.parts[0]);
    for (int apart = LANES / 2; apart > 0; apart /= 2)
        for (int lane = 0; lane < apart; lane++) lanes[lane] += lanes[lane + apart];
    return lanes[0];
}

// Runs the statements for each vector as EACH_VECTOR does, with `sum` the part to add it to.
#define EACH_SUMMAND(count, sums, ...)                                                                                 \
    do {                                                                                                               \
        size_t start = 0;                                                                                              \
        for (; start + 16 <= (count); start += 16) {                                                                   \
            for (size_t part = 0; part < PARTS; part++) {                                                              \
                const size_t index = start + part * LANES, lanes = LANES;                                              \
                vec *sum = &(sums).parts[part];                                                                        \
                __VA_ARGS__;                                                                                           \
            }                                                                                                          \
        }                                                                                                              \
        for (size_t part = 0; part < PARTS && start + part * LANES < (count); part++) {                                \
            const size_t index = start + part * LANES, left = (count) - index, lanes = left < LANES ? left : LANES;    \
            vec *sum = &(sums).parts[part];                                                                            \
            __VA_ARGS__;                                                                                               \
        }                                                                                                              \
    } while (0)

static void dot_rows(const float *x, size_t x_row, const float *w, size_t rows, size_t width, float *y) {
    for (size_t row = 0; row < rows; row++, x += x_row) {
        sums16 sums = {0};
        EACH_SUMMAND(width, sums, {
            *sum = multiply_add(load_lanes(x + index, lanes), load_lanes(w + index, lanes), *sum);
        });
        y[row] += total(sums);
    }
}

static void softmax(float *x, size_t count) {
    float most = -__builtin_inff();
    for (size_t i = 0; i < count; i++) most = x[i] > most ? x[i] : most;
    sums16 sums = {0};
    EACH_SUMMAND(count, sums, {
        vec power = exponential_of(load_lanes(x + index, lanes) - most);
        store_lanes(x + index, lanes, power);
        *sum += load_lanes(x + index, lanes);
    });
    const vec all = total(sums);
    EACH_VECTOR(count, { store_lanes(x + index, lanes, load_lanes(x + index, lanes) / all); });
}

static void softmax_gradient(const float *a, float *da, size_t count) {
    sums16 sums = {0};
    EACH_SUMMAND(count, sums, {
        *sum = multiply_add(load_lanes(a + index, lanes), load_lanes(da + index, lanes), *sum);
    });
    const vec mean = total(sums);
    EACH_VECTOR(count, {
        store_lanes(da + index, lanes, load_lanes(a + index, lanes) * (load_lanes(da + index, lanes) - mean));
    });
}

// --- Activations: matrices [rows, width], sums over rows in their order ----------------------------------------------

static void rectify_gradient(const float *y, size_t y_row, float *dy, size_t dy_row, float *bias_gradient, size_t rows,
                             size_t width) {
    EACH_VECTOR(width, {
        vec sum = load_lanes(bias_gradient + index, lanes);
        for (size_t row = 0; row < rows; row++) {
            float *target = dy + row * dy_row + index;
            vec value = load_lanes(target, lanes);
            value = load_lanes(y + row * y_row + index, lanes) == 0 ? (vec)0 : value;
            store_lanes(target, lanes, value);
            sum += value;
        }
        store_lanes(bias_gradient + index, lanes, sum);
    });
}

static void add_rows(const float *x, size_t x_row, float *sums, size_t rows, size_t width) {
    EACH_VECTOR(width, {
        vec sum = load_lanes(sums + index, lanes);
        for (size_t row = 0; row < rows; row++) sum += load_lanes(x + row * x_row + index, lanes);
        store_lanes(sums + index, lanes, sum);
    });
}

static void prelu(const float *s, const float *alpha, float *y, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++, s += width, y += width) {
        EACH_VECTOR(width, {
            vec value = load_lanes(s + index, lanes);
            vec scaled = value * load_lanes(alpha + index, lanes);
            store_lanes(y + index, lanes, value > 0 ? value : scaled);
        });
    }
}

static void prelu_gradient(const float *s, const float *alpha, float *dy, float *alpha_gradient, float *bias_gradient,
                           size_t rows, size_t width) {
    EACH_VECTOR(width, {
        vec slope = load_lanes(alpha + index, lanes);
        vec alpha_sum = load_lanes(alpha_gradient + index, lanes);
        vec bias_sum = load_lanes(bias_gradient + index, lanes);
        for (size_t row = 0; row < rows; row++) {
            vec value = load_lanes(s + row * width + index, lanes);
            vec gradient = load_lanes(dy + row * width + index, lanes);
            vec part = gradient * value, scaled = gradient * slope;
            alpha_sum += value > 0 ? (vec)0 : part;
            gradient = value > 0 ? gradient : scaled;
            store_lanes(dy + row * width + index, lanes, gradient);
            bias_sum += gradient;
        }
        store_lanes(alpha_gradient + index, lanes, alpha_sum);
        store_lanes(bias_gradient + index, lanes, bias_sum);
    });
}

// Sums over rows are made in runs, so that rounding does not grow with the number of rows.
#define RUN 64

static void moments(const float *x, size_t rows, size_t width, float *mean, float *variance) {
    const vec count = (float)rows;
    EACH_VECTOR(width, {
        vec sum = 0;
        for (size_t first = 0; first < rows; first += RUN) {
            vec part = 0;
            for (size_t row = first; row < rows && row < first + RUN; row++)
                part += load_lanes(x + row * width + index, lanes);
            sum += part;
        }
        vec middle = sum / count;
        sum = 0;
        for (size_t first = 0; first < rows; first += RUN) {
            vec part = 0;
            for (size_t row = first; row < rows && row < first + RUN; row++) {
                vec away = load_lanes(x + row * width + index, lanes) - middle;
                part = multiply_add(away, away, part);
            }
            sum += part;
        }
        store_lanes(mean + index, lanes, middle);
        store_lanes(variance + index, lanes, sum / count);
    });
}

static void dice(const float *s, const float *mean, const float *scale, const float *alpha, float *y, size_t rows,
                 size_t width) {
    for (size_t row = 0; row < rows; row++, s += width, y += width) {
        EACH_VECTOR(width, {
            vec value = load_lanes(s + index, lanes);
            vec slope = load_lanes(alpha + index, lanes);
            vec p = sigmoid_of((value - load_lanes(mean + index, lanes)) * load_lanes(scale + index, lanes));
            store_lanes(y + index, lanes, value * multiply_add(p, 1.0f - slope, slope));
        });
    }
}

static void dice_gradient(const float *s, const float *mean, const float *scale, const float *alpha, float *dy,
                          float *alpha_gradient, float *bias_gradient, _Bool through_moments, size_t rows,
                          size_t width) {
    const vec count = (float)rows;
    EACH_VECTOR(width, {
        const vec slope = load_lanes(alpha + index, lanes);
        const vec middle = load_lanes(mean + index, lanes), factor = load_lanes(scale + index, lanes);
        vec alpha_sum = 0, sum = 0, weighted_sum = 0;
        // dy = the gradient past the normalisation; what comes through it is added in the second pass.
        for (size_t first = 0; first < rows; first += RUN) {
            vec alpha_part = 0, part = 0, weighted = 0;
            for (size_t row = first; row < rows && row < first + RUN; row++) {
                vec value = load_lanes(s + row * width + index, lanes);
                vec gradient = load_lanes(dy + row * width + index, lanes);
                vec normal = (value - middle) * factor;
                vec p = sigmoid_of(normal);
                vec through = gradient * value * (1.0f - slope) * (p * (1.0f - p));
                alpha_part = multiply_add(gradient * value, 1.0f - p, alpha_part);
                part += through;
                weighted = multiply_add(through, normal, weighted);
                store_lanes(dy + row * width + index, lanes,
                            gradient * multiply_add(p, 1.0f - slope, slope) + through * factor);
            }
            alpha_sum += alpha_part;
            sum += part;
            weighted_sum += weighted;
        }
        vec bias_sum = load_lanes(bias_gradient + index, lanes);
        const vec away = through_moments ? sum / count * factor : (vec)0;
        const vec turn = through_moments ? weighted_sum / count * factor * factor : (vec)0;
        for (size_t row = 0; row < rows; row++) {
            vec value = load_lanes(s + row * width + index, lanes);
            vec gradient = load_lanes(dy + row * width + index, lanes) - away - (value - middle) * turn;
            store_lanes(dy + row * width + index, lanes, gradient);
            bias_sum += gradient;
        }
        store_lanes(alpha_gradient + index, lanes, load_lanes(alpha_gradient + index, lanes) + alpha_sum);
        store_lanes(bias_gradient + index, lanes, bias_sum);
    });
}

#define KERNELS(its_name)                                                                                              \
    {                                                                                                                  \
        .name = its_name, .product = product, .update = update, .update_rows = update_rows, .copy_rows = copy_rows,    \
        .are_finite = are_finite, .exponential = exponential, .sigmoid = sigmoid,                                      \
        .hyperbolic_tangent = hyperbolic_tangent, .dot_rows = dot_rows, .softmax = softmax,                            \
        .softmax_gradient = softmax_gradient, .rectify_gradient = rectify_gradient, .add_rows = add_rows,              \
        .prelu = prelu, .prelu_gradient = prelu_gradient, .moments = moments, .dice = dice,                            \
        .dice_gradient = dice_gradient                                                                                 \
    }
