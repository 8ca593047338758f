import Testing

@testable import CTRModels

/// Sizes that a file may claim.
@Suite("The size of an architecture") struct ArchitectureSizeTests {
    /// A model of every part that its kind has: `count` fields of each sort with `rows` rows, `layers` layers of each
    /// sort with `size` outputs.
    private func architecture(
        _ kind: Architecture.Kind, count: Int, rows: Int, dimension: Int, layers: Int, size: Int,
        _ activation: Architecture.Activation = .dice
    ) -> Architecture {
        let uses = kind.uses
        var fields: [Architecture.Field] = []
        for index in 0..<count {
            fields.append(.init(name: "c\(index)", kind: index % 3 == 1 ? .multivalued : .categorical, rows: rows))
            if index % 4 == 3 { fields.append(.init(name: "d\(index)", kind: .dense, rows: 0)) }
            if uses.contains(.history), index % 3 != 1 {
                fields.append(.init(name: "h\(index)", kind: .history, rows: 0, of: "c\(index)"))
            }
        }
        let sizes = [Int](repeating: size, count: layers)
        let hasLayers = uses.contains(.hiddenLayers)
        return Architecture(
            kind: kind, fields: Array(fields.prefix(4096)),
            embeddingDimension: uses.contains(.embeddings) ? dimension : 0,
            hiddenSizes: hasLayers ? sizes : [], activation: hasLayers ? activation : .relu,
            crossLayers: uses.contains(.crossLayers) ? max(1, layers) : 0,
            attentionSizes: uses.contains(.attentionLayers) ? sizes : [])
    }

    private func largest(_ kind: Architecture.Kind) -> Architecture {
        architecture(kind, count: 4096, rows: Int(Int32.max), dimension: 65536, layers: 4096, size: 65536)
    }

    @Test("is bounded closely by its sizes alone", arguments: Architecture.Kind.allCases)
    func bound(kind: Architecture.Kind) throws {
        for activation in Architecture.Activation.allCases {
            for (count, rows, dimension, layers, size) in [(1, 1, 1, 0, 1), (5, 7, 3, 1, 11), (9, 20, 16, 3, 8)] {
                let small = architecture(
                    kind, count: count, rows: rows, dimension: dimension, layers: layers, size: size, activation)
                try small.validate()
                let numbers = CTRModel.tensorShapes(of: small).reduce(0) { $0 + $1.shape.reduce(1, *) }
                #expect(Double(numbers) <= small.parameterBound && small.parameterBound <= 1.7 * Double(numbers) + 3)
            }
        }
    }

    @Test("may be as large as 2⁴⁰ parameters", arguments: Architecture.Kind.allCases)
    func largestAllowed(kind: Architecture.Kind) throws {
        // Every size is in turn as large as the others leave it, within a factor of 2.
        for part in 0..<5 {
            func sizes(_ value: Int) -> Architecture {
                var sizes = [4, 1000, 8, 2, 16]
                sizes[part] = value
                return architecture(
                    kind, count: sizes[0], rows: sizes[1], dimension: sizes[2], layers: sizes[3], size: sizes[4])
            }
            var value = [2800, Int(Int32.max), 65536, 4096, 65536][part]
            while value > 1, (try? sizes(value).validate()) == nil { value /= 2 }
            let largest = sizes(value)
            try largest.validate()
            let numbers = CTRModel.tensorShapes(of: largest).reduce(0) { $0 + $1.shape.reduce(1, *) }
            #expect(Double(numbers) <= Architecture.mostParameters)
            #expect(largest.flopsPerSample(historyLength: 1 << 16) > 0)
        }
    }

    @Test("beyond that is refused, in a file too", arguments: Architecture.Kind.allCases)
    func hostile(kind: Architecture.Kind) throws {
        let architecture = largest(kind)
        let error = #expect(throws: ModelError.self) { try architecture.validate() }
        #expect(error?.code == .architecture && error?.message.contains("2⁴⁰ parameters") == true)

        var bytes: [UInt8] = []
        let writer = SafetensorsWriter<Never>(
            metadata: [CTRModel.architectureKey: architecture.json, "plumb.version": "1"], tensors: []
        ) { bytes += $0 }
        writer.finish()
        #expect(throws: ModelError.self) { try CTRModel(safetensors: bytes) }
    }
}
