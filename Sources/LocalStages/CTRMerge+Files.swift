import ByteStreams
import LabelCorrection
import OrderedJSON
public import Samples

extension CTRReport {
    /// The sum of the reports in files, `-` is standard input: each a `ctr.json`, or lines of devices, which are read as a stream.
    ///
    /// Throws as `CTRMerge` does, and for what is no report, with the file and, for devices, the line.
    public static func merging(_ paths: [String]) async throws(StageError) -> CTRReport {
        let thread = BlockingThread()
        let cancellation = thread.cancellation
        return try await thread.run { () throws(StageError) in
            var merge = CTRMerge()
            for path in paths {
                try merge.add(try InputFile(path: path, cancellation: cancellation))
            }
            return try merge.report()
        }
    }
}

extension CTRMerge {
    /// The most bytes of a device's line; they have about a hundred.
    private static let lineLimit = 1 << 16

    /// Adds all that is in a file.
    fileprivate mutating func add(_ file: InputFile) throws(StageError) {
        var lines = FileLines(file, limit: Self.lineLimit)
        guard let first = try lines.peek(), Self.isDevice(first) else {
            let bytes = try lines.rest(atMost: CTRReport.fileLimit)
            return try add(try CTRReport(json: bytes, name: file.name), from: file.name)
        }
        while let line = try lines.next() {
            let place = SourcePosition(file: file.name, line: lines.count)
            try add(try DeviceReport(json: line, at: place), from: file.name)
        }
    }

    /// Whether a line is a whole object that says so.
    private static func isDevice(_ line: ArraySlice<UInt8>) -> Bool {
        guard let document = try? JSONValue(utf8: line) else { return false }
        return (try? JSONNode(document).member("device")) != nil
    }
}
