/// A click-through-rate model: an architecture and its weights, and the passes over samples.
///
/// A value: copies share memory until one is changed. Passes are synchronous, run on the caller's thread and allocate
/// nothing once workspace and gradient have grown to the batch, but for the order of histories in DIEN.
///
///     var model = CTRModel(architecture: architecture, seed: 1)
///     var workspace = model.makeWorkspace(rows: 512)
///     var gradient = Gradient(for: model)
///     var optimizer = Optimizer(.adam(learningRate: 0.001), for: model)
///     for rows in batches {
///         gradient.clear()
///         model.lossAndGradient(input, rows: rows, labels: labels, workspace: &workspace, gradient: &gradient)
///         optimizer.step(&model, gradient)
///     }
public struct CTRModel: Sendable {
    /// What it is made of.
    public internal(set) var architecture: Architecture
    /// All learned numbers. Values may be set; names and sizes are the architecture's.
    public var parameters: Parameters
    let network: any Network
    let logitSlot: ScratchSlot
    let logitGradientSlot: ScratchSlot
    let scratch: ScratchPlan
    // What the network relies on, whatever is assigned to `parameters`.
    private let layout: ParameterLayout

    /// A model before training; equal seeds give equal bytes on one machine.
    ///
    /// First-order weights and the bias start at zero, embeddings from N(0, 0.01²), linear layers evenly in ±1/√inputs
    /// as torch.nn.Linear's do. `architecture` must be valid: see `Architecture.validate()`.
    public init(architecture: Architecture, seed: UInt64) {
        do {
            try architecture.validate()
        } catch {
            preconditionFailure(error.message)
        }
        let (network, plan) = Self.compose(architecture)
        var parameters = Parameters(layout: plan.parameters, tableRows: architecture.tableRows)
        parameters.start(seed: seed)
        self.init(architecture: architecture, parameters: parameters, network: network, plan: plan)
    }

    init(architecture: Architecture, parameters: Parameters, network: any Network, plan: NetworkPlan) {
        self.architecture = architecture
        self.parameters = parameters
        self.network = network
        logitSlot = plan.logits
        logitGradientSlot = plan.logitGradients
        scratch = plan.scratch
        layout = plan.parameters
    }

    /// The same layers with other tables: `architecture` differs from `model`'s in rows a table only.
    init(_ model: CTRModel, architecture: Architecture, tables: [EmbeddingTable]) {
        self.architecture = architecture
        parameters = Parameters(model.parameters, tables: tables)
        network = model.network
        logitSlot = model.logitSlot
        logitGradientSlot = model.logitGradientSlot
        scratch = model.scratch
        layout = model.layout
    }

    /// The layers of a valid architecture, and what they declared. Allocates no weights.
    static func compose(_ architecture: Architecture) -> (network: any Network, plan: NetworkPlan) {
        var plan = NetworkPlan()
        plan.scratch.historyColumns = architecture.fields.indices.filter { architecture.fields[$0].kind == .history }
        let network = architecture.kind.network.init(architecture, &plan)
        return (network, plan)
    }

    /// Traps unless every buffer of parameters has the size that the kernels rely on. Cost: O(tables), for equal layouts
    /// share their memory.
    func checkParameters() {
        precondition(parameters.layout == layout, "parameters of another architecture")
        parameters.check()
    }

    /// Scratch memory for passes of up to `rows` rows. It serves this model and every restricted copy of it.
    public func makeWorkspace(rows: Int) -> Workspace {
        #if BLAS
        _ = MatrixProduct.useOneThread
        #endif
        return Workspace(rows: rows, plan: scratch)
    }
}
