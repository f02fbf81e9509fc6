// What a raw client should know when the world is quiet.

import HoldfastModel

extension RawClient {
    /// Nothing can run and nothing is on its way: the oracle hears how this client thinks its tickets stand.
    func judgeQuiet() {
        guard let connection, !isPaused, connection.isDrained else { return }
        for ticket in tickets where ticket.isHeardHere && !ticket.isLetGo {
            oracle.judgeTold(
                Oracle.Hearing(
                    label: ticket.label,
                    knowsItIsOver: ticket.isOver,
                    position: ticket.isHeld || ticket.isOver ? nil : ticket.position,
                    direction: connection.link.toServer,
                    since: connection.openedAt,
                    greetedAt: connection.greetedAt ?? connection.openedAt
                )
            )
        }
    }
}
