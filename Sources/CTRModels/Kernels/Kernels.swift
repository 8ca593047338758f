import CKernels

/// The C kernels for this processor, and all others that it runs.
enum Kernels {
    /// The widest: AVX-512 or AVX2 where there are, else what every processor of its kind has (SSE2, NEON).
    // Safe: points to a constant of the program, a table of functions that nothing ever writes.
    nonisolated(unsafe) static let best: UnsafePointer<plumb_kernels> = plumb_kernels_best()

    /// The widest first.
    static var all: [UnsafePointer<plumb_kernels>] {
        var tables: [UnsafePointer<plumb_kernels>] = []
        while let table = plumb_kernels_at(tables.count) { tables.append(table) }
        return tables
    }
}
