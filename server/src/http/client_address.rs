//! The address of a client, also behind reverse proxies.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap, HeaderName, header};

use crate::config::TrustedProxies;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the client's address: the peer of the connection, or, if that is a trusted proxy, the client that it
/// names.
///
/// `X-Forwarded-For` and `Forwarded` (RFC 7239) are read from the right, where proxies append: the first address that
/// is not a trusted proxy is the client. Reading stops at the first invalid part. A proxy that sets one of the
/// headers passes the other one on as the client sent it, so when both are present and name different clients,
/// neither is used, and the request counts for the proxy.
pub fn client_address(extensions: &Extensions, headers: &HeaderMap, trusted: &TrustedProxies) -> IpAddr {
    // Only a server without a network, as in tests, has no peer.
    let peer = extensions.get::<ConnectInfo<SocketAddr>>();
    let peer = peer.map_or(Ipv6Addr::UNSPECIFIED.into(), |ConnectInfo(address)| address.ip());
    if !trusted.contains(peer) {
        return peer;
    }
    let by = |name, parse: fn(&str) -> Option<IpAddr>| {
        headers.contains_key(&name).then(|| first_untrusted(peer, &parts(headers, &name), parse, trusted))
    };
    match (by(X_FORWARDED_FOR, x_forwarded_for), by(header::FORWARDED, forwarded_for)) {
        (None, None) => peer,
        (Some(client), None) | (None, Some(client)) => client,
        (Some(one), Some(other)) => {
            if one == other {
                one
            } else {
                peer
            }
        }
    }
}

fn first_untrusted(
    peer: IpAddr,
    parts: &[String],
    parse: fn(&str) -> Option<IpAddr>,
    trusted: &TrustedProxies,
) -> IpAddr {
    let mut client = peer;
    for part in parts.iter().rev() {
        let Some(address) = parse(part) else { break };
        client = address;
        if !trusted.contains(address) {
            break;
        }
    }
    client
}

/// Returns the comma-separated parts of all headers of this name, in order. A comma in quotes does not separate.
fn parts(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    let mut parts = Vec::new();
    for value in headers.get_all(name) {
        // A value that is not ASCII is not an address, and ends the reading there.
        let mut quoted = false;
        let text = value.to_str().unwrap_or("?");
        let of_value = text.split(|letter| {
            quoted ^= letter == '"';
            letter == ',' && !quoted
        });
        parts.extend(of_value.map(|part| part.trim().to_owned()));
    }
    parts
}

fn x_forwarded_for(part: &str) -> Option<IpAddr> {
    address(part)
}

/// Returns the `for` of one element, such as `for="[2001:db8::1]:4711";proto=https`.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut pairs = element.split(';').filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(name, _)| name.eq_ignore_ascii_case("for"))?;
    let unquoted = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    address(unquoted.unwrap_or(value))
}

/// Parses an address, with or without a port; IPv6 with or without brackets.
fn address(text: &str) -> Option<IpAddr> {
    let address = text.parse::<IpAddr>().ok();
    let address = address.or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    let bracketed = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    address.or_else(bracketed).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn client(peer: &str, headers: &[(&str, &str)]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo(SocketAddr::new(peer.parse().unwrap(), 4711)));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(HeaderName::try_from(*name).unwrap(), value.parse().unwrap());
        }
        let trusted = TrustedProxies::parse("10.0.0.0/24,fd00::/8").unwrap();
        client_address(&extensions, &map, &trusted).to_string()
    }

    #[test]
    fn the_header_of_a_peer_that_is_no_trusted_proxy_is_ignored() {
        let spoofed = [("x-forwarded-for", "192.0.2.1"), ("forwarded", "for=192.0.2.1")];
        assert_eq!(client("203.0.113.9", &spoofed), "203.0.113.9");
    }

    #[test]
    fn the_first_address_from_the_right_that_is_no_proxy_is_the_client() {
        for (value, wanted) in [
            ("192.0.2.1", "192.0.2.1"),
            ("198.51.100.7, 192.0.2.1", "192.0.2.1"),
            ("198.51.100.7, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
            ("192.0.2.1:4711", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]:4711", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ] {
            assert_eq!(client(PROXY, &[("x-forwarded-for", value)]), wanted, "{value}");
        }
        let two = [("x-forwarded-for", "198.51.100.7"), ("x-forwarded-for", "192.0.2.1")];
        assert_eq!(client(PROXY, &two), "192.0.2.1");
    }

    #[test]
    fn forwarded_is_read_in_all_its_forms() {
        for (value, wanted) in [
            ("for=192.0.2.1", "192.0.2.1"),
            ("For=192.0.2.1;proto=https;by=10.0.0.1", "192.0.2.1"),
            ("proto=https; for=\"192.0.2.1:4711\"", "192.0.2.1"),
            ("for=198.51.100.7, for=\"[2001:db8::1]:4711\"", "2001:db8::1"),
            ("for=192.0.2.1;host=\"a,b\", for=10.0.0.2", "192.0.2.1"),
        ] {
            assert_eq!(client(PROXY, &[("forwarded", value)]), wanted, "{value}");
        }
    }

    #[test]
    fn reading_stops_at_an_invalid_address() {
        for value in
            ["unknown", "_hidden", "192.0.2.1, unknown", "", "192.0.2.1,", "1.2.3.4.5", "for=192.0.2.1"]
        {
            assert_eq!(client(PROXY, &[("x-forwarded-for", value)]), PROXY, "{value}");
        }
        assert_eq!(client(PROXY, &[("x-forwarded-for", "192.0.2.1, x, 10.0.0.2")]), "10.0.0.2");
        for value in ["for=unknown", "for=_hidden", "192.0.2.1", "for", "for=\"192.0.2.1", "proto=https"] {
            assert_eq!(client(PROXY, &[("forwarded", value)]), PROXY, "{value}");
        }
    }

    #[test]
    fn two_headers_that_disagree_are_not_believed() {
        let both = |forwarded| [("x-forwarded-for", "192.0.2.1"), ("forwarded", forwarded)];
        assert_eq!(client(PROXY, &both("for=192.0.2.1")), "192.0.2.1");
        assert_eq!(client(PROXY, &both("for=198.51.100.7")), PROXY, "the client has sent one of them");
    }
}
