// Rule 27: nothing told to anybody is missing after a restart. What was decided and not told may have gone on
// meanwhile: a waiter may hold by now, a live ticket may have ended; but it is known, and the order is the same.

import HoldfastModel

extension Oracle {
    /// How a resource stands after a restart, against what the watcher knew.
    func compare(_ list: JSONLine) {
        guard let path = list.text("resource") else { return }
        var resource = resources[path] ?? WatchedResource()
        let holders = list.list("holders").map(line)
        let queue = list.list("queue").map(line)
        let recent = list.list("recent").map(line)
        let wasCountedAnew =
            recent.contains { isAnother($0, in: resource) }
            || (holders + queue).contains {
                isAnother($0, in: resource) || isLater($0, in: resource)
            }
        if wasCountedAnew { resource.ended = [:] }
        noteUnheard(holders + queue + recent, in: resource)
        for (view, line) in zip(list.list("recent"), recent)
        where resource.ended[line.number] == nil {
            resource.ended[line.number] = line.label
            let ended = view.text("ended") ?? "?"
            noteEnding(ended, of: line.label, in: &resource)
            resource.endedCount += 1
            if let text = textByLabel[line.label] { noteEnd(of: text, ended, heard: false) }
        }
        // What ended unheard and was pushed out of the memory again is known to nobody.
        let mayHaveEnded =
            list.list("recent").count >= retainedMax + 2 || stoppedFor > retain
        for line in resource.holders
        where !mayHaveEnded && resource.ended[line.number] == nil {
            let same = holders.first { $0.number == line.number }
            expect("nothing-forgotten", same?.fence == line.fence, path) {
                "\(line.label) held with fence \(line.fence ?? 0) before the restart, now \(same?.fence ?? -1)"
            }
        }
        let known = resource.waiting.filter { resource.ended[$0.number] == nil }
        for line in known where !mayHaveEnded {
            expect(
                "nothing-forgotten",
                (queue + holders).contains { $0.number == line.number },
                path
            ) {
                "\(line.label) waited before the restart and is gone"
            }
        }
        let order = queue.map(\.number)
        expect(
            "same-order",
            order.filter { number in known.contains { $0.number == number } }
                == known.map(\.number).filter(order.contains),
            path
        ) { "the queue has another order" }
        for line in holders + queue {
            expect("ended-stays", resource.ended[line.number] == nil, path) {
                "\(line.label) had ended before the restart"
            }
        }
        // Where no stealer waits any more, its victims were `kept` unheard.
        if !queue.contains(where: { asked[$0.label]?.isSteal ?? true }) { resource.losing = [:] }
        resource.holders = holders
        resource.waiting = queue
        resource.lastFence = max(resource.lastFence, list.number("fence") ?? 0)
        resource.closedUntil = max(
            resource.closedUntil,
            now() + Interval(seconds: list.number("closedFor") ?? 0)
        )
        resources[path] = resource
    }

    /// A resource that was forgotten counts its tickets anew: this one has the number of another that ended.
    private func isAnother(_ line: WatchedResource.Line, in resource: WatchedResource) -> Bool {
        resource.ended[line.number].map { $0 != line.label } ?? false
    }

    /// The same, where it was asked for with the same key after that was forgotten.
    private func isLater(_ line: WatchedResource.Line, in resource: WatchedResource) -> Bool {
        resource.ended[line.number] != nil && !isRemembered(line.label, in: resource)
            && (line.fence ?? .infinity) > resource.lastFence
    }

    /// Of these tickets some were made, and nobody was told before the server died.
    private func noteUnheard(
        _ lines: [WatchedResource.Line],
        in resource: WatchedResource
    ) {
        let known = (resource.holders + resource.waiting).map(\.number)
        for line in lines where resource.ended[line.number] == nil && !known.contains(line.number) {
            madeCount[line.label, default: 0] += 1
        }
    }

    private func line(_ view: JSONLine) -> WatchedResource.Line {
        WatchedResource.Line(
            number: Int(view.number("number") ?? 0),
            label: view.text("holder") ?? "?",
            fence: view.number("fence"),
            since: now()
        )
    }
}
