/// Leaves out a share p of a hidden layer's outputs in training and scales the rest by 1 / (1 − p) (Srivastava et al.
/// 2014, "Dropout: A Simple Way to Prevent Neural Networks from Overfitting", in its inverted form, as
/// torch.nn.Dropout).
///
/// Which outputs is a function of seed, step, layer, the row's place in its batch and the unit, so that it does not
/// depend on how a batch is cut or on threads. With G = 0x9E3779B97F4A7C15, mix the last three lines of
/// `SplitMix64.next`, all modulo 2^64:
///
///     key(seed, step) = mix(seed + (step + 1) · G)
///     layer key       = mix(key + (layer + 1) · G)                  layer 0, 1, … of the perceptron
///     kept            ⇔ mix(layer key + (place · width + unit) · G) >> 32  ≥  ⌊p · 2^32⌋
struct Dropout: Sendable {
    private let threshold: UInt64
    private let scale: Float
    private let layer: UInt64
    private let width: Int

    /// Dropout of `layer`'s outputs [rows, width]; nil where nothing is to be dropped.
    init?(_ share: Double, layer: Int, width: Int) {
        if share == 0 { return nil }
        threshold = UInt64(share * 0x1p32)
        scale = Float(1 / (1 - share))
        self.layer = UInt64(layer)
        self.width = width
    }

    /// What all layers of one step share.
    static func key(seed: UInt64, step: UInt64) -> UInt64 {
        SplitMix64.mix(seed &+ (step &+ 1) &* SplitMix64.increment)
    }

    /// Scales or zeroes outputs [rows, width], or the gradients by them; nothing in a frozen pass.
    func apply(_ batch: Batch, _ values: UnsafeMutablePointer<Float>) {
        guard case .training(let key) = batch.mode else { return }
        let layerKey = SplitMix64.mix(key &+ (layer &+ 1) &* SplitMix64.increment)
        let first = UInt64(batch.firstPlace * width)
        for index in 0..<batch.count * width {
            let bits = SplitMix64.mix(layerKey &+ (first &+ UInt64(index)) &* SplitMix64.increment)
            values[index] *= bits >> 32 >= threshold ? scale : 0
        }
    }
}
