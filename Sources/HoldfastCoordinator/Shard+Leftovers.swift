// What a shard keeps, counted: when every client left and the retention passed, all of it must be zero.

import HoldfastModel

/// How much a shard keeps in each of its tables.
package struct Leftovers: Hashable, Sendable {
    package var resources = 0
    /// Of these, those that are kept as bytes.
    package var resting = 0
    /// Whether it goes on looking for such.
    package var looksForRest = false
    package var sessions = 0
    package var deadlines = 0
    package var watches = 0
    /// Told when a batch is durable.
    package var outgoing = 0
    package var hasBindings = false
    package var connections = 0
    package var held = 0
    package var waiting = 0

    package init() {}
}

extension Shard {
    package var leftovers: Leftovers {
        var leftovers = desk.value.leftovers
        leftovers.resources = table.count
        leftovers.resting = table.restingCount
        leftovers.looksForRest = round.isRunning
        leftovers.sessions = sessions.count
        leftovers.connections = setting.postOffice.clientCount(on: loop.index)
        return leftovers
    }
}

extension Desk {
    var leftovers: Leftovers {
        var leftovers = Leftovers()
        leftovers.deadlines = clock.count
        leftovers.watches = watches.count
        leftovers.outgoing = outgoing.count + gatedCount
        leftovers.hasBindings = !bindings.isEmpty
        leftovers.held = metrics.held
        leftovers.waiting = metrics.waiting
        return leftovers
    }
}
