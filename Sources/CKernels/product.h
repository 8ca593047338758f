// The matrix product, for vectors of LANES floats. A tile of the result, TILE_ROWS × TILE_VECTORS vectors, stays in
// registers while all of k goes by. A panel of b, the width of a tile, is read for every tile of rows: copied if its
// elements do not lie side by side.

// Panels are copied in pieces of this many steps of k: 48 KiB on the stack with AVX-512.
#define MOST_STEPS 256

typedef struct {
    size_t k;
    const float *a;
    size_t a_row, a_step;
    const float *b;
    size_t b_row;
    float *c;
    size_t c_row;
    const float *start;
    size_t start_row;
    // Of the last vector of a row of c.
    size_t last_lanes;
    _Bool is_rectified;
} tile_place;

INLINE vec load_lanes(const float *p, size_t lanes) { return lanes == LANES ? load(p) : load_first(p, lanes); }

INLINE void store_lanes(float *p, size_t lanes, vec v) {
    if (lanes == LANES) store(p, v);
    else store_first(p, lanes, v);
}

// One tile: `rows` and `vectors` are constants where this is inlined, and `sums` registers.
INLINE void tile(const int rows, const int vectors, const tile_place *at) {
    vec sums[TILE_ROWS][TILE_VECTORS];
    if (at->start) {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++)
                sums[i][v] = load_lanes(at->start + (size_t)i * at->start_row + v * LANES,
                                        v == vectors - 1 ? at->last_lanes : LANES);
    } else {
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sums[i][v] = 0;
    }
    const float *a = at->a, *b = at->b;
    const size_t a_row = at->a_row, a_step = at->a_step, b_row = at->b_row;
    for (size_t step = 0; step < at->k; step++) {
        vec columns[TILE_VECTORS];
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) columns[v] = load(b + v * LANES);
#pragma clang loop unroll(full)
        for (int i = 0; i < rows; i++) {
            vec factor = a[(size_t)i * a_row];
#pragma clang loop unroll(full)
            for (int v = 0; v < vectors; v++) sums[i][v] = multiply_add(factor, columns[v], sums[i][v]);
        }
        a += a_step;
        b += b_row;
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) {
            vec sum = sums[i][v];
            if (at->is_rectified) sum = sum < 0 ? (vec)0 : sum;
            store_lanes(at->c + (size_t)i * at->c_row + v * LANES, v == vectors - 1 ? at->last_lanes : LANES, sum);
        }
}

#define TILE_FUNCTION(rows, vectors)                                                                                   \
    static __attribute__((noinline)) void tile_##rows##x##vectors(const tile_place *at) { tile(rows, vectors, at); }
#if TILE_VECTORS == 3
#define TILE_FUNCTIONS(rows) TILE_FUNCTION(rows, 1) TILE_FUNCTION(rows, 2) TILE_FUNCTION(rows, 3)
#define TILE_NAMES(rows) {tile_##rows##x1, tile_##rows##x2, tile_##rows##x3}
#else
#define TILE_FUNCTIONS(rows) TILE_FUNCTION(rows, 1) TILE_FUNCTION(rows, 2)
#define TILE_NAMES(rows) {tile_##rows##x1, tile_##rows##x2}
#endif
#if TILE_ROWS == 8
TILE_FUNCTIONS(8)
#endif
TILE_FUNCTIONS(4)
TILE_FUNCTIONS(2)
TILE_FUNCTIONS(1)

typedef void (*tile_function)(const tile_place *);
// By the rows' binary logarithm and vectors − 1.
static const tile_function tiles[][TILE_VECTORS] = {
    TILE_NAMES(1),
    TILE_NAMES(2),
    TILE_NAMES(4),
#if TILE_ROWS == 8
    TILE_NAMES(8),
#endif
};

// panel [steps, vectors · LANES] = b [steps, columns], zeros in the columns behind.
static void copy_panel(float *panel, const float *b, size_t b_row, size_t steps, size_t columns, size_t vectors) {
    for (size_t step = 0; step < steps; step++) {
        const float *row = b + step * b_row;
        size_t column = 0;
        for (; column + LANES <= columns; column += LANES) store(panel + column, load(row + column));
        if (column < columns) store(panel + column, load_first(row + column, columns - column));
        panel += vectors * LANES;
    }
}

// Blocks of 4 steps by BLOCK columns are transposed in registers, each 128 bits of them on their own.
#if LANES == 4
#define BLOCK 4
#else
#define BLOCK 8
#endif
typedef float vec4_in_memory __attribute__((ext_vector_type(4), aligned(4), may_alias));
typedef float block_vec __attribute__((ext_vector_type(BLOCK)));
typedef float block_vec_in_memory __attribute__((ext_vector_type(BLOCK), aligned(4), may_alias));

// Four floats of a row, and with blocks of 8 four of the row 4 rows below behind them.
INLINE block_vec load_rows(const float *const *rows, size_t step) {
    vec4_in_memory low = *(const vec4_in_memory *)(rows[0] + step);
#if BLOCK == 4
    return low;
#else
    vec4_in_memory high = *(const vec4_in_memory *)(rows[4] + step);
    return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7);
#endif
}

#if BLOCK == 4
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#else
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#endif

// panel [steps, vectors · LANES] = the transpose of b [columns, steps], zeros in the columns behind.
static void transpose_panel(float *panel, const float *b, size_t b_row, size_t steps, size_t columns, size_t vectors) {
    static const float zeros[MOST_STEPS];
    const size_t width = vectors * LANES;
    for (size_t column = 0; column < width; column += BLOCK) {
        const float *rows[BLOCK];
        for (size_t i = 0; i < BLOCK; i++) rows[i] = column + i < columns ? b + (column + i) * b_row : zeros;
        float *target = panel + column;
        size_t step = 0;
        for (; step + 4 <= steps; step += 4) {
            block_vec r0 = load_rows(rows, step), r1 = load_rows(rows + 1, step);
            block_vec r2 = load_rows(rows + 2, step), r3 = load_rows(rows + 3, step);
            block_vec low01 = LOW(r0, r1), low23 = LOW(r2, r3), high01 = HIGH(r0, r1), high23 = HIGH(r2, r3);
            *(block_vec_in_memory *)target = EVEN(low01, low23);
            *(block_vec_in_memory *)(target + width) = ODD(low01, low23);
            *(block_vec_in_memory *)(target + 2 * width) = EVEN(high01, high23);
            *(block_vec_in_memory *)(target + 3 * width) = ODD(high01, high23);
            target += 4 * width;
        }
        for (; step < steps; step++) {
            for (size_t i = 0; i < BLOCK; i++) target[i] = rows[i][step];
            target += width;
        }
    }
}

// A panel of whole vectors that is not transposed is best read where it lies: only with rows so far apart that they crowd
// each other out of the cache is it copied, for so many rows of the result that it pays.
#define LEAST_ROWS_TO_COPY 16
#define LEAST_STRIDE_TO_COPY 512

static void product(const plumb_product *p) {
    _Alignas(64) float panel[MOST_STEPS * TILE_VECTORS * LANES];
    const size_t all_vectors = (p->n + LANES - 1) / LANES;
    const size_t panels = (all_vectors + TILE_VECTORS - 1) / TILE_VECTORS;
    for (size_t first_step = 0; first_step == 0 || first_step < p->k; first_step += MOST_STEPS) {
        const size_t left = p->k - first_step, steps = left < MOST_STEPS ? left : MOST_STEPS;
        size_t column = 0;
        for (size_t index = 0; index < panels; index++) {
            // Panels of about the same width: narrow ones give a tile too few sums to hide an addition's latency.
            const size_t vectors = all_vectors / panels + (index < all_vectors % panels);
            const size_t columns = p->n - column < vectors * LANES ? p->n - column : vectors * LANES;
            tile_place at = {
                .k = steps,
                .a = p->a + first_step * p->a_step,
                .a_row = p->a_row,
                .a_step = p->a_step,
                .b = panel,
                .b_row = vectors * LANES,
                .c = p->c + column,
                .c_row = p->c_row,
                .last_lanes = columns - (vectors - 1) * LANES,
                .is_rectified = p->is_rectified && left <= MOST_STEPS,
            };
            if (p->b_is_transposed) {
                transpose_panel(panel, p->b + column * p->b_row + first_step, p->b_row, steps, columns, vectors);
            } else if (at.last_lanes < LANES || (p->b_row >= LEAST_STRIDE_TO_COPY && p->m >= LEAST_ROWS_TO_COPY)) {
                copy_panel(panel, p->b + first_step * p->b_row + column, p->b_row, steps, columns, vectors);
            } else {
                at.b = p->b + first_step * p->b_row + column;
                at.b_row = p->b_row;
            }
            if (first_step > 0) {
                at.start = at.c;
                at.start_row = at.c_row;
            } else if (p->start) {
                at.start = p->start + column;
                at.start_row = p->start_row;
            }
            size_t row = 0;
            for (int log = TILE_ROWS == 8 ? 3 : 2; log >= 0; log--) {
                const tile_function run = tiles[log][vectors - 1];
                const size_t rows = (size_t)1 << log;
                for (; row + rows <= p->m; row += rows) {
                    run(&at);
                    at.a += rows * at.a_row;
                    at.c += rows * at.c_row;
                    if (at.start) at.start += rows * at.start_row;
                }
            }
            column += columns;
        }
    }
}
