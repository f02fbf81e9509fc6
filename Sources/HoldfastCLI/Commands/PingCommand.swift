// `holdfast ping`: how long the way to the server and back takes.

import HoldfastClient
import HoldfastModel
import HoldfastSystem

struct PingCommand: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        let count = world.settings[Options.count] ?? 1
        guard count > 0 else { throw UsageError("--count is 1 or more", in: world.command) }
        let client = try world.client(world.oneShot)
        return await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: world.loop) { await client.run() }
            let alarm = world.loop.makeAlarm()
            var code = ExitCode.done
            for round in 0..<count where code == .done {
                if round > 0 {
                    alarm.set(for: world.now + .seconds(1))
                    guard await alarm.rings() else { break }
                }
                code = await ask(client, isFirst: round == 0)
            }
            await client.close()
            group.cancelAll()
            return code
        }
    }

    /// One question; the first is asked twice, because its time would be the connection's.
    private func ask(_ client: HoldfastClient, isFirst: Bool) async -> ExitCode {
        do throws(HoldfastError) {
            if isFirst { _ = try await client.send("ping") }
            let start = world.now
            let reply = try await client.send("ping")
            let time = LatencyText.text((world.now - start).nanoseconds)
            if world.settings.isOn(Options.json) {
                world.console.print(reply.text)
            } else {
                world.console.print("\(world.server.text) answered in \(time)")
            }
            return .done
        } catch {
            world.tell(ClientFailure.text(of: error, server: world.server))
            return ClientFailure.exitCode(of: error)
        }
    }
}
