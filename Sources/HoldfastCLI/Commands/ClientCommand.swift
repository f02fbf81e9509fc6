// Carries out a simple command: sends its request through the SDK, shows what comes meanwhile, prints the
// reply as it came or for people, and turns it into an exit code.

import HoldfastClient
import HoldfastModel
import HoldfastWire

/// One simple command under way.
struct ClientCommand<Command: SimpleCommand>: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        let fields = try Command.fields(world.settings)
        let client = try world.client(world.oneShot)
        let interruption: Interruption
        do {
            interruption = try Interruption(on: world.loop)
        } catch {
            world.tell("\(error)")
            return .refused
        }
        let (result, signal) = await interruption.guarding(on: world.loop) {
            await ask(client, fields)
        }
        world.console.show(status: nil)
        if let signal { return .signal(signal) }
        return result.map(present) ?? .refused
    }

    /// The reply, while the client is driven and its events are shown.
    private func ask(
        _ client: HoldfastClient,
        _ fields: [JSONMember]
    ) async -> Result<Reply, HoldfastError> {
        await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: world.loop) { await client.run() }
            if Command.operation == .lock {
                let line = WaitingLine(for: world.settings.positional(0) ?? "", on: world)
                group.addTask(executorPreference: world.loop) { await line.keepTime() }
                group.addTask(executorPreference: world.loop) {
                    await showPlaces(of: client, in: line)
                }
            }
            let result: Result<Reply, HoldfastError>
            do throws(HoldfastError) {
                result = .success(try await client.send(Command.operation.text, fields))
            } catch {
                result = .failure(error)
            }
            await client.close()
            group.cancelAll()
            return result
        }
    }

    /// While it waits, the place in the queue.
    private func showPlaces(of client: HoldfastClient, in line: WaitingLine) async {
        guard let events = try? await client.events() else { return }
        for await event in events {
            switch event {
            case .queued(_, _, let place), .position(_, let place):
                await line.moved(
                    to: QueuePlace(position: place.position, queueLength: place.queueLength)
                )
            case .acquired, .losing, .kept, .lost, .gap: break
            }
        }
    }

    // MARK: Answers

    private func present(_ result: Result<Reply, HoldfastError>) -> ExitCode {
        switch result {
        case .success(let reply): return present(reply)
        case .failure(let error):
            world.tell(ClientFailure.text(of: error, server: world.server))
            return ClientFailure.exitCode(of: error)
        }
    }

    private func present(_ reply: Reply) -> ExitCode {
        let isRefused = reply.value["ok"]?.bool != true
        if world.settings.isOn(Options.json) {
            world.console.print(reply.text)
        } else if isRefused {
            for line in RefusalText.lines(of: reply.value).prefix(1) { world.tell(line) }
            for line in RefusalText.lines(of: reply.value).dropFirst() { world.console.tell(line) }
        } else {
            world.console.print(Command.text(of: reply.value, style: world.console.style))
            warnOfIgnored(reply.value)
        }
        return isRefused
            ? RefusalText.exitCode(of: reply.value["error"]?["code"]?.string)
            : Command.exitCode(of: reply.value)
    }

    /// Rule 24: nothing is silently ignored, not even by an older server.
    private func warnOfIgnored(_ reply: JSONValue) {
        guard let names = reply["ignored"]?.elements, !names.isEmpty else { return }
        let list = names.map { FieldList.text(of: $0) }.joined(separator: ", ")
        world.tell("the server does not know: \(list)")
    }
}

/// Errors of the SDK as messages and exit codes.
enum ClientFailure {
    static func text(of error: HoldfastError, server: ServerAddress) -> String {
        switch error {
        case .unreachable(let why): "cannot reach the server: \(why)"
        case .outcomeUnknown(let why):
            "no answer from \(server.text), it may have been done: \(why)"
        case .refused(let refusal): refusal.description
        case .lockLost, .conflict, .timedOut, .cancelled, .invalid, .closed: error.description
        }
    }

    static func exitCode(of error: HoldfastError) -> ExitCode {
        switch error {
        case .unreachable, .outcomeUnknown, .closed: .unreachable
        case .conflict, .timedOut: .notAcquired
        case .refused(let refusal): RefusalText.exitCode(of: refusal.code.rawValue)
        case .lockLost, .cancelled, .invalid: .refused
        }
    }
}
