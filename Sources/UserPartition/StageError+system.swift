import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension StageError {
    /// What the system said to the call just made: `cannot <action>: <the system's words>`.
    static func system(_ action: String, _ path: String, code: Int32 = errno, advice: String? = nil) -> StageError {
        StageError(
            .environment, "cannot \(action): \(String(cString: strerror(code)))", at: SourcePosition(file: path),
            advice: advice)
    }
}
