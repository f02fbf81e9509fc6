// `holdfast journal verify DIR` and `dump DIR`: what is in a server's data, read-only, also while the server runs.

package import HoldfastJournal
package import HoldfastModel
import HoldfastSystem

/// What to do with a journal.
package enum JournalAction: String, Sendable, CaseIterable {
    case verify
    case dump
}

package struct JournalCommand: Sendable {
    let world: World

    static let command = CommandDescription(
        name: .journal,
        group: .tools,
        summary: "look into the data directory of a server",
        positionals: [
            .required("ACTION", choices: JournalAction.allCases.map(\.rawValue)),
            .required("DIR"),
        ],
        sections: [CommandDescription.Section("General", [Options.config.description])],
        discussion:
            "verify reads everything that a start would read and prints what the files hold; "
            + "damage is told with its file and offset, and the exit code is 1. dump prints every "
            + "entry as a line of JSON. Both change nothing and may run beside the server. The "
            + "directory is as private as the locks are: ticket ids are in it.",
        examples: ["holdfast journal verify ./holdfast-data", "holdfast journal dump DIR | jq ."]
    )

    func run() async throws(UsageError) -> ExitCode {
        guard let action = JournalAction(rawValue: world.settings.positional(0) ?? "") else {
            throw UsageError("ACTION is verify or dump", in: world.command)
        }
        let directory = world.settings.positional(1) ?? ""
        let disk: KernelDisk
        do throws(DiskError) {
            disk = try KernelDisk(at: directory, access: .readOnly)
        } catch {
            world.tell(JournalText.text(of: error))
            return .refused
        }
        let inspector = JournalInspector(disk)
        switch action {
        case .verify: return await verify(inspector)
        case .dump: return await dump(inspector)
        }
    }

    private func verify(_ inspector: JournalInspector) async -> ExitCode {
        let verdict = await inspector.verify()
        for note in verdict.notes { world.tell(note) }
        if verdict.failure == nil, verdict.files.isEmpty {
            world.tell("there is no journal in \(world.settings.positional(1) ?? "")")
            return .refused
        }
        if let failure = verdict.failure {
            world.tell(JournalText.text(of: failure))
            return .refused
        }
        world.console.print(JournalText.table(of: verdict.files).lines(style: world.console.style))
        return .done
    }

    private func dump(_ inspector: JournalInspector) async -> ExitCode {
        do throws(JournalError) {
            try await inspector.dump { frame in world.console.print(EntryLine.lines(of: frame)) }
            return .done
        } catch {
            world.tell(JournalText.text(of: error))
            return .refused
        }
    }
}

/// What the command says to people.
package enum JournalText {
    package static func table(of files: [FileSummary]) -> TextTable {
        var table = TextTable([
            TextTable.Column("file"), TextTable.Column("first"), TextTable.Column("frames"),
            TextTable.Column("entries"), TextTable.Column("bytes"),
        ])
        for file in files {
            table.add([
                file.name, String(file.firstSequence), String(file.frameCount),
                String(file.entryCount), String(file.byteCount),
            ])
        }
        return table
    }

    package static func text(of error: JournalError) -> String {
        switch error {
        case .storageFull: "the disk is full"
        case .failed(let text): text
        case .damaged(let text): "damaged: \(text)"
        }
    }

    package static func text(of error: DiskError) -> String {
        switch error {
        case .full: "the disk is full"
        case .missing(let text), .denied(let text), .inUse(let text), .failed(let text): text
        }
    }
}
