// A queue of 100,000 tickets (rule 9): after cancels anywhere in it, every position is what sorting says.

import HoldfastCore
import HoldfastModel
import TestSupport
import Testing

@Suite(.offThePool)
struct RandomCancelsTests {
    private static let ticketCount = 100_000

    /// A resource with one holder and a deep queue, and what stands in it.
    private struct DeepQueue {
        var state: LockState
        var fences = FenceCounter(last: Fence(number: 0))
        var effects = Effects()
        var requestCount: UInt64 = 0
        var chance = SplitMix64(seed: 3)
        let owner = Owner(name: "crowd")
        let reading = ClockReading(now: .zero, wall: WallTime(microseconds: 0))

        mutating func caller() -> Caller {
            requestCount += 1
            let connection = ConnectionID(bits: 1 << 8)
            let address = RequestAddress(connection: connection, request: requestCount)
            return Caller(owner: owner, address: address)
        }

        /// The one answer to one event.
        mutating func ask(_ event: Event) -> Answer? {
            effects = Effects()
            state.step(event, at: reading, fences: &fences, into: &effects)
            for output in effects.outputs {
                if case .answer(_, let answer, _) = output { return answer }
            }
            return nil
        }

        mutating func queue(_ request: TicketRequest) -> TicketID? {
            // The tree behind the queue is balanced by the chance in these.
            let low = UInt32(truncatingIfNeeded: chance.next())
            let secret = TicketSecret(high: chance.next(), low: low)
            let caller = caller()
            guard case .ticket(let ticket) = ask(.request(request, .queue, secret, caller))
            else { return nil }
            return ticket.ticket
        }

        mutating func release(_ id: TicketID) {
            let caller = caller()
            _ = ask(.release(id, reason: nil, caller))
        }

        mutating func position(of id: TicketID) -> QueuePlace? {
            let caller = caller()
            guard case .acquire(let polled) = ask(.acquire(id, wait: .none, caller)),
                case .queued(let place) = polled.standing
            else { return nil }
            return place
        }
    }

    private struct Waiter {
        var id: TicketID
        var priority: UInt8
        var arrival: Int
    }

    @Test func `rule 9 positions in a queue of 100,000 are right after random cancels`() throws {
        let path = try #require(ResourcePath("deep"))
        var generator = SplitMix64(seed: 9)
        var deep = DeepQueue(
            state: LockState(path: path, slot: Slot(of: path), resourceIndex: 0, bounds: .init())
        )
        let first = deep.queue(TicketRequest(resource: path))
        let holder = try #require(first)
        var waiters: [Waiter] = []
        for arrival in 0..<RandomCancelsTests.ticketCount {
            let priority = UInt8.random(in: 0...TicketRequest.priorityMax, using: &generator)
            let request = TicketRequest(resource: path, priority: priority)
            let id = deep.queue(request)
            waiters.append(Waiter(id: try #require(id), priority: priority, arrival: arrival))
        }
        #expect(deep.state.queueLength == RandomCancelsTests.ticketCount)

        waiters.shuffle(using: &generator)
        for _ in 0..<RandomCancelsTests.ticketCount / 4 {
            let waiter = waiters.removeLast()
            deep.release(waiter.id)
        }
        waiters.sort { ($1.priority, $0.arrival) < ($0.priority, $1.arrival) }
        #expect(deep.state.queueLength == waiters.count)

        for index in stride(from: 0, to: waiters.count, by: 37) {
            let expected = QueuePlace(position: index + 1, queueLength: waiters.count)
            let place = deep.position(of: waiters[index].id)
            guard place == expected else {
                #expect(place == expected)
                break
            }
        }
        expectGrants(in: waiters, of: &deep, after: holder)
        deep.state.checkInvariants()
    }

    /// The first thousand are granted in the order of their positions.
    private func expectGrants(
        in waiters: [Waiter],
        of deep: inout DeepQueue,
        after holder: TicketID
    ) {
        var present = holder
        for waiter in waiters.prefix(1_000) {
            deep.release(present)
            let caller = deep.caller()
            let answer = deep.ask(.checkTicket(waiter.id, caller))
            guard case .checked(let checked) = answer, checked.isValid else {
                Issue.record("the next in the queue was not granted")
                return
            }
            present = waiter.id
        }
    }
}
