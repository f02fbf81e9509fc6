// How a command line is read: the forms an option has, what is wrong usage, and what wins.

import HoldfastCLI
import HoldfastModel
import Testing

/// Parses against the real table, with a small world around it.
struct ParserBench {
    var environment: [String: String] = [:]
    var files: [String: String] = [:]

    func parse(_ arguments: String...) throws -> Invocation {
        let files = files
        return try ArgumentParser(
            commands: CommandTable.all,
            environment: environment,
            readFile: { files[$0] }
        ).parse(arguments)
    }

    func settings(_ arguments: [String]) throws -> Settings {
        let files = files
        let parser = ArgumentParser(
            commands: CommandTable.all,
            environment: environment,
            readFile: { files[$0] }
        )
        guard case .run(let settings) = try parser.parse(arguments) else {
            throw UsageError("this asks for help")
        }
        return settings
    }

    func error(_ arguments: String...) -> String? {
        do {
            _ = try settings(arguments)
            return nil
        } catch {
            return (error as? UsageError)?.message
        }
    }
}

struct ArgumentParserTests {
    private let bench = ParserBench()

    @Test func `a value follows its flag or an equals sign`() throws {
        let spaced = try bench.settings(["lock", "a/b", "--lease", "5"])
        #expect(spaced[Options.lease] == .seconds(5))
        let joined = try bench.settings(["lock", "--lease=5", "a/b"])
        #expect(joined[Options.lease] == .seconds(5))
        #expect(joined.positionals == ["a/b"])
    }

    @Test func `a switch takes no value unless it is given one`() throws {
        #expect(try bench.settings(["lock", "--stealable", "a"]).isOn(Options.stealable))
        #expect(
            try bench.settings(["lock", "--stealable=false", "a"]).isOn(Options.stealable) == false
        )
        #expect(try bench.settings(["lock", "a"]).isOn(Options.stealable) == false)
    }

    @Test func `the last of a flag wins, those that repeat add up`() throws {
        let settings = try bench.settings(
            ["lock", "a", "--lease", "1", "--lease", "2", "--meta", "a=1", "--meta", "b=2=3"]
        )
        #expect(settings[Options.lease] == .seconds(2))
        #expect(settings.all(Options.meta).map(\.name) == ["a", "b"])
        #expect(settings.all(Options.meta).map(\.value) == ["1", "2=3"])
    }

    @Test(arguments: ["-bcdefghijklmnopqrstuvwxyz01", "--cdefghijklmnopqrstuvwxyz01"])
    func `a ticket id that begins with a dash is no option`(ticket: String) throws {
        #expect(try bench.settings(["release", ticket, "--json"]).positionals == [ticket])
        #expect(bench.error("release", String(ticket.dropLast())) != nil)
    }

    @Test func `two dashes end the options`() throws {
        #expect(try bench.settings(["lock", "--", "--odd"]).positionals == ["--odd"])
        let run = try bench.settings(["run", "demo", "--lease", "5", "--", "sh", "-c", "--help"])
        #expect(run.positionals == ["demo"])
        #expect(run.tail == ["sh", "-c", "--help"])
        let second = try bench.settings(["run", "demo", "--", "env", "--", "true"])
        #expect(second.tail == ["env", "--", "true"])
    }

    @Test func `after two dashes a missing resource comes before the command`() throws {
        let settings = try bench.settings(["run", "--", "demo", "true", "x"])
        #expect(settings.positionals == ["demo"])
        #expect(settings.tail == ["true", "x"])
    }

    @Test func `help is asked for anywhere but after two dashes`() throws {
        for arguments in [["lock", "--help"], ["lock", "-h"], ["help", "lock"]] {
            let parser = ArgumentParser(
                commands: CommandTable.all,
                environment: [:],
                readFile: { _ in nil }
            )
            guard case .help(let command) = try parser.parse(arguments) else {
                Issue.record("\(arguments) is no question for help")
                continue
            }
            #expect(command?.name == .lock)
        }
        guard case .help(nil) = try bench.parse("--help") else {
            Issue.record("--help alone is a question for help")
            return
        }
        guard case .help(let command) = try bench.parse("lock", "--nonsense", "--help") else {
            Issue.record("help wins over what is wrong")
            return
        }
        #expect(command?.name == .lock)
    }

    @Test func `the version is asked for with or without a command`() throws {
        for arguments in [["--version"], ["serve", "--version"]] {
            let parser = ArgumentParser(
                commands: CommandTable.all,
                environment: [:],
                readFile: { _ in nil }
            )
            guard case .version = try parser.parse(arguments) else {
                Issue.record("\(arguments) asks for the version")
                continue
            }
        }
    }

    @Test(arguments: [
        (["lock"], "RESOURCE is missing"),
        (["lock", "a", "b"], "unexpected argument 'b'"),
        (["run", "a", "ls"], "unexpected argument 'ls'; put -- before the command"),
        (["run", "a"], "which command? put it after --"),
        (["run", "a", "--"], "which command? put it after --"),
        (["lock", "a", "--leese", "5"], "unknown option --leese; did you mean --lease?"),
        (["lock", "a", "-x"], "unknown option -x"),
        (["lock", "a", "--lease"], "--lease needs a value (S)"),
        (["lock", "a", "--lease", "--"], "--lease needs a value (S)"),
        (
            ["lock", "a", "--reason", "--json"],
            "--reason needs a value (if '--json' is meant: --reason=--json)"
        ),
        (
            ["lock", "a", "--lease", "soon"],
            "--lease: 'soon' is not a duration (30, 0.5, 500ms, 5m, 1h)"
        ),
        (["lock", "a", "--mode", "2/"], "--mode: '2/' is not shared, exclusive or N/M"),
        (["lock", "a", "--stealable=maybe"], "--stealable: 'maybe' is neither true nor false"),
        (["lock", "a", "--meta", "=x"], "--meta: '=x' is not NAME=VALUE"),
        (["lock", "a", "--priority", "-1"], "--priority: '-1' is not a whole number"),
        (["run", "a", "--lost", "panic", "--", "x"], "--lost: 'panic' is not one of term, ignore"),
        (["loc", "a"], "there is no command 'loc'; did you mean 'lock'?"),
        (["help", "nonsense"], "there is no command 'nonsense'"),
        (["--json", "ping"], "the command comes first, then options such as --json"),
        ([], "which command?"),
    ])
    func `wrong usage is told in one line`(arguments: [String], message: String) {
        let error = #expect(throws: UsageError.self) { try bench.settings(arguments) }
        #expect(error?.message == message)
    }

    @Test func `an error names the command and where to look`() {
        let error = #expect(throws: UsageError.self) { try bench.settings(["lock"]) }
        #expect(error?.text == "holdfast lock: RESOURCE is missing\nTry 'holdfast help lock'.")
    }

    @Test func `words that switch something off are taken`() throws {
        let settings = try bench.settings(
            ["serve", "--http", "off", "--data", "none", "--auth", "none"]
        )
        #expect(settings[ServeOptions.data] == "none")
    }
}
