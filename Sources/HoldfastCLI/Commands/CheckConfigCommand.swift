// `holdfast check-config`: the settings as `serve` would have them, with their origins. Wrong ones never
// come this far: they are wrong usage.

package struct CheckConfigCommand: Sendable {
    let world: World

    func run() throws(UsageError) -> ExitCode {
        _ = try ServeSettings.configuration(from: world.settings)
        var table = TextTable([
            TextTable.Column("setting"), TextTable.Column("value"), TextTable.Column("origin"),
        ])
        for row in CheckConfigCommand.rows(of: world.settings) { table.add(row) }
        world.console.print(table.lines(style: world.console.style))
        return .done
    }

    /// Name, value and origin of every setting there is.
    package static func rows(of settings: Settings) -> [[String]] {
        settings.command.options.filter { $0.isShown && $0.name != "config" }.flatMap { option in
            let entries = settings.entries[option.name] ?? []
            guard entries.isEmpty else {
                return entries.map { [option.name, $0.text, $0.origin.label] }
            }
            let fallback = option.fallback ?? (option.placeholder == nil ? "false" : "")
            return [[option.name, fallback, Origin.builtIn.label]]
        }
    }
}
