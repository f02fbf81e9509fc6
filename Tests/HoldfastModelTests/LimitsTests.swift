// Rule 31: the names and defaults of PROTOCOL §8, and the codes of PROTOCOL §6.

import HoldfastModel
import Testing

struct LimitsTests {
    @Test func `rule 31 the defaults are those of the protocol`() {
        let limits = Limits()
        #expect(limits.lineBytes == 65_536)
        #expect(limits.connections == 16_384)
        #expect(limits.connectionsPerPrincipal == 16_384)
        #expect(limits.connections(ofAddressOnThisMachine: false) == 8_192)
        #expect(limits.connections(ofAddressOnThisMachine: true) == nil)
        #expect(limits.requestsPerSecond == nil)
        #expect(Limits.requestsPerSecondDefault == 50_000)
        #expect(limits.inFlight == 1_024)
        #expect(limits.waits == 16_384)
        #expect(limits.queue == 250_000)
        #expect(limits.ticketsPerPrincipal == 100_000)
        #expect(limits.resources == 4_000_000)
        #expect(limits.sessions == 65_536)
        #expect(limits.watches == 64)
        #expect(limits.outboundBytes == 4_194_304)
        #expect(Limits().outboundPatience == .seconds(10))
        #expect(limits.metaBytes == 1_024)
        #expect(limits.claims == 1_000_000)
        #expect(limits.retained == 64)
        #expect(limits.history == 64)
        #expect(limits.historyTotal == 1_000_000)
        #expect(limits.undurableRecords == 131_072)
        #expect(limits.leaseMin == .milliseconds(100))
        #expect(limits.leaseMax == .seconds(86_400))
    }

    @Test func `rule 31 every limit has the name that an error says`() {
        #expect(
            LimitName.allCases.map(\.rawValue) == [
                "line", "connections", "connections_per_principal",
                "connections_per_address", "requests_per_second", "in_flight", "waits", "queue",
                "claims", "tickets_per_principal", "resources", "sessions", "watches", "outbound",
                "memory", "meta", "retained", "history", "lease",
            ]
        )
    }

    @Test func `the ranges and defaults of a request are those of the protocol`() throws {
        let path = try #require(ResourcePath("demo"))
        let request = TicketRequest(resource: path)
        #expect(request.lease == .seconds(30))
        #expect(request.mode == .exclusive)
        #expect(request.maxWait == nil)
        #expect(request.priority == 0)
        #expect(request.ifMine == .queue)
        #expect(request.binding == nil)
        #expect(!request.stealable)
        #expect(request.lockDelay == .zero)
        #expect(request.pollWithin == .seconds(90))
        #expect(request.notify == .state)
        #expect(request.details == nil)
        #expect(TicketRequest.priorityMax == 9)
        #expect(TicketRequest.lockDelayMax == .seconds(60))
        #expect(TicketRequest.graceMax == .seconds(300))
        #expect(TicketRequest.keyBytesMax == 128)
        #expect(TicketRequest.textBytesMax == 256)
        #expect(TicketRequest.metaCountMax == 16)
        #expect(Mode.permitsMax == 1_000_000)
        #expect(ListPage().limit == 100)
        #expect(ListPage.limitMax == 1_000)
        #expect(Hello.graceDefault == .seconds(10))
        #expect(Hello.graceMin == .milliseconds(100))
        #expect(Hello.graceMax == .seconds(300))
    }
}

struct ErrorCodeTests {
    @Test func `the codes are the words of the protocol`() {
        #expect(
            ErrorCode.allCases.map(\.rawValue) == [
                "bad_request", "unknown_op", "line_too_long", "unauthenticated", "forbidden",
                "not_found", "conflict", "not_acquired", "lost", "timed_out", "not_stealable",
                "capacity_mismatch", "limit_exceeded", "draining", "moved", "unavailable",
                "internal",
            ]
        )
    }

    @Test func `retryable are those that may succeed later without anyone changing them`() {
        let retryable = [
            "conflict", "timed_out", "not_acquired", "capacity_mismatch", "limit_exceeded",
            "draining", "moved", "unavailable",
        ]
        for code in ErrorCode.allCases {
            #expect(code.isRetryable == retryable.contains(code.rawValue), "\(code.rawValue)")
        }
    }

    @Test func `rule 2 the endings are the words of the protocol and each is a notice of its own`()
    {
        #expect(
            Ending.allCases.map(\.rawValue) == [
                "released", "cancelled", "expired", "timed_out", "abandoned", "session_ended",
                "stolen", "cleared",
            ]
        )
        for ending in Ending.allCases {
            #expect(Notice.Kind(ending).rawValue == ending.rawValue)
            #expect(Notice.Kind(ending).ending == ending)
        }
        let others = Notice.Kind.allCases.filter { $0.ending == nil }.map(\.rawValue)
        #expect(others == ["queued", "acquired", "renewed", "losing", "kept"])
    }

    @Test func `rule 29 the rights are the verbs of the protocol`() {
        #expect(Right.allCases.map(\.rawValue) == ["lock", "read", "steal", "admin"])
    }
}
