// What a side of TLS is made of lies in files, and the person who reads about a flaw in one of them is starting a
// server or a client: the text names the file and says what to do.

import CSystem
import Glibc

/// Where the certificate of one side lies, and its key.
package struct TLSFiles: Hashable, Sendable {
    /// In PEM: the certificate, then those that lead from it to its authority.
    package var certificate: String
    /// In PEM, readable by its owner alone, or root's and this group's.
    package var key: String

    package init(certificate: String, key: String) {
        self.certificate = certificate
        self.key = key
    }
}

/// Why TLS cannot be spoken as it was configured.
package enum TLSFlaw: Error, Hashable, Sendable, CustomStringConvertible {
    case unavailable(CryptographyUnavailable)
    /// What cannot be read: its purpose, its name.
    case unreadable(String, String, SystemError)
    /// Other users of the machine can read the key.
    case exposedKey(String, mode: UInt32)
    /// The library takes a file for nothing usable: its purpose, its name, why.
    case unusable(String, String, String)
    /// The library says no to something else.
    case failed(String)

    package var description: String {
        switch self {
        case .unavailable(let error): "TLS: \(error)"
        case .unreadable(let purpose, let file, let error):
            "TLS: cannot read the \(purpose) \(file): \(SystemError.text(of: error.number))"
        case .exposedKey(let file, let mode):
            "TLS: other users can read the key \(file) (mode 0\(String(mode, radix: 8))): whoever has it can "
                + "pose as this server; close it with 'chmod 600 \(file)'"
        case .unusable(let purpose, let file, let reason):
            "TLS: the \(purpose) \(file) cannot be used: \(reason)"
        case .failed(let reason): "TLS: \(reason)"
        }
    }
}

/// Reads a file of TLS that must be there.
enum TLSFile {
    /// A chain of certificates and a key are far smaller.
    private static let bytesMax = 1_048_576

    /// The bytes of a key that no other user can read.
    ///
    /// The mode is that of the open file: one that is exchanged meanwhile is not mixed up with it.
    static func key(at path: String) throws(TLSFlaw) -> [UInt8] {
        let descriptor = try open(path, as: "key")
        let status = try status(of: descriptor, path, as: "key")
        guard !SecretFile.isExposed(status) else {
            throw .exposedKey(path, mode: status.st_mode & 0o777)
        }
        return try bytes(of: descriptor, path)
    }

    /// Whether it can be read; the library reads it itself and says less when it cannot.
    static func check(_ path: String, as purpose: String) throws(TLSFlaw) {
        let descriptor = try open(path, as: purpose)
        guard !SecretFile.isWritable(try status(of: descriptor, path, as: purpose)) else {
            throw .unusable(
                purpose,
                path,
                "others than its owner can write it, and decide who is believed; chmod go-w \(path)"
            )
        }
    }

    private static func status(
        of descriptor: borrowing FileDescriptor,
        _ path: String,
        as purpose: String
    ) throws(TLSFlaw) -> stat {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else {
            throw .unreadable(purpose, path, SystemError.last("fstat"))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw .unusable(purpose, path, "it is no file")
        }
        return status
    }

    private static func open(
        _ path: String,
        as purpose: String
    ) throws(TLSFlaw) -> FileDescriptor {
        // A pipe would hold up the server until somebody writes into it.
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard number >= 0 else { throw .unreadable(purpose, path, SystemError.last("open")) }
        return FileDescriptor(owning: number)
    }

    private static func bytes(
        of descriptor: borrowing FileDescriptor,
        _ path: String
    ) throws(TLSFlaw) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4_096)
        while bytes.count < bytesMax {
            let count = Glibc.read(descriptor.number, &piece, piece.count)
            guard count >= 0 else {
                throw .unreadable("key", path, SystemError.last("read"))
            }
            guard count > 0 else { return bytes }
            bytes += piece[..<count]
        }
        throw .unusable("key", path, "it is too long for a key")
    }
}
