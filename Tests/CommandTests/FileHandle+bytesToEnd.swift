import Foundation

#if canImport(Glibc)
private let readBytes = Glibc.read
#elseif canImport(Musl)
private let readBytes = Musl.read
#else
private let readBytes = Darwin.read
#endif

extension FileHandle {
    /// All bytes until the pipe's other end is closed. Goes on after a signal that interrupts a read, at which Foundation's
    /// `readDataToEndOfFile` ends the process.
    func bytesToEnd() -> Data {
        var result = Data()
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = readBytes(fileDescriptor, &piece, piece.count)
            if count > 0 {
                result.append(contentsOf: piece[..<count])
            } else if count == 0 || errno != EINTR {
                return result
            }
        }
    }
}
