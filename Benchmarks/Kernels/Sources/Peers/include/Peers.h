#ifndef PEERS_H
#define PEERS_H

#include <stddef.h>

/// The three products of a linear layer: y [rows, outputs] = x · Wᵀ, dx [rows, inputs] = dy · W,
/// dw [outputs, inputs] += dyᵀ · x. `left` is x, dy and dy, `right` W, W and x.
typedef enum { peers_forward, peers_input_gradient, peers_weight_gradient } peers_product;

void peers_openblas(peers_product product, const float *_Nonnull left, const float *_Nonnull right,
                    float *_Nonnull result, int rows, int inputs, int outputs);

/// With code that libxsmm makes for the very sizes, the first time that they come. It has none for x · Wᵀ, so that W is
/// transposed first, by libxsmm too.
void peers_libxsmm(peers_product product, const float *_Nonnull left, const float *_Nonnull right,
                   float *_Nonnull result, int rows, int inputs, int outputs);

/// One thread for OpenBLAS, and libxsmm's start.
void peers_start(void);

/// The kernels that OpenBLAS chose, and the instructions that libxsmm makes.
const char *_Nonnull peers_openblas_core(void);
const char *_Nonnull peers_libxsmm_target(void);

/// The most memory that this process held, MiB.
double peers_peak_mib(void);

#endif
