// What was told and perhaps never written. A client keeps the receipt until the bytes have left; where its connection
// breaks first, the receipt goes back, and the resource knows that its grant is unseen (rule 17) or its news untold.

import HoldfastCore
package import HoldfastModel

/// The way back for an answer or event that could not be written.
package struct Receipt: Sendable {
    let client: ConnectionID
    let resource: Resource
    let ticketIndex: UInt32
    /// The fence of the grant that it shows.
    let grant: Fence?
    /// It answers a `lock` that waited: its client was gone before the grant, so nobody will ever ask for the ticket.
    package let endsWait: Bool

    package var path: ResourcePath { resource.path }

    /// Whether what was told shows the grant of this ticket.
    package func shows(_ ticket: TicketID) -> Bool {
        grant != nil && ticket.ticketIndex == ticketIndex
            && ticket.resourceIndex == resource.resourceIndex && ticket.slot == resource.slot
    }

    /// Says that it was not written.
    ///
    /// On any loop.
    package func sendBack() { resource.home.mailbox.post(.untold(self)) }
}

extension Answer {
    /// Whether this is a grant that a `lock` had to wait for.
    var isLateGrant: Bool {
        guard case .ticket(let answer) = self, case .acquired(let grant) = answer.standing else {
            return false
        }
        return grant.waited != nil
    }
}
