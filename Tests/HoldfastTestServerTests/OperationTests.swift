// Every operation of the client, answered by a real server.

import HoldfastTestServer
import HoldfastWire
import Testing

@testable import HoldfastClient

struct OperationTests {
    @Test func `a ticket is queued, polled, renewed and released by its name`() async throws {
        try await Stage.with { stage in
            let first = try await stage.client.queue("demo", lease: .unhurried)
            #expect(first.grant != nil)
            #expect(first.lease == .unhurried)
            #expect(first.resource == "demo")
            let second = try await stage.client.queue(
                "demo",
                lease: .unhurried,
                priority: 3,
                reason: "next"
            )
            #expect(second.standing == .queued(QueuePosition(position: 1, queueLength: 1)))
            let poll = try await stage.client.acquire(second.ticket)
            #expect(poll.standing == second.standing)
            #expect(try await stage.client.renew(first.ticket).fence == first.grant?.fence)
            let outcome = try await stage.client.release(first.ticket)
            #expect(outcome == ReleaseOutcome(cause: .released))
            #expect(try await stage.client.release(first.ticket).wasAlreadyReleased)
            let granted = try await stage.client.acquire(second.ticket, wait: .seconds(60))
            #expect(granted.grant != nil)
            #expect(try await stage.client.status(second.ticket).priority == 3)
        }
    }

    @Test func `a ticket that is queued is kept once it is granted`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            let ticket = try await stage.other.queue("demo", lease: .unhurried).ticket
            do throws(HoldfastError) {
                _ = try await stage.other.keep(ticket, wait: .zero)
                Issue.record("granted twice")
            } catch .refused(let refusal) {
                #expect(refusal.code == .notAcquired)
            } catch {
                Issue.record(error)
            }
            async let kept = stage.other.keep(ticket)
            try await lock.release()
            #expect(try await kept.isHeld)
        }
    }

    @Test func `rule 23: the same key is the same ticket`() async throws {
        try await Stage.with { stage in
            let options = LockOptions(key: "job-4211")
            let one = try await stage.client.queue("demo", lease: .unhurried, options: options)
            let two = try await stage.client.queue("demo", lease: .unhurried, options: options)
            #expect(one.ticket == two.ticket)
            #expect(two.isExisting && !one.isExisting)
        }
    }

    @Test func `rule 25: an owner can have its own ticket back`() async throws {
        try await Stage.with { stage in
            let one = try await stage.client.queue("demo", lease: .unhurried)
            let two = try await stage.client.queue(
                "demo",
                lease: .unhurried,
                options: LockOptions(returnsOwnTicket: true)
            )
            #expect(one.ticket == two.ticket)
        }
    }

    @Test func `everything that is said about a ticket is shown`() async throws {
        try await Stage.with { stage in
            let report = try await stage.client.queue(
                "demo",
                lease: .unhurried,
                mode: .permit(count: 2, of: 5),
                reason: "why",
                options: LockOptions(
                    holder: "me",
                    metadata: ["b": "2", "a": "1"],
                    binding: .ticket,
                    isStealable: true
                )
            )
            let view = try await stage.client.status(report.ticket)
            #expect(view.ticket == report.ticket)
            #expect(view.mode == .permit(count: 2, of: 5))
            #expect(view.reason == "why")
            #expect(view.holder == "me")
            #expect(view.metadata == ["a": "1", "b": "2"])
            #expect(view.binding == .ticket)
            #expect(view.isStealable)
            #expect(view.state == "acquired")
            #expect(view.owner == "anonymous")
            #expect(view.createdAt != nil && view.expiresAt != nil)
        }
    }

    @Test func `a guard asks whether a fence is a present one`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            #expect(try await stage.other.check("demo", fence: lock.fence).isValid)
            #expect(try await !stage.other.check("demo", fence: lock.fence - 1).isValid)
            #expect(try await stage.client.check(lock.ticket).state == "acquired")
            try await lock.release()
            #expect(try await !stage.other.check("demo", fence: lock.fence).isValid)
        }
    }

    @Test func `resources are listed by page`() async throws {
        try await Stage.with { stage in
            for name in ["ci/a", "ci/b", "ci/c", "other"] {
                _ = try await stage.client.queue(
                    name,
                    lease: .unhurried,
                    options: LockOptions(holder: name)
                )
            }
            let first = try await stage.client.resources(under: "ci", limit: 2)
            #expect(first.resources.map(\.resource) == ["ci/a", "ci/b"])
            #expect(first.resources.first?.holder == "ci/a")
            #expect(first.resources.first?.holderCount == 1)
            let next = try #require(first.next)
            let second = try await stage.client.resources(under: "ci", limit: 2, after: next)
            #expect(second.resources.map(\.resource) == ["ci/c"])
            #expect(second.next == nil)
            #expect(try await stage.client.resources(order: .queue).resources.count == 4)
        }
    }

    @Test func `a resource shows its holders, its queue and its past`() async throws {
        try await Stage.with { stage in
            let first = try await stage.client.queue("demo", lease: .unhurried)
            _ = try await stage.client.queue("demo", lease: .unhurried)
            _ = try await stage.client.queue("demo", lease: .unhurried)
            let resource = try await stage.client.list("demo", limit: 1)
            #expect(resource.holders.count == 1)
            #expect(resource.queue.count == 1)
            #expect(resource.queueLength == 2)
            #expect(resource.fence == first.grant?.fence)
            try await stage.client.release(first.ticket)
            #expect(try await stage.client.list("demo").recent.first?.ended == .released)
            let history = try await stage.client.history("demo")
            #expect(history.contains { $0.event == "released" && $0.resource == "demo" })
            #expect(try await stage.client.history("demo", limit: 1).count == 1)
        }
    }

    @Test func `clear ends every ticket of a resource`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            _ = try await stage.client.queue("demo", lease: .unhurried)
            #expect(try await stage.other.clear("demo", reason: "start over") == 2)
            let loss = await lock.waitUntilLost()
            #expect(loss == LockLoss(.cleared, by: "anonymous", reason: "start over"))
            await #expect(
                throws: HoldfastError.lockLost(
                    LockLoss(.cleared, by: "anonymous", reason: "start over")
                )
            ) {
                try await lock.release()
            }
        }
    }

    @Test func `what is not stealable is not stolen`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            do throws(HoldfastError) {
                _ = try await stage.other.steal("demo", reason: "mine")
                Issue.record("stolen")
            } catch .refused(let refusal) {
                #expect(refusal.code == .notStealable)
                #expect(!refusal.isRetryable)
            } catch {
                Issue.record(error)
            }
            let forced = try await stage.other.steal("demo", reason: "mine", force: true)
            #expect(forced.grant != nil)
            #expect(await lock.waitUntilLost()?.cause == .stolen)
        }
    }

    @Test func `a server that drains takes no new tickets`() async throws {
        let configuration = HoldfastClient.Configuration(patience: .zero)
        try await Stage.with(configuration: configuration) { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            try await stage.other.drain(reason: "maintenance")
            do throws(HoldfastError) {
                _ = try await stage.client.queue("other", lease: .unhurried)
                Issue.record("queued")
            } catch .refused(let refusal) {
                #expect(refusal.code == .draining)
                #expect(refusal.isRetryable)
            } catch {
                Issue.record(error)
            }
            #expect(try await lock.renew() > .zero)
            try await stage.other.drain(false)
            #expect(try await stage.client.queue("other", lease: .unhurried).grant != nil)
        }
    }

    @Test func `the server counts`() async throws {
        try await Stage.with { stage in
            let lock = try await stage.client.lock("demo", lease: .unhurried)
            let statistics = try await stage.client.statistics()
            #expect(statistics.held == 1)
            #expect(statistics.sessions >= 1)
            #expect(statistics.granted >= 1)
            #expect(statistics.bytesIn > 0 && statistics.bytesOut > 0)
            try await lock.release()
        }
    }

    @Test func `a watcher sees what happens to others`() async throws {
        try await Stage.with { stage in
            let events = try await stage.client.watch(.prefix("ci"))
            let ticket = try await stage.other.queue("ci/a", lease: .unhurried, reason: "build")
                .ticket
            _ = try await stage.other.queue("else", lease: .unhurried)
            try await stage.other.release(ticket)
            var seen: [String] = []
            for await case .happened(let notice) in events {
                seen.append("\(notice.event) \(notice.resource)")
                if notice.event == "released" { break }
            }
            #expect(seen == ["acquired ci/a", "released ci/a"])
        }
    }

    @Test func `positions are told to who asks for them`() async throws {
        try await Stage.with { stage in
            let events = try await stage.client.events()
            let first = try await stage.other.queue("demo", lease: .unhurried).ticket
            let second = try await stage.other.queue("demo", lease: .unhurried).ticket
            async let lock = stage.client.lock(
                "demo",
                lease: .unhurried,
                options: LockOptions(reportsPosition: true)
            )
            var positions: [Int] = []
            for await event in events {
                switch event {
                case .queued(_, _, let place):
                    positions.append(place.position)
                    try await stage.other.release(second)
                case .position(_, let place):
                    positions.append(place.position)
                default: break
                }
                if positions.last == 1 { break }
            }
            #expect(positions == [2, 1])
            try await stage.other.release(first)
            #expect(try await lock.isHeld)
        }
    }

    @Test func `a raw request gets the server's own words`() async throws {
        try await Stage.with { stage in
            let reply = try await stage.client.send(
                "queue",
                [
                    JSONMember("resource", .string("demo")), JSONMember("lease", .number(3_600)),
                    JSONMember("made_up", .bool(true)),
                ]
            )
            #expect(reply.text.hasPrefix("{\"id\":"))
            #expect(reply.value["state"] == .string("acquired"))
            #expect(reply.value["ignored"] == .array([.string("made_up")]))
            let refused = try await stage.client.send("no_such_thing")
            #expect(refused.refusal?.code == .unknownOperation)
            let waited = try await stage.client.send(
                "lock",
                [JSONMember("resource", .string("demo")), JSONMember("wait", .number(0.05))]
            )
            #expect(waited.refusal?.code == .timedOut)
        }
    }

    @Test func `a refusal names the field that is wrong`() async throws {
        try await Stage.with { stage in
            do throws(HoldfastError) {
                _ = try await stage.client.queue("demo", lease: .unhurried, priority: 10)
                Issue.record("queued")
            } catch .refused(let refusal) {
                #expect(refusal.code == .badRequest)
                #expect(refusal.field == "priority")
            } catch {
                Issue.record(error)
            }
        }
    }

    @Test func `a ticket that never was is not found`() async throws {
        try await Stage.with { stage in
            do throws(HoldfastError) {
                _ = try await stage.client.status(Ticket("AAAAAAAAAAAAAAAAAAAAAAAAAAAA"))
                Issue.record("found")
            } catch .refused(let refusal) {
                #expect(refusal.code == .notFound)
            } catch {
                Issue.record(error)
            }
        }
    }
}
