// swift-tools-version: 6.2
import PackageDescription

// What an app does with PlumblineDevice, as a command. Run by `make example-on-device`.
let package = Package(
    name: "on-device",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [.executable(name: "on-device", targets: ["OnDevice"])],
    // Without traits: no system library.
    dependencies: [.package(name: "plumbline", path: "../..", traits: [])],
    targets: [
        .executableTarget(name: "OnDevice", dependencies: [.product(name: "PlumblineDevice", package: "plumbline")])
    ]
)
