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
        let asker = PlainAsker(principal, at: address, isNext: next.isNext)
        switch ask {
        case .ticket(let place, let lease, let notify, let kind):
            guard kind != .lock || client.hasRoomForWait else { return false }
            let path = bytes.extracting(place)
            let terms = PlainTerms(lease: lease, notify: notify)
            switch shard.takePlainly(path, terms, as: kind, for: asker) {
            case .granted(let ticket, let fence, let receipt):
                let grant = ToldGrant(ticket: ticket, fence: fence, lease: lease)
                client.grantAtOnce(grant, of: path, receipt, id: line.id)
            case .later(let slot):
                self.place(line.id, of: kind, slot)
            case .declined, .released:
                return false
            }
        case .release(let ticket, let text):
            switch shard.releasePlainly(ticket, for: asker) {
            case .released:
                client.tellReleasedAtOnce(bytes.extracting(text), id: line.id)
            case .later(let slot):
                place(line.id, of: .release, slot)
            case .declined, .granted:
                return false
            }
        }
        return true
    }

    /// For the answer that comes later.
    private func place(_ id: RequestID, of kind: Operation.Kind, _ slot: Slot) {
        if kind == .lock {
            // It comes when it is known, and is behind nobody's.
            _ = client.placeWait(id, ignored: [], at: shard.home)
        } else {
            _ = client.place(id, ignored: [], of: slot)
        }
    }
}
