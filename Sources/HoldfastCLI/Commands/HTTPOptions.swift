// The options of `serve` that are about HTTP: where it listens, who may ask from where, and which APIs of other systems
// are spoken.

package import HoldfastModel
import HoldfastServer
import HoldfastSystem

package enum HTTPOptions {
    package static let profiles = Option<String>(
        "profiles",
        placeholder: "LIST|none",
        default: HTTPProfile.allCases.map(\.rawValue).joined(separator: ","),
        repeats: .addsByCommas,
        "the APIs of other systems that are spoken"
    )
    package static let atLock = Option<String>(
        "at-lock",
        placeholder: "nick|plone=PATH",
        default: "nick=/",
        repeats: .addsByCommas,
        "where @lock is spoken, and by which system's rules; none for nowhere"
    )
    package static let showsLockTokens = Option<Bool>(
        "at-lock-show-token",
        "show the token of an @lock to every reader, as Plone does"
    )
    package static let publicURL = Option<String>(
        "public-url",
        placeholder: "URL",
        "how clients reach the server, for links in answers; else as they call it"
    )
    package static let hosts = Option<String>(
        "http-host",
        placeholder: "NAME",
        repeats: .addsByCommas,
        "a name with dots by which clients may call the server"
    )
    package static let origins = Option<String>(
        "cors-origin",
        placeholder: "ORIGIN",
        repeats: .addsByCommas,
        "an origin whose pages may change something"
    )
    package static let openMetrics = Option<Bool>("open-metrics", "show /metrics to everybody")
    package static let mangadbLease = Option<Interval>(
        "mangadb-lease",
        default: "1h",
        "how long a lock of the MangaDB API lasts without another request"
    )
    package static let versalLease = Option<Interval>(
        "versal-lease",
        default: "15m",
        "the same of the Versal API"
    )
    package static let versalCourses = Option<String>(
        "versal-course",
        placeholder: "COURSE[/GADGET]",
        repeats: .addsByCommas,
        "a course that exists for the Versal API, or a gadget of it; without any, all do"
    )
    package static let terraformLease = Option<Interval>(
        "terraform-lease",
        default: "12h",
        "the same of the Terraform API"
    )

    static let all = [
        profiles.description, atLock.description, showsLockTokens.description,
        publicURL.description, hosts.description, origins.description, openMetrics.description,
        mangadbLease.description, versalLease.description, versalCourses.description,
        terraformLease.description,
    ]

    private static let portDefault: UInt16 = 7421

    /// Where to listen; nowhere with `off`.
    static func listen(in settings: Settings) throws(UsageError) -> [ListenAddress] {
        let texts = settings.all(ServeOptions.http)
        guard !texts.isEmpty else { return [ListenAddress(host: "127.0.0.1", port: portDefault)] }
        guard !texts.contains("off") else {
            guard texts.count == 1 else {
                throw UsageError("--http: off stands alone", in: settings.command.name)
            }
            return []
        }
        var addresses: [ListenAddress] = []
        for text in texts {
            do throws(ValueFlaw) {
                let address = try ServerAddress(argument: text)
                let isSaid = text.hasSuffix(":\(address.port)")
                let port = isSaid ? address.port : portDefault
                addresses.append(ListenAddress(host: address.host, port: port))
            } catch {
                throw UsageError("--http: \(error.problem)", in: settings.command.name)
            }
        }
        return addresses
    }

    static func setting(in settings: Settings) throws(UsageError) -> HTTPSetting {
        var setting = HTTPSetting()
        setting.hosts = try hosts(in: settings)
        setting.origins = try origins(in: settings)
        setting.areMetricsOpen = settings.isOn(openMetrics)
        setting.mangadbLease = settings[mangadbLease] ?? setting.mangadbLease
        setting.versalLease = settings[versalLease] ?? setting.versalLease
        setting.terraformLease = settings[terraformLease] ?? setting.terraformLease
        setting.versalCatalog = try versalCatalog(in: settings)
        setting.showsLockTokens = settings.isOn(showsLockTokens)
        setting.publicURL = try publicURL(in: settings)
        let names = settings.all(profiles)
        setting.atLockMounts = try atLockMounts(in: settings, unlessSaid: names == ["none"])
        guard !names.isEmpty else { return setting }
        setting.profiles = []
        guard names != ["none"] else { return setting }
        for name in names {
            guard let profile = HTTPProfile(rawValue: name) else {
                let known = HTTPProfile.allCases.map(\.rawValue).joined(separator: ", ")
                throw UsageError(
                    "--profiles: '\(name)' is not one of \(known), and none stands alone",
                    in: settings.command.name
                )
            }
            setting.profiles.insert(profile)
        }
        return setting
    }

    /// As a browser names them in a Host field, without a port.
    private static func hosts(in settings: Settings) throws(UsageError) -> [String] {
        let names = settings.all(hosts)
        let flaw = names.first { name in
            name.isEmpty || !name.utf8.allSatisfy { $0.isHostCharacter }
        }
        guard let flaw else { return names }
        throw UsageError(
            "--http-host: '\(flaw)' is no name like locks.example.com; each is named whole, without a port",
            in: settings.command.name
        )
    }

    /// As a browser names them: what differs in one character would match nobody, and "null" is whoever hides.
    private static func origins(in settings: Settings) throws(UsageError) -> [String] {
        let names = settings.all(origins)
        let flaw = names.first { name in
            let scheme = ["http://", "https://"].first(where: name.lowercased().hasPrefix)
            let rest = name.utf8.dropFirst(scheme?.utf8.count ?? 0)
            let isHost = rest.allSatisfy {
                $0.isHostCharacter || [0x3a, 0x5b, 0x5d].contains($0)
            }
            return scheme == nil || rest.isEmpty || !isHost
        }
        guard let flaw else { return names }
        throw UsageError(
            "--cors-origin: '\(flaw)' is no origin like https://page.example.com or http://localhost:8080; each is named "
                + "whole, with its scheme and without a path",
            in: settings.command.name
        )
    }

    /// None with `--profiles none`, unless they are named.
    private static func atLockMounts(
        in settings: Settings,
        unlessSaid isNone: Bool
    ) throws(UsageError) -> [AtLockMount] {
        let texts = settings.all(atLock)
        if texts.isEmpty { return isNone ? [] : HTTPSetting().atLockMounts }
        guard texts != ["none"] else { return [] }
        var mounts: [AtLockMount] = []
        for text in texts {
            guard let mount = AtLockMount(text) else {
                throw UsageError(
                    "--at-lock: '\(text)' is not nick=PATH or plone=PATH, and none stands alone",
                    in: settings.command.name
                )
            }
            guard !mounts.contains(where: { $0.segments == mount.segments }) else {
                throw UsageError(
                    "--at-lock: only one system can be spoken at one path",
                    in: settings.command.name
                )
            }
            mounts.append(mount)
        }
        return mounts
    }

    private static func versalCatalog(
        in settings: Settings
    ) throws(UsageError) -> VersalCatalog {
        var catalog = VersalCatalog()
        for text in settings.all(versalCourses) where !catalog.add(text) {
            throw UsageError(
                "--versal-course: '\(text)' is not COURSE or COURSE/GADGET",
                in: settings.command.name
            )
        }
        return catalog
    }

    private static func publicURL(in settings: Settings) throws(UsageError) -> String? {
        guard var url = settings[publicURL] else { return nil }
        while url.hasSuffix("/") { url.removeLast() }
        let schemes = ["http://", "https://"]
        guard let scheme = schemes.first(where: url.hasPrefix), url.utf8.count > scheme.utf8.count,
            url.utf8.allSatisfy({ (0x21...0x7e).contains($0) && $0 != 0x3f && $0 != 0x23 })
        else {
            throw UsageError(
                "--public-url: must be like https://locks.example.com",
                in: settings.command.name
            )
        }
        return url
    }
}

extension UInt8 {
    /// A letter, a digit, a hyphen, a dot or an underscore.
    fileprivate var isHostCharacter: Bool {
        switch self {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
    }
}
