// Rule 23: what makes two requests with one key the same request.

import HoldfastModel
import Testing

struct TicketRequestTests {
    private func request(_ change: (inout TicketRequest) -> Void = { _ in }) throws -> TicketRequest
    {
        var request = TicketRequest(
            resource: try #require(ResourcePath("demo")),
            details: TicketDetails(
                key: "k",
                holder: "h",
                reason: "r",
                meta: [MetaEntry(name: "n", value: "v")]
            )
        )
        change(&request)
        return request
    }

    @Test func `rule 23 another notify is still the same request`() throws {
        let other = try request { $0.notify = .none }
        #expect(try request().isSameRequest(as: other))
        #expect(try request() != other)
    }

    @Test func `rule 23 any other field makes another request`() throws {
        let path = try #require(ResourcePath("other"))
        let changes: [(String, (inout TicketRequest) -> Void)] = [
            ("resource", { $0.resource = path }),
            ("lease", { $0.lease = .seconds(31) }),
            ("mode", { $0.mode = .shared }),
            ("permits", { $0.mode = .permit(count: 1, of: 2) }),
            ("maxWait", { $0.maxWait = .zero }),
            ("priority", { $0.priority = 1 }),
            ("ifMine", { $0.ifMine = .return }),
            ("bind", { $0.binding = .session }),
            ("stealable", { $0.stealable = true }),
            ("lockDelay", { $0.lockDelay = .seconds(1) }),
            ("pollWithin", { $0.pollWithin = .seconds(1) }),
            ("details", { $0.details = nil }),
            ("key", { $0.details = TicketDetails(key: "l", holder: "h", reason: "r") }),
        ]
        let first = try request()
        for (field, change) in changes {
            let other = try request(change)
            #expect(first.isSameRequest(as: other) == false, "\(field)")
        }
    }

    @Test func `the texts of a request are compared by bytes`() {
        let plain = TicketDetails(key: "k", holder: "caf\u{e9}", reason: nil)
        #expect(plain == TicketDetails(key: "k", holder: "caf\u{e9}", reason: nil))
        #expect(plain != TicketDetails(key: "k", holder: "cafe\u{301}", reason: nil))
        #expect(plain != TicketDetails(key: "k", holder: "caf\u{e9}", reason: ""))
        #expect(
            MetaEntry(name: "a", value: "\u{e9}") != MetaEntry(name: "a", value: "e\u{301}")
        )
    }

    @Test func `equal details have equal hashes`() {
        let (one, other) = (
            TicketDetails(key: "k", holder: "h", meta: [MetaEntry(name: "a", value: "b")]),
            TicketDetails(key: "k", holder: "h", meta: [MetaEntry(name: "a", value: "b")])
        )
        #expect(one == other)
        #expect(one.hashValue == other.hashValue)
        #expect(Set([one, other]).count == 1)
    }
}
