// What a command stands on: the loop it runs on, where it speaks, what it was asked for. The process's
// own things are fetched here and nowhere else.

import CSystem
import Glibc
package import HoldfastClient
package import HoldfastModel
package import HoldfastSystem

/// The surroundings of one invocation.
package struct World: Sendable {
    package let loop: EventLoop
    package let console: Console
    package let environment: [String: String]
    package let settings: Settings

    package init(
        loop: EventLoop,
        console: Console,
        environment: [String: String],
        settings: Settings
    ) {
        self.loop = loop
        self.console = console
        self.environment = environment
        self.settings = settings
    }

    package var command: CommandName { settings.command.name }

    /// A message to people: "holdfast run: …".
    package func tell(_ text: String) { console.tell("holdfast \(command.rawValue): \(text)") }

    package var now: Instant { loop.reading.now }

    // MARK: The way to the server

    package var server: ServerAddress {
        settings[Options.server]
            ?? ServerAddress(host: "127.0.0.1", port: ServerAddress.defaultPort)
    }

    package var timeout: Interval { settings[Options.timeout] ?? .seconds(10) }

    /// Who the user is: the token, or the first line of the file where that was said nearer by.
    package func token() throws(UsageError) -> String? {
        let token = settings[Options.token]
        guard let file = settings[Options.tokenFile],
            token == nil || settings.isNearer(Options.tokenFile, than: Options.token)
        else { return token }
        if let warning = SecretFile.warning(of: file.text) { tell(warning) }
        guard let text = ProcessFiles.read(file.text) else {
            throw UsageError("cannot read the token file \(file.text)", in: command)
        }
        let line = (text.split { $0.isNewline }.first ?? "").trimmingSpaces()
        guard !line.isEmpty else {
            throw UsageError("the token file \(file.text) is empty", in: command)
        }
        return line
    }

    /// How the server is reached: in plain text, or under TLS where any setting of TLS is given.
    package func connector() throws(UsageError) -> any Connector {
        guard let tls = try tls else { return SocketConnector(timeout: timeout) }
        do throws(TLSFlaw) {
            return TLSConnector(
                over: SocketConnector(timeout: timeout),
                try tls.context(),
                timeout: timeout
            )
        } catch {
            throw UsageError("\(error)", in: command)
        }
    }

    private var tls: HoldfastClient.TLS? {
        get throws(UsageError) {
            let authority = settings[Options.tlsAuthority]
            let certificate = settings[Options.tlsCertificate]
            let key = settings[Options.tlsKey]
            guard (certificate == nil) == (key == nil) else {
                throw UsageError("--tls-cert and --tls-key need each other", in: command)
            }
            guard settings.isOn(Options.tls) || authority != nil || certificate != nil else {
                return nil
            }
            return HoldfastClient.TLS(
                authorities: authority?.text,
                certificate: certificate?.text,
                key: key?.text
            )
        }
    }

    /// What to tell of a token that goes there without TLS; nil where it stays on this machine.
    static func warning(ofPlainTextTo server: ServerAddress) -> String? {
        guard !ListenAddress(host: server.host, port: server.port).isLoopback else { return nil }
        return
            "the token goes to \(server.host) in plain text, for anybody on the way to read; add --tls"
    }

    /// A client of that server on this loop.
    package func client(
        _ configuration: HoldfastClient.Configuration
    ) throws(UsageError) -> HoldfastClient {
        let (token, connector) = (try token(), try connector())
        if token != nil, connector is SocketConnector,
            let warning = World.warning(ofPlainTextTo: server)
        {
            tell(warning)
        }
        return HoldfastClient(
            server,
            token: token,
            configuration: configuration,
            in: ClientEnvironment(
                loop: loop,
                connector: connector,
                random: .system()
            )
        )
    }

    /// How a client of a command that asks once behaves: no session, and the first failure is the answer.
    package var oneShot: HoldfastClient.Configuration {
        HoldfastClient.Configuration(
            name: "holdfast \(command.rawValue)",
            sessionGrace: nil,
            patience: .zero,
            responseTimeout: timeout.duration,
            connectTimeout: timeout.duration
        )
    }
}

extension Interval {
    /// The same in the SDK's units.
    var duration: Duration { .nanoseconds(nanoseconds) }
}

/// Files and variables of this process.
package enum ProcessFiles {
    /// The text of a file; nil where it cannot be read or is no text.
    package static func read(_ name: String) -> String? {
        guard let file = fopen(name, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
            bytes += buffer[..<count]
        }
        return ferror(file) == 0 ? String(validating: bytes, as: UTF8.self) : nil
    }

    /// The variables of this process; the first of a name counts, as for getenv.
    package static var environment: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let text = String(cString: entry)
            if let (name, value) = text.atFirstEquals, !name.isEmpty, variables[name] == nil {
                variables[name] = value
            }
            next += 1
        }
        return variables
    }
}
