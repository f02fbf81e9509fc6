// Descriptions of the commands that take, keep and give back locks.

extension CommandTable {
    static func requestCommand(_ name: CommandName) -> CommandDescription {
        switch name {
        case .queue:
            request(
                name,
                "take a place in the queue",
                own: [Options.reason.description],
                "Answers at once: acquired or queued. The ticket outlives the command; ask for it "
                    + "with 'holdfast acquire TICKET' before --poll-within is over.",
                examples: ["ticket=$(holdfast queue deploy/prod --json | jq -r .ticket)"]
            )
        case .lock:
            request(
                name,
                "take a lock, waiting for it",
                own: [Options.wait.description, Options.reason.description],
                "Waits for ever without --wait. The lock outlives the command until its lease ends: "
                    + "renew or release it. Interrupted while it waits it leaves the queue.",
                examples: ["holdfast lock deploy/prod --wait 60 --lease 5m"]
            )
        default:
            request(
                name,
                "take a lock from its holder",
                own: [
                    Options.reason.description, Options.grace.description,
                    Options.force.description,
                ],
                "Needs --reason. Takes only what is --stealable, unless an administrator uses --force. "
                    + "With --grace the holder is told and has that long to finish.",
                examples: ["holdfast steal deploy/prod --grace 30 --reason 'hotfix goes first'"]
            )
        }
    }

    private static func request(
        _ name: CommandName,
        _ summary: String,
        own: [OptionDescription],
        _ discussion: String,
        examples: [String]
    ) -> CommandDescription {
        CommandDescription(
            name: name,
            group: .locks,
            summary: summary,
            positionals: [.required("RESOURCE")],
            sections: [
                CommandDescription.Section("Ticket", own + OptionSections.ticket.options),
                OptionSections.connection, OptionSections.output,
            ],
            discussion: discussion,
            examples: examples
        )
    }

    static func ticketCommand(_ name: CommandName) -> CommandDescription {
        switch name {
        case .acquire:
            ticket(
                name,
                "ask whether a queued ticket has the lock",
                [Options.wait.description, Options.resource.description],
                "Answers at once, or with --wait when the lock is acquired or the time is over. "
                    + "Exit code 75 when it is still queued."
            )
        case .renew:
            ticket(
                name,
                "begin the lease again",
                [Options.newLease.description, Options.resource.description],
                "The lease ends its length from now. There is no renewal after the end."
            )
        case .release:
            ticket(
                name,
                "give back a lock or leave the queue",
                [Options.reason.description, Options.resource.description],
                "Doing it twice is no error; releasing what was lost is."
            )
        case .check:
            CommandDescription(
                name: name,
                group: .locks,
                summary: "is this fence or ticket a holder's?",
                positionals: [.required("RESOURCE|TICKET"), .optional("FENCE")],
                sections: clientSections("", []),
                discussion: "With FENCE the first argument is a resource, without it a ticket. "
                    + "Exit code 0 only for a present holder's, else 1.",
                examples: ["holdfast check deploy/prod \"$HOLDFAST_FENCE\" && ./publish"]
            )
        default:
            CommandDescription(
                name: name,
                group: .locks,
                summary: "end every ticket of a resource",
                positionals: [.required("RESOURCE")],
                sections: clientSections("Clear", [Options.reason.description]),
                discussion: "Needs admin. Holders and waiters are told."
            )
        }
    }

    private static func ticket(
        _ name: CommandName,
        _ summary: String,
        _ options: [OptionDescription],
        _ discussion: String
    ) -> CommandDescription {
        CommandDescription(
            name: name,
            group: .locks,
            summary: summary,
            positionals: [.required("TICKET")],
            sections: clientSections(name.rawValue.capitalizedWord, options),
            discussion: discussion
        )
    }
}

extension String {
    /// With a capital first letter.
    var capitalizedWord: String { prefix(1).uppercased() + dropFirst() }
}
