// Who watches what, on one loop. Asked on every step, so the usual answer, nobody, must cost
// nothing, and a watched path is found by its own name and those of the prefixes above it, never by
// walking the watches.

import HoldfastModel

/// The watches on the resources of one loop.
struct WatchHub: Sendable {
    private var onResource: [ResourcePath: [Watcher]] = [:]
    private var onPrefix: [ResourcePath: [Watcher]] = [:]
    private var onEverything: [Watcher] = []
    private(set) var count = 0

    struct Watcher: Sendable {
        var connection: ConnectionID
        var number: UInt64
        /// Rule 29: nothing is told of the others; nil where it may read everything.
        var mayRead: (@Sendable (ResourcePath) -> Bool)?

        func isSame(as other: Watcher) -> Bool {
            connection == other.connection && number == other.number
        }
    }

    mutating func add(_ watcher: Watcher, to scope: WatchScope) {
        count += 1
        switch scope {
        case .everything: onEverything.append(watcher)
        case .resource(let path): onResource[path, default: []].append(watcher)
        case .prefix(let path): onPrefix[path, default: []].append(watcher)
        }
    }

    mutating func remove(_ watcher: Watcher, from scope: WatchScope) {
        let removed =
            switch scope {
            case .everything: onEverything.removeWatcher(watcher)
            case .resource(let path): onResource.removeWatcher(watcher, at: path)
            case .prefix(let path): onPrefix.removeWatcher(watcher, at: path)
            }
        if removed { count -= 1 }
        if count == 0 { self = WatchHub() }
    }

    func covers(_ path: ResourcePath) -> Bool { count > 0 && !watchers(of: path).isEmpty }

    func watchers(of path: ResourcePath) -> Watchers {
        var watchers = Watchers(everything: onEverything)
        if let named = onResource[path] { watchers.named.append(named) }
        guard !onPrefix.isEmpty else { return watchers }
        for prefix in path.prefixes {
            if let named = onPrefix[prefix] { watchers.named.append(named) }
        }
        return watchers
    }

    /// All who watch one resource: the lists of the hub, not copies, so that a hundred thousand notices that wait for
    /// a thousand watches are a hundred thousand and no more.
    struct Watchers: Sendable {
        fileprivate(set) var everything: [Watcher]
        fileprivate(set) var named: [[Watcher]] = []

        var isEmpty: Bool { everything.isEmpty && named.isEmpty }

        func visit(_ body: (Watcher) -> Void) {
            for watcher in everything { body(watcher) }
            for list in named { for watcher in list { body(watcher) } }
        }
    }
}

extension [WatchHub.Watcher] {
    fileprivate mutating func removeWatcher(_ watcher: WatchHub.Watcher) -> Bool {
        guard let index = firstIndex(where: { $0.isSame(as: watcher) }) else { return false }
        remove(at: index)
        return true
    }
}

extension [ResourcePath: [WatchHub.Watcher]] {
    fileprivate mutating func removeWatcher(
        _ watcher: WatchHub.Watcher,
        at path: ResourcePath
    ) -> Bool {
        guard var watchers = self[path], watchers.removeWatcher(watcher) else { return false }
        self[path] = watchers.isEmpty ? nil : watchers
        return true
    }
}
