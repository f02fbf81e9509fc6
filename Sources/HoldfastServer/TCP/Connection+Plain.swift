// The lines that nearly all traffic consists of, where nothing about them is special: they go the short way, from the
// bytes that were read to the bytes that are written. Whatever the short way does not do is decoded and goes the way of
// all requests.

import HoldfastCoordinator
import HoldfastCore
import HoldfastModel
import HoldfastWire

extension Connection {
    /// Once for the requests of one read: the clock, and whether the short way is open to them.
    ///
    /// What could close it comes from a line that is postponed, which closes it, too.
    func beginRequests() {
        shard.beginRequests()
        goesShortWay = mayGoShortWay
    }

    private var mayGoShortWay: Bool {
        // Bound to nothing, heard at all times, and told before that nobody guesses who it is.
        guard session == nil, !isExamined else { return false }
        if case .none = greeting { return false }
        return coordinator.setting.authority.rightsOnEverything(of: principal).contains(.lock)
    }

    /// Deals with a plain line on the short way; false, and nothing happened, where it is not one for that.
    @inline(__always)
    func deal(
        withPlain line: borrowing PlainLine,
        _ bytes: Span<UInt8>,
        _ decoder: RequestDecoder
    ) -> Bool {
        guard goesShortWay, postponed.isEmpty, let next = client.nextNumber(),
            let ask = decoder.plainAsk(line, bytes)
        else { return false }
        let address = RequestAddress(connection: client.id, request: next.number)
        let asker = PlainAsker(principal, at: address, isNext: next.isNext, hasGates: true)
        switch ask {
        case .queue(let place, let lease, let notify):
            let terms = PlainTerms(lease: lease, notify: notify)
            return take(bytes.extracting(place), terms, .queue, for: asker, line.id)
        case .lock(let place, let lease, let notify, let wait):
            guard client.hasRoomForWait else { return false }
            let terms = PlainTerms(lease: lease, notify: notify)
            return take(bytes.extracting(place), terms, .lock(wait: wait), for: asker, line.id)
        case .release(let ticket, let text):
            return release(ticket, bytes.extracting(text), for: asker, line.id)
        }
    }

    @inline(__always)
    private func take(
        _ path: Span<UInt8>,
        _ terms: PlainTerms,
        _ purpose: Event.Purpose,
        for asker: borrowing PlainAsker,
        _ id: RequestID
    ) -> Bool {
        switch shard.takePlainly(path, terms, purpose, for: asker) {
        case .granted(let ticket, let fence, let receipt, let gate):
            let grant = ToldGrant(ticket: ticket, fence: fence, lease: terms.lease)
            if client.grantAtOnce(grant, of: path, receipt, id: id, behind: gate) {
                shard.add(client.id, behind: gate)
            }
        case .answered(let answer):
            client.answerAtOnce(answer, id: id, ignored: [])
        case .later(let slot):
            // A `lock` comes when it is done, and is behind nobody's answer.
            if case .lock = purpose {
                _ = client.placeWait(id, ignored: [], at: shard.home)
            } else {
                _ = client.place(id, ignored: [], of: slot)
            }
        case .declined, .released:
            return false
        }
        return true
    }

    @inline(__always)
    private func release(
        _ ticket: TicketID,
        _ text: Span<UInt8>,
        for asker: borrowing PlainAsker,
        _ id: RequestID
    ) -> Bool {
        switch shard.releasePlainly(ticket, for: copy asker) {
        case .released(let gate):
            if client.tellReleasedAtOnce(text, id: id, behind: gate) {
                shard.add(client.id, behind: gate)
            }
        case .answered(let answer): client.answerAtOnce(answer, id: id, ignored: [])
        case .later(let slot): _ = client.place(id, ignored: [], of: slot)
        case .declined, .granted: return false
        }
        return true
    }
}
