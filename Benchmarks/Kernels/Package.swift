// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that Plumbline itself never needs libxsmm. Run by `make bench-kernels`.
let package = Package(
    name: "kernels",
    targets: [
        .executableTarget(name: "kernels", dependencies: ["CKernels", "Peers"]),
        // Links to the kernels as they are shipped.
        .target(name: "CKernels"),
        .systemLibrary(name: "CBLAS", pkgConfig: "openblas"),
        // OpenBLAS and libxsmm, called alike.
        .target(
            name: "Peers", dependencies: ["CBLAS"],
            linkerSettings: [.linkedLibrary("xsmm"), .linkedLibrary("xsmmnoblas")]),
    ]
)
