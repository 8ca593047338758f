#if BLAS
import Synchronization

/// Lets one thread at a time into BLAS where BLAS asks for it.
///
/// OpenBLAS in its serial flavour, as Debian builds it (0.3.21, without USE_LOCKING), hands out its work memory without
/// a lock: two threads in it at once may get each other's, and now and then an element of a product is wrong.
/// Accelerate has no such fault.
enum BLASGate {
    #if canImport(Darwin)
    @inline(__always)
    static func pass(_ product: () -> Void) { product() }
    #else
    private static let gate = Mutex(())

    @inline(__always)
    static func pass(_ product: () -> Void) { gate.withLock { _ in product() } }
    #endif
}
#endif
