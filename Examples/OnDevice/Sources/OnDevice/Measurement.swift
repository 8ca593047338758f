#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// How long something takes, and the memory that the process has had at most.
enum Measurement {
    /// Microseconds of each of so many runs, rising; some runs before them are not counted.
    static func microseconds(runs: Int, _ body: () throws -> Void) rethrows -> [Double] {
        for _ in 0..<runs / 10 { try body() }
        var times: [Double] = []
        for _ in 0..<runs {
            let start = now()
            try body()
            times.append(now() - start)
        }
        return times.sorted()
    }

    static var peakMemoryMiB: Double {
        var usage = rusage()
        // RUSAGE_SELF, whose type is not the same everywhere.
        getrusage(0, &usage)
        #if canImport(Darwin)
        return Double(usage.ru_maxrss) / 1_048_576
        #else
        return Double(usage.ru_maxrss) / 1024
        #endif
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
    }
}

extension [Double] {
    /// Of rising numbers the one below which this share lies.
    func quantile(_ share: Double) -> Double { self[Swift.min(count - 1, Int(share * Double(count)))] }
}
