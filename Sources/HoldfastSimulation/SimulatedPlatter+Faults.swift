// What a simulated disk suffers. A test plans by the number of a call, so that each call of a script can fail in every
// way; a seed lies in wait for the next call of a kind, so that it meets the rare ones, too.

import HoldfastModel

extension SimulatedPlatter {
    /// Waits for a call of a kind.
    struct Ambush {
        /// Nil waits for any.
        var call: String?
        /// So many are let pass.
        var sparing: Int
        var fault: Fault
    }

    /// Makes every write and every sync take its time.
    struct Sluggishness {
        var chance: SeededGenerator
        var millisecondsMax: Int
    }

    /// Lets the call of this number, counted from the first of the platter, suffer.
    package func plan(_ fault: Fault, at call: Int) { with { $0.plans[call] = fault } }

    /// Lets a call of this name suffer, or any call, after so many others like it.
    package func lieInWait(for call: String?, sparing count: Int, with fault: Fault) {
        with { $0.ambushes.append(Ambush(call: call, sparing: count, fault: fault)) }
    }

    /// From now on writes and syncs take up to so long, by chance.
    package func slowDown(to millisecondsMax: Int, seed: UInt64) {
        with { state in
            state.sluggishness = Sluggishness(
                chance: SeededGenerator(seed: seed),
                millisecondsMax: millisecondsMax
            )
        }
    }

    /// Bytes that may be used in all.
    package func limit(to byteCount: Int) { with { $0.budget = byteCount } }

    /// Room again, and nothing lies in wait any more.
    package func relent() {
        with { state in
            state.plans = [:]
            state.ambushes = []
            state.budget = .max
        }
    }

    /// Relents, and is quick from now on.
    package func heal() {
        relent()
        with { $0.sluggishness = nil }
    }

    /// One bit of the medium is another from now on, read or not; the same again brings it back.
    package func flip(bit: Int, at offset: Int, of name: String) {
        with { state in
            if let node = state.names[name] { state.nodes[node]?.flip(bit: bit, at: offset) }
        }
    }

    /// How many calls were made so far.
    package var callCount: Int { with { $0.callCount } }

    /// How often each fault happened, by name.
    package var faultCounts: [String: Int] { with { $0.faultCounts } }

    package var usedByteCount: Int { with { $0.usedByteCount } }

    /// False after the power went, until `crash`.
    package var hasPower: Bool { with { $0.hasPower } }

    /// Whether no call takes its time just now.
    package var isIdle: Bool { with { $0.waitingCount == 0 } }
}

extension SimulatedPlatter.State {
    /// Counts a call, and says what befalls it.
    mutating func begin(_ call: String) -> SimulatedPlatter.Fault? {
        callCount += 1
        fault = plans[callCount] ?? ambush(on: call)
        return fault
    }

    private mutating func ambush(on call: String) -> SimulatedPlatter.Fault? {
        for index in ambushes.indices where ambushes[index].call ?? call == call {
            ambushes[index].sparing -= 1
            if ambushes[index].sparing < 0 { return ambushes.remove(at: index).fault }
        }
        return nil
    }

    /// How long a call takes that nothing else slows down.
    mutating func delay(of call: String) -> Interval? {
        guard var slow = sluggishness, call == "write" || call == "sync" else { return nil }
        let microseconds = slow.chance.below(slow.millisecondsMax * 1_000)
        sluggishness = slow
        return Interval(nanoseconds: Int64(microseconds) * 1_000)
    }
}
