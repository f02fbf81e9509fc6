// What is taken from somebody while it waits (rule 29): rights are looked up when a ticket is asked for, so after the
// operator took some away every queue is looked through for those who may not have any more what they wait for.
// Rejected: to ask the authority again with each grant, because the rules would have to know of it, and nearly no grant
// needs it.

import HoldfastCore
import HoldfastModel

extension Shard {
    /// Ends what waits here for somebody who may not have it any more.
    func withdrawWhatIsRefused() async {
        var start = 0
        while start < table.handleCount {
            for resource in table.awake(from: start, count: Shard.sliceCount) {
                let refused = refused(on: resource)
                if !refused.isEmpty { await withdraw(refused, from: resource) }
            }
            start += Shard.sliceCount
            await loop.letOthersRun()
        }
    }

    private func refused(on resource: Resource) -> [TicketID] {
        // Many tickets of a long queue are one owner's.
        var verdicts: [LockState.Asker: Bool] = [:]
        return resource.onSameLoop(()) { $0.waiting($1) }.compactMap { waiting in
            let isOver = verdicts[waiting.asker] ?? isRefused(waiting.asker, on: resource.path)
            verdicts[waiting.asker] = isOver
            return isOver ? waiting.ticket : nil
        }
    }

    private func isRefused(_ asker: LockState.Asker, on path: ResourcePath) -> Bool {
        let principal = Principal(owner: asker.owner, rightsShown: [])
        let rights = setting.authority.rights(of: principal, on: path)
        return !rights.contains(.lock) || asker.steals && rights.isDisjoint(with: .stealOrAdmin)
    }

    private func withdraw(_ tickets: [TicketID], from resource: Resource) async {
        var rest = tickets[...]
        while !rest.isEmpty, table.resource(handle: resource.handle) === resource {
            reading = loop.reading
            let part = Array(rest.prefix(Shard.withdrawnMax))
            step(resource, .withdrawn(part, reason: "its owner may not lock this any more"))
            rest = rest.dropFirst(part.count)
            await loop.letOthersRun()
        }
    }

    /// As many endings as a turn has of other kinds.
    static let withdrawnMax = 256
}
