// A reply or an event as it came, and the questions that the machine asks of it. What the caller wants to
// know of it is read in the caller's own task (Reply+Values).

package import HoldfastModel
package import HoldfastWire

/// One line of the server that is an object.
package struct Reply: Hashable, Sendable {
    /// The line as a tree.
    package let value: JSONValue
    /// The line as it came, without its end.
    package let text: String

    package init(_ value: JSONValue, text: String) {
        self.value = value
        self.text = text
    }

    package func text(_ name: String) -> String? { value[name]?.string }
    package func integer(_ name: String) -> Int? {
        value[name]?.integer.flatMap { Int(exactly: $0) }
    }
    package func flag(_ name: String) -> Bool { value[name]?.bool ?? false }
    package func seconds(_ name: String) -> Interval? { value[name]?.interval }
}

extension Reply {
    /// Why it says no; nil where it says yes.
    package var refusal: ServerRefusal? {
        guard value["ok"]?.bool == false else { return nil }
        let error = value["error"]
        return ServerRefusal(
            code: ServerRefusal.Code(rawValue: error?["code"]?.string ?? "internal"),
            message: error?["message"]?.string ?? "refused without a word",
            isRetryable: error?["retryable"]?.bool ?? false,
            field: text("field"),
            limit: text("limit"),
            right: text("right")
        )
    }

    /// How the ticket that it speaks of ended: of `lost`, as an error or as an event.
    package var loss: LockLoss {
        LockLoss(
            text("ended").flatMap(LockLoss.Cause.init(rawValue:)) ?? .forgotten,
            by: text("by"),
            reason: text("endReason") ?? text("reason")
        )
    }

    /// What a holder is told.
    struct GrantTerms: Hashable, Sendable {
        var fence: Int
        var remaining: Interval
        var waited: Interval?
        var isLosing: Bool
    }

    var grant: GrantTerms? {
        guard text("state") == "acquired" || text("event") == "acquired",
            let fence = integer("fence"), let remaining = seconds("remaining")
        else { return nil }
        return GrantTerms(
            fence: fence,
            remaining: remaining,
            waited: seconds("waited"),
            isLosing: flag("losing")
        )
    }

    struct SessionTerms: Hashable, Sendable {
        var id: String
        var secret: String
        var grace: Interval
    }

    var session: SessionTerms? {
        guard let session = value["session"], let id = session["id"]?.string,
            let secret = session["secret"]?.string, let grace = session["grace"]?.interval
        else { return nil }
        return SessionTerms(id: id, secret: secret, grace: grace)
    }

    /// How many bytes a request may have, as `hello` tells.
    var lineLimit: Int? {
        value["limits"]?["line"]?.integer.flatMap { Int(exactly: $0) }
    }
}
