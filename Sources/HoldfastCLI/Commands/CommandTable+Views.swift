// Descriptions of the commands that look and administrate.

extension CommandTable {
    static func viewCommand(_ name: CommandName) -> CommandDescription {
        switch name {
        case .status:
            view(
                name,
                "show a ticket",
                .required("TICKET"),
                [Options.resource.description],
                "Also one that is over, while it is remembered."
            )
        case .list:
            view(
                name,
                "show who holds and who waits",
                .required("RESOURCE"),
                [Options.limit.description, Options.afterPosition.description],
                "Holders in the order of grant, the queue in the order of granting."
            )
        case .resources:
            view(
                name,
                "list what is locked",
                nil,
                [
                    Options.prefix.description, Options.limit.description,
                    Options.afterPath.description, Options.sort.description,
                ],
                "--sort queue and --sort wait show the top --limit."
            )
        default:
            view(
                name,
                "show what happened to a resource",
                .required("RESOURCE"),
                [Options.limit.description],
                "Newest first."
            )
        }
    }

    static func liveCommand(_ name: CommandName) -> CommandDescription {
        switch name {
        case .watch:
            view(
                name,
                "print events as they happen",
                .optional("RESOURCE"),
                [Options.prefix.description],
                "Of one resource, of all below --prefix, or of everything. Connects again by itself; "
                    + "what happened meanwhile is missing."
            )
        default:
            CommandDescription(
                name: name,
                group: .views,
                summary: "live view of locks, queues and rates",
                sections: clientSections(
                    "Top",
                    [
                        TopOptions.once.description, TopOptions.prefix.description,
                        TopOptions.sort.description, TopOptions.interval.description,
                    ],
                    json: false
                ),
                discussion:
                    "Keys: q quits, s sorts, / filters by prefix, p pauses, arrows or j k scroll. "
                    + "Where output is no terminal, or with --once, it prints one picture."
            )
        }
    }

    static func adminCommand(_ name: CommandName) -> CommandDescription {
        switch name {
        case .stats:
            view(name, "show the server's numbers", nil, [], "Counts since it started.")
        case .ping:
            view(
                name,
                "measure the way to the server",
                nil,
                [Options.count.description],
                "Exit code 69 where it cannot be reached."
            )
        default:
            view(
                name,
                "take no new tickets, or take them again",
                nil,
                [Options.reason.description, Options.off.description],
                "Needs admin. Waiting tickets are still served."
            )
        }
    }

    private static func view(
        _ name: CommandName,
        _ summary: String,
        _ positional: CommandDescription.Positional?,
        _ options: [OptionDescription],
        _ discussion: String
    ) -> CommandDescription {
        CommandDescription(
            name: name,
            group: .views,
            summary: summary,
            positionals: positional.map { [$0] } ?? [],
            sections: clientSections(name.rawValue.capitalizedWord, options),
            discussion: discussion
        )
    }
}
