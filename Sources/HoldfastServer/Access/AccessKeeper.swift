// From the operator's files to the authority of a server, at the start and again while it runs. A file that cannot be
// used stops a start; on a reload what was read before goes on to hold.

import HoldfastCoordinator
import HoldfastModel
import HoldfastSystem

/// How clients prove who they are.
package enum AccessSetting: Hashable, Sendable {
    /// Everybody is whoever it says, and may do everything.
    case open
    /// By a token of this file.
    case tokens(file: String)
    /// By a token that others sign; what roles may do is in a file of its own.
    case jwt(JWTSetting, keyFile: String, roleFile: String?)
}

/// The authority of one server, and how it is made anew.
final class AccessKeeper: Sendable {
    let authority: any Authority
    private let setting: AccessSetting

    /// `goesByCertificates` where every client has to show one.
    init(
        _ setting: AccessSetting,
        owners: OwnerDirectory,
        goesByCertificates: Bool = false
    ) throws(StartError) {
        self.setting = setting
        switch setting {
        case .open:
            authority = OpenAuthority(owners: owners, goesByCertificates: goesByCertificates)
        case .tokens(let file):
            let cryptography = try Self.cryptography()
            authority = TokenAuthority(try Self.table(file), owners: owners) {
                cryptography.sha256($0)
            }
        case .jwt(let jwt, let keyFile, let roleFile):
            authority = JWTAuthority(
                jwt,
                keys: try Self.keys(keyFile),
                table: try Self.table(roleFile),
                owners: owners,
                clock: { WallClock.now }
            )
        }
    }

    /// Reads the files again; gives the names that nobody has any more.
    func reload() throws(StartError) -> [String] {
        switch setting {
        case .open: return []
        case .tokens(let file):
            let table = try Self.table(file)
            return (authority as? TokenAuthority)?.exchange(for: table) ?? []
        case .jwt(_, let keyFile, let roleFile):
            let (keys, table) = (try Self.keys(keyFile), try Self.table(roleFile))
            (authority as? JWTAuthority)?.exchange(keys: keys, table: table)
            return []
        }
    }

    private static func cryptography() throws(StartError) -> Cryptography {
        do { return try Cryptography() } catch { throw .system("\(error)") }
    }

    private static func table(_ file: String?) throws(StartError) -> AccessTable {
        guard let file else { return AccessTable() }
        let text = try text(of: file)
        do { return try AccessTable(parsing: text) } catch { throw .access("\(file): \(error)") }
    }

    private static func keys(_ file: String) throws(StartError) -> JWTKeys {
        let cryptography = try cryptography()
        // Whether it holds secrets is known when it was read.
        let keys: JWTKeys
        let text = try text(of: file, isSecret: false)
        do { keys = try JWTKeys(parsing: text, cryptography) } catch {
            throw .access("\(file): \(error)")
        }
        if keys.areSecret { _ = try self.text(of: file) }
        return keys
    }

    private static func text(
        of file: String,
        isSecret: Bool = true
    ) throws(StartError) -> String {
        do { return try SecretFile.read(file, isSecret: isSecret) } catch {
            throw .access("\(error)")
        }
    }
}
