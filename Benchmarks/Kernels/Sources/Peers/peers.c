#include "Peers.h"

#include <cblas.h>
#include <libxsmm.h>
#include <stdlib.h>
#include <sys/resource.h>

void openblas_set_num_threads(int threads);
char *openblas_get_corename(void);

void peers_openblas(peers_product product, const float *left, const float *right, float *result, int rows, int inputs,
                    int outputs) {
    switch (product) {
    case peers_forward:
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, outputs, inputs, 1, left, inputs, right, inputs, 0,
                    result, outputs);
        break;
    case peers_input_gradient:
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, inputs, outputs, 1, left, outputs, right, inputs,
                    0, result, inputs);
        break;
    case peers_weight_gradient:
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, outputs, inputs, rows, 1, left, outputs, right, inputs, 1,
                    result, inputs);
        break;
    }
}

// libxsmm's matrices are column-major: ours are their transposes, so that products go the other way round.
void peers_libxsmm(peers_product product, const float *left, const float *right, float *result, int rows, int inputs,
                   int outputs) {
    static _Thread_local float transposed[1 << 20];
    const float zero = 0, one = 1;
    int flags = LIBXSMM_GEMM_FLAG_TRANS_B;
    libxsmm_smmfunction run = NULL;
    switch (product) {
    case peers_forward:
        libxsmm_otrans(transposed, right, sizeof(float), inputs, outputs, inputs, outputs);
        run = libxsmm_smmdispatch(outputs, rows, inputs, &outputs, &inputs, &outputs, &one, &zero, NULL, NULL);
        right = transposed;
        break;
    case peers_input_gradient:
        run = libxsmm_smmdispatch(inputs, rows, outputs, &inputs, &outputs, &inputs, &one, &zero, NULL, NULL);
        break;
    case peers_weight_gradient:
        run = libxsmm_smmdispatch(inputs, outputs, rows, &inputs, &outputs, &inputs, &one, &one, &flags, NULL);
        break;
    }
    if (run == NULL) abort();
    run(right, left, result);
}

void peers_start(void) {
    openblas_set_num_threads(1);
    libxsmm_init();
}

const char *peers_openblas_core(void) { return openblas_get_corename(); }
const char *peers_libxsmm_target(void) { return libxsmm_get_target_arch(); }

double peers_peak_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}
