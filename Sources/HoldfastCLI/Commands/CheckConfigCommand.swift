// `holdfast check-config`: the settings as `serve` would have them, with their origins, and whether the files that they
// name can be used. Wrong ones never come this far: they are wrong usage.

import HoldfastServer
import HoldfastSystem

package struct CheckConfigCommand: Sendable {
    let world: World

    func run() throws(UsageError) -> ExitCode {
        let configuration = try ServeSettings.configuration(from: world.settings)
        do throws(StartError) {
            for note in try configuration.checkFiles() { world.tell(note) }
        } catch {
            throw UsageError("\(error)", in: world.command)
        }
        let effective = [
            "loops": String(configuration.effectiveLoopCount), "node": HostName.current,
        ]
        var table = TextTable([
            TextTable.Column("setting"), TextTable.Column("value"), TextTable.Column("origin"),
        ])
        for row in CheckConfigCommand.rows(of: world.settings, effective: effective) {
            table.add(row)
        }
        world.console.print(table.lines(style: world.console.style))
        return .done
    }

    /// Name, value and origin of every setting there is; `effective` are defaults that this machine decides.
    package static func rows(
        of settings: Settings,
        effective: [String: String] = [:]
    ) -> [[String]] {
        settings.command.options.filter { $0.name != "config" }.flatMap { option in
            let entries = settings.entries[option.name] ?? []
            guard entries.isEmpty else {
                return entries.map { [option.name, $0.text, $0.origin.label] }
            }
            let unset = option.placeholder == nil ? "false" : ""
            let fallback = effective[option.name] ?? option.fallback ?? unset
            return [[option.name, fallback, Origin.builtIn.label]]
        }
    }
}
