// Which connections count as those of one address.

import HoldfastModel
import Testing

struct PeerAddressTests {
    @Test(arguments: [
        ("10.0.0.7:53412", "10.0.0.7", false),
        ("127.0.0.1:1", "127.0.0.1", true),
        ("127.8.8.8:1", "127.8.8.8", true),
        ("[::1]:7", "0:0:0:0::/64", true),
        ("[2001:db8:1:2:3:4:5:6]:7", "2001:db8:1:2::/64", false),
        ("[2001:db8::9]:7", "2001:db8:0:0::/64", false),
        ("[2001:db8:1:2::]:7", "2001:db8:1:2::/64", false),
        ("[1::2:3:4:5:6:7]:7", "1:0:2:3::/64", false),
        ("[fe80::1]:7", "fe80:0:0:0::/64", false),
        ("virtual:1", "virtual", true),
        ("client", "client", true),
    ])
    func `a port tells nobody apart, and half an address of IPv6 does`(
        peer: String,
        network: String,
        isLocal: Bool
    ) {
        let address = PeerAddress(of: peer)
        #expect(address.network == network)
        #expect(address.isLocal == isLocal)
    }
}
