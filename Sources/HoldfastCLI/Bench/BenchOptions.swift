// What `bench` takes and what help says of it.

package import HoldfastModel

/// Which key a cycle of the benchmark takes.
package enum BenchKeys: String, ChoiceValue {
    /// Every connection its own: nobody waits.
    case own
    /// All connections share `--resources`: they queue.
    case contended
}

package enum BenchOptions {
    package static let connections = Option<Int>("connections", default: "64", "connections")
    package static let pipeline = Option<Int>(
        "pipeline",
        default: "1",
        "cycles under way on each connection"
    )
    package static let resources = Option<Int>(
        "resources",
        default: "10000, contended 1",
        "resources in all"
    )
    package static let keys = Option<BenchKeys>("keys", default: "own", "who takes which resource")
    package static let seconds = Option<Interval>("seconds", default: "10", "how long to measure")
    package static let warmup = Option<Interval>(
        "warmup",
        default: "1",
        "how long to run before that"
    )
    package static let threads = Option<Int>(
        "threads",
        default: "1",
        "event loops of the generator"
    )

    static let command = CommandDescription(
        name: .bench,
        group: .tools,
        summary: "load generator: throughput and latency",
        sections: CommandTable.clientSections(
            "Bench",
            [
                connections.description, pipeline.description, resources.description,
                keys.description, Options.mode.description, Options.lease.description,
                seconds.description, warmup.description, threads.description,
            ]
        ),
        discussion:
            "A cycle is an acquire and a release. The loop is closed: a connection starts the "
            + "next cycle when one is done, so latencies are those of a server that is kept busy, not "
            + "of one that is overrun.",
        examples: ["holdfast bench --connections 64 --pipeline 16 --seconds 10"]
    )
}
