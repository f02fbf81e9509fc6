// Replies leave in the order of the requests (PROTOCOL §2), though shards on other loops answer when they are done.
// Each request has a place here; the finished ones at the front are what may be sent. An event waits behind the last
// reply of its ticket's slot that was finished before it, because that may be the first to name the ticket; it waits
// behind no later one, because clients count `waited` from the last request that was answered before it (rule 13).

package import HoldfastCoordinator
package import HoldfastModel

/// The requests of a connection that wait for their turn to be answered.
package struct ReplyRing {
    /// The number of the request at the front.
    package private(set) var firstNumber: UInt64 = 0
    private var places: [Place] = []
    private var frontIndex = 0
    /// What was answered before its turn.
    ///
    /// Beside the places: most requests are answered in their turn and need one only until then, so a place is small.
    private var answered: [Answered?] = []
    private var answeredCount = 0

    private struct Place {
        var id: RequestID
        /// Nil where there are none, which is nearly always.
        var ignored: [String]?
        var state: State
        /// Whose resource it concerns; nil where no single one.
        var slot: Slot?

        var isFinished: Bool {
            if case .finished = state { true } else { false }
        }
    }

    private struct Answered {
        var told: Told
        /// Goes back where the reply is never written.
        var receipt: Receipt?
        /// Told after this reply.
        var events: [HeldEvent] = []
    }

    /// What a reply says.
    package enum Told {
        case answer(Answer)
        /// A grant comes with its receipt.
        case plain(PlainReply)
    }

    /// A reply whose turn it is.
    package struct Finished {
        package var id: RequestID
        package var ignored: [String]
        package var told: Told
        package var receipt: Receipt?
        package var events: [HeldEvent]
    }

    /// An event behind a reply, and what goes back where it is never written.
    package struct HeldEvent {
        package var event: TicketEvent
        package var receipt: Receipt?
    }

    private enum State {
        /// Not answered yet; leaves for `finished`.
        case pending
        /// Answered; sent as soon as everything before it is. With its place among the answered.
        case finished(at: UInt32)
        /// Is answered out of order, so nobody waits for it here.
        case apart
    }

    package init() {}

    /// Requests that are not sent yet; those answered apart do not count.
    package private(set) var count = 0

    /// Places of requests that are not sent yet, with those of requests answered apart that stand between them.
    package var placeCount: Int { places.count - frontIndex }

    /// No request waits for its turn.
    // Always inlined: else a look would copy all of it.
    @inline(__always) package var isEmpty: Bool { frontIndex == places.count }

    /// The number of the request that comes next.
    // Always inlined, as above.
    @inline(__always) package var nextNumber: UInt64 {
        firstNumber + UInt64(places.count - frontIndex)
    }

    /// Counts a request that is answered before it has a place; only where none waits for its turn.
    package mutating func pass() {
        precondition(isEmpty, "a reply would come before its turn")
        firstNumber += 1
    }

    /// A place for the next request; its number.
    package mutating func add(id: RequestID, ignored: [String], of slot: Slot?) -> UInt64 {
        count += 1
        let ignored = ignored.isEmpty ? nil : ignored
        return append(Place(id: id, ignored: ignored, state: .pending, slot: slot))
    }

    /// A number for a request that is answered apart.
    package mutating func skip() -> UInt64 {
        // Nothing in front of it: the number alone is enough.
        if isEmpty {
            defer { firstNumber += 1 }
            return firstNumber
        }
        return append(Place(id: .absent, ignored: nil, state: .apart))
    }

    package mutating func finish(
        _ number: UInt64,
        with answer: Answer,
        _ receipt: Receipt? = nil
    ) {
        finish(number, telling: .answer(answer), receipt)
    }

    package mutating func finish(
        _ number: UInt64,
        telling told: consuming Told,
        _ receipt: Receipt?
    ) {
        let index = frontIndex + Int(number - firstNumber)
        guard case .pending = places[index].state else {
            preconditionFailure("request \(number) was answered twice")
        }
        places[index].state = .finished(at: UInt32(answered.count))
        answered.append(Answered(told: told, receipt: receipt))
        answeredCount += 1
    }

    private mutating func takeAnswered(at index: UInt32) -> Answered {
        guard let taken = answered[Int(index)] else {
            preconditionFailure("a reply is taken twice")
        }
        answered[Int(index)] = nil
        answeredCount -= 1
        if answeredCount == 0 { answered.removeAll(keepingCapacity: answered.count <= 64) }
        return taken
    }

    /// Whether this request has a place here and is not answered yet.
    package func awaits(_ number: UInt64) -> Bool {
        guard number >= firstNumber else { return false }
        let index = frontIndex + Int(number - firstNumber)
        guard index < places.count, case .pending = places[index].state else { return false }
        return true
    }

    /// What a reply repeats of its request.
    package struct Front {
        package var id: RequestID
        package var ignored: [String]
    }

    /// Takes the request out where it is the next to be answered and was not: its reply needs no place to wait in.
    package mutating func takeFront(_ number: UInt64) -> Front? {
        guard number == firstNumber, frontIndex < places.count,
            case .pending = places[frontIndex].state
        else { return nil }
        let ignored = places[frontIndex].ignored ?? []
        let front = Front(id: places[frontIndex].id, ignored: ignored)
        count -= 1
        passFront()
        return front
    }

    /// The next reply that may be sent.
    package mutating func takeFinished() -> Finished? {
        while frontIndex < places.count {
            switch places[frontIndex].state {
            case .pending:
                return nil
            case .apart:
                passFront()
            case .finished(let index):
                count -= 1
                let place = places[frontIndex]
                let reply = takeAnswered(at: index)
                passFront()
                return Finished(
                    id: place.id,
                    ignored: place.ignored ?? [],
                    told: reply.told,
                    receipt: reply.receipt,
                    events: reply.events
                )
            }
        }
        return nil
    }

    /// Holds an event back behind the last finished reply of its slot; false where it may be told at once.
    ///
    /// Where there is none it waits behind the front, if that is about to be sent: it may be the `hello` that resumed
    /// the ticket's session.
    package mutating func hold(_ event: TicketEvent, _ receipt: Receipt? = nil) -> Bool {
        guard frontIndex < places.count else { return false }
        let slot = event.ticket.slot
        let last = places.indices.last {
            $0 >= frontIndex && places[$0].slot == slot && places[$0].isFinished
        }
        guard case .finished(let index) = places[last ?? frontIndex].state else { return false }
        answered[Int(index)]?.events.append(HeldEvent(event: event, receipt: receipt))
        return true
    }

    /// Of the replies and events that are not sent yet.
    package var receipts: [Receipt] {
        answersInOrder.flatMap { index in
            let reply = answered[index]
            return [reply?.receipt].compactMap(\.self) + (reply?.events ?? []).compactMap(\.receipt)
        }
    }

    /// A waiting request is answered apart: events of what this reply tells are not told after it.
    ///
    /// That the request waits is over, and a grant that it shows is known; the client would count `waited` from the
    /// wrong request. Gives the receipts of the dropped: they stand or fall with the reply.
    package mutating func dropTold(
        by request: UInt64,
        showing shown: Receipt?
    ) -> [Receipt] {
        var dropped: [Receipt] = []
        for index in answersInOrder where answered[index]?.events.isEmpty == false {
            answered[index]?.events.removeAll { held in
                switch held.event {
                case .queued(request, _, _, _): break
                case .acquired(let ticket, _, _, _) where shown?.shows(ticket) == true: break
                case .queued, .acquired, .losing, .kept, .lost, .position: return false
                }
                if let receipt = held.receipt { dropped.append(receipt) }
                return true
            }
        }
        return dropped
    }

    private mutating func append(_ place: Place) -> UInt64 {
        places.append(place)
        return nextNumber - 1
    }

    /// Where those stand that are not sent yet, in the order of their requests.
    private var answersInOrder: [Int] {
        guard answeredCount > 0 else { return [] }
        return places[frontIndex...].compactMap { place in
            guard case .finished(let index) = place.state else { return nil }
            return Int(index)
        }
    }

    private mutating func passFront() {
        frontIndex += 1
        firstNumber += 1
        if frontIndex == places.count {
            places.removeAll(keepingCapacity: places.count <= 64)
            frontIndex = 0
        } else if frontIndex >= 256, frontIndex * 2 >= places.count {
            places.removeFirst(frontIndex)
            frontIndex = 0
        }
    }
}
