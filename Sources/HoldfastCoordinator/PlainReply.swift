// An answer of the short way that cannot be told at once: flat, so that it costs next to nothing to keep until the disk
// has what it tells, or until it is at the loop of its client.

import HoldfastCore
package import HoldfastModel

/// The grant of a new ticket, or the release of one.
package struct PlainReply: Sendable {
    package let ticket: TicketID
    /// Of a grant.
    package let grant: Granted?

    package struct Granted: Sendable {
        package let fence: Fence
        package let lease: Interval
    }

    init(_ grant: PlainGrant, _ terms: PlainTerms) {
        ticket = grant.ticket
        self.grant = Granted(fence: grant.fence, lease: terms.lease)
    }

    init(released ticket: TicketID) {
        self.ticket = ticket
        grant = nil
    }

    /// Of a grant: what goes back where it is never written.
    func receipt(of resource: Resource, for client: ConnectionID) -> Receipt? {
        guard let grant else { return nil }
        return Receipt(
            client: client,
            resource: resource,
            ticketIndex: ticket.ticketIndex,
            grant: grant.fence,
            endsWait: false
        )
    }

    /// The same as any answer; a grant comes with its receipt.
    package func answer(_ receipt: Receipt?) -> Answer {
        guard let grant, let receipt else {
            return .released(ReleaseAnswer(ticket: ticket, ended: .released, already: false))
        }
        return .ticket(
            TicketAnswer(
                ticket: ticket,
                resource: receipt.path,
                lease: grant.lease,
                standing: .acquired(Grant(fence: grant.fence, remaining: grant.lease))
            )
        )
    }
}

extension ClientConnection {
    package func take(_ reply: PlainReply, to request: UInt64, _ receipt: Receipt?) {
        take(reply.answer(receipt), to: request, receipt)
    }
}
