// `holdfast serve`: the server as a process. It says when it serves, stops on SIGTERM and SIGINT, reads
// its log level again on SIGHUP, and tells the service manager.

import CSystem
import Glibc
import HoldfastModel
import HoldfastServer
import HoldfastSystem

struct ServeCommand: Sendable {
    let world: World

    func run() async throws(UsageError) -> ExitCode {
        var configuration = try ServeSettings.configuration(from: world.settings)
        let log = ServeLog(settings: world.settings, console: world.console)
        configuration.tell = { log.write(.warning, $0) }
        if configuration.holdsSecrets {
            do throws(SystemError) { try ProcessMemory.hide() } catch {
                log.write(.warning, "what is in memory may show in core files: \(error)")
            }
        }
        let server: Server
        let signals: Signals
        do {
            server = try Server(configuration)
            signals = try Signals([.terminate, .interrupt, .hangUp], on: world.loop)
        } catch {
            world.tell("\(error)")
            return .refused
        }
        let notifier = ServiceNotifier()
        return await withTaskGroup(of: ExitCode?.self) { group in
            group.addTask(executorPreference: world.loop) { await serve(server, log, notifier) }
            group.addTask(executorPreference: world.loop) {
                await obey(signals, server, log, notifier)
                return nil
            }
            var code = ExitCode.done
            while let finding = await group.next() {
                guard let finding else { continue }
                code = finding
                group.cancelAll()
            }
            log.write(.notice, "stopped")
            return code
        }
    }

    private func serve(
        _ server: Server,
        _ log: ServeLog,
        _ notifier: ServiceNotifier?
    ) async -> ExitCode {
        do throws(StartError) {
            try await server.run { [console = world.console] recovered in
                for note in recovered.notes { log.write(.warning, note) }
                let ready = ReadyLine.text(of: server, recovered: recovered.ticketCount)
                console.tell(ready)
                notifier?.ready(status: ready)
            }
            return .done
        } catch {
            world.tell("\(error)")
            return .refused
        }
    }

    private func obey(
        _ signals: Signals,
        _ server: Server,
        _ log: ServeLog,
        _ notifier: ServiceNotifier?
    ) async {
        var isStopping = false
        while let signal = await signals.next() {
            switch signal {
            case .hangUp:
                reload(server, log)
                reopenAudit(of: server, log)
                await reloadAccess(of: server, log)
            case _ where isStopping:
                log.write(.warning, "stopped at once by a second signal")
                exit(ExitCode.signal(signal.number).number)
            default:
                isStopping = true
                log.write(.notice, "stopping: \(signal == .interrupt ? "SIGINT" : "SIGTERM")")
                notifier?.stopping()
                server.stop()
            }
        }
    }

    private func reopenAudit(of server: Server, _ log: ServeLog) {
        do throws(StartError) { try server.reopenAudit() } catch {
            log.write(.error, "the audit file stays the one that was open: \(error)")
        }
    }

    private func reloadAccess(of server: Server, _ log: ServeLog) async {
        guard server.configuration.access != .open else { return }
        do throws(StartError) {
            try await server.reloadAccess()
            log.write(.notice, "read again who may do what")
        } catch {
            log.write(.error, "who may do what stays as it was: \(error)")
        }
    }

    /// Reads the settings again; of those that may change while it runs this build has the log level and the
    /// certificate.
    private func reload(_ server: Server, _ log: ServeLog) {
        let parser = ArgumentParser(
            commands: CommandTable.all,
            environment: world.environment,
            readFile: ProcessFiles.read
        )
        do throws(UsageError) {
            let arguments = Array(CommandLine.arguments.dropFirst())
            guard case .run(let settings) = try parser.parse(arguments) else { return }
            let configuration = try ServeSettings.configuration(from: settings)
            log.take(settings)
            log.write(.notice, "read the settings again: log level \(log.level.rawValue)")
            if let tls = configuration.tls { exchangeCertificate(tls, server, log) }
        } catch {
            log.write(.error, "the settings stay as they were: \(error.message)")
        }
    }
}

extension ServeCommand {
    private func exchangeCertificate(_ tls: TLSSetting, _ server: Server, _ log: ServeLog) {
        do throws(TLSFlaw) {
            for note in try server.exchangeCertificate(tls) { log.write(.warning, note) }
            log.write(.notice, "read the certificate again: \(tls.files.certificate)")
        } catch {
            log.write(.error, "the certificate stays as it was: \(error)")
        }
    }
}

/// The line that says that it serves (CLI.md).
package enum ReadyLine {
    static func text(of server: Server, recovered: Int) -> String {
        "holdfast ready node=\(escaped(server.node))"
            + " tcp=\(server.addresses.joined(separator: ","))"
            + " http=\(server.httpAddresses.isEmpty ? "off" : server.httpAddresses.joined(separator: ","))"
            + " data=\(escaped(server.configuration.data.name))"
            + " recovered=\(recovered)"
    }

    /// What would break the line into other words is percent-escaped.
    package static func escaped(_ text: String) -> String {
        text.utf8.reduce(into: "") { line, byte in
            let isPlain = (0x21...0x7e).contains(byte) && byte != 0x25
            line +=
                isPlain
                ? String(UnicodeScalar(byte))
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
