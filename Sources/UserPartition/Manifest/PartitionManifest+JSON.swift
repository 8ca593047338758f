import Samples

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension PartitionManifest {
    /// What tells our manifest from the many other files called `manifest.json`.
    static let format = "plumb partition store"

    /// No honest manifest is larger: 9999 buckets take 2 MB.
    private static let mostBytes = 64 << 20

    /// The manifest as JSON, with sorted keys: equal manifests give equal bytes.
    func encoded() throws(StageError) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do {
            return Array(try encoder.encode(ManifestDocument(self))) + [UInt8(ascii: "\n")]
        } catch {
            throw StageError(.data, "the manifest cannot be written: \(error)")
        }
    }

    /// Whether a folder's manifest says that it is a store's, of whatever version.
    static func isClaimed(byStoreIn folder: Folder) -> Bool {
        guard let bytes = try? contents(of: folder),
            let header = try? JSONDecoder().decode(ManifestDocument.Header.self, from: Data(bytes))
        else { return false }
        return header.format == format
    }

    /// Reads and checks the manifest of the store in `folder`. Throws `data` for what is no store, made by a newer
    /// version, or damaged.
    init(of folder: Folder) throws(StageError) {
        let place = SourcePosition(file: "\(folder.path)/\(StoreLayout.manifest)")
        guard try folder.names().contains(StoreLayout.manifest) else {
            throw StageError(
                .data, "is not a partition store: it has no \(StoreLayout.manifest)",
                at: SourcePosition(file: folder.path), advice: "make one with plumb partition")
        }
        let bytes = Data(try Self.contents(of: folder))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let header = try? decoder.decode(ManifestDocument.Header.self, from: bytes), header.format == Self.format
        else {
            throw StageError(.data, "is not the manifest of a partition store", at: place)
        }
        guard header.version <= Self.formatVersion else {
            throw StageError(
                .data,
                "was made by a newer version: format \(header.version), and this one reads up to"
                    + " \(Self.formatVersion)", at: place, advice: "update plumb or make the store again")
        }
        guard header.version == Self.formatVersion,
            let document = try? decoder.decode(ManifestDocument.self, from: bytes),
            let manifest = document.manifest, manifest.isConsistent, manifest.fingerprint == document.fingerprint
        else {
            throw StageError(.data, "the manifest is damaged", at: place, advice: "make the store again")
        }
        self = manifest
    }

    private static func contents(of folder: Folder) throws(StageError) -> [UInt8] {
        let file = try StoreFileReader(opening: StoreLayout.manifest, in: folder)
        guard file.size <= mostBytes else {
            throw StageError(.data, "is too large for a manifest", at: SourcePosition(file: file.path))
        }
        return try file.bytes(at: 0, atMost: mostBytes)
    }

    /// Whether the numbers can all be true at once; after this, sums over them do not overflow.
    private var isConsistent: Bool {
        let most = 1 << 48
        var counts = [
            users, samples.train, samples.validation, samples.test, usersWithout.train, usersWithout.validation,
            usersWithout.test, trainPositives, cloud.samples, cloud.positives,
        ]
        for out in leftOut.values { counts += [out.users, out.samples] }
        if let heldOut { counts += [heldOut.users, heldOut.train.samples, heldOut.train.positives] }
        let files = files.map(\.file)
        guard counts.allSatisfy({ (0...most).contains($0) }), PartitionSettings.bucketRange.contains(buckets.count),
            buckets.allSatisfy({ (0...most).contains($0.samples) && (0...$0.samples).contains($0.users) }),
            files.allSatisfy({ (0...most).contains($0.bytes) && $0.sha256.utf8.count == 64 }),
            storedDictionarySizes.count == storedSchema.features.count, isReadable
        else { return false }
        for (feature, size) in zip(storedSchema.features, storedDictionarySizes) {
            guard (feature.kind == .dense) == (size == nil),
                size.map({ (1...SampleCheck.mostIDs).contains($0) }) ?? true
            else { return false }
            if case .hash(let slots) = feature.encoding, size != slots + 1 { return false }
        }
        let offsets = buckets.map(\.indexOffset)
        return users <= samples.total
            && dictionarySizes.reduce(0, { $0 + ($1 ?? 0) }) <= SampleCheck.mostIDs && trainPositives <= samples.train
            && buckets.reduce(0) { $0 + $1.samples } == samples.total && buckets.reduce(0) { $0 + $1.users } == users
            && max(usersWithout.train, usersWithout.validation, usersWithout.test) <= users
            && zip(offsets, offsets.dropFirst() + [index.bytes]).allSatisfy { 0 < $0 && $0 <= $1 }
            && areCloudCountsConsistent
    }

    /// Whether histories and scalings are of features that there are.
    private var isReadable: Bool {
        if let history {
            guard (try? history.check()) != nil, (try? history.columns(in: storedSchema)) != nil else { return false }
        }
        let dense = Set(storedSchema.features.filter { $0.kind == .dense }.map(\.name))
        return scaling.allSatisfy {
            dense.contains($0.feature) && $0.offset.isFinite && $0.divisor.isFinite && $0.divisor > 0
        }
            && Set(scaling.map(\.feature)).count == scaling.count
            && (negatives.map { $0.drawn >= 0 && $0.missing >= 0 } ?? true)
    }

    private var areCloudCountsConsistent: Bool {
        guard cloud.samples <= measured.samples, cloud.positives <= min(cloud.samples, measured.positives),
            cloudUntil != nil || cloud == measured
        else { return false }
        guard let heldOut else { return true }
        return heldOut.users <= users && heldOut.train.samples <= samples.train
            && heldOut.train.positives <= min(heldOut.train.samples, trainPositives)
    }
}
