// The way in: arguments become settings, settings a command, a command an exit code. Nothing else in the
// program ends the process.

import Glibc
import HoldfastModel
import HoldfastServer
import HoldfastSystem

package enum HoldfastCommand {
    /// Does what the process was started for; the result is its exit code.
    package static func main() async -> Int32 {
        Signals.ignoreBrokenPipes()
        let environment = ProcessFiles.environment
        let console = Console.standard(environment: environment)
        let parser = ArgumentParser(
            commands: CommandTable.all,
            environment: environment,
            readFile: ProcessFiles.read
        )
        let arguments = Array(CommandLine.arguments.dropFirst())
        ProcessArguments.hide(valuesOf: "--\(Options.token.description.name)")
        do throws(UsageError) {
            let code =
                switch try parser.parse(arguments) {
                case .help(let command): help(on: command, console)
                case .version: version(console)
                case .run(let settings): try await run(settings, console, environment)
                }
            return end(code, console).number
        } catch {
            console.tell(error.text)
            return ExitCode.wrongUsage.number
        }
    }

    /// Whoever wanted the output is not told that all went well when it did not arrive.
    private static func end(_ code: ExitCode, _ console: Console) -> ExitCode {
        switch console.delivery {
        case .written: return code
        // What a shell says of a program whose reader has gone.
        case .gone: return .signal(SIGPIPE)
        case .failed(let why):
            console.tell("holdfast: the output could not be written: \(why)")
            return code == .done ? .refused : code
        }
    }

    private static func help(on command: CommandDescription?, _ console: Console) -> ExitCode {
        let text = command.map(HelpText.page) ?? HelpText.overview(of: CommandTable.all)
        console.print(text)
        return .done
    }

    private static func version(_ console: Console) -> ExitCode {
        console.print("holdfast \(ServerName.version)")
        return .done
    }

    private static func run(
        _ settings: Settings,
        _ console: Console,
        _ environment: [String: String]
    ) async throws(UsageError) -> ExitCode {
        let loop: EventLoop
        do {
            loop = try EventLoop(index: LoopIndex(number: 0))
            try loop.start()
        } catch {
            console.tell("holdfast: \(error)")
            return .refused
        }
        let world = World(
            loop: loop,
            console: console,
            environment: environment,
            settings: settings
        )
        let result = await withTaskExecutorPreference(loop) {
            await carryOut(world)
        }
        console.show(status: nil)
        loop.stop()
        loop.join()
        return try result.get()
    }

    private static func carryOut(_ world: World) async -> Result<ExitCode, UsageError> {
        do throws(UsageError) {
            return .success(try await world.carryOut())
        } catch {
            return .failure(error)
        }
    }
}

extension World {
    fileprivate func carryOut() async throws(UsageError) -> ExitCode {
        switch command {
        case .serve: try await ServeCommand(world: self).run()
        case .checkConfig: try CheckConfigCommand(world: self).run()
        case .run: try await RunCommand(world: self).run()
        case .queue: try await ask(QueueCommand.self)
        case .lock: try await ask(LockCommand.self)
        case .acquire: try await ask(AcquireCommand.self)
        case .renew: try await ask(RenewCommand.self)
        case .release: try await ask(ReleaseCommand.self)
        case .check: try await ask(CheckCommand.self)
        case .steal: try await ask(StealCommand.self)
        case .clear: try await ask(ClearCommand.self)
        case .status: try await ask(StatusCommand.self)
        case .list: try await ask(ListCommand.self)
        case .resources: try await ask(ResourcesCommand.self)
        case .history: try await ask(HistoryCommand.self)
        case .stats: try await ask(StatsCommand.self)
        case .drain: try await ask(DrainCommand.self)
        case .watch: try await WatchCommand(world: self).run()
        case .top: try await TopCommand(world: self).run()
        case .ping: try await PingCommand(world: self).run()
        case .bench: try await BenchCommand(world: self).run()
        case .journal: try await JournalCommand(world: self).run()
        case .token: try TokenCommand(world: self).run()
        case .completions: try completions()
        case .help: .done
        }
    }

    private func ask<Command: SimpleCommand>(
        _ type: Command.Type
    ) async throws(UsageError) -> ExitCode {
        try await ClientCommand<Command>(world: self).run()
    }

    private func completions() throws(UsageError) -> ExitCode {
        let name = settings.positional(0) ?? ""
        guard let shell = Shell(rawValue: name) else {
            throw UsageError(
                "there are completions for bash, zsh and fish, not for '\(name)'",
                in: command
            )
        }
        console.print(Completions.script(for: shell, commands: CommandTable.all))
        return .done
    }
}
