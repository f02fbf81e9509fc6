// A client that uses the SDK as programs do: it takes locks with `withLock`, works under them for a while, and
// lets the SDK renew, reconnect and resume. What the SDK says may be trusted is what the oracle holds against
// everybody else.

import HoldfastClient
import HoldfastModel

/// A program over the SDK; one owner.
final class SDKClient: @unchecked Sendable {
    let number: Int
    let loop: VirtualLoop
    private let stage: Stage
    private let client: HoldfastClient
    private let connector: LinkConnector
    private var isOver = false
    /// No lock is asked for or held any more.
    private(set) var isDone = false

    init(_ number: Int, on stage: Stage) {
        self.number = number
        self.stage = stage
        let offset = stage.has(.clockSkew) ? stage.world.random.below(1_000_000) : 0
        if offset > 0 { stage.inject(.clockSkew) }
        loop = stage.world.makeLoop(200 + number, clockOffset: .milliseconds(offset))
        connector = LinkConnector(stage, number)
        var configuration = HoldfastClient.Configuration()
        configuration.sessionGrace =
            stage.world.random.chance(70)
            ? .milliseconds(500 + stage.world.random.below(4_000)) : nil
        configuration.patience = .seconds(stage.world.random.below(8))
        client = HoldfastClient(
            ServerAddress(host: "simulated", port: 1),
            token: "s\(number)",
            configuration: configuration,
            in: ClientEnvironment(
                loop: loop,
                connector: connector,
                random: VirtualServer.randomness(seed: stage.world.random.next())()
            )
        )
    }

    /// The connection of the moment.
    var link: Link? { connector.last }

    func start() { VirtualServer.ask(on: loop) { await self.work() } }

    /// Says goodbye.
    func close() {
        isOver = true
        VirtualServer.ask(on: loop) { [client] in await client.close() }
    }

    private func work() async {
        while !isOver, !stage.isHealed {
            let asked = newRequest()
            let wait = Duration.milliseconds(stage.world.random.below(4_000))
            do {
                try await client.withLock(
                    asked.resource,
                    lease: .nanoseconds(asked.lease.nanoseconds),
                    wait: stage.world.random.chance(70) ? wait : nil,
                    mode: asked.mode == .shared ? .shared : .exclusive,
                    options: LockOptions(
                        holder: asked.label,
                        isStealable: asked.isStealable
                    )
                ) { lock in await self.use(lock, asked) }
                stage.oracle.count("sdk locks used")
            } catch let error as HoldfastError {
                stage.oracle.count("sdk \(SDKClient.name(of: error))")
                stage.note("s\(number) \(asked.label): \(error)")
            } catch {
                stage.oracle.fail("sdk-errors", "another error: \(error)")
            }
            await pause(stage.world.random.below(400))
        }
        isDone = true
    }

    private func newRequest() -> Asked {
        var asked = Asked(
            label: stage.newLabel(client: 100 + number),
            client: 100 + number,
            resource: "r/\(stage.world.random.below(stage.scenario.resourceCount))"
        )
        asked.mode = stage.world.random.chance(25) ? .shared : .exclusive
        asked.lease = .milliseconds(300 + stage.world.random.below(3_000))
        asked.isOfSDK = true
        asked.at = stage.world.now
        asked.principal = "s\(number)"
        asked.isStealable = stage.world.random.chance(50)
        stage.oracle.asked[asked.label] = asked
        return asked
    }

    /// Works as long as the lock is held, looking before every step.
    private func use(_ lock: LockHandle, _ asked: Asked) async {
        stage.note("s\(number) holds \(asked.label) on \(asked.resource) with fence \(lock.fence)")
        stage.oracle.trusts(asked, until: .never) { lock.isHeld }
        for _ in 0..<stage.world.random.below(12) where lock.isHeld && !stage.isHealed {
            await pause(stage.world.random.below(300))
        }
        stage.oracle.endTrust(asked.label)
        stage.note("s\(number) leaves \(asked.label)")
    }

    private func pause(_ milliseconds: Int) async {
        let alarm = loop.makeAlarm()
        alarm.set(for: loop.reading.now + .milliseconds(milliseconds))
        _ = await alarm.rings()
    }

    private static func name(of error: HoldfastError) -> String {
        switch error {
        case .lockLost: "lock lost"
        case .conflict: "conflict"
        case .timedOut: "timed out"
        case .refused: "refused"
        case .unreachable: "unreachable"
        case .outcomeUnknown: "outcome unknown"
        case .cancelled: "cancelled"
        case .invalid: "invalid"
        case .closed: "closed"
        }
    }
}

/// How an SDK client reaches the server of the moment.
final class LinkConnector: Connector, @unchecked Sendable {
    private let stage: Stage
    private let number: Int
    private(set) weak var last: Link?

    init(_ stage: Stage, _ number: Int) {
        self.stage = stage
        self.number = number
    }

    func connect(
        to address: ServerAddress,
        on loop: any Loop
    ) async throws(ConnectError) -> any ByteStream {
        guard let link = stage.connect() else { throw .refused("simulated") }
        last = link
        let stream = LinkStream(link, isServer: false, on: loop)
        if stage.isTracing {
            stage.note("s\(number) connects")
            stream.tap = { [stage, number] bytes, isWritten in
                let text = String(decoding: bytes, as: UTF8.self)
                for line in text.split(separator: "\n") {
                    stage.note("s\(number) \(isWritten ? ">" : "<") \(line)")
                }
            }
        }
        return stream
    }
}
