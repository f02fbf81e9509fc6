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

    package struct Place {
        package var id: RequestID
        package var ignored: [String]
        package var state: State
        /// Whose resource it concerns; nil where no single one.
        package var slot: Slot?
        /// Goes back where the reply is never written.
        package var receipt: Receipt?
        /// Told after this reply.
        package var events: [HeldEvent] = []

        var isFinished: Bool {
            if case .finished = state { true } else { false }
        }
    }

    /// An event behind a reply, and what goes back where it is never written.
    package struct HeldEvent {
        package var event: TicketEvent
        package var receipt: Receipt?
    }

    package enum State {
        /// Not answered yet; leaves for `finished`.
        case pending
        /// Answered; sent as soon as everything before it is.
        case finished(Answer)
        /// Is answered out of order, so nobody waits for it here.
        case apart
    }

    package init() {}

    /// Requests that are not sent yet; those answered apart do not count.
    package private(set) var count = 0

    /// A place for the next request; its number.
    package mutating func add(id: RequestID, ignored: [String], of slot: Slot?) -> UInt64 {
        count += 1
        return append(Place(id: id, ignored: ignored, state: .pending, slot: slot))
    }

    /// A number for a request that is answered apart.
    package mutating func skip() -> UInt64 {
        // Nothing in front of it: the number alone is enough.
        if frontIndex == places.count {
            defer { firstNumber += 1 }
            return firstNumber
        }
        return append(Place(id: .absent, ignored: [], state: .apart))
    }

    package mutating func finish(
        _ number: UInt64,
        with answer: Answer,
        _ receipt: Receipt? = nil
    ) {
        let index = frontIndex + Int(number - firstNumber)
        guard case .pending = places[index].state else {
            preconditionFailure("request \(number) was answered twice")
        }
        places[index].state = .finished(answer)
        places[index].receipt = receipt
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
        let front = Front(id: places[frontIndex].id, ignored: places[frontIndex].ignored)
        count -= 1
        passFront()
        return front
    }

    /// The next reply that may be sent.
    package mutating func takeFinished() -> Place? {
        while frontIndex < places.count {
            switch places[frontIndex].state {
            case .pending:
                return nil
            case .apart:
                _ = removeFront()
            case .finished:
                count -= 1
                return removeFront()
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
        let index = last ?? frontIndex
        guard places[index].isFinished else { return false }
        places[index].events.append(HeldEvent(event: event, receipt: receipt))
        return true
    }

    /// Of the replies and events that are not sent yet.
    package var receipts: [Receipt] {
        places.dropFirst(frontIndex).flatMap { place in
            [place.receipt].compactMap(\.self) + place.events.compactMap(\.receipt)
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
        for index in places.indices.dropFirst(frontIndex) where !places[index].events.isEmpty {
            places[index].events.removeAll { held in
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
        return firstNumber + UInt64(places.count - frontIndex - 1)
    }

    private mutating func removeFront() -> Place {
        defer { passFront() }
        return places[frontIndex]
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
