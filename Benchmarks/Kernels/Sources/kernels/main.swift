import Foundation
import Peers

// Times every kernel and its peers. Prints tables in Markdown; arguments: runs of each, and the file for all figures.

let runs = CommandLine.arguments.count > 1 ? Int(CommandLine.arguments[1]) ?? 9 : 9
let path = CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "kernels.json"
peers_start()
var results: [Result] = []

/// The rates of a job's candidates in their fastest runs, in their order: what other processes do to a run is always to its
/// disadvantage. The file holds all runs and, as `rate`, that of the median.
@MainActor func measure(_ job: Job) -> [(tool: String, rate: Double)] {
    let part = job.results(runs: runs, peakMiB: peers_peak_mib)
    results += part
    return part.map { ($0.tool, $0.bestRate) }
}

func row(_ cells: [String]) { print("| " + cells.joined(separator: " | ") + " |") }
func rates(_ values: [(tool: String, rate: Double)]) -> [String] { values.map { String(format: "%.0f", $0.rate) } }
func head(_ first: [String], _ values: [(tool: String, rate: Double)]) {
    row(first + values.map(\.tool))
    row((first + values.map(\.tool)).map { _ in "---" })
}

print("OpenBLAS: \(String(cString: peers_openblas_core())). libxsmm: \(String(cString: peers_libxsmm_target())).")
let peak = measure(Products.job("square", peers_input_gradient, rows: 1024, inputs: 1024, outputs: 1024))
print("A product of 1024 x 1024 matrices, GFLOP/s:\n")
head([], peak)
row(rates(peak))

for (name, product) in Products.products {
    print("\n\(name), GFLOP/s, one thread\n")
    for (place, layer) in Products.layers.enumerated() {
        for (index, rows) in Products.rows.enumerated() {
            let values = measure(Products.job(name, product, rows: rows, inputs: layer.0, outputs: layer.1))
            if place == 0, index == 0 { head(["inputs-outputs", "rows"], values) }
            row(["\(layer.0)-\(layer.1)", "\(rows)"] + rates(values))
        }
    }
}

print("\ntwo threads at once, GFLOP/s of both\n")
for (index, rows) in [32, 128, 256].enumerated() {
    for (name, product) in Products.products {
        for layer in Products.layers.prefix(3) {
            let part = Pair(product, rows: rows, inputs: layer.0, outputs: layer.1).results(name, runs: 20 * runs)
            results += part
            let values = part.map { (tool: $0.tool, rate: $0.bestRate) }
            if index == 0, name == "forward", layer == (80, 256) {
                head(["inputs-outputs", "rows", "product"], values)
            }
            row(["\(layer.0)-\(layer.1)", "\(rows)", name] + rates(values))
        }
    }
}

print("\nelementwise, millions of numbers a second\n")
for job in Elementwise.jobs() {
    print("- \(job.name): " + measure(job).map { String(format: "%@ %.0f", $0.tool, $0.rate) }.joined(separator: ", "))
}

/// Geometric means over the layers: what to look at first.
print("\ngeometric means over the layers, GFLOP/s, one thread\n")
for (place, name) in Products.products.map(\.name).enumerated() {
    for (index, rows) in Products.rows.enumerated() {
        let part = results.filter { $0.job.hasPrefix("\(name) \(rows) x ") }
        var tools: [String] = []
        for result in part where !tools.contains(result.tool) { tools.append(result.tool) }
        let means = tools.map { tool in
            let logarithms = part.filter { $0.tool == tool }.map { log($0.bestRate) }
            return (tool: tool, rate: exp(logarithms.reduce(0, +) / Double(logarithms.count)))
        }
        if place == 0, index == 0 { head(["product", "rows"], means) }
        row([name, "\(rows)"] + rates(means))
    }
}

let encoder = JSONEncoder()
encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
try FileManager.default.createDirectory(
    at: URL(fileURLWithPath: path).deletingLastPathComponent(), withIntermediateDirectories: true)
try encoder.encode(results).write(to: URL(fileURLWithPath: path))
