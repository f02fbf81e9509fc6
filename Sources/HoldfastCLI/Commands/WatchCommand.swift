// `holdfast watch`: events as they happen, for as long as somebody reads. It connects again by itself and
// says that something may be missing in between.

import HoldfastModel
import HoldfastSystem
package import HoldfastWire

struct WatchCommand: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        guard world.settings.positional(0) == nil || world.settings[Options.prefix] == nil else {
            throw UsageError("RESOURCE or --prefix, not both", in: .watch)
        }
        let token = try world.token()
        let connector = try world.connector()
        let interruption: Interruption
        do {
            interruption = try Interruption(on: world.loop)
        } catch {
            world.tell("\(error)")
            return .refused
        }
        let (code, signal) = await interruption.guarding(on: world.loop) {
            await follow(token, by: connector)
        }
        return signal.map(ExitCode.signal) ?? code ?? .refused
    }

    /// How long to wait before connecting again.
    private static let pauses: [Interval] = [
        .milliseconds(100), .milliseconds(200), .milliseconds(500), .seconds(1), .seconds(2),
    ]

    private func follow(_ token: String?, by connector: any Connector) async -> ExitCode {
        let alarm = world.loop.makeAlarm()
        var failures = 0
        var hasWatched = false
        while !Task.isCancelled, !world.console.isOutputGone {
            switch await watchOnce(token, by: connector) {
            case .over(let code): return code
            case .lost(let why, let didWatch):
                if didWatch { failures = 0 }
                hasWatched = hasWatched || didWatch
                guard hasWatched else {
                    world.tell("cannot reach the server: \(why)")
                    return .unreachable
                }
                if failures == 0 { world.tell("\(why); connecting again, events may be missing") }
            }
            let pause = WatchCommand.pauses[min(failures, WatchCommand.pauses.count - 1)]
            failures += 1
            alarm.set(for: world.now + pause)
            guard await alarm.rings() else { break }
        }
        return .done
    }

    private enum Outcome {
        case over(ExitCode)
        case lost(String, didWatch: Bool)
    }

    private func watchOnce(_ token: String?, by connector: any Connector) async -> Outcome {
        let link: ServerLink
        do throws(LinkError) {
            link = try await ServerLink(
                to: world.server,
                by: connector,
                on: world.loop
            )
        } catch {
            switch error {
            case .unreachable(let why): return .lost(why, didWatch: false)
            case .cancelled: return .over(.done)
            }
        }
        let outcome = await watch(link, token)
        await link.close()
        return outcome
    }

    private func watch(_ link: ServerLink, _ token: String?) async -> Outcome {
        var hello = [
            JSONMember("version", .integer(1)), JSONMember("client", .string("holdfast watch")),
            JSONMember("session", .object([])),
        ]
        if let token { hello.append(JSONMember("token", .string(token))) }
        await link.send(.hello, id: 1, hello)
        await link.send(.watch, id: 2, scope)
        var didWatch = false
        while let line = await link.next() {
            if line.value["event"] != nil {
                guard line.value["event"]?.string != "goodbye" else {
                    let reason = FieldList.text(of: line.value["reason"])
                    return .lost("the server said goodbye: \(reason)", didWatch: didWatch)
                }
                show(line)
            } else if line.value["ok"]?.bool != true {
                return .over(refused(line))
            } else if line.value["id"]?.integer == 2 {
                didWatch = true
                began(line)
            }
            if world.console.isOutputGone { return .over(.done) }
        }
        return Task.isCancelled
            ? .over(.done) : .lost("the connection was lost", didWatch: didWatch)
    }

    private var scope: [JSONMember] {
        if let resource = world.settings.positional(0) {
            return [JSONMember("resource", .string(resource))]
        }
        return world.settings[Options.prefix].map { [JSONMember("prefix", .string($0))] } ?? []
    }

    // MARK: Lines

    private var isJSON: Bool { world.settings.isOn(Options.json) }

    private func began(_ line: ServerLine) {
        if isJSON { world.console.print(line.text) } else { world.tell("watching") }
    }

    private func refused(_ line: ServerLine) -> ExitCode {
        if isJSON {
            world.console.print(line.text)
        } else {
            for text in RefusalText.lines(of: line.value) { world.tell(text) }
        }
        return RefusalText.exitCode(of: line.value["error"]?["code"]?.string)
    }

    private func show(_ line: ServerLine) {
        world.console.print(
            isJSON ? line.text : WatchText.line(of: line.value, style: world.console.style)
        )
    }
}

/// One event for people: when, what, where, who, and what else there is.
package enum WatchText {
    package static func line(of event: JSONValue, style: Style) -> String {
        let name = event["event"]?.string ?? "?"
        if name == "gap" {
            let missed = FieldList.text(of: event["missed"])
            return style.paint("\(missed) events were dropped: this reader is too slow", .red)
        }
        let time = FieldList.time(event["at"]).split(separator: " ").last.map(String.init) ?? ""
        let width = 13
        let padded = name + String(repeating: " ", count: max(0, width - name.count))
        let who = FieldList.text(of: event["holder"] ?? event["owner"])
        let fence = event["fence"].map { " fence \(FieldList.text(of: $0))" } ?? ""
        let by = event["by"]?.string.map { " by \(harmless($0))" } ?? ""
        let reason = event["reason"]?.string.map { " (\(harmless($0)))" } ?? ""
        return "\(style.paint(time, .dim)) \(style.paint(padded, tone(of: name)))"
            + " \(style.paint(harmless(event["resource"]?.string ?? ""), .bold))"
            + " \(who)\(fence)\(by)\(reason)"
    }

    private static func tone(of name: String) -> Style.Tone {
        switch name {
        case "acquired", "kept": .green
        case "queued", "renewed", "losing": .yellow
        case "released", "cancelled": .dim
        default: .red
        }
    }
}
