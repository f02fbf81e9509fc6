// `holdfast token create NAME` and `token hash`: how lines of the token file are made. The token itself is shown once,
// to whoever made it, on standard error; what goes into the file is on standard output, and nobody can come in with it.

import Glibc
import HoldfastModel
import HoldfastSystem
import HoldfastWire

/// What to do with a token.
package enum TokenAction: String, Sendable, CaseIterable {
    case create
    case hash
}

/// For whom it is.
package enum TokenKind: String, ChoiceValue {
    case user
    case application
}

package struct TokenCommand: Sendable {
    let world: World

    private static let role = Option<String>(
        "role",
        placeholder: "ROLE",
        repeats: .addsByCommas,
        environment: false,
        "a role of the file; may be repeated"
    )
    private static let kind = Option<TokenKind>(
        "kind",
        default: "user",
        environment: false,
        "a person, or a program"
    )
    private static let display = Option<String>(
        "display",
        placeholder: "TEXT",
        environment: false,
        "what people call it"
    )

    static let command = CommandDescription(
        name: .token,
        group: .tools,
        summary: "make a token, or the hash of one",
        positionals: [
            .required("ACTION", choices: TokenAction.allCases.map(\.rawValue)),
            .optional("NAME", choices: []),
        ],
        sections: [
            CommandDescription.Section(
                "Token",
                [role.description, kind.description, display.description]
            ),
            CommandDescription.Section("General", [Options.config.description]),
        ],
        discussion:
            "create makes a token for NAME, shows it once on standard error, and prints the line for "
            + "the file of --tokens, in which only its hash is. hash reads a token from standard input "
            + "and prints its hash.",
        examples: [
            "holdfast token create ci --role deployer --kind application >> tokens.jsonl",
            "holdfast token hash < token.txt",
        ]
    )

    func run() throws(UsageError) -> ExitCode {
        guard let action = TokenAction(rawValue: world.settings.positional(0) ?? "") else {
            throw UsageError("ACTION is create or hash", in: world.command)
        }
        let cryptography: Cryptography
        do {
            cryptography = try Cryptography()
        } catch {
            world.tell("\(error)")
            return .refused
        }
        switch action {
        case .create: return try create(cryptography)
        case .hash: return try hash(cryptography)
        }
    }

    private func create(_ cryptography: Cryptography) throws(UsageError) -> ExitCode {
        guard let name = world.settings.positional(1), !name.isEmpty,
            name.utf8.count <= TicketRequest.textBytesMax, name != Owner.anonymousName
        else {
            throw UsageError(
                "create needs a NAME of at most \(TicketRequest.textBytesMax) bytes, and not "
                    + Owner.anonymousName,
                in: world.command
            )
        }
        let token = TokenText.random()
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("name", name)
        writer.member("display", world.settings[Self.display])
        writer.member("token", TokenText.hash(of: token, cryptography))
        writer.member("kind", (world.settings[Self.kind] ?? .user).rawValue)
        writer.member("roles", world.settings.all(Self.role))
        writer.endObject()
        world.console.print([String(decoding: writer.bytes, as: UTF8.self)])
        // A token whose line is not in the file opens nothing.
        guard !world.console.isOutputGone else { return .refused }
        world.console.tell("\(token)")
        world.tell("this is the token of \(name); it is shown only now")
        return .done
    }

    private func hash(_ cryptography: Cryptography) throws(UsageError) -> ExitCode {
        guard let line = readLine(strippingNewline: true)?.trimmingSpaces(), !line.isEmpty else {
            throw UsageError(
                "hash reads the token from standard input, and there was none",
                in: world.command
            )
        }
        world.console.print([TokenText.hash(of: line, cryptography)])
        return .done
    }
}

/// How tokens and their hashes look.
enum TokenText {
    /// 258 bits of chance, and what it is, for whoever finds it somewhere.
    static func random() -> String {
        var random = RandomBuffer.system()
        let characters = (0..<43).map { _ in
            Base64URL.character(of: UInt8(truncatingIfNeeded: random.next()) & 63)
        }
        return "holdfast_" + String(decoding: characters, as: UTF8.self)
    }

    static func hash(of token: String, _ cryptography: Cryptography) -> String {
        cryptography.sha256(Array(token.utf8)).reduce(into: "sha256:") { text, byte in
            text += (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
    }
}
