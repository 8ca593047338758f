import ByteStreams
import Crypto
public import Samples

extension PartitionStore {
    /// Reads every file again and compares it with the checksum in the manifest, which `init` has checked against its
    /// own fingerprint. Throws `data` with the name of the first file that was changed.
    ///
    /// - Returns: How many files there are, the manifest included.
    @discardableResult
    public func verify() throws(StageError) -> Int {
        for (name, expected) in manifest.files {
            let file = try StoreFileReader(opening: name, in: folder)
            var hash = SHA256()
            var offset = 0
            while true {
                let bytes = try file.bytes(at: offset, atMost: 1 << 20)
                if bytes.isEmpty { break }
                hash.update(data: bytes)
                offset += bytes.count
            }
            guard offset == expected.bytes, hash.finalize().hexadecimal == expected.sha256 else {
                throw damaged(name, "its content is not what was written")
            }
        }
        _ = try users()
        _ = try trainCounts()
        return manifest.files.count + 1
    }
}
