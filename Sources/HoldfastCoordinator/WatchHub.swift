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
    }

    func covers(_ path: ResourcePath) -> Bool {
        guard count > 0 else { return false }
        var isCovered = false
        forEachWatcher(of: path) { _ in isCovered = true }
        return isCovered
    }

    func forEachWatcher(of path: ResourcePath, _ body: (Watcher) -> Void) {
        guard count > 0 else { return }
        for watcher in onEverything { body(watcher) }
        for watcher in onResource[path] ?? [] { body(watcher) }
        guard !onPrefix.isEmpty else { return }
        for prefix in path.prefixes {
            for watcher in onPrefix[prefix] ?? [] { body(watcher) }
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
