// A request before it is a line: the operation's word and its fields, in the order they are written. What
// may be done with it when the connection breaks follows from the word alone (rules 23 and 24), so a
// request that a person typed is as safe as one of the SDK's own.

import HoldfastModel
import HoldfastWire

/// One thing to ask of the server.
struct Request: Hashable, Sendable {
    struct Field: Hashable, Sendable {
        var name: String
        var value: Value
    }

    /// The kinds of values that requests are made of.
    indirect enum Value: Hashable, Sendable {
        case text(String)
        case number(Int)
        case seconds(Interval)
        case flag(Bool)
        case object([Field])
        /// A caller's own JSON.
        case json(JSONValue)
    }

    var operation: String
    var fields: [Field]

    init(_ operation: String, _ fields: [Field] = []) {
        self.operation = operation
        self.fields = fields
    }

    subscript(name: String) -> Value? {
        get { fields.first { $0.name == name }?.value }
        set {
            let index = fields.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): fields[index].value = value
            case (let index?, nil): fields.remove(at: index)
            case (nil, let value?): fields.append(Field(name: name, value: value))
            case (nil, nil): break
            }
        }
    }
}

extension Request {
    /// Its reply comes when it is done, not in its turn (PROTOCOL §2).
    var waits: Bool {
        switch operation {
        case "lock": true
        case "acquire": self["wait"] != nil
        default: false
        }
    }

    /// Makes a ticket: carries an idempotency key, and leaves something behind that must be given back.
    var makesTicket: Bool {
        switch operation {
        case "queue", "lock", "steal": true
        default: false
        }
    }

    /// Doing it twice is the same as doing it once (rules 23, 24), so it is sent again after a disconnect.
    var isRepeatable: Bool {
        switch operation {
        case "queue", "lock", "steal", "acquire", "renew", "release": true
        case "status", "check", "list", "resources", "history", "stats", "ping", "drain": true
        case "watch", "unwatch", "hello", "bye", "clear": false
        default: false
        }
    }

    /// Changes something at the server: without an answer nobody knows whether it did.
    var hasEffect: Bool {
        switch operation {
        case "status", "check", "list", "resources", "history", "stats", "ping": false
        default: true
        }
    }
}

extension Request {
    static func acquire(_ ticket: String) -> Request {
        Request("acquire", [Field(name: "ticket", value: .text(ticket))])
    }

    static func renew(_ ticket: String) -> Request {
        Request("renew", [Field(name: "ticket", value: .text(ticket))])
    }

    static func release(_ ticket: String) -> Request {
        Request("release", [Field(name: "ticket", value: .text(ticket))])
    }

    static let ping = Request("ping")
    static let bye = Request("bye")
}
