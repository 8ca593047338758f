// swift-tools-version: 6.2
import PackageDescription

// SwiftPM warns of a definition in Linux's simdjson.pc at every build, and there compilers find the library anyway.
#if os(macOS)
let simdjsonPkgConfig: String? = "simdjson"
#else
let simdjsonPkgConfig: String? = nil
#endif

// ISA-L is written for these processors.
#if arch(x86_64) || arch(arm64)
let defaultTraits: Set<String> = ["BLAS", "ISAL"]
#else
let defaultTraits: Set<String> = ["BLAS"]
#endif

let package = Package(
    name: "plumbline",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .executable(name: "plumb", targets: ["plumb"]),
        .library(
            name: "Plumbline",
            targets: [
                "Pipelines", "Evaluation", "CloudTraining", "LocalStages", "UserPartition", "LogIngest", "LogSynthesis",
                "ModelExchange", "ArrowStream", "ByteStreams", "Samples",
            ]
        ),
        .library(name: "PlumblineDevice", targets: ["FineTuning", "CTRModels", "LabelCorrection"]),
    ],
    traits: [
        .trait(
            name: "BLAS", description: "Large matrix products by the system's BLAS instead of portable Swift kernels."),
        .trait(
            name: "ISAL",
            description: "Gzip by Intel's ISA-L (x86-64 and 64-bit ARM), faster than zlib, which does it otherwise."),
        .default(enabledTraits: defaultTraits),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The command.
        .executableTarget(
            name: "plumb",
            dependencies: [
                "Pipelines", "Evaluation", "CloudTraining", "LocalStages", "UserPartition", "LogIngest", "LogSynthesis",
                "ArrowStream", "ByteStreams", "Samples", "ModelExchange", "CTRModels", "FineTuning", "LabelCorrection",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncAlgorithms", package: "swift-async-algorithms"),
            ]
        ),
        .target(
            name: "Pipelines",
            dependencies: [
                "Evaluation", "CloudTraining", "LocalStages", "UserPartition", "LogIngest", "ArrowStream",
                "ByteStreams", "Samples", "FineTuning", "ModelExchange", "CTRModels", "LabelCorrection", "OrderedJSON",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // Stages.
        .target(name: "Evaluation", dependencies: ["ArrowStream", "ByteStreams", "OrderedJSON", "Samples"]),
        .target(
            name: "CloudTraining",
            dependencies: [
                "LocalStages", "Evaluation", "CTRModels", "UserPartition", "ByteStreams", "OrderedJSON", "Samples",
                .product(name: "Crypto", package: "swift-crypto"),
            ]),
        .target(
            name: "LocalStages",
            dependencies: [
                "FineTuning", "CTRModels", "LabelCorrection", "UserPartition", "ArrowStream", "ByteStreams", "Samples",
                "OrderedJSON",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "UserPartition",
            dependencies: [
                "ArrowStream", "ByteStreams", "Samples",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .target(
            name: "LogIngest",
            dependencies: [
                "CArchive", .target(name: "CISAL", condition: .when(traits: ["ISAL"])), "CZlib", "CFieldSplit",
                "CSimdjson", "ArrowStream", "ByteStreams", "OrderedJSON", "Samples",
            ]
        ),

        // The inner loop of the CSV parser, in C for its vector instructions.
        .target(name: "CFieldSplit"),

        // Weights to and from other tools' formats; no I/O, no Foundation.
        .target(name: "ModelExchange", dependencies: ["CTRModels"]),

        // Logs whose truth is known.
        .target(name: "LogSynthesis", dependencies: ["Samples"]),

        // What stages are made of.
        .target(name: "ArrowStream", dependencies: ["CLZ4", "CZstd", "ByteStreams", "Samples"]),
        .target(name: "ByteStreams", dependencies: ["Samples"]),
        .target(name: "Samples"),
        // C++, behind a header in C.
        .target(
            name: "CSimdjson", dependencies: ["SystemSimdjson"],
            cxxSettings: [.define("NDEBUG", .when(configuration: .release))],
            linkerSettings: [.linkedLibrary("simdjson")]),

        // The part that an app links on a phone: no Foundation, no I/O, no threads of its own.
        .target(name: "FineTuning", dependencies: ["CTRModels", "LabelCorrection"]),
        .target(
            name: "CTRModels",
            dependencies: [
                "CKernels", "OrderedJSON", .target(name: "CBLAS", condition: .when(traits: ["BLAS"])),
            ]),
        // Its inner loops, in C for their vector instructions.
        .target(name: "CKernels"),
        .target(name: "OrderedJSON"),
        .target(name: "LabelCorrection"),

        // System libraries.
        .systemLibrary(
            name: "CArchive", pkgConfig: "libarchive", providers: [.apt(["libarchive-dev"]), .brew(["libarchive"])]),
        .systemLibrary(
            name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-serial-dev"]), .brew(["openblas"])]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
        .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        .systemLibrary(
            name: "SystemSimdjson", pkgConfig: simdjsonPkgConfig,
            providers: [.apt(["libsimdjson-dev"]), .brew(["simdjson"])]),

        // Tests.
        .testTarget(name: "SamplesTests", dependencies: ["Samples"]),
        .testTarget(name: "ByteStreamsTests", dependencies: ["ByteStreams", "Samples"]),
        .testTarget(
            name: "ArrowStreamTests", dependencies: ["ArrowStream", "ByteStreams", "Samples"], exclude: ["Fixtures"]),
        .testTarget(
            name: "LogIngestTests",
            dependencies: [
                "LogIngest", "CFieldSplit", "CSimdjson", "ArrowStream", "ByteStreams", "OrderedJSON", "Samples",
            ],
            exclude: ["Fixtures"]),
        .testTarget(name: "LogSynthesisTests", dependencies: ["LogSynthesis", "Samples"], exclude: ["Fixtures"]),
        .testTarget(
            name: "UserPartitionTests",
            dependencies: [
                "UserPartition", "ArrowStream", "ByteStreams", "Samples",
            ]
        ),
        .testTarget(name: "OrderedJSONTests", dependencies: ["OrderedJSON"]),
        .testTarget(name: "LabelCorrectionTests", dependencies: ["LabelCorrection"], exclude: ["Fixtures"]),
        .testTarget(name: "CTRModelsTests", dependencies: ["CTRModels", "CKernels"], exclude: ["Fixtures"]),
        .testTarget(name: "ModelExchangeTests", dependencies: ["ModelExchange", "CTRModels"]),
        .testTarget(
            name: "FineTuningTests", dependencies: ["FineTuning", "CTRModels", "LabelCorrection"], exclude: ["Fixtures"]
        ),
        .testTarget(
            name: "CloudTrainingTests",
            dependencies: [
                "CloudTraining", "LocalStages", "CTRModels", "UserPartition", "ByteStreams", "OrderedJSON", "Samples",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),
        .testTarget(
            name: "LocalStagesTests",
            dependencies: [
                "LocalStages", "FineTuning", "CTRModels", "LabelCorrection", "UserPartition", "ByteStreams",
                "OrderedJSON",
                "Samples",
            ]
        ),
        .testTarget(
            name: "EvaluationTests", dependencies: ["Evaluation", "ByteStreams", "Samples"], exclude: ["Fixtures"]),
        .testTarget(
            name: "PipelinesTests",
            dependencies: [
                "Pipelines", "Evaluation", "CloudTraining", "LocalStages", "UserPartition", "LogIngest",
                "ModelExchange", "CTRModels", "LabelCorrection",
                "ByteStreams", "OrderedJSON", "Samples",
            ]
        ),
        // The built command, run as a person would.
        .testTarget(name: "CommandTests", dependencies: ["plumb"]),
    ],
    cxxLanguageStandard: .cxx17
)

for target in package.targets where ![.system, .plugin].contains(target.type) {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    // Warnings fail our CI, never a user's build with a newer compiler.
    if Context.environment["CI"] != nil {
        target.swiftSettings?.append(.treatAllWarnings(as: .error))
    }
}
