// What the players of one seed share: the world, the server of the moment, the oracle, the scenario, the trace.

import HoldfastModel

/// The place where clients meet the server.
final class Stage: @unchecked Sendable {
    let world: SeededWorld
    let scenario: Scenario
    let oracle = Oracle()
    var server: ServerProcess?
    /// Faults are over.
    var isHealed = false
    /// Nobody gets a connection for the moment.
    var isClosed = false
    var trace: [(at: Instant, text: String)] = []
    let isTracing: Bool
    private var nextLabel = 0

    init(_ scenario: Scenario, isTracing: Bool) {
        self.scenario = scenario
        self.isTracing = isTracing
        world = SeededWorld(seed: scenario.seed)
        oracle.now = { [world] in world.now }
        oracle.retain = scenario.retain - .seconds(1)
        // A batch on a slow disk is several calls.
        if scenario.has(.slowDisk) { oracle.tellingMax = .milliseconds(700) }
        oracle.isReadAtOnce =
            scenario.limits.inFlight >= 1_000 && scenario.limits.outboundBytes >= 1_000_000
            && scenario.limits.undurableRecords >= 1_000
        oracle.retainedMax = scenario.limits.retained - 2
    }

    func has(_ fault: Fault) -> Bool { !isHealed && scenario.has(fault) }

    func note(_ text: @autoclosure () -> String) {
        if isTracing { trace.append((world.now, text())) }
    }

    func inject(_ fault: Fault, _ text: @autoclosure () -> String = "") {
        oracle.count("fault \(fault.rawValue)")
        note("** \(fault.rawValue) \(text())")
    }

    func newLabel(client: Int) -> String {
        nextLabel += 1
        return "c\(client).\(nextLabel)"
    }

    /// A connection to the server, or none where nobody listens.
    func connect() -> Link? {
        guard !isClosed, let server, case .done = server.start, !server.isOver else { return nil }
        let listener = world.random.pick(server.listeners)
        guard !listener.isClosed else { return nil }
        let link = Link(in: world, conditions())
        listener.take(link)
        return link
    }

    private func conditions() -> LinkConditions {
        var conditions = LinkConditions()
        if has(.delay) {
            oracle.count("fault delay")
            conditions.delayMilliseconds = 0...world.random.pick([1, 5, 40, 300])
        }
        if has(.cuts) {
            oracle.count("fault cuts")
            conditions.cutsBytes = true
        }
        if has(.slowReader), world.random.chance(30) {
            oracle.count("fault slowReader")
            conditions.window = 300 + world.random.below(2_000)
        }
        return conditions
    }
}
