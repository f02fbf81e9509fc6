// What `run` takes and what help says of it.

package import HoldfastModel

/// What to do with the command when the lock is lost.
package enum LostPolicy: String, ChoiceValue {
    /// End its process group before the lease is over.
    case term
    /// Say so and let it finish.
    case ignore
}

package enum RunOptions {
    package static let lost = Option<LostPolicy>(
        "lost",
        default: "term",
        "what to do with the command when the lock is lost"
    )
    package static let conflictExitCode = Option<Int>(
        "conflict-exit-code",
        default: "75",
        "exit code when the lock was not acquired in time"
    )
    package static let grace = Option<Interval>(
        "grace",
        default: "the lease, at most 300",
        "how long the ticket stays when the connection is lost"
    )
    package static let patience = Option<Interval>(
        "patience",
        default: "60",
        "how long to look for a server that went away while waiting"
    )

    static let command = CommandDescription(
        name: .run,
        group: .locks,
        summary: "run a command while holding a lock",
        positionals: [.required("RESOURCE")],
        tail: "COMMAND [ARG…]",
        sections: [
            CommandDescription.Section(
                "Run",
                [
                    Options.wait.description, Options.lease.description, Options.mode.description,
                    Options.reason.description, Options.holder.description,
                    Options.meta.description, Options.priority.description,
                    Options.stealable.description, Options.lockDelay.description,
                    lost.description, conflictExitCode.description, grace.description,
                    patience.description,
                ]
            ),
            OptionSections.connection,
            CommandDescription.Section("General", [Options.config.description]),
        ],
        discussion:
            "Waits for ever without --wait. COMMAND gets HOLDFAST_TICKET, HOLDFAST_FENCE and "
            + "HOLDFAST_RESOURCE. The lock is renewed while it runs and released when it ends. If the "
            + "lock is lost, its process group gets SIGTERM before the lease ends and SIGKILL at the "
            + "end, and the exit code is 76. Else it is the command's own (128+n for signal n), 126 or "
            + "127 where it cannot be started, 75 when the lock was not acquired in time.",
        examples: [
            "holdfast run deploy/prod -- ./deploy.sh",
            "holdfast run backup --wait 0 --conflict-exit-code 0 -- ./backup.sh",
            "holdfast run pool --mode 1/4 -- ./worker",
        ]
    )
}
