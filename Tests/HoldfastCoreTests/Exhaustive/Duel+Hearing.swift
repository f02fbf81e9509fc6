// Brings what the core tells and shows into the form that the second model predicts.

import HoldfastCore
import HoldfastModel

extension Duel {
    /// Nil for what is not compared: positions on the way, and what nobody can hear.
    func heard(_ output: Output) throws(Disagreement) -> Told? {
        switch output {
        case .answer(let address, let answer, let shows):
            return .answer(address, try said(answer, shows))
        case .waiting(let address, let index):
            return .waiting(address, ticket: try number(atIndex: index))
        case .event(let connection, let event, let index, let shows):
            guard !model.deadConnections.contains(connection) else { return nil }
            return try whispered(connection, event, index, shows)
        case .notice(let notice):
            let by = notice.kind.ending?.isByAnother == true ? notice.by : nil
            return .notice(
                notice.kind,
                ticket: notice.number,
                owner: notice.owner.name,
                fence: notice.fence,
                by: by
            )
        }
    }

    private func number(of id: TicketID?) throws(Disagreement) -> UInt64 {
        guard let place = ids.firstIndex(where: { $0 == id }) else {
            throw Disagreement(text: "the core names a ticket it never made: \(id as Any)")
        }
        return UInt64(place) + 1
    }

    private func number(atIndex index: UInt32) throws(Disagreement) -> UInt64 {
        guard let place = ids.lastIndex(where: { $0.ticketIndex == index }) else {
            throw Disagreement(text: "the core names a place it never used: \(index)")
        }
        return UInt64(place) + 1
    }

    private func said(_ answer: Answer, _ shows: Output.Shown?) throws(Disagreement) -> Said {
        switch answer {
        case .refused(let refusal): return .refused(refusal.code, why(refusal))
        case .ticket(let ticket):
            return .ticket(
                try number(of: ticket.ticket),
                lease: ticket.lease,
                ticket.standing,
                isExisting: ticket.isExisting
            )
        case .acquire(let polled): return .polled(lease: polled.lease, polled.standing)
        case .status(let view): return .status(seen(view), showsID: view.ticket != nil)
        case .renewed(let renewed): return .renewed(renewed)
        case .released(let released):
            return .released(
                try number(of: released.ticket),
                released.ended,
                already: released.already
            )
        case .checked(let checked): return .checked(checked)
        case .cleared(let count): return .cleared(count)
        default: return .foreign("\(answer)")
        }
    }

    private func why(_ refusal: Refusal) -> Why {
        let held = refusal.held.map {
            Why.Held(
                holder: $0.holder.map(seen),
                holderCount: $0.holderCount,
                queueLength: $0.queueLength,
                closedFor: $0.closedFor
            )
        }
        return Why(loss: refusal.loss, right: refusal.right, limit: refusal.limit, held: held)
    }

    private func whispered(
        _ connection: ConnectionID,
        _ event: TicketEvent,
        _ index: UInt32,
        _ shows: Output.Shown?
    ) throws(Disagreement) -> Told? {
        let id: TicketID
        let whispered: Whispered
        switch event {
        case .queued(let request, let ticket, _, let place):
            (id, whispered) = (ticket, .queued(request: request, place))
        case .acquired(let ticket, _, let lease, let grant):
            (id, whispered) = (ticket, .acquired(lease: lease, grant))
            guard shows?.fence == grant.fence, shows?.ticketIndex == index else {
                throw Disagreement(text: "an acquired event must show its grant: \(event)")
            }
        case .losing(let ticket, _, let grace, let by, let reason):
            (id, whispered) = (ticket, .losing(grace: grace, by: by, reason: reason))
        case .kept(let ticket, _): (id, whispered) = (ticket, .kept)
        case .lost(let ticket, _, let loss): (id, whispered) = (ticket, .lost(loss))
        case .position: return nil
        }
        guard id.ticketIndex == index else {
            throw Disagreement(text: "an event names ticket \(id) at place \(index)")
        }
        return .event(connection, ticket: try number(of: id), whispered)
    }

    func seen(_ view: TicketView) -> Seen {
        var ending: Ending?
        if case .released(let ended) = view.standing { ending = ended }
        return Seen(
            number: view.number,
            standing: view.standing,
            mode: view.mode,
            owner: view.owner.name,
            priority: view.priority,
            lease: view.lease,
            fence: view.fence,
            stealable: view.stealable,
            binding: view.binding,
            endedBy: ending?.isByAnother == true ? view.endedBy : nil,
            endReason: view.endReason,
            holder: view.details?.holder,
            times: Seen.Times(
                createdAt: view.createdAt.wholeMilliseconds,
                acquiredAt: view.acquiredAt?.wholeMilliseconds,
                renewedAt: view.renewedAt?.wholeMilliseconds,
                expiresAt: view.expiresAt?.wholeMilliseconds,
                endedAt: view.endedAt?.wholeMilliseconds
            )
        )
    }

    /// `list` for an administrator.
    var coreShown: Shown {
        let caller = Caller(
            owner: Duel.onlooker,
            address: RequestAddress(connection: .none, request: 0)
        )
        let list = core.list(ListPage(limit: 1_000), for: caller, at: reading)
        return Shown(
            mode: list.mode,
            holders: list.holders.map(seen),
            queue: list.queue.map(seen),
            recent: list.recent.map(seen),
            holderCount: list.holderCount == core.holderCount ? list.holderCount : -1,
            queueLength: list.queueLength == core.queueLength ? list.queueLength : -1,
            fence: list.fence,
            closedFor: list.closedFor,
            isForgettable: core.isForgettable,
            isShown: core.isShown
        )
    }

    private static let onlooker = Owner(name: "onlooker")
}
