//! Which names and addresses are public: no other may be dialled unless the operator's file names it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether a name can be one of the public tree: it has more than one label, and its last is none that is
/// kept for the inside of networks (RFC 6761, 6762, 8375; ICANN 2024 for `internal`) or used so by habit.
pub fn is_public_name(name: &str) -> bool {
    const INSIDE: [&str; 6] = ["localhost", "localdomain", "local", "internal", "lan", "home.arpa"];
    let under =
        |top: &&str| name.strip_suffix(*top).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    name.contains('.') && !INSIDE.iter().any(under)
}

/// Whether an address is global unicast and not special, also inside the forms that carry an IPv4
/// address (IANA special-purpose registries; RFC 6052, 3056, 4380, 4291).
pub(crate) fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

#[expect(clippy::unnested_or_patterns, reason = "one range of the registries a line")]
fn is_public_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    !matches!(
        (a, b, c),
        (0 | 10 | 127, _, _)
            | (100, 64..=127, _)
            | (169, 254, _)
            | (172, 16..=31, _)
            | (192, 0, 0 | 2)
            | (192, 31, 196)
            | (192, 52, 193)
            | (192, 88, 99)
            | (192, 168, _)
            | (192, 175, 48)
            | (198, 18 | 19, _)
            | (198, 51, 100)
            | (203, 0, 113)
            | (224..=255, _, _)
    )
}

fn is_public_v6(ip: Ipv6Addr) -> bool {
    let s = ip.segments();
    // Only 2000::/3 is global unicast; mapped, compatible, NAT64, unique local, link local and
    // multicast addresses all lie outside it.
    let global = s[0] & 0xe000 == 0x2000;
    let special = matches!(
        (s[0], s[1]),
        (0x2001, 0x0000..=0x01ff | 0x0db8) // IETF protocols with Teredo, documentation
            | (0x2002, _) // 6to4
            | (0x2620, 0x004f) // AS112
            | (0x3fff, 0x0000..=0x0fff) // documentation
    );
    global && !special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_not_public() {
        for ip in [
            "127.0.0.1",
            "10.1.2.3",
            "169.254.169.254",
            "100.64.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "203.0.113.10",
            "::1",
            "::",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "2002:a00:1::",
            "2001::1",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "fec0::1",
            "64:ff9b:1::1",
            "100::1",
            "5f00::1",
        ] {
            assert!(!is_public(ip.parse().unwrap()), "{ip}");
        }
        for ip in ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(ip.parse().unwrap()), "{ip}");
        }
    }
}
