import CTRModels
public import UserPartition

extension CloudModel {
    /// The model's safetensors file. Its metadata also names the store and seed that it comes from and the pass that was
    /// kept: same store, settings and seed, same bytes.
    public func safetensors(store: PartitionManifest, seed: UInt64) -> [UInt8] {
        model.safetensors(metadata: [
            "plumb.store": store.fingerprint, "plumb.seed": "\(seed)", "plumb.epoch": "\(best + 1)",
        ])
    }
}
