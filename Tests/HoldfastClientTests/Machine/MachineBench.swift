// A machine on the bench: virtual time, a hand-written server. What the machine writes is read back as
// JSON, what the server says is written as JSON, and nothing happens between two lines of a test.

import HoldfastModel
import HoldfastWire
import Testing

@testable import HoldfastClient

/// A client machine, its clock, and the lines between it and the server.
struct MachineBench {
    /// One line of the machine.
    struct Line {
        var value: JSONValue
        var id: Int { Int(value["id"]?.integer ?? -1) }
        var operation: String { value["op"]?.string ?? "" }
        subscript(name: String) -> JSONValue? { value[name] }
    }

    var machine: ClientMachine
    var now = Instant(nanoseconds: 1_000_000_000_000)
    /// Lines that the test has not looked at.
    var lines: [Line] = []
    var actions: [Action] = []

    static let settings = ClientSettings(
        name: nil,
        token: nil,
        grace: .seconds(12),
        patience: .seconds(10),
        responseTimeout: .seconds(5),
        keepAlive: .seconds(10),
        backoffFirst: .milliseconds(100),
        backoffLongest: .seconds(5)
    )

    init(_ settings: ClientSettings = MachineBench.settings) {
        // Always the same words, so that every pause and key is the same in every run.
        machine = ClientMachine(
            settings: settings,
            random: RandomBuffer { words in
                for index in words.indices { words[index] = UInt64(index) &* 0x9e37_79b9_7f4a_7c15 }
            }
        )
    }

    /// Takes what the machine wants done.
    mutating func settleUp() {
        actions += machine.takeActions()
        let text = String(decoding: machine.outbound, as: UTF8.self)
        machine.outbound = []
        for line in text.split(separator: "\n") {
            guard let value = try? JSONValue(parsing: String(line)) else {
                Issue.record("the machine wrote \(line)")
                continue
            }
            lines.append(Line(value: value))
        }
    }

    /// Lets time pass, waking the machine whenever it asked for it.
    mutating func pass(_ interval: Interval) {
        let end = now + interval
        var wakes = 0
        while machine.nextWake <= end {
            now = max(now, machine.nextWake)
            wake()
            wakes += 1
            guard wakes < 10_000 else {
                Issue.record("the machine wants to be woken again and again, and nothing changes")
                break
            }
        }
        now = end
    }

    /// Lets time pass without anybody waking, as when the process was stopped.
    mutating func sleep(_ interval: Interval) { now = now + interval }

    mutating func wake() {
        machine.wake(at: now)
        settleUp()
    }

    // MARK: The caller

    mutating func submit(_ request: Request) -> CallID {
        defer { settleUp() }
        return machine.submit(request, at: now)
    }

    mutating func lock(
        _ resource: String = "demo",
        wait: Interval? = nil,
        lease: Interval = .seconds(30),
        isBound: Bool = true
    ) -> CallID {
        defer { settleUp() }
        var request = Request("lock", [Request.Field(name: "resource", value: .text(resource))])
        request["lease"] = .seconds(lease)
        if let wait { request["wait"] = .seconds(wait) }
        return machine.submit(request, for: .lock(isBound: isBound), at: now)
    }

    mutating func cancel(_ call: CallID) {
        machine.cancel(call, at: now)
        settleUp()
    }

    mutating func close() {
        machine.close(at: now)
        settleUp()
    }

    // MARK: The network

    mutating func connect() {
        machine.connected(at: now)
        settleUp()
    }

    mutating func refuseConnection() {
        machine.connectFailed("nobody there", at: now)
        settleUp()
    }

    mutating func breakConnection() {
        machine.disconnected("reset", at: now)
        settleUp()
    }

    mutating func receive(_ text: String) {
        machine.received("\(text)\n".utf8Span.span, at: now)
        settleUp()
    }

    // MARK: The server

    /// The oldest line that was not taken yet.
    mutating func take(_ operation: String) throws -> Line {
        let names = lines.map(\.operation)
        return try #require(takeIfThere(operation), "no \(operation) among \(names)")
    }

    mutating func takeIfThere(_ operation: String) -> Line? {
        lines.firstIndex { $0.operation == operation }.map { lines.remove(at: $0) }
    }

    mutating func answer(_ line: Line, _ fields: String = "") {
        receive(#"{"id":\#(line.id),"ok":true\#(fields.isEmpty ? "" : ",")\#(fields)}"#)
    }

    mutating func refuse(
        _ line: Line,
        _ code: String,
        retryable: Bool = false,
        _ fields: String = ""
    ) {
        receive(
            #"{"id":\#(line.id),"ok":false,"error":{"code":"\#(code)","message":"no","#
                + #""retryable":\#(retryable)}\#(fields.isEmpty ? "" : ",")\#(fields)}"#
        )
    }

    static func session(_ id: String = "s1", resumed: Bool = false) -> String {
        #""session":{"id":"\#(id)","secret":"x-\#(id)","grace":12,"resumed":\#(resumed)}"#
    }

    /// Connects, and answers `hello` with a session.
    mutating func greet(_ session: String = MachineBench.session()) throws {
        connect()
        answer(try take("hello"), session)
    }

    /// Makes a lock that is held since now.
    mutating func holdLock(
        lease: Interval = .seconds(30),
        isBound: Bool = true,
        ticket: String = "t1"
    ) throws -> HeldLock {
        let call = lock(lease: lease, isBound: isBound)
        if machine.link == .connecting { try greet(isBound ? Self.session() : "") }
        answer(
            try take("lock"),
            #""ticket":"\#(ticket)","resource":"demo","state":"acquired","fence":7,"#
                + #""lease":\#(lease.seconds),"remaining":\#(lease.seconds)"#
        )
        return try held(call)
    }

    // MARK: What came of it

    /// What the call was settled with, nil while it is not.
    func result(_ call: CallID) -> Result<Settled, HoldfastError>? {
        actions.firstNonNil { action in
            if case .settle(call, let result) = action { result } else { nil }
        }
    }

    func error(_ call: CallID) -> HoldfastError? {
        if case .failure(let error)? = result(call) { error } else { nil }
    }

    func reply(_ call: CallID) throws -> Reply {
        guard case .success(.reply(let reply))? = result(call) else {
            throw NotThere(what: "a reply, but \(String(describing: result(call)))")
        }
        return reply
    }

    func held(_ call: CallID) throws -> HeldLock {
        guard case .success(.held(let lock))? = result(call) else {
            throw NotThere(what: "a lock, but \(String(describing: result(call)))")
        }
        return lock
    }

    func loss(_ hold: HoldID) -> LockLoss? {
        actions.firstNonNil { action in
            if case .lose(hold, let loss) = action { loss } else { nil }
        }
    }

    func count(_ matches: (Action) -> Bool) -> Int { actions.count(where: matches) }

    var connectAttempts: Int {
        count { if case .connect = $0 { true } else { false } }
    }

    struct NotThere: Error {
        var what: String
    }
}

extension Array {
    fileprivate func firstNonNil<Value>(_ value: (Element) -> Value?) -> Value? {
        for element in self {
            if let found = value(element) { return found }
        }
        return nil
    }
}
