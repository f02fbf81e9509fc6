// Golden lines of every refusal, and of what stands beside an error (PROTOCOL §§2 and 6).

import HoldfastModel
import HoldfastWire
import Testing

@Suite struct RefusalWriterTests {
    @Test(arguments: ErrorCode.allCases)
    func `every code says whether to try again`(code: ErrorCode) {
        let retryable = [
            "conflict", "timed_out", "not_acquired", "capacity_mismatch", "limit_exceeded",
            "draining", "moved", "unavailable",
        ].contains(code.rawValue)
        #expect(
            line(Refusal(code, "why"))
                == #"{"id":1,"ok":false,"error":{"code":"\#(code.rawValue)","message":"why","retryable":\#(retryable)}}"#
        )
    }

    @Test func `what belongs to an error stands beside it`() {
        let bad = Refusal(.badRequest, "m", offset: 3, field: "lease", limit: .lease)
        #expect(line(bad).hasSuffix(#"false},"offset":3,"field":"lease","limit":"lease"}"#))
        let full = Refusal(.limitExceeded, "m", limit: .ticketsPerPrincipal)
        #expect(line(full).hasSuffix(#"true},"limit":"tickets_per_principal"}"#))
        let forbidden = Refusal(.forbidden, "m", right: .admin)
        #expect(line(forbidden).hasSuffix(#"false},"right":"admin"}"#))
    }

    @Test func `lost says how, by whom and why`() {
        let stolen = Refusal.Loss(ended: .stolen, by: "root", reason: "stuck")
        #expect(
            line(Refusal(.lost, "m", loss: stolen))
                .hasSuffix(#"false},"ended":"stolen","by":"root","endReason":"stuck"}"#)
        )
        #expect(
            line(Refusal(.lost, "m", loss: Refusal.Loss(ended: .expired)))
                .hasSuffix(#"false},"ended":"expired"}"#)
        )
    }

    @Test func `conflict shows the holder without its ticket`() throws {
        let held = Refusal.Held(
            holder: try Sample.view(.acquired(Sample.grant)),
            holderCount: 1,
            queueLength: 4,
            closedFor: nil
        )
        #expect(
            line(Refusal(.conflict, "deploy/prod is held by ci-7", held: held), id: .number(3))
                == #"{"id":3,"ok":false,"error":{"code":"conflict","message":"deploy/prod is held by ci-7","#
                + #""retryable":true},"holder":{"number":12,"resource":"deploy/prod","state":"acquired","#
                + #""mode":"exclusive","owner":"ci-7","priority":3,"lease":30,"fence":1763683200000041,"#
                + #""remaining":29.999,"createdAt":"\#(Sample.timeText)","stealable":false,"bind":"ticket"},"#
                + #""holders":1,"queueLength":4}"#
        )
    }

    @Test func `a closed resource has no holder`() {
        let held = Refusal.Held(
            holder: nil,
            holderCount: 0,
            queueLength: 0,
            closedFor: .milliseconds(500)
        )
        #expect(
            line(Refusal(.conflict, "m", held: held))
                .hasSuffix(#"true},"holders":0,"queueLength":0,"closedFor":0.5}"#)
        )
    }

    @Test func `moved says where to`() {
        var refusal = Refusal(.moved, "m")
        refusal.moved = Refusal.Moved(node: "n2", address: "10.0.0.2:7420")
        #expect(line(refusal).hasSuffix(#"true},"node":"n2","address":"10.0.0.2:7420"}"#))
    }
}
