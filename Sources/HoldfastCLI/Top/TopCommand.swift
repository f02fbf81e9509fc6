// `holdfast top`: asks once a second, draws what it knows, and does what keys say. What is drawn and what
// keys mean is in TopModel and TopPicture.

import CSystem
import Glibc
import HoldfastClient
import HoldfastModel
import HoldfastSystem
import HoldfastWire

struct TopCommand: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        let isLive = world.console.isOutputTerminal && isatty(STDIN_FILENO) == 1
        let client = try world.client(configuration)
        let model = TopModel(
            server: world.server.text,
            order: world.settings[TopOptions.sort] ?? .queue,
            prefix: world.settings[TopOptions.prefix] ?? ""
        )
        return await withTaskGroup(of: Void.self) { group in
            group.addTask(executorPreference: world.loop) { await client.run() }
            let code: ExitCode
            if isLive, !world.settings.isOn(TopOptions.once) {
                code = await TopView(world: world, client: client, model: model).run()
            } else {
                code = await printOnce(client, model)
            }
            await client.close()
            group.cancelAll()
            return code
        }
    }

    private var configuration: HoldfastClient.Configuration {
        HoldfastClient.Configuration(
            name: "holdfast top",
            patience: .zero,
            responseTimeout: world.timeout.duration,
            connectTimeout: world.timeout.duration,
            backoffLongest: .seconds(2)
        )
    }

    /// One picture for a pipe or a script.
    private func printOnce(_ client: HoldfastClient, _ model: TopModel) async -> ExitCode {
        var model = model
        switch await TopQuestion.ask(client, about: model) {
        case .success(let answer):
            model.take(stats: answer.stats, resources: answer.resources, at: world.now)
            let canvas = TopPicture.Canvas(
                columns: 100,
                rows: 0,
                style: world.console.style,
                hasBlocks: TopView.hasBlocks(in: world.environment)
            )
            world.console.print(TopPicture(of: model, on: canvas).plainLines)
            return .done
        case .failure(let failure):
            world.tell(failure.text)
            return failure.code
        }
    }
}

/// What `top` asks the server each time.
enum TopQuestion {
    struct Answer: Sendable {
        var stats: JSONValue
        var resources: JSONValue
    }

    struct Failure: Error, Sendable {
        var text: String
        var code: ExitCode
    }

    /// As many resources as anybody scrolls through.
    private static let limit: Int64 = 500

    static func ask(
        _ client: HoldfastClient,
        about model: TopModel
    ) async -> Result<Answer, Failure> {
        var fields = [JSONMember("limit", .integer(limit))]
        if model.order != .path {
            fields.append(JSONMember("sort", .string(model.order.rawValue)))
        }
        if !model.prefix.isEmpty { fields.append(JSONMember("prefix", .string(model.prefix))) }
        do throws(HoldfastError) {
            let stats = try await client.send("stats")
            let resources = try await client.send("resources", fields)
            for reply in [stats, resources] where reply.value["ok"]?.bool != true {
                let code = reply.value["error"]?["code"]?.string
                return .failure(
                    Failure(
                        text: RefusalText.lines(of: reply.value).first ?? "refused",
                        code: RefusalText.exitCode(of: code)
                    )
                )
            }
            return .success(Answer(stats: stats.value, resources: resources.value))
        } catch {
            return .failure(
                Failure(text: "\(error)", code: ClientFailure.exitCode(of: error))
            )
        }
    }
}
