// Who asks, and for what: the alphabet of the bytes.

import HoldfastCore
import HoldfastModel

extension CoreDay {
    /// Somebody who asks.
    struct Client {
        var owner: Owner
        var rights: Caller.Rights
        var wantsSession = false
        var session: SessionID?
        var connection = ConnectionID.none
        var isConnected = false

        /// Two of one owner, two with sessions, one who may not steal, an administrator.
        static var all: [Client] {
            let plain = Caller.Rights.lock.union(.read)
            let ann = Owner(name: "ann")
            return [
                Client(owner: ann, rights: plain.union(.steal)),
                Client(owner: ann, rights: plain.union(.steal)),
                Client(owner: Owner(name: "bob"), rights: plain.union(.steal), wantsSession: true),
                Client(owner: Owner(name: "cid"), rights: plain, wantsSession: true),
                Client(owner: Owner(name: "root"), rights: .all),
            ]
        }
    }
}

extension ByteSource {
    /// Up to 25 seconds, mostly short; two things often fall on one instant.
    mutating func interval() -> Interval {
        let byte = Int(next())
        return byte < 128 ? .milliseconds(byte * 100) : .milliseconds((byte - 127) * 200 + 1)
    }

    mutating func maybe<Value>(_ make: (inout ByteSource) -> Value) -> Value? {
        flip() ? make(&self) : nil
    }

    /// One byte for what most requests leave at its default, and more where it says so.
    mutating func ticketRequest(for path: ResourcePath) -> TicketRequest {
        let choice = next()
        var request = TicketRequest(resource: path, lease: .seconds(5))
        request.mode = mode(choice & 3)
        if choice & 4 == 4 { request.stealable = true }
        if choice & 8 == 8 { request.priority = next() % 10 }
        if choice & 16 == 16 { request.maxWait = interval() }
        if choice & 32 == 32 { request.lease = .milliseconds(100) + interval() }
        if choice & 64 == 64 { addKey(to: &request) }
        if choice & 128 == 128 { addRareFields(to: &request) }
        return request
    }

    private mutating func mode(_ choice: UInt8) -> Mode {
        switch choice {
        case 0, 1: .exclusive
        case 2: .shared
        default: .permit(count: UInt32(1 + pick(3)), of: 3)
        }
    }

    private mutating func addKey(to request: inout TicketRequest) {
        let choice = next()
        request.details = TicketDetails(
            key: choice & 1 == 0 ? "k" : "l",
            holder: choice & 2 == 0 ? nil : "host"
        )
    }

    private mutating func addRareFields(to request: inout TicketRequest) {
        let choice = next()
        if choice & 1 == 1 { request.ifMine = .return }
        if choice & 2 == 2 { request.binding = .ticket }
        if choice & 4 == 4 { request.lockDelay = interval() }
        if choice & 8 == 8 { request.pollWithin = .milliseconds(100) + interval() }
        if choice & 16 == 16 { request.notify = .none }
        if choice & 32 == 32 { request.notify = .position }
        if choice & 64 == 64 { request.mode = .permit(count: 1, of: UInt32(1 + pick(4))) }
    }
}
