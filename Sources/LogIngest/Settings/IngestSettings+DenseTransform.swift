#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

extension IngestSettings.FeatureSetting {
    /// What becomes of a dense feature's numbers.
    public enum DenseTransform: String, Sendable, Hashable, CaseIterable {
        /// They stay.
        case identity
        /// The natural logarithm of 1 + x, for numbers of at least 0: counts and prices that span powers of ten.
        case log1p

        /// What a field must be.
        var expectation: String {
            switch self {
            case .identity: "a number"
            case .log1p: "a number of at least 0"
            }
        }

        /// The feature's value; nil if the field is no finite number, or not one that this takes. The logarithm is taken in
        /// double precision, then rounded.
        @inline(__always)
        func number(_ text: Span<UInt8>) -> Float? {
            switch self {
            case .identity: return Float(decimal: text)
            case .log1p:
                guard let number = Double(decimal: text), number >= 0 else { return nil }
                return Float(Self.logarithm(number))
            }
        }

        /// The C library's `log1p`, whose name this type has taken.
        private static func logarithm(_ number: Double) -> Double {
            #if canImport(Glibc)
            Glibc.log1p(number)
            #elseif canImport(Musl)
            Musl.log1p(number)
            #else
            Darwin.log1p(number)
            #endif
        }
    }
}
