import ByteStreams
import Crypto
public import Samples

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Replaces user keys by a keyed hash of them: who has the key can find a user, who has not cannot even try names.
///
/// A pseudonym is the first 128 bits of HMAC-SHA-256 (RFC 2104) over the key's UTF-8 bytes, an integer's decimal digits, in
/// hexadecimal. Two of a billion users share one with a probability of about 10⁻²¹.
struct Pseudonymizer {
    /// Tells keys apart without telling them: 64 bits of the HMAC over fixed text.
    let keyCheck: String

    private let key: SymmetricKey
    /// Pseudonyms of users met before, up to some number of them.
    private var known: [UserKey: String] = [:]

    private static let keyBytes = 16...65_536
    private static let mostKnown = 100_000
    /// Most bytes of a key that is remembered.
    private static let longestKnown = 64
    private static let pseudonymBytes = 16

    /// Reads the key: all bytes of a file. Throws `environment` if it cannot be read or other accounts can read it, `usage`
    /// if it is too short to be a secret.
    init(keyFile path: String) throws(StageError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw .system("open the key", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw StageError(.environment, "is no regular file", at: SourcePosition(file: path))
        }
        guard status.st_mode & 0o077 == 0 else {
            throw StageError(
                .environment, "other accounts can read the key", at: SourcePosition(file: path),
                advice: "chmod 600 \(path)")
        }
        var bytes = [UInt8](repeating: 0, count: Self.keyBytes.upperBound + 1)
        let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .system("read the key", path) }
        guard Self.keyBytes.contains(count) else {
            throw StageError(
                .usage, "a key has \(Self.keyBytes.lowerBound) to \(Self.keyBytes.upperBound) bytes, this one \(count)",
                at: SourcePosition(file: path), advice: "make one: openssl rand -hex 32 > \(path)")
        }
        self.init(key: bytes[..<count])
    }

    /// By a key that is at hand.
    init(key bytes: some Collection<UInt8>) {
        key = SymmetricKey(data: Array(bytes))
        keyCheck =
            Array(
                HMAC<SHA256>.authenticationCode(for: Array("plumb pseudonym key".utf8), using: key).prefix(8)
            ).hexadecimal
    }

    /// A user's pseudonym.
    mutating func pseudonym(of user: UserKey) -> String {
        if let pseudonym = known[user] { return pseudonym }
        let text = Array(user.description.utf8)
        let code = HMAC<SHA256>.authenticationCode(for: text, using: key)
        let pseudonym = Array(code.prefix(Self.pseudonymBytes)).hexadecimal
        // Of long keys a few could take more memory than the rows.
        guard text.count <= Self.longestKnown else { return pseudonym }
        if known.count == Self.mostKnown { known.removeAll(keepingCapacity: true) }
        known[user] = pseudonym
        return pseudonym
    }

    /// The batch with pseudonyms for user keys.
    mutating func replacing(_ batch: SampleBatch) -> SampleBatch {
        var schema = batch.schema
        schema.userKind = .text
        var users = TextColumn()
        for rows in batch.userRanges {
            let pseudonym = pseudonym(of: batch.users[rows.lowerBound])
            for _ in rows { users.append(pseudonym) }
        }
        return SampleBatch(
            schema, users: .text(users), times: batch.times, labels: batch.labels,
            correctedLabels: batch.correctedLabels, parts: batch.parts, groups: batch.groups,
            features: batch.features, continuesUser: batch.continuesUser)
    }
}

extension PartitionSettings {
    /// What tells the key of pseudonyms from others without telling it, as the manifest will have it; nil without pseudonyms.
    /// Blocks. Throws as making a store would where the key is no good.
    public func pseudonymKeyCheck() throws(StageError) -> String? {
        guard let pseudonymKeyFile else { return nil }
        return try Pseudonymizer(keyFile: pseudonymKeyFile).keyCheck
    }
}
