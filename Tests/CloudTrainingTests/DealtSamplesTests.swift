import ByteStreams
import CTRModels
import LocalStages
import Samples
import Testing

@testable import CloudTraining
@testable import UserPartition

/// Samples as training reads them out of a store: whose, in what order, and from memory and a temporary file alike.
@Suite("Samples dealt out")
struct DealtSamplesTests {
    private typealias Folder = CloudTrainerTests.Folder

    private static let schema = SampleSchema(
        userKind: .integer,
        features: [
            .init(name: "item", kind: .categorical, encoding: .dictionary),
            .init(name: "tags", kind: .multivalued, encoding: .dictionary),
            .init(name: "age", kind: .dense, encoding: nil),
        ], item: 0)

    /// User 1 has 12,000 samples, more than a batch of the store holds; the others some. A sample's item is its number.
    private func store(_ folder: Folder, cloudUntil: Int64? = nil, heldOut: HeldOutUsers? = nil) async throws
        -> PartitionStore
    {
        var batch = SampleBatch(Self.schema)
        var items: [UInt32] = []
        var tags = ListColumn()
        for (user, size) in [300, 12_000, 1, 40, 2, 5000].enumerated() {
            for row in 0..<size {
                batch.users.append(.integer(Int64(user)))
                batch.times.append(Int64(row))
                batch.labels.append(Float((row + user) % 2))
                items.append(UInt32(items.count + 1))
                tags.append((0..<row % 4).map { UInt32($0 + 1) })
            }
        }
        batch.features = [.categorical(items), .multivalued(tags), .dense(items.map { Float($0) / 2 })]
        let log = batch
        let stream = ThreadedSequence<SampleBatch> { output throws(StageError) in try output.send(log) }
        let settings = PartitionSettings(heldOut: heldOut, cloudUntil: cloudUntil, buckets: 2)
        _ = try await stream.partition(into: folder.path + "/store", settings: settings)
        return try PartitionStore(opening: folder.path + "/store")
    }

    private func dealt(
        _ store: PartitionStore, _ folder: Folder, chunks: Int = 5, memoryBytes: Int = 1 << 30
    ) async throws -> (DealtSamples, SeenIDs) {
        let architecture = try TrainingSettings().architecture(for: store.manifest)
        let features = try ModelFeatures(of: architecture, in: store.schema)
        let path = folder.path
        var samples = DealtSamples(
            [.categorical, .multivalued, .dense], chunkCount: chunks, seed: 3, memoryBytes: memoryBytes,
            makeScratch: { () throws(StageError) in try ScratchFile(at: "\(path)/scratch") })
        let seen = try await samples.read(store, features: features, architecture: architecture)
        return (samples, seen)
    }

    private func items(_ samples: SampleColumns) -> [UInt32] {
        if case .categorical(let ids) = samples.columns[0] { ids } else { [] }
    }

    /// Items of a part, in the store's order, and the users' runs.
    private func expected(_ store: PartitionStore, _ part: Part, until: Int64 = .max) async throws -> [UInt32] {
        var result: [UInt32] = []
        for try await batch in store.withoutHeldOutUsers().localDatasets() {
            guard case .categorical(let ids) = batch.features[0] else { continue }
            for (row, other) in (batch.parts ?? []).enumerated() where other == part {
                if part != .train || batch.times[row] < until { result.append(ids[row]) }
            }
        }
        return result
    }

    @Test(
        "are the train part's, each in one chunk, and the validation part's in order; nothing of test",
        arguments: [1, 5])
    func parts(chunks: Int) async throws {
        let folder = try Folder()
        let store = try await store(folder)
        let (samples, seen) = try await dealt(store, folder, chunks: chunks)
        let train = try (0..<samples.chunkCount).map { items(try samples.chunk($0)) }
        let wanted = try await expected(store, .train)
        #expect(train.flatMap(\.self).sorted() == wanted.sorted())
        // Fair shares.
        #expect(train.allSatisfy { abs($0.count - wanted.count / chunks) < 200 })
        let blocks = try (0..<samples.blockCount).map { try samples.block($0) }
        #expect(try await blocks.flatMap(items) == expected(store, .validation))
        #expect(blocks.dropLast().allSatisfy { $0.count == DealtSamples.blockRows })
        let known = Set(wanted)
        for id in 0..<17_344 { #expect(seen.contains(id, table: 0) == known.contains(UInt32(id))) }
        withExtendedLifetime(folder) {}
    }

    @Test("a user's validation samples have one number, others another, over batches and blocks")
    func users() async throws {
        let folder = try Folder()
        let store = try await store(folder)
        let (samples, _) = try await dealt(store, folder)
        let numbers = try (0..<samples.blockCount).flatMap { try samples.block($0).users }
        var runs: [Int] = []
        var last: UInt32?
        for number in numbers {
            if number != last { runs.append(0) }
            runs[runs.count - 1] += 1
            last = number
        }
        let index = try store.users()
        #expect(runs == (0..<index.count).map { Int(index.validationSamples[$0]) }.filter { $0 > 0 })
        withExtendedLifetime(folder) {}
    }

    @Test("hold nothing of held-out users, and no train sample from `cloud_until` on")
    func leak() async throws {
        let folder = try Folder()
        let store = try await store(folder, cloudUntil: 100, heldOut: HeldOutUsers(millionths: 500_000))
        let (samples, seen) = try await dealt(store, folder)
        let train = try (0..<samples.chunkCount).flatMap { items(try samples.chunk($0)) }
        let wanted = try await expected(store, .train, until: 100)
        #expect(try #require(store.manifest.heldOut).users > 0)
        #expect(!wanted.isEmpty && train.sorted() == wanted.sorted())
        let known = Set(wanted)
        for id in 0..<17_344 { #expect(seen.contains(id, table: 0) == known.contains(UInt32(id))) }
        withExtendedLifetime(folder) {}
    }

    @Test("are the same from a temporary file, which has no name", arguments: [0, 20_000, 100_000])
    func spilled(memoryBytes: Int) async throws {
        let folder = try Folder()
        let store = try await store(folder)
        let (whole, _) = try await dealt(store, folder)
        let (spilled, _) = try await dealt(store, folder, memoryBytes: memoryBytes)
        #expect(spilled.bytesSpilled > 0 && whole.bytesSpilled == 0)
        #expect(try folder.names() == ["store"])
        for index in 0..<whole.chunkCount {
            let (a, b) = (try whole.chunk(index), try spilled.chunk(index))
            #expect(a.labels == b.labels && a.columns == b.columns)
        }
        for index in 0..<whole.blockCount {
            let (a, b) = (try whole.block(index), try spilled.block(index))
            #expect(a.labels == b.labels && a.columns == b.columns && a.users == b.users)
        }
        withExtendedLifetime(folder) {}
    }

    @Test(
        "an epoch hands out each train sample once, in whole batches but the last",
        arguments: [1, 7, 512, 4000, 100_000])
    func epochs(batchSize: Int) async throws {
        let folder = try Folder()
        let store = try await store(folder)
        let (samples, _) = try await dealt(store, folder)
        func order(_ epoch: Int) throws -> (items: [UInt32], sizes: [Int]) {
            var result: [UInt32] = []
            var sizes: [Int] = []
            try samples.forEachBatch(seed: 1, epoch: epoch, batchSize: batchSize) { part, input, rows in
                #expect(input == part.input)
                let ids = items(part)
                for row in rows {
                    // Columns of one row stay together.
                    let id = ids[Int(row)]
                    if case .dense(let ages) = part.columns[2] { #expect(ages[Int(row)] == Float(id) / 2) }
                    result.append(id)
                }
                sizes.append(rows.count)
            }
            return (result, sizes)
        }
        let first = try order(1)
        #expect(try await first.items.sorted() == expected(store, .train).sorted())
        #expect(first.sizes.dropLast().allSatisfy { $0 == batchSize })
        #expect(first.sizes.count == (samples.trainCount + batchSize - 1) / batchSize)
        #expect(try order(1) == first)
        #expect(try order(2).items != first.items)
        // In no sense the store's order: neighbours come from all over it.
        let rises = zip(first.items, first.items.dropFirst()).count { $0 < $1 }
        #expect(abs(rises - first.items.count / 2) < first.items.count / 20)
        withExtendedLifetime(folder) {}
    }

    @Test("chunks depend on the store and the model alone")
    func chunkCount() async throws {
        let folder = try Folder()
        let store = try await store(folder)
        let architecture = try TrainingSettings().architecture(for: store.manifest)
        let features = try ModelFeatures(of: architecture, in: store.schema)
        #expect(DealtSamples.chunkCount(of: store.manifest, features: features) == 1)
        let chunks = DealtSamples.chunkCount(of: store.manifest, features: features, chunkBytes: 50_000)
        #expect(chunks > 4)
        #expect(
            DealtSamples.chunkCount(
                of: store.selecting(UserSelection(millionths: 1)).manifest, features: features, chunkBytes: 50_000)
                == chunks)
        withExtendedLifetime(folder) {}
    }
}
