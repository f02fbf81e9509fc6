// The protocol as it is, for tools that show replies as they came.

import HoldfastModel
package import HoldfastWire

extension HoldfastClient {
    /// Sends one operation with these fields and hands back the reply as it came, a refusal too.
    ///
    /// It is retried as the same operation of the SDK would be, and a ticket gets an idempotency key if it
    /// has none. Throws only where there is no reply.
    package func send(
        _ operation: String,
        _ fields: [JSONMember] = []
    ) async throws(HoldfastError) -> Reply {
        let request = Request(operation, fields.map { Request.Field($0) })
        guard case .reply(let reply) = try await driver().perform(request).get() else {
            throw .outcomeUnknown("an answer of another kind")
        }
        return reply
    }
}

extension Request.Field {
    /// Texts and times are understood, since the client acts on some; the rest passes through.
    fileprivate init(_ member: JSONMember) {
        let value: Request.Value =
            switch member.value {
            case .string(let text): .text(text)
            case .integer, .number:
                member.name == "wait"
                    ? member.value.interval.map { .seconds($0) } ?? .json(member.value)
                    : .json(member.value)
            case .null, .bool, .array, .object: .json(member.value)
            }
        self.init(name: member.name, value: value)
    }
}
