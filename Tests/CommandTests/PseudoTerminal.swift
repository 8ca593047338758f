import Foundation

/// A terminal without a screen: what a command writes to it can be read.
final class PseudoTerminal {
    private let side: FileHandle
    private let screen: FileHandle

    init() throws {
        var (main, other): (Int32, Int32) = (-1, -1)
        guard openpty(&main, &other, nil, nil, nil) == 0 else { throw CocoaError(.fileReadUnknown) }
        screen = FileHandle(fileDescriptor: main, closeOnDealloc: true)
        side = FileHandle(fileDescriptor: other, closeOnDealloc: true)
    }

    /// Runs one command with this as its standard output. Returns what is on the screen then.
    func run(_ arguments: [String], in folder: URL) throws -> (result: Plumb.Result, shown: String) {
        let running = try Plumb.start(arguments, in: folder, input: FileHandle.nullDevice, output: side)
        // Or the end of what is shown would never come.
        try side.close()
        let bytes = screen.bytesToEnd()
        return (running.finish(), String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n"))
    }
}
